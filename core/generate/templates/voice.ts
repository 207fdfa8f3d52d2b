import type { Rng } from '../../ports.ts'
import { integer } from '../random.ts'
import type { Voice } from './facts.ts'

/** How a client of this voice talks: chances per turn. After the six client styles of PATIENT-Psi (clinical guide, 4.1). */
interface Manner {
  /** A few words to a reflection that fits, before the answer. */
  reaction: number
  /** One more detail of the bundle. */
  detail: number
  tangent: number
  /** Words around the answer: "I don't know, …", "Sorry, long story." */
  aside: number
  /** The fact alone instead of a frame around it. */
  bare: number
  /** No answer yet. */
  withholds: number
  /** Leaves off the capital at the start of messages, as in chats. */
  lower_case: number
  fragments: number
}

export const MANNERS: Readonly<Record<Voice, Manner>> = {
  plain: {
    reaction: 0.25,
    detail: 0.15,
    tangent: 0,
    aside: 0.15,
    bare: 0.3,
    withholds: 0.03,
    lower_case: 0.05,
    fragments: 0.05,
  },
  verbose: {
    reaction: 0.35,
    detail: 0.75,
    tangent: 0.05,
    aside: 0.45,
    bare: 0.1,
    withholds: 0,
    lower_case: 0,
    fragments: 0,
  },
  tangent: {
    reaction: 0.2,
    detail: 0.35,
    tangent: 0.4,
    aside: 0.3,
    bare: 0.15,
    withholds: 0.03,
    lower_case: 0.05,
    fragments: 0.05,
  },
  upset: {
    reaction: 0.25,
    detail: 0.2,
    tangent: 0,
    aside: 0.35,
    bare: 0.35,
    withholds: 0.06,
    lower_case: 0.3,
    fragments: 0.35,
  },
  reserved: {
    reaction: 0.12,
    detail: 0.02,
    tangent: 0,
    aside: 0.1,
    bare: 0.75,
    withholds: 0.12,
    lower_case: 0.2,
    fragments: 0.25,
  },
  pleasing: {
    reaction: 0.35,
    detail: 0.2,
    tangent: 0,
    aside: 0.3,
    bare: 0.1,
    withholds: 0.02,
    lower_case: 0,
    fragments: 0,
  },
}

/** Shares of the voices over a run; the plan holds to them. */
export const VOICE_SHARES: ReadonlyMap<Voice, number> = new Map([
  ['plain', 30],
  ['verbose', 18],
  ['tangent', 12],
  ['upset', 14],
  ['reserved', 15],
  ['pleasing', 11],
])

/** What stays the same over the whole dialogue of one client: nobody changes their spelling from turn to turn. */
export interface Hand {
  lower_case: boolean
  /** Chance of one slip of the finger in the next turn; each makes another less likely. */
  slips: number
  fragments: number
  /** Drops the last full stop of a message. */
  no_full_stop: boolean
  /** Uses *…* where others pause. */
  ellipses: boolean
}

export function drawHand(rng: Rng, voice: Voice, age: number): Hand {
  const manner = MANNERS[voice]
  const young = age < 35
  const lower_case = rng() < manner.lower_case * (young ? 1.3 : 0.5)
  return {
    lower_case,
    slips: rng() < (voice === 'upset' ? 0.35 : 0.12) ? 0.18 : 0,
    fragments: manner.fragments,
    no_full_stop: lower_case || rng() < (young ? 0.18 : 0.05),
    ellipses: rng() < (voice === 'upset' || voice === 'reserved' ? 0.25 : 0.08),
  }
}

/** The turn as this client would type it. Words are kept; only their dress changes. */
export function typed(rng: Rng, text: string, hand: Hand): string {
  let out = text
  if (hand.fragments > 0 && rng() < hand.fragments) out = fragmented(out)
  if (hand.ellipses && rng() < 0.4) out = out.replace(/^((?:\S+ ){1,2}\S+), /, '$1... ')
  if (hand.slips > 0 && rng() < hand.slips) {
    out = withSlip(rng, out)
    hand.slips /= 4
  }
  if (hand.no_full_stop) out = out.replace(/(?<!\.)\.$/, '')
  if (hand.lower_case) out = lowered(out)
  return out
}

/** Splits the first longer sentence at ", and", ", so" or "but": "I went in. And nothing came out." A bare *and* may join anything. */
function fragmented(text: string): string {
  return text.replace(
    /^([^.!?"]{18,}?)(?<! or)(?:, (and|but|so)| (but)) (?=[^.!?"]{12,}[.!?])/,
    (_whole, before: string, either: string | undefined, or: string | undefined) => {
      const join = either ?? or ?? 'and'
      return `${before}. ${join.charAt(0).toUpperCase()}${join.slice(1)} `
    },
  )
}

/** Small letters at the start of sentences and for *I*, as in a chat; names keep theirs. */
function lowered(text: string): string {
  return text
    .replace(
      /(^|[.!?…]["']? )(["']?)([A-Z])(?=[a-z' ])/g,
      (_whole, before: string, mark: string, letter: string) => before + mark + letter.toLowerCase(),
    )
    .replace(/\bI\b(?!\.)/g, 'i')
}

const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/\bthe\b/, 'teh'],
  [/\bbecause\b/, 'becuase'],
  [/\bjust\b/, 'jsut'],
  [/\bdon't\b/, 'dont'],
  [/\bcan't\b/, 'cant'],
  [/\bthat's\b/, 'thats'],
  [/\bdidn't\b/, 'didnt'],
  [/\bwith\b/, 'wiht'],
  [/\bthink\b/, 'thnik'],
  [/\breally\b/, 'realy'],
  [/\bit's\b/, 'its'],
]

function withSlip(rng: Rng, text: string): string {
  const possible = SLIPS.filter(([right]) => right.test(text))
  const slip = possible[integer(rng, Math.max(1, possible.length))]
  return slip === undefined ? text : text.replace(slip[0], slip[1])
}
