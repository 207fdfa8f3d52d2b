import { codesOf } from '../text-codes.ts'
import { isWordCode } from './word-characters.ts'

/**
 * Cues: words without which a rule cannot match, looked up while a turn is read once. Of a few hundred expressions two
 * or three then run on a turn. A cue is a word (`pills`), a beginning (`diagnos*`) or two words in a row (`as a`), with or without
 * apostrophes.
 *
 * The table is filled while modules load (each rule file registers its own) and only read afterwards.
 */
export type CueSet = number

const words = new Map<string, Set<CueSet>>()
const pairs = new Map<string, Set<CueSet>>()
const firstOfPair = new Set<string>()
const beginnings: { beginning: string; set: CueSet }[] = []
let sets = 0

/** A turn that holds none of the words has not got the cue. */
export function registerCues(cues: readonly string[]): CueSet {
  const set = sets++
  for (const written of cues) {
    const cue = withoutApostrophes(written)
    if (cue.endsWith('*')) beginnings.push({ beginning: cue.slice(0, -1), set })
    else if (cue.includes(' ')) {
      add(pairs, cue, set)
      firstOfPair.add(cue.slice(0, cue.indexOf(' ')))
    } else add(words, cue, set)
  }
  forget()
  return set
}

/** Bits of the cue sets found; see {@link hasCue}. */
export type CueBits = Uint32Array

export function hasCue(bits: CueBits, set: CueSet): boolean {
  return ((bits[set >>> 5] ?? 0) & (1 << (set & 31))) !== 0
}

/*
 * What is known of a word is kept by two 32-bit hashes of it, so that reading allocates nothing: a slot holds the number
 * of an entry, an entry the bits of its sets. The memory is bounded; when it is half full it starts anew.
 */
const SLOTS = 1 << 16
/** First hash, second hash and entry of each slot side by side: one look into memory a word. */
const slots = new Int32Array(3 * SLOTS)
let used = 0
interface Entry {
  /** Sets that the word calls up. */
  called: readonly CueSet[]
  beginsPair: boolean
}
/** Entry 0 is free, 1 is a word without cues. */
let entries: Entry[] = []
const NO_CUES: readonly CueSet[] = []

function forget(): void {
  slots.fill(0)
  used = 0
  entries = [
    { called: NO_CUES, beginsPair: false },
    { called: NO_CUES, beginsPair: false },
  ]
}
forget()

/** What one reading of a lower-cased text tells. */
export interface CueReading {
  bits: CueBits
  words: number
  /** Offsets of words that stand twice in a row with one space between. */
  doubled: readonly number[]
}

export function readCues(lower: string): CueReading {
  const bits = new Uint32Array((sets + 31) >>> 5)
  let count = 0
  let start = -1
  let first = 0
  let second = 0
  let previousFirst = 0
  let previousSecond = 0
  let previousStart = -1
  let lastFirst = 0
  let lastSecond = 0
  let lastEnd = -1
  let doubled: number[] | undefined
  const { length } = lower
  const codes = codesOf(lower)
  for (let at = 0; at <= length; at++) {
    const code = at < length ? (codes[at] ?? 0) : 32
    const inside = isWordCode(code) || (code === 39 && start >= 0 && at + 1 < length && isWordCode(codes[at + 1] ?? 0))
    if (inside) {
      if (start < 0) {
        start = at
        first = 0x811c9dc5 | 0
        second = 0x1b873593
      }
      if (code === 39) continue
      first = Math.imul(first ^ code, 0x01000193)
      second = Math.imul((second << 13) | (second >>> 19), 5) ^ Math.imul(code, 0x5bd1e995)
      continue
    }
    if (start < 0) continue
    count++
    if (previousStart >= 0) {
      const a = Math.imul(previousFirst, 31) ^ first
      const b = Math.imul(previousSecond, 37) ^ second
      const pair = entryOf(a, b) ?? rememberPair(lower, previousStart, start, at, a, b)
      merge(bits, pair.called)
    }
    const entry = entryOf(first, second) ?? rememberWord(withoutApostrophes(lower.slice(start, at)), first, second)
    merge(bits, entry.called)
    if (first === lastFirst && second === lastSecond && lastEnd === start - 1 && codes[lastEnd] === 32) {
      ;(doubled ??= []).push(start)
    }
    lastFirst = first
    lastSecond = second
    lastEnd = at
    previousStart = entry.beginsPair ? start : -1
    previousFirst = first
    previousSecond = second
    start = -1
  }
  return { bits, words: count, doubled: doubled ?? NONE }
}

const NONE: readonly number[] = []

function merge(into: CueBits, called: readonly CueSet[]): void {
  for (let at = 0; at < called.length; at++) {
    const set = called[at] ?? 0
    into[set >>> 5] = (into[set >>> 5] ?? 0) | (1 << (set & 31))
  }
}

function entryOf(first: number, second: number): Entry | undefined {
  for (let slot = first & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
    const entry = slots[3 * slot + 2] ?? 0
    if (entry === 0) return undefined
    if (slots[3 * slot] === first && slots[3 * slot + 1] === second) return entries[entry]
  }
}

function rememberWord(word: string, first: number, second: number): Entry {
  const called = new Set(words.get(word))
  for (const { beginning, set } of beginnings) if (word.startsWith(beginning)) called.add(set)
  return remember(called, firstOfPair.has(word), first, second)
}

function rememberPair(lower: string, from: number, start: number, end: number, first: number, second: number): Entry {
  const one = lower.slice(from, start)
  // Only words with nothing but white space between them are a pair.
  const pair = /^(\S+)\s+$/.exec(one)?.[1]
  const called = pair === undefined ? undefined : pairs.get(withoutApostrophes(`${pair} ${lower.slice(start, end)}`))
  // A pair parted by a mark here may stand unparted elsewhere: only what is certain is kept.
  if (pair === undefined) return NO_PAIR
  return remember(called ?? new Set(), false, first, second)
}
const NO_PAIR: Entry = { called: NO_CUES, beginsPair: false }

function remember(called: ReadonlySet<CueSet>, beginsPair: boolean, first: number, second: number): Entry {
  if (used >= SLOTS / 2) forget()
  const plain = called.size === 0 && !beginsPair
  const entry = plain ? 1 : entries.push({ called: called.size === 0 ? NO_CUES : [...called], beginsPair }) - 1
  let slot = first & (SLOTS - 1)
  while ((slots[3 * slot + 2] ?? 0) !== 0) slot = (slot + 1) & (SLOTS - 1)
  slots[3 * slot] = first
  slots[3 * slot + 1] = second
  slots[3 * slot + 2] = entry
  used++
  return entries[entry] ?? NO_PAIR
}

/** People leave them out as they type: `dont` calls up what `don't` does. */
function withoutApostrophes(text: string): string {
  return text.includes("'") ? text.replaceAll("'", '') : text
}

function add(to: Map<string, Set<CueSet>>, cue: string, set: CueSet): void {
  const known = to.get(cue)
  if (known === undefined) to.set(cue, new Set([set]))
  else known.add(set)
}
