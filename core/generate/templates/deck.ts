import { COUNTED_WORDS } from '../acceptance/fingerprint.ts'
import { STAGES, type Stage } from '../../dialogue/vocabulary.ts'
import type { Rng } from '../../ports.ts'
import type { FactOrAct } from './bank-schema.ts'
import {
  factBit,
  hasSlots,
  variantsOf,
  type AssistantFrame,
  type CompiledPart,
  type Conditions,
  type Template,
} from './banks.ts'
import { ACTS, ARCS, isFactName, VOICES, type Arc, type Voice } from './facts.ts'
import { sentencesIn } from './sentences.ts'
import type { Usage } from './usage.ts'

/**
 * Templates that can stand for one another, with everything that a draw looks at in rows of numbers: a session draws from
 * some forty decks of up to a hundred templates, and a candidate is written several times a dialogue.
 */
export interface Deck<T extends Template = Template> {
  templates: readonly T[]
  /** How many of the first respond to just what was heard; those behind respond to anything. */
  specific: number
  numbers: Uint32Array
  needs: Int32Array
  presumes: Int32Array
  within: Int32Array
  /** Bits of the facts that it recalls, as told some time ago. */
  recalls: Int32Array
  words: Uint16Array
  sentences: Uint8Array
  /** What one use counts. */
  wear: Float64Array
  /** Bits of the stages, arcs and voices that the template is for; all of them where it does not say. */
  stages: Int32Array
  arcs: Uint8Array
  voices: Uint8Array
  /** Bits of facts and acts that it must follow on; 0 where it does not say. */
  hearsFacts: Int32Array
  hearsActs: Int32Array
  /** For those that are for some concerns only, or not for some. */
  concerns: (ForConcerns | undefined)[]
}

interface ForConcerns {
  concerns: ReadonlySet<string> | undefined
  not_concerns: ReadonlySet<string> | undefined
}

const ANY = -1

type Conditioned = Template & Partial<Conditions> & Partial<Pick<AssistantFrame, 'hears'>>

export function createDeck<T extends Conditioned>(templates: readonly T[], specific = templates.length): Deck<T> {
  const size = templates.length
  const deck: Deck<T> = {
    templates,
    specific,
    numbers: new Uint32Array(size),
    needs: new Int32Array(size),
    presumes: new Int32Array(size),
    within: new Int32Array(size),
    recalls: new Int32Array(size),
    words: new Uint16Array(size),
    sentences: new Uint8Array(size),
    wear: new Float64Array(size),
    stages: new Int32Array(size),
    arcs: new Uint8Array(size),
    voices: new Uint8Array(size),
    hearsFacts: new Int32Array(size),
    hearsActs: new Int32Array(size),
    concerns: new Array<ForConcerns | undefined>(size),
  }
  templates.forEach((template, at) => {
    const row = rowOf(template)
    deck.numbers[at] = template.number
    deck.needs[at] = template.needs
    deck.presumes[at] = template.presumes
    deck.within[at] = template.within
    deck.recalls[at] = row.recalls
    deck.words[at] = template.words
    deck.sentences[at] = row.sentences
    deck.wear[at] = row.wear
    deck.stages[at] = row.stages
    deck.arcs[at] = row.arcs
    deck.voices[at] = row.voices
    deck.hearsFacts[at] = row.hearsFacts
    deck.hearsActs[at] = row.hearsActs
    deck.concerns[at] = row.concerns
  })
  return deck
}

/** What a deck holds of one template beside its own numbers. */
interface Row {
  sentences: number
  recalls: number
  wear: number
  stages: number
  arcs: number
  voices: number
  hearsFacts: number
  hearsActs: number
  concerns: ForConcerns | undefined
}

/** A frame for anything stands in the decks of everything that can be heard: it is read once. */
const rows = new WeakMap<Template, Row>()

