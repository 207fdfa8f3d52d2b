import type { Rng } from '../../ports.ts'
import type { PlannedDialogue } from '../plan.ts'
import { integer, shuffle } from '../random.ts'
import type { SeedFrames } from '../seeds/seed-frames.ts'
import { concernGroup, type ConcernGroup, type RiskLevel, type SessionType } from '../../dialogue/vocabulary.ts'
import { plainLowerCase, wordsOf } from '../../quality/turn-text.ts'
import type { SeedTextIndex } from '../../quality/seed-text-index.ts'
import { factsOf, type Banks, type Bundle, type Template } from './banks.ts'
import { bitsOfFacts, chooseFacts, type Conversation } from './conversation.ts'
import { namesOfConcern, poolFrames } from './frame-pool.ts'
import { addSentenceHashes } from './sentences.ts'
import { writeSession } from './session.ts'
import type { Draft } from './session-writer.ts'
import { createUsage, wordingAt } from './usage.ts'
import { drawHand } from './voice.ts'

export interface WrittenSession {
  draft: Draft
  conversation: Conversation
  /** `30-35`, as seed files write it. */
  age_range: string
  /** Numbers of everything drawn from a deck, the bundle included. */
  used: readonly number[]
}

export interface SessionSource {
  /** One candidate; undefined when the banks have nothing that fits. */
  write(plan: PlannedDialogue, rng: Rng): WrittenSession | undefined
  /** The candidate was taken: what it used moves back in its decks, what it said is not said again as long as there is a choice. */
  accept(session: WrittenSession): void
  /** Somebody else used what has these numbers. */
  used(numbers: readonly number[]): void
}

export interface SessionSourceOptions {
  banks: Banks
  mined: SeedFrames
  /** How often each therapeutic technique labels a seed: practices of these kinds come more often. */
  techniques: ReadonlyMap<string, number>
  words: Readonly<Record<string, string>>
  /** Frames that hold a run of words of these seeds are left out: no candidate with one could pass. */
  unlike?: SeedTextIndex
}

/** Ties a plan to a life: bundle, persona, facts; keeps the decks of the run. */
export function createSessionSource({ banks, mined, techniques, words, unlike }: SessionSourceOptions): SessionSource {
  const isNew = ({ source }: Template): boolean =>
    unlike === undefined ||
    // A run within one of its pieces is a run of the whole as well.
    !unlike.mayHoldRun(plainLowerCase(source)) ||
    !source.split(/[{}[\]|<>]/).some((words) => unlike.longestRun(wordsOf(words)) !== undefined)
  const usage = createUsage(banks.numbered + mined.assistant.length + mined.client.length)
  const pools = poolFrames(
    [...banks.assistant, ...mined.assistant].filter(isNew),
    [...banks.client, ...mined.client].filter(isNew),
  )

  const lives = new Map<string, readonly Bundle[]>()
  const livesOf = (concern: string, group: ConcernGroup): readonly Bundle[] => {
    let found = banks.situations.get(concern) ?? lives.get(concern)
    if (found === undefined) {
      // "Other" is no name for what somebody lives through: any life of its group will do.
      const ofGroup = [...banks.situations].filter(([name]) => name !== 'any' && concernGroup(name).group === group)
      found =
        concern === group && ofGroup.length > 0
          ? ofGroup.flatMap(([, bundles]) => [...bundles])
          : (banks.situations.get('any') ?? banks.situations.get(group) ?? [])
      lives.set(concern, found)
    }
    return found
  }
  /** Sessions of each type that were about each bundle. */
  const sessionsOf = new Map<SessionType, Uint32Array>()
  const bundleFor = (rng: Rng, { concern, group, risk, session_type }: PlannedDialogue): Bundle | undefined => {
    const ofType = sessionsOf.get(session_type)
    const own = suitedTo(risk, livesOf(concern, group))
    let best: Bundle | undefined
    let lowest = Infinity
    for (const bundle of own) {
      // The same life comes out most alike in two sessions of one type.
      const alike = ALIKE * (ofType?.[bundle.number] ?? 0)
      const score = (usage.counts[bundle.number] ?? 0) + alike + rng()
      if (score < lowest) {
        lowest = score
        best = bundle
      }
    }
    return best
  }

  return {
    write(plan, rng) {
      const bundle = bundleFor(rng, plan)
      const path = banks.paths.get(plan.session_type)
      if (bundle === undefined || path === undefined) return undefined
      usage.beginSession()
      usage.use(bundle.number)
      const { age, age_range } = drawAge(rng, bundle)
      const mood = drawMood(rng, plan)
      const named = bundle.concern === 'any' ? renamed(bundle, plan.concern) : bundle
      const facts = chooseFacts(rng, named, usage)
      // A session with a disclosure ends with people beside the client, neither cured nor left where they were.
      const arc = plan.risk === 'none' ? plan.arc : 'partial'
      const conversation: Conversation = {
        rng,
        session_type: plan.session_type,
        concern: plan.concern,
        concerns: named.concern === 'any' ? namesOfConcern(plan.concern) : namesOfLife(plan.concern, named.concern),
        risk: plan.risk,
        voice: plan.voice,
        arc,
        bundle: named,
        facts,
        ...bitsOfFacts(facts),
        feelings: shuffle(
          rng,
          [...(named.facts.feelings ?? [])].map(({ client }) => client),
        ),
        named: [],
        told: 0,
        heard: 0,
        mood,
        mood_after: Math.min(10, mood + (arc === 'improves' ? 1 + integer(rng, 2) : arc === 'partial' ? 1 : 0)),
        spent: new Set(),
      }
      const draft = writeSession(conversation, plan, {
        path,
        pools,
        usage,
        hand: drawHand(rng, plan.voice, age),
        practices: banks.practices,
        favoured: techniques,
        safety: banks.safety,
        words,
      })
      if (draft === undefined) return undefined
      return { draft, conversation, age_range, used: usage.used() }
    },
    used: (numbers) => usage.commit({ used: numbers, sentences: [], bundle: -1, told: [] }),

    accept({ used, draft, conversation }) {
      const { bundle, facts, session_type } = conversation
      const ofType = sessionsOf.get(session_type) ?? new Uint32Array(banks.numbered)
      sessionsOf.set(session_type, ofType)
      ofType[bundle.number] = (ofType[bundle.number] ?? 0) + 1
      const told: number[] = []
      for (const fact of factsOf(conversation.told)) {
        const chosen = facts.get(fact)
        if (chosen !== undefined) told.push(wordingAt(fact, bundle.facts[fact]?.indexOf(chosen) ?? 0))
      }
      const sentences: number[] = []
      for (const { text } of draft.messages) addSentenceHashes(sentences, text)
      usage.commit({ used, sentences, bundle: bundle.number, told })
    },
  }
}

