import type { RiskLevel, SessionType } from '../../dialogue/vocabulary.ts'
import type { Rng } from '../../ports.ts'
import { codesOf } from '../../text-codes.ts'
import { integer } from '../random.ts'
import { gerund, indefinite, secondPerson } from './agreement.ts'
import { factBit, TWO_FEELINGS, type Bundle, type CompiledPart, type Template, type Wording } from './banks.ts'
import { FACT_NAMES, isFactName, type Arc, type FactName, type Voice } from './facts.ts'
import { wordingAt, type Usage } from './usage.ts'

/** What one dialogue knows of itself while it is written: who speaks of what life, and what has been said so far. */
export interface Conversation {
  rng: Rng
  session_type: SessionType
  concern: string
  /** Concern and its group: what the conditions of frames speak of. */
  concerns: readonly string[]
  risk: RiskLevel
  voice: Voice
  arc: Arc
  bundle: Bundle
  /** The wording that this dialogue has picked for each fact; the same words are echoed later. */
  facts: ReadonlyMap<FactName, Wording>
  feelings: readonly string[]
  /** Feelings that the client has named, last one last: only these are echoed. */
  named: string[]
  /** Bits of what the client has told ({@link factBit}). */
  told: number
  /** Bits of the facts that the client has. */
  owned: number
  /** Bits of facts of so many words that an echo would parrot them. */
  lengthy: number
  /** Bits of facts with a comma in them. */
  parted: number
  /** Bits told in the client's last turn: what the assistant can respond to. */
  heard: number
  mood: number
  mood_after: number
  /** Sentences that the bundle lends (reflections, details), used once each. */
  spent: Set<string>
}

/** A wording of each fact: the one that sessions of this run have told least, chance among equals. */
export function chooseFacts(rng: Rng, bundle: Bundle, usage?: Pick<Usage, 'toldOf'>): Map<FactName, Wording> {
  const told = usage?.toldOf(bundle.number)
  const chosen = new Map<FactName, Wording>()
  for (const name of FACT_NAMES) {
    const wordings = bundle.facts[name]
    if (wordings === undefined || name === 'feelings' || name === 'detail' || name === 'tangent') continue
    let best = wordings[0]
    if (wordings.length > 1) {
      let lowest = Infinity
      wordings.forEach((wording, at) => {
        const score = (told?.[wordingAt(name, at)] ?? 0) + rng()
        if (score >= lowest) return
        lowest = score
        best = wording
      })
    }
    if (best !== undefined) chosen.set(name, best)
  }
  return chosen
}

/** How often the chosen wording of each fact has been told in this run. */
export function tellings(
  { bundle, facts }: Pick<Conversation, 'bundle' | 'facts'>,
  usage: Pick<Usage, 'toldOf'>,
): (fact: FactName) => number {
  const told = usage.toldOf(bundle.number)
  return (fact) => {
    const chosen = facts.get(fact)
    const at = chosen === undefined ? -1 : (bundle.facts[fact]?.indexOf(chosen) ?? -1)
    return at < 0 ? 0 : (told[wordingAt(fact, at)] ?? 0)
  }
}

/** Bits of the chosen facts and of what goes without saying; of those that are too long to echo; of those with a comma. */
export function bitsOfFacts(facts: ReadonlyMap<FactName, Wording>): Pick<Conversation, 'owned' | 'lengthy' | 'parted'> {
  let owned = factBit('mood') | factBit('mood_after') | factBit('feeling')
  let lengthy = 0
  let parted = 0
  for (const [name, wording] of facts) {
    const bit = factBit(name)
    owned |= bit
    if (wording.lengthy) lengthy |= bit
    if (wording.parted) parted |= bit
  }
  return { owned, lengthy, parted }
}

/** Bits of everything that the client could tell. */
export function tellable({ owned, feelings, named }: Conversation): number {
  return feelings.length - named.length >= 2 ? owned | TWO_FEELINGS : owned
}

/** Bits of what the assistant may take up: what was told, and the topic once the trigger is known. */
export function echoable(conversation: Conversation): number {
  let bits = conversation.told
  if ((bits & factBit('trigger')) !== 0)
    bits |= factBit('topic') | (conversation.facts.has('person') ? factBit('person') : 0)
  if (conversation.named.length >= 2) bits |= TWO_FEELINGS
  return bits
}

export interface Expansion {
  text: string
  /** Bits of the facts that stand in it. */
  says: number
}

export interface ExpandOptions {
  speaker: 'client' | 'assistant'
  /** Bits of the facts that may be used. */
  available: number
  lists?: Readonly<Record<string, readonly string[]>>
  /** More slots with their words, e.g. crisis resources. */
  words?: Readonly<Record<string, string>>
}

