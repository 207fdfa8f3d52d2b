import type { Dialogue } from '../dialogue/schema.ts'
import { wordsOf } from './turn-text.ts'

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
    add,
  }
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
