import type { SessionType, Stage, TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { FactOrAct, PRACTICE_TECHNIQUES } from './bank-schema.ts'
import type { Arc, FactName, LifeContext, Voice } from './facts.ts'
import { FACTS, FACT_NAMES, isFactName, SLOT_OF } from './facts.ts'
import type { Path } from './paths.ts'
import type { SafetyBank } from '../safety/safety-bank.ts'
import { slotsOf, type Part } from './template.ts'

/** The banks as the generator uses them: checked, compiled, and grouped by what a turn looks for. */
export interface Banks {
  /** By concern; `any` serves every concern without a file of its own. */
  situations: ReadonlyMap<string, readonly Bundle[]>
  assistant: readonly AssistantFrame[]
  client: readonly ClientFrame[]
  practices: readonly Practice[]
  paths: ReadonlyMap<SessionType, Path>
  /** Wordings of the safety lines and of the client's disclosures and answers. */
  safety: SafetyBank
  /** How many numbers are given away: the first that is free. */
  numbered: number
  /** SHA-256 over paths and texts: part of a run's configuration, so that a changed bank is a changed run. */
  sha256: string
  warnings: readonly BankFault[]
}

export interface BankFault {
  severity: 'error' | 'warning'
  file: string
  line: number | undefined
  /** Where in the file, for people: `bundle frozen-in-the-meeting, thought`. */
  where: string
  message: string
  fix: string
}

export interface Bundle {
  id: string
  number: number
  concern: string
  sub_concern: string
  ages: { from: number; to: number }
  contexts: readonly LifeContext[]
  /** Whether a disclosure of risk may be put into this life. */
  risk: boolean
  facts: Readonly<Partial<Record<FactName, readonly Wording[]>>>
  /** Assistant sentences of this bundle's own, by the fact that has just been heard or is asked. */
  reflections: Readonly<Partial<Record<FactName, readonly OwnFrame[]>>>
  questions: Readonly<Partial<Record<FactName, readonly OwnFrame[]>>>
}
export interface OwnFrame {
  id: string
  text: string
}

/** One wording of a fact: as the client says it, and as the assistant says it back. */
export interface Wording {
  client: string
  assistant: string
  /** For noun phrases: verbs that follow are plural. */
  plural: boolean
  /** So many words that an echo would parrot them. */
  lengthy: boolean
  /** With a comma in it, so that it stands well only where its clause ends: see {@link Template.within}. */
  parted: boolean
}

export interface Conditions {
  stages: ReadonlySet<Stage> | undefined
  arcs: ReadonlySet<Arc> | undefined
  voices: ReadonlySet<Voice> | undefined
  concerns: ReadonlySet<string> | undefined
  not_concerns: ReadonlySet<string> | undefined
  weight: number
}

export interface Template {
  id: string
  /** Unique among everything that is drawn from a deck; the place of its count of uses. */
  number: number
  source: string
  parts: readonly CompiledPart[]
  /** Bits of the facts without which no expansion exists: see {@link factBit}. */
  needs: number
  /** Bits of the facts that it presupposes as told without naming them. */
  presumes: number
  /** Bits of the facts after which its sentence goes on without a comma. */
  within: number
  /** An expansion needs no mending but its first capital. */
  plain: boolean
  /** Words, a slot counted as so many as facts have on average. */
  words: number
}

export interface AssistantFrame extends Template, Conditions {
  technique: TurnTechnique
  hears: ReadonlySet<FactOrAct> | undefined
  asks: FactOrAct | undefined
}

export interface ClientFrame extends Template, Conditions {
  gives: FactOrAct
}

export interface Practice {
  id: string
  number: number
  technique: (typeof PRACTICE_TECHNIQUES)[number]
  minutes: number
  suits: ReadonlySet<string> | undefined
  lists: Readonly<Record<string, readonly string[]>>
  offers: readonly Template[]
  rationale: readonly Template[]
  steps: readonly { says: readonly Template[]; client: readonly Template[]; acknowledges: readonly Template[] }[]
  /** 0-based steps of a short session. */
  short: readonly [number, number]
  helped: readonly Template[]
  not_helped: readonly Template[]
  adapts: readonly Template[]
  adapt_client: readonly Template[]
  takeaways: readonly Template[]
}

export type CompiledPart =
  | { kind: 'text'; text: string }
  | { kind: 'slot'; name: string; modifier: string | undefined; count: number | undefined; bit: number }
  /** `slot` is the noun phrase that the verb goes with. */
  | { kind: 'agree'; slot: FactName; singular: string; plural: string }
  | { kind: 'choice'; options: readonly { parts: readonly CompiledPart[]; needs: number }[] }

/** One bit a fact (29 of them), two for the ratings: what has been told is one integer. */
export function factBit(name: string): number {
  return BITS[name] ?? 0
}
const BITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    Object.entries(SLOT_OF).map(([name, { fact }]) => [name, fact === undefined ? 0 : 1 << FACT_NAMES.indexOf(fact)]),
  ),
  feeling2: (1 << FACT_NAMES.indexOf('feelings')) | (1 << 31),
  feelings: (1 << FACT_NAMES.indexOf('feelings')) | (1 << 31),
  mood: 1 << 29,
  mood_after: 1 << 30,
}