/** The template's words; the caller has checked that what it needs is available. */
export function expand(
  template: Pick<Template, 'parts' | 'plain'>,
  conversation: Conversation,
  options: ExpandOptions,
): Expansion {
  const state = { text: '', says: 0, newFeelings: 0 }
  walk(template.parts, conversation, options, state)
  if (options.speaker === 'client') for (let one = 0; one < state.newFeelings; one++) nameFeeling(conversation)
  return { text: template.plain ? capitalised(state.text) : tidy(state.text), says: state.says }
}

/** Expands until the outcome is new to this run, or a few times in vain: a frame of many variants has more to say. */
export function expandUnsaid(
  template: Pick<Template, 'parts' | 'plain'>,
  conversation: Conversation,
  options: ExpandOptions,
  usage: Pick<Usage, 'hasSaid'>,
): Expansion & { said: boolean } {
  const named = conversation.named.length
  for (let left = template.plain ? 0 : EXPANSIONS; ; left--) {
    const { text, says } = expand(template, conversation, options)
    const said = usage.hasSaid(text)
    if (!said || left === 0) return { text, says, said }
    // The feelings of an expansion that is given up have not been named.
    conversation.named.length = named
  }
}
const EXPANSIONS = 3

interface Walk {
  text: string
  says: number
  newFeelings: number
}

function walk(parts: readonly CompiledPart[], conversation: Conversation, options: ExpandOptions, state: Walk): void {
  for (const part of parts) {
    if (part.kind === 'text') state.text += part.text
    else if (part.kind === 'slot') {
      const words = slotText(part.name, part.modifier, part.count, conversation, options, state)
      state.text = joined(state.text, words)
      state.says |= part.bit
    } else if (part.kind === 'agree') {
      state.text += conversation.facts.get(part.slot)?.plural === true ? part.plural : part.singular
    } else {
      const option = anOption(part.options, conversation.rng, options.available)
      if (option !== undefined) walk(option.parts, conversation, options, state)
    }
  }
}

/** "when" + "when the phone rings": a fact may begin with the word that the frame puts before it. */
function joined(before: string, words: string): string {
  // Hardly any does; and what stands before is a text in pieces, dear to look into.
  if (!MAY_DOUBLE.test(words)) return before + words
  const last = DOUBLED.exec(before)?.[1]?.toLowerCase()
  const doubled = last === 'maybe' || last === 'perhaps' ? /^(?:maybe|perhaps)(?= )/.exec(words)?.[0] : last
  return doubled !== undefined && words.startsWith(`${doubled} `)
    ? before + words.slice(doubled.length + 1)
    : before + words
}
const MAY_DOUBLE = /^(?:if|when|that|because|then|as|like|about|for|maybe|perhaps) /
const DOUBLED = /\b(if|when|that|because|then|as|like|about|for|maybe|perhaps) $/i

/** One of the options whose facts are available, each as likely as the other; reservoir sampling needs no list. */
function anOption<T extends { needs: number }>(options: readonly T[], rng: Rng, available: number): T | undefined {
  let chosen: T | undefined
  let seen = 0
  for (const option of options) {
    if ((option.needs & ~available) !== 0) continue
    seen++
    if (seen === 1 || rng() * seen < 1) chosen = option
  }
  return chosen
}

function slotText(
  name: string,
  modifier: string | undefined,
  count: number | undefined,
  conversation: Conversation,
  options: ExpandOptions,
  state: Walk,
): string {
  const { rng } = conversation
  const words = options.words?.[name]
  if (words !== undefined) return words
  const list = options.lists?.[name]
  if (list !== undefined) return series(draw(rng, list, count ?? 1))
  if (name === 'mood') return String(conversation.mood)
  if (name === 'mood_after') return String(conversation.mood_after)
  if (name === 'feeling' || name === 'feeling2' || name === 'feelings')
    return feelingText(name, conversation, options, state)
  if (!isFactName(name)) return ''
  const wording = conversation.facts.get(name)
  if (wording === undefined) return ''
  if (modifier === 'quoted') return `"${sentenceCase(wording.client)}"`
  const text = options.speaker === 'client' ? wording.client : wording.assistant
  return modifier === 'ing' ? gerund(text) : text
}

function feelingText(name: string, conversation: Conversation, { speaker }: ExpandOptions, state: Walk): string {
  const { feelings, named } = conversation
  if (speaker === 'client') {
    const one = (): string => {
      const at = named.length + state.newFeelings
      if (at < feelings.length) state.newFeelings++
      return feelings[Math.min(at, feelings.length - 1)] ?? ''
    }
    if (name !== 'feelings') return one()
    const first = one()
    return `${first} and ${one()}`
  }
  const last = secondPerson(named.at(-1) ?? '')
  const other = named.length > 1 ? secondPerson(named.at(-2) ?? '') : last
  if (name === 'feeling') return last
  return name === 'feeling2' ? other : `${other} and ${last}`
}

function nameFeeling(conversation: Conversation): void {
  const next = conversation.feelings[conversation.named.length]
  if (next !== undefined) conversation.named.push(next)
}

