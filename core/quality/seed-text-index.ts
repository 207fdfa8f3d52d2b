import type { Dialogue } from '../dialogue/schema.ts'
import { codesOf } from '../text-codes.ts'
import { plainLowerCase, wordsOf } from './turn-text.ts'
import { isWordCode } from './word-characters.ts'

/** Runs of this many words of a seed must not come back (clinical protocol, memorisation gate). */
export const MEMORISED_RUN = 8

export interface SeedRun {
  seed_dialogue_id: string
  /** Words in a row, at least {@link MEMORISED_RUN}. */
  words: number
  /** 0-based index of the run's first word in the words looked at. */
  at: number
}

/** Every run of {@link MEMORISED_RUN} words in the seeds, by a hash that is confirmed word for word. */
export interface SeedTextIndex {
  readonly seeds: number
  /** The longest run of the words that stands in one message of a seed; undefined where none is long enough. */
  longestRun(words: readonly string[]): SeedRun | undefined
  /**
   * False when {@link SeedTextIndex.longestRun} surely finds nothing in the words of the text: nearly always, and then no
   * word has been copied. For lower-cased text with plain apostrophes.
   */
  mayHoldRun(lower: string): boolean
  /** Adds the messages of a seed. */
  add(seed: Pick<Dialogue, 'dialogue_id' | 'messages'>): void
}

/** Memory: about 16 bytes a word of the seeds and one entry a distinct word. */
export function createSeedTextIndex(seeds: Iterable<Pick<Dialogue, 'dialogue_id' | 'messages'>> = []): SeedTextIndex {
  const numberOf = new Map<string, number>()
  /** All seed messages one after the other as word numbers; -1 closes each message. */
  const stream: number[] = []
  const owners: { from: number; id: string }[] = []
  const startsOf = new Map<number, number | number[]>()
  const runs = createRunSet()
  let count = 0

  const add = (seed: Pick<Dialogue, 'dialogue_id' | 'messages'>): void => {
    count++
    owners.push({ from: stream.length, id: seed.dialogue_id })
    for (const { text } of seed.messages) {
      const from = stream.length
      for (const word of wordsOf(text)) {
        const known = numberOf.get(word)
        stream.push(known ?? numberOf.size)
        if (known === undefined) numberOf.set(word, numberOf.size)
      }
      for (let at = from; at + MEMORISED_RUN <= stream.length; at++) remember(hashAt(stream, at), at)
      stream.push(-1)
      runs.add(plainLowerCase(text))
    }
  }
  const remember = (hash: number, at: number): void => {
    const known = startsOf.get(hash)
    if (known === undefined) startsOf.set(hash, at)
    else if (typeof known === 'number') startsOf.set(hash, [known, at])
    else known.push(at)
  }
  const ownerOf = (at: number): string => {
    let low = 0
    let high = owners.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((owners[middle]?.from ?? 0) <= at) low = middle
      else high = middle - 1
    }
    return owners[low]?.id ?? ''
  }
  const longestRun = (words: readonly string[]): SeedRun | undefined => {
    if (words.length < MEMORISED_RUN || startsOf.size === 0) return undefined
    const numbers = words.map((word) => numberOf.get(word) ?? -2)
    let longest: SeedRun | undefined
    let known = 0
    for (let end = 0; end < numbers.length; end++) {
      known = numbers[end] === -2 ? 0 : known + 1
      if (known < MEMORISED_RUN) continue
      const at = end - MEMORISED_RUN + 1
      const starts = startsOf.get(hashAt(numbers, at))
      if (starts === undefined) continue
      for (const start of typeof starts === 'number' ? [starts] : starts) {
        const length = commonLength(numbers, at, stream, start)
        if (length >= MEMORISED_RUN && length > (longest?.words ?? 0)) {
          longest = { seed_dialogue_id: ownerOf(start), words: length, at }
        }
      }
    }
    return longest
  }
  for (const seed of seeds) add(seed)
  return {
    get seeds() {
      return count
    },
    longestRun,
    mayHoldRun: runs.holdsOneOf,
    add,
  }
}

/** Hashes of all runs of {@link MEMORISED_RUN} words of some texts; 8 bytes a run. */
interface RunSet {
  add(lower: string): void
  holdsOneOf(lower: string): boolean
}

function createRunSet(): RunSet {
  // Open addressing, linear probing, 0 is an empty place.
  let places = new Int32Array(1 << 10)
  let used = 0
  const placeOf = (hash: number): number => {
    const mask = places.length - 1
    let at = Math.imul(hash, 0x9e3779b1) & mask
    while (places[at] !== 0 && places[at] !== hash) at = (at + 1) & mask
    return at
  }
  const grow = (): void => {
    const old = places
    places = new Int32Array(old.length * 2)
    for (const hash of old) if (hash !== 0) places[placeOf(hash)] = hash
  }
  return {
    add(lower) {
      someRun(lower, (hash) => {
        const at = placeOf(hash)
        if (places[at] === 0 && ++used * 2 > places.length) grow()
        places[placeOf(hash)] = hash
        return false
      })
    },
    holdsOneOf: (lower) => used > 0 && someRun(lower, (hash) => places[placeOf(hash)] === hash),
  }
}

const RUN_PRIME = 0x01000193
/** What the oldest word of a run weighs in its hash. */
const OLDEST = Array.from({ length: MEMORISED_RUN - 1 }).reduce<number>((power) => Math.imul(power, RUN_PRIME), 1)
/** Hashes of the last words read; the oldest stands where the next one goes. */
const lastWords = new Int32Array(MEMORISED_RUN)

/**
 * Whether one of the runs of {@link MEMORISED_RUN} words is what is looked for, by a rolling hash (Karp & Rabin 1987) over
 * hashes of the words, which are those of `wordsOf`; never 0.
 */
function someRun(lower: string, isWanted: (hash: number) => boolean): boolean {
  const { length } = lower
  const codes = codesOf(lower)
  let words = 0
  let word = 0
  let run = 0
  for (let at = 0; at <= length; at++) {
    const code = at < length ? (codes[at] ?? 0) : 32
    if (isWordCode(code) || (code === 39 && word !== 0 && at + 1 < length && isWordCode(codes[at + 1] ?? 0))) {
      // The lowest bit marks that a word has begun.
      word = Math.imul((word === 0 ? 0x811c9dc5 : word) ^ code, RUN_PRIME) | 1
      continue
    }
    if (word === 0) continue
    const place = words % MEMORISED_RUN
    if (words >= MEMORISED_RUN) run = (run - Math.imul(lastWords[place] ?? 0, OLDEST)) | 0
    run = (Math.imul(run, RUN_PRIME) + word) | 0
    lastWords[place] = word
    words++
    word = 0
    if (words >= MEMORISED_RUN && isWanted(run | 1)) return true
  }
  return false
}

function hashAt(numbers: readonly number[], at: number): number {
  let hash = 0x811c9dc5
  for (let step = 0; step < MEMORISED_RUN; step++) {
    hash = Math.imul(hash ^ ((numbers[at + step] ?? 0) + 1), 0x01000193)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}

function commonLength(a: readonly number[], atA: number, b: readonly number[], atB: number): number {
  let length = 0
  while (atA + length < a.length && a[atA + length] === b[atB + length] && (b[atB + length] ?? -1) >= 0) length++
  return length
}
