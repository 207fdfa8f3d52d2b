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
    mayHoldRun: runs.mayHoldOneOf,
    add,
  }
}

/** All runs of {@link MEMORISED_RUN} words of some texts, two bits each (Bloom 1970): a run of which one is missing is none. */
interface RunSet {
  add(lower: string): void
  mayHoldOneOf: (lower: string) => boolean
}

/** One look in a thousand finds both bits by chance; then the exact search finds nothing. */
const BITS_A_RUN = 64

function createRunSet(): RunSet {
  let bits = new Int32Array(1 << 8)
  const hashes: number[] = []
  const mark = (hash: number): void => {
    const at = wordOf(hash, bits)
    bits[at] = (bits[at] ?? 0) | marksOf(hash)
  }
  return {
    add(lower) {
      someRun(lower, undefined, (hash) => {
        hashes.push(hash)
        mark(hash)
      })
      if (hashes.length * BITS_A_RUN <= bits.length * 32) return
      let { length } = bits
      while (hashes.length * BITS_A_RUN > length * 32) length *= 2
      bits = new Int32Array(length)
      hashes.forEach(mark)
    },
    mayHoldOneOf: (lower) => hashes.length > 0 && someRun(lower, bits),
  }
}

function marksOf(hash: number): number {
  return (1 << (hash & 31)) | (1 << ((hash >>> 5) & 31))
}

/** Which word of the bits holds those of a hash. */
function wordOf(hash: number, bits: Int32Array): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 8) & (bits.length - 1)
}

const RUN_PRIME = 0x01000193
/** What the oldest word of a run weighs in its hash. */
const OLDEST = Array.from({ length: MEMORISED_RUN - 1 }).reduce<number>((power) => Math.imul(power, RUN_PRIME), 1)
/** Hashes of the last words read; the oldest stands where the next one goes. */
const lastWords = new Int32Array(MEMORISED_RUN)

/**
 * Reads the runs of {@link MEMORISED_RUN} words by a rolling hash (Karp & Rabin 1987) over hashes of the words, which are
 * those of `wordsOf`. True at the first whose bits are set.
 */
function someRun(lower: string, bits: Int32Array | undefined, found?: (hash: number) => void): boolean {
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
    if (words < MEMORISED_RUN) continue
    const hash = run ^ (run >>> 15)
    if (bits === undefined) {
      found?.(hash)
      continue
    }
    const marks = marksOf(hash)
    if (((bits[wordOf(hash, bits)] ?? 0) & marks) === marks) return true
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