/** "Other" is lived through as something: frames for that, and frames not for that, know it by its own name too. */
function namesOfLife(planned: string, lived: string): string[] {
  return [...new Set([...namesOfConcern(planned), ...namesOfConcern(lived)])]
}

/** Sessions about the same life that one more of the same type counts as. */
const ALIKE = 0.9

/** Bundles that a dialogue of this risk may be about: all of them, where none is suited. */
export function suitedTo(risk: RiskLevel, bundles: readonly Bundle[]): readonly Bundle[] {
  if (risk === 'none') return bundles
  const suited = bundles.filter((bundle) => bundle.risk)
  return suited.length > 0 ? suited : bundles
}

/** A bundle for any concern speaks of the one at hand by its name. */
export function renamed(bundle: Bundle, concern: string): Bundle {
  const words = concern.replace(/[_-]+/g, ' ').trim()
  const facts = Object.fromEntries(
    Object.entries(bundle.facts).map(([name, wordings]) => [
      name,
      wordings.map((wording) => ({
        ...wording,
        client: wording.client.replaceAll('{concern}', words),
        assistant: wording.assistant.replaceAll('{concern}', words),
      })),
    ]),
  )
  return { ...bundle, facts }
}

/** Bands of five years, as in the seed files. */
export function drawAge(rng: Rng, { ages }: Bundle): { age: number; age_range: string } {
  const age = ages.from + integer(rng, ages.to - ages.from)
  const from = Math.max(18, age - (age % 5))
  return { age, age_range: `${from}-${from + 5 - (from % 5)}` }
}

/** 1 to 10; the heavier the risk, the lower, and lower where somebody comes for help at once. */
export function drawMood(rng: Rng, { risk, session_type }: Pick<PlannedDialogue, 'risk' | 'session_type'>): number {
  const none = session_type === 'micro_practice' ? [2, 5] : [3, 6]
  const [from, to] = { none, low: [2, 4], medium: [2, 3], high: [1, 2] }[risk]
  return (from ?? 3) + integer(rng, (to ?? 6) - (from ?? 3) + 1)
}