function rowOf(template: Conditioned): Row {
  const known = rows.get(template)
  if (known !== undefined) return known
  const { stages, arcs, voices, hears, concerns, not_concerns, weight = 1 } = template
  const row: Row = {
    sentences: mostSentences(template.parts),
    recalls: hears === undefined && RECALLS.test(template.source) ? template.needs : 0,
    wear: wearOf(template) / weight,
    stages: stages === undefined ? ANY : bitsOf(stages, stageBit),
    arcs: arcs === undefined ? 0xff : bitsOf(arcs, arcBit),
    voices: voices === undefined ? 0xff : bitsOf(voices, voiceBit),
    hearsFacts: hears === undefined ? 0 : bitsOf(hears, (name) => (isFactName(name) ? factBit(name) : 0)),
    hearsActs: hears === undefined ? 0 : bitsOf(hears, actBit),
    concerns: concerns === undefined && not_concerns === undefined ? undefined : { concerns, not_concerns },
  }
  rows.set(template, row)
  return row
}

/** "You mentioned …" is odd of what was said a moment ago. */
const RECALLS = /\b(?:you (?:mentioned|told me)|you've (?:told me|said)|earlier you|you said earlier)\b/i

/** Of the longest option of each choice. */
function mostSentences(parts: readonly CompiledPart[]): number {
  return sentencesIn(longest(parts))
}

function longest(parts: readonly CompiledPart[]): string {
  let text = ''
  for (const part of parts) {
    if (part.kind === 'text') text += part.text
    else if (part.kind === 'slot') text += 'x'
    else if (part.kind === 'agree') text += part.singular
    else {
      const options = part.options.map((option) => longest(option.parts))
      text += options.reduce((most, option) => (endsIn(option) > endsIn(most) ? option : most), '')
    }
  }
  return text
}

/** Sentences that end in a text that stands behind others. */
function endsIn(text: string): number {
  return sentencesIn(`. ${text} `)
}

/** A sentence of some length that no fact changes: readers notice it the second time, unless it comes in many variants. */
function wearOf({ words, parts }: Template): number {
  if (words < COUNTED_WORDS || hasSlots(parts)) return 1
  return Math.max(1, FIXED_COUNTS / Math.sqrt(variantsOf(parts)))
}
/** One use of such a sentence wears it as much as so many uses of one with a slot. */
const FIXED_COUNTS = 2.5

function bitsOf<K>(keys: Iterable<K>, bitOf: (key: K) => number): number {
  let bits = 0
  for (const key of keys) bits |= bitOf(key)
  return bits
}
/** No stage is the client's first turn. Only templates for any stage fit it. */
function stageBit(stage: Stage | undefined): number {
  return stage === undefined ? 1 << 30 : (STAGE_BITS[stage] ?? 0)
}
function arcBit(arc: Arc): number {
  return ARC_BITS[arc] ?? 0
}
function voiceBit(voice: Voice): number {
  return VOICE_BITS[voice] ?? 0
}
/** Bit of what is no fact: `consent`, `withheld` …; 0 for a fact. */
export function actBit(name: FactOrAct): number {
  return ACT_BITS[name] ?? 0
}
/** One bit each. */
export function bitsByName(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name, at) => [name, 1 << at]))
}
const STAGE_BITS = bitsByName(STAGES)
const ARC_BITS = bitsByName(ARCS)
const VOICE_BITS = bitsByName(VOICES)
const ACT_BITS = bitsByName(ACTS)

const decks = new WeakMap<readonly Template[], Deck>()

/** The deck of a list that lives as long as its bank. */
export function deckOf(templates: readonly Template[]): Deck {
  let deck = decks.get(templates)
  if (deck === undefined) {
    deck = createDeck(templates)
    decks.set(templates, deck)
  }
  return deck
}

/** Who draws: what the conditions of templates are held against. */
export interface Drawer {
  rng: Rng
  arc: Arc
  voice: Voice
  concerns: readonly string[]
  /** Bits of everything that the client has told. */
  told: number
  /** Bits of the facts that have a comma in them. */
  parted: number
}