/** Two feelings at once need a second one told: the one bit that is no fact. */
export const TWO_FEELINGS = 1 << 31

/** The facts among the bits, in the order of the table. */
export function factsOf(bits: number): FactName[] {
  const found: FactName[] = []
  for (let left = bits & ((1 << FACT_NAMES.length) - 1); left !== 0; left &= left - 1) {
    const name = FACT_NAMES[31 - Math.clz32(left & -left)]
    if (name !== undefined) found.push(name)
  }
  return found
}

/** What follows from the parts of a template alone. */
export function compile(parts: readonly Part[]): Pick<Template, 'parts' | 'needs' | 'within' | 'presumes'> {
  const compiled = compileParts(parts, subjectOf(parts))
  return { ...compiled, within: followed(compiled.parts, false).within, presumes: 0 }
}

function compileParts(parts: readonly Part[], subject: FactName | undefined): { parts: CompiledPart[]; needs: number } {
  let needs = 0
  const compiled = parts.map((part): CompiledPart => {
    if (part.kind === 'text') return part
    if (part.kind === 'agree')
      return { kind: 'agree', slot: subject ?? 'topic', singular: part.singular, plural: part.plural }
    if (part.kind === 'slot') {
      const bit = factBit(part.name)
      needs |= bit
      return { kind: 'slot', name: part.name, modifier: part.modifier, count: part.count, bit }
    }
    const options = part.options.map((option) => compileParts(option, subject))
    // What every option needs, the choice needs.
    needs |= options.reduce((common, option) => common & option.needs, -1)
    return { kind: 'choice', options }
  })
  return { parts: compiled, needs }
}

/**
 * From the last part to the first: which facts have more words right behind them, and whether the parts begin with a word.
 * What is quoted is parted by its marks.
 */
function followed(parts: readonly CompiledPart[], byWord: boolean): { within: number; begins: boolean } {
  let within = 0
  let begins = byWord
  for (const part of parts.toReversed()) {
    if (part.kind === 'text') {
      if (part.text.trim() !== '') begins = /^\s*[\p{L}\d'(]/u.test(part.text)
    } else if (part.kind === 'choice') {
      const options = part.options.map((option) => followed(option.parts, begins))
      for (const option of options) within |= option.within
      begins = options.some((option) => option.begins)
    } else {
      if (part.kind === 'slot' && begins && part.modifier !== 'quoted') within |= part.bit
      begins = true
    }
  }
  return { within, begins }
}

/**
 * Whether every expansion of the parts comes out tidy: no quotation that may end a sentence, no slot that begins one but the
 * first, no *a* before a slot, no option that may be empty. Facts themselves are checked to be tidy.
 */
export function isPlain(parts: readonly Part[]): boolean {
  let before = ''
  for (const [at, part] of parts.entries()) {
    if (part.kind === 'text') {
      if (/\s{2}|^\s*$/.test(part.text) && part.text !== ' ') return false
      before = part.text
      continue
    }
    if (part.kind === 'choice') return false
    if (part.kind === 'slot' && part.modifier !== undefined && part.modifier !== 'ing') return false
    if (part.kind === 'slot' && at > 0 && /[.!?…]["']?\s*$|\b[Aa]n?\s+$/.test(before)) return false
    if (part.kind === 'slot' && SLOT_OF[part.name] === undefined) return false
    if (part.kind === 'slot' && SLOT_OF[part.name]?.fact === undefined && SLOT_OF[part.name]?.type !== 'number')
      return false
    before = ' x'
  }
  return true
}

const WORDS_IN_A_FACT = 7

/** The length of an expansion, roughly: the longest option of each choice. */
export function wordsIn(parts: readonly Part[]): number {
  let words = 0
  for (const part of parts) {
    if (part.kind === 'text') words += part.text.match(/[\p{L}\d'-]+/gu)?.length ?? 0
    else if (part.kind === 'agree') words++
    else if (part.kind === 'choice') words += Math.max(...part.options.map((option) => wordsIn(option)))
    else words += ['topic', 'feeling', 'feeling2', 'mood', 'mood_after'].includes(part.name) ? 2 : WORDS_IN_A_FACT
  }
  return words
}

/** Whether every expansion holds words of the dialogue at hand. */
export function hasSlots(parts: readonly CompiledPart[]): boolean {
  return parts.some(
    (part) =>
      part.kind === 'slot' || (part.kind === 'choice' && part.options.every((option) => hasSlots(option.parts))),
  )
}

/** How many different texts the parts can come out as, slots aside. */
export function variantsOf(parts: readonly CompiledPart[]): number {
  let variants = 1
  for (const part of parts)
    if (part.kind === 'choice') variants *= part.options.reduce((sum, option) => sum + variantsOf(option.parts), 0)
  return variants
}

/** The topic where the frame has it, else its first noun phrase. */
export function subjectOf(parts: readonly Part[]): FactName | undefined {
  const nouns = [...slotsOf(parts)]
    .map(({ name }) => name)
    .filter(isFactName)
    .filter((name) => FACTS[name].type === 'noun_phrase')
  return nouns.includes('topic') ? 'topic' : nouns[0]
}