/** Some of the list, each once. */
function draw(rng: Rng, list: readonly string[], count: number): string[] {
  const left = [...list]
  const drawn: string[] = []
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(integer(rng, left.length), 1))
  return drawn
}

function series(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')}${items.length > 2 ? ',' : ''} and ${items.at(-1)}`
}

/** What a joined text may need mended beside its first capital, as bits; one pass over its characters. */
const SPACES = 1
const MARKS = 2
const QUOTES = 4
const ARTICLE = 8
const CAPITALS = 16

function faultsOf(text: string): number {
  let faults = 0
  let ended = false
  let before = 32
  const { length } = text
  const codes = codesOf(text)
  for (let at = 0; at < length; at++) {
    const code = codes[at] ?? 0
    if (code >= 97 && code <= 122) {
      // A mark inside a quotation or bracket ends a sentence all the same.
      if (ended && (before === 32 || before === 39 || before === 40)) faults |= CAPITALS
      ended = false
    } else if (code === 32) {
      if (before === 32) faults |= SPACES
      else if ((before | 32) === 97 && !isLetter(codes[at - 2])) faults |= mayWantN(codes[at + 1]) ? ARTICLE : 0
      else if (before === 110 && ((codes[at - 2] ?? 0) | 32) === 97 && !isLetter(codes[at - 3]))
        faults |= surelyWantsN(codes[at + 1]) ? 0 : ARTICLE
    } else if (code === 34) {
      faults |= QUOTES
      if (ended && before === 32) faults |= CAPITALS
    } else if (code === 46 || code === 33 || code === 63 || code === 0x2026) {
      if (before === 32 || before === 44) faults |= SPACES
      if (code === 46 && (before === 46 || before === 33 || before === 63 || before === 0x2026)) faults |= MARKS
      if (code === 46 && before === 39) faults |= MARKS
      ended = true
    } else if (code === 44 || code === 59 || code === 58) {
      if (before === 32) faults |= SPACES
      ended = false
    } else if (code !== 39 && code !== 40 && code !== 0x201c) {
      if (ended && before === 32 && code >= 0xdf) faults |= CAPITALS
      ended = false
    }
    before = code
  }
  return before === 32 ? faults | SPACES : faults
}

/** A word that begins so may want *an*: a vowel, *h* (hour), a digit (8), or a mark before the word. */
function mayWantN(code = 0): boolean {
  const small = code | 32
  return (
    !(small >= 97 && small <= 122) ||
    small === 104 ||
    small === 101 ||
    small === 111 ||
    small === 117 ||
    surelyWantsN(code)
  )
}

/** *e*, *o* and *u* may sound like consonants (one, use); *a* and *i* never do. */
function surelyWantsN(code = 0): boolean {
  const small = code | 32
  return small === 97 || small === 105
}

function isLetter(code = 0): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code >= 0xc0
}

/** Capitals at the start of sentences, single spaces, one end mark, *a* or *an*. */
export function tidy(text: string): string {
  const faults = faultsOf(text)
  if (faults === 0) return capitalised(text)
  let out = text
  if ((faults & SPACES) !== 0)
    out = out
      .replace(/\s+/g, ' ')
      .replace(/ ([,.;:!?…])/g, '$1')
      .replace(/,\s*([.!?])/g, '$1')
      .trim()
  // Quotations bring their own end marks.
  if ((faults & QUOTES) !== 0) out = out.replace(/([.!?])"\.(?=\s|$)/g, '$1"')
  if ((faults & (MARKS | SPACES)) !== 0) out = out.replace(/(?<!\.)([.!?…]["']?)\.(?=\s|$)/g, '$1')
  // A quotation that ends a sentence has the end mark inside: … "I can't do this." Then …
  if ((faults & QUOTES) !== 0) out = out.replace(/([\p{L}\d'])"(?=\s+[A-Z]|$)/gu, '$1."')
  if ((faults & ARTICLE) !== 0) out = indefinite(out)
  return (faults & (CAPITALS | QUOTES | SPACES)) !== 0 ? sentenceCase(out) : capitalised(out)
}

function capitalised(text: string): string {
  const first = text.charCodeAt(0)
  const at = first === 34 || first === 39 || first === 40 || first === 0x201c ? 1 : 0
  const letter = text.charAt(at)
  const capital = letter.toUpperCase()
  return letter === capital ? text : text.slice(0, at) + capital + text.slice(at + 1)
}

/**
 * The first letter of the text and of each sentence in it, in capitals. Behind a quotation the sentence may go on: *"Next!"
 * they call*.
 */
export function sentenceCase(text: string): string {
  return text.replace(
    /(^|[.!?] +|\."? +)(["'“(]?)(\p{Ll})/gu,
    (_whole, before: string, mark: string, letter: string) => {
      return before + mark + letter.toUpperCase()
    },
  )
}
