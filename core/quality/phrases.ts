import { hasCue, registerCues } from './cues.ts'
import type { CueBits, CueSet } from './cues.ts'
import type { TurnText } from './turn-text.ts'
import { insideQuotation, sentenceAt } from './turn-text.ts'

/**
 * A regular expression over lower-cased text, alone or with what makes the sentence around it harmless, and with cues of
 * its own where those of the set are too common words to save anything.
 */
export type Phrase = RegExp | { match: RegExp; unless?: RegExp; cues?: readonly string[] }

/** Cues written as one text: `cue("diagnos* symptom as_a")`; two words in a row are joined by `_`. */
export function cue(words: string): readonly string[] {
  return words.split(' ').map((word) => word.replaceAll('_', ' '))
}

export interface PhraseSet {
  /** Words of which at least one stands in every turn that the phrases can match; see `cues.ts`. */
  cues: readonly string[]
  phrases: readonly Phrase[]
  /** What makes a sentence harmless whichever phrase it holds: a denial, a quotation, a question about others. */
  unless?: readonly RegExp[]
  even_in_quotes?: boolean
}

export interface PhraseHit<T> {
  set: T
  /** Offsets into the text of the turn, end exclusive. */
  start: number
  end: number
}

interface CompiledPhrase<T> {
  set: T
  match: RegExp
  unless: readonly RegExp[]
  cue: CueSet
}

/**
 * Compiles sets of phrases into one function that gives the hits in a turn, at most `hitsPerSet` for each set, in order
 * of the sets. `useCues: false` runs every expression on every turn: slow, and by definition of the cues the same
 * answer; the tests hold the two together.
 */
export function compilePhrases<T extends PhraseSet>(
  sets: readonly T[],
  options: { useCues?: boolean; hitsPerSet?: number } = {},
): (turn: TurnText) => PhraseHit<T>[] {
  const limit = options.hitsPerSet ?? 1
  const useCues = options.useCues !== false
  const compiled = sets.map((set) => {
    const phrases = compile(set, useCues)
    return { phrases, cues: [...new Set(phrases.map((phrase) => phrase.cue))] }
  })
  return (turn) => {
    const hits: PhraseHit<T>[] = []
    for (const { phrases, cues } of compiled) {
      // A set has many phrases and one or two sets of cues: hardly a turn calls it up.
      if (useCues && !hasOneOf(turn.cues, cues)) continue
      let left = limit
      for (const phrase of phrases) {
        if (left === 0) break
        if (useCues && !hasCue(turn.cues, phrase.cue)) continue
        left -= addHits(phrase, turn, left, hits)
      }
    }
    return hits
  }
}

function hasOneOf(bits: CueBits, cues: readonly CueSet[]): boolean {
  for (const cue of cues) if (hasCue(bits, cue)) return true
  return false
}

function compile<T extends PhraseSet>(set: T, useCues: boolean): CompiledPhrase<T>[] {
  const register = (cues: readonly string[]): CueSet => (useCues ? registerCues(cues) : 0)
  const ofSet = register(set.cues)
  return set.phrases.map((phrase) => {
    if (phrase instanceof RegExp) return { set, match: global(phrase), unless: set.unless ?? [], cue: ofSet }
    const unless = [...(phrase.unless === undefined ? [] : [phrase.unless]), ...(set.unless ?? [])]
    return { set, match: global(phrase.match), unless, cue: phrase.cues === undefined ? ofSet : register(phrase.cues) }
  })
}

function global(expression: RegExp): RegExp {
  return expression.global ? expression : new RegExp(expression.source, `${expression.flags}g`)
}

/** Adds at most `limit` hits of one phrase and says how many. */
function addHits<T extends PhraseSet>(
  { set, match, unless }: CompiledPhrase<T>,
  turn: TurnText,
  limit: number,
  hits: PhraseHit<T>[],
): number {
  let added = 0
  match.lastIndex = 0
  for (let found = match.exec(turn.lower); found !== null && added < limit; found = match.exec(turn.lower)) {
    const start = found.index
    const end = start + found[0].length
    if (end === start) match.lastIndex++
    if (set.even_in_quotes !== true && insideQuotation(turn.lower, start)) continue
    if (unless.length > 0) {
      const span = sentenceAt(turn, start)
      const sentence = turn.lower.slice(Math.min(span.start, start), Math.max(span.end, end))
      if (unless.some((harmless) => harmless.test(sentence))) continue
    }
    if (hits.some((hit) => hit.set === set && start < hit.end && end > hit.start)) continue
    hits.push({ set, start, end })
    added++
  }
  return added
}