/** What a draw asks for. */
export interface Wanted {
  /** Bits of the facts that may be used. */
  available: number
  stage?: Stage | undefined
  /** Bits of facts of which one must be told. */
  must?: number
  /** What was heard just before, as bits of facts and of acts; left out: nothing is held against it. */
  heardFacts?: number
  heardActs?: number
  /** Words that the template should have; those with fewer or more are held back by `off` uses. */
  fewest?: number
  most?: number
  off?: number
  /** Sentences that there is room for: longer ones come only where there is nothing else. */
  room?: number
  /** Only the first so many templates of the deck. */
  first?: number
  /** Uses by which templates that do not respond to just what was heard are held back. */
  unspecific?: number
}

/** How far chance may prefer a template to a less used one, in uses. */
const LEEWAY = 0.9

/** The least used of those that fit, chance among equals; undefined when none fits. It stays in its deck. */
export function lookUp<T extends Template>(
  deck: Deck<T>,
  usage: Usage,
  { rng, arc, voice, concerns, told, parted }: Drawer,
  wanted: Wanted,
): T | undefined {
  const { available, must = 0, heardFacts = ANY, heardActs = ANY, fewest = 0, most = 999, off = 0 } = wanted
  const { first = deck.templates.length, unspecific = 0, room = 99 } = wanted
  const missing = ~available
  const untold = ~told
  const recent = wanted.heardFacts ?? 0
  const stage = stageBit(wanted.stage)
  const arcs = arcBit(arc)
  const voices = voiceBit(voice)
  // Chance among equals needs no more than a few bits: one draw starts a linear congruential sequence.
  let chance = (rng() * 0x1_0000_0000) | 0
  let best = -1
  let lowest = Infinity
  const { needs: needed, numbers, specific } = deck
  const { counts, lastSession } = usage
  const session = usage.session()
  for (let at = 0; at < first; at++) {
    const needs = needed[at] ?? 0
    if ((needs & missing) !== 0 || (must !== 0 && (needs & must) === 0)) continue
    if (((deck.presumes[at] ?? 0) & untold) !== 0 || ((deck.within[at] ?? 0) & parted) !== 0) continue
    if (((deck.recalls[at] ?? 0) & recent) !== 0) continue
    if (((deck.stages[at] ?? 0) & stage) === 0 || ((deck.arcs[at] ?? 0) & arcs) === 0) continue
    if (((deck.voices[at] ?? 0) & voices) === 0) continue
    const hearsFacts = deck.hearsFacts[at] ?? 0
    const hearsActs = deck.hearsActs[at] ?? 0
    if ((hearsFacts | hearsActs) !== 0 && (hearsFacts & heardFacts) === 0 && (hearsActs & heardActs) === 0) continue
    const number = numbers[at] ?? 0
    if (lastSession[number] === session) continue
    const only = deck.concerns[at]
    if (only !== undefined && !isForConcern(only, concerns)) continue
    const words = deck.words[at] ?? 0
    chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) | 0
    let score = (counts[number] ?? 0) * (deck.wear[at] ?? 1) + (chance >>> 8) * (LEEWAY / 0x100_0000)
    if (words < fewest || words > most) score += off
    if (at >= specific) score += unspecific
    if ((deck.sentences[at] ?? 0) > room) score += NO_ROOM * ((deck.sentences[at] ?? 0) - room)
    if (score < lowest) {
      lowest = score
      best = at
    }
  }
  return deck.templates[best]
}

function isForConcern({ concerns, not_concerns }: ForConcerns, names: readonly string[]): boolean {
  if (concerns !== undefined && !names.some((name) => concerns.has(name))) return false
  return not_concerns === undefined || !names.some((name) => not_concerns.has(name))
}

/** More than any template is ever used. */
const NO_ROOM = 1e6

/** Like {@link lookUp}, but takes the template out of its deck. */
export function draw<T extends Template>(deck: Deck<T>, usage: Usage, drawer: Drawer, wanted: Wanted): T | undefined {
  const found = lookUp(deck, usage, drawer, wanted)
  if (found !== undefined) usage.use(found.number)
  return found
}
