import type { TurnText } from './turn-text.ts'
import { insideQuotation, sentenceAt } from './turn-text.ts'

/** A regular expression over lower-cased text, alone or with what makes the sentence around it harmless. */
export type Phrase = RegExp | { match: RegExp; unless: RegExp }

export interface PhraseSet {
  /**
   * Words of which at least one stands in every turn that the phrases can match; `diagnos*` stands for all words that
   * begin so. They are looked up while the turn is read once, so that of some hundred expressions hardly any runs.
   */
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

interface Compiled<T> {
  set: T
  phrases: readonly { match: RegExp; unless: RegExp | undefined }[]
  unless: readonly RegExp[]
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
  const compiled = sets.map(compile)
  if (options.useCues === false) return (turn) => compiled.flatMap((one) => hitsOf(one, turn, limit))

  const lookup = cueLookup(sets)
  const marked = new Uint32Array(sets.length)
  let stamp = 0
  return (turn) => {
    stamp = (stamp + 1) >>> 0
    let any = false
    for (const word of turn.words) {
      const indices = lookup(word)
      if (indices === undefined) continue
      any = true
      for (const index of indices) marked[index] = stamp
    }
    if (!any) return NOTHING
    const hits: PhraseHit<T>[] = []
    for (let index = 0; index < compiled.length; index++) {
      const one = compiled[index]
      if (marked[index] === stamp && one !== undefined) hits.push(...hitsOf(one, turn, limit))
    }
    return hits
  }
}
const NOTHING: never[] = []

function compile<T extends PhraseSet>(set: T): Compiled<T> {
  return {
    set,
    phrases: set.phrases.map((phrase) =>
      phrase instanceof RegExp
        ? { match: global(phrase), unless: undefined }
        : { match: global(phrase.match), unless: phrase.unless },
    ),
    unless: set.unless ?? [],
  }
}

function global(expression: RegExp): RegExp {
  return expression.global ? expression : new RegExp(expression.source, `${expression.flags}g`)
}

function hitsOf<T extends PhraseSet>(one: Compiled<T>, turn: TurnText, limit: number): PhraseHit<T>[] {
  const hits: PhraseHit<T>[] = []
  for (const { match, unless } of one.phrases) {
    match.lastIndex = 0
    for (let found = match.exec(turn.lower); found !== null; found = match.exec(turn.lower)) {
      const start = found.index
      const end = start + found[0].length
      if (found[0].length === 0) match.lastIndex++
      if (one.set.even_in_quotes !== true && insideQuotation(turn.lower, start)) continue
      if (unless !== undefined || one.unless.length > 0) {
        const span = sentenceAt(turn, start)
        const sentence = turn.lower.slice(Math.min(span.start, start), Math.max(span.end, end))
        if (unless?.test(sentence) === true || one.unless.some((harmless) => harmless.test(sentence))) continue
      }
      if (!hits.some((hit) => start < hit.end && end > hit.start)) hits.push({ set: one.set, start, end })
      if (hits.length >= limit) return hits
    }
  }
  return hits
}

/** Which sets a word calls up. Answers are remembered per word; the memory is bounded, the vocabulary of English not. */
function cueLookup(sets: readonly PhraseSet[]): (word: string) => readonly number[] | undefined {
  const whole = new Map<string, number[]>()
  const beginnings: { beginning: string; index: number }[] = []
  sets.forEach((set, index) => {
    for (const cue of set.cues) {
      if (cue.endsWith('*')) beginnings.push({ beginning: cue.slice(0, -1), index })
      else whole.set(cue, [...(whole.get(cue) ?? []), index])
    }
  })
  const remembered = new Map<string, readonly number[] | undefined>()
  return (word) => {
    const known = remembered.get(word)
    if (known !== undefined || remembered.has(word)) return known
    const indices = [...(whole.get(word) ?? [])]
    for (const { beginning, index } of beginnings) if (word.startsWith(beginning)) indices.push(index)
    const answer = indices.length === 0 ? undefined : [...new Set(indices)]
    if (remembered.size >= 50_000) remembered.clear()
    remembered.set(word, answer)
    return answer
  }
}
