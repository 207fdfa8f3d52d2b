import type { Dialogue } from '../dialogue/schema.ts'
import { codesOf } from '../text-codes.ts'
import type { CueBits } from './cues.ts'
import { readCues } from './cues.ts'
import { isWordCode } from './word-characters.ts'

/** One sentence of a turn: UTF-16 offsets into the text of the turn, end exclusive, end marks included. */
export interface SentenceSpan {
  start: number
  end: number
  /** It ends in a question mark. */
  question: boolean
}

/** A turn as the rules read it. Offsets into `lower` are offsets into `text` (both have the same length). */
export interface TurnText {
  /** 0-based index into `messages`. */
  index: number
  role: 'user' | 'assistant'
  text: string
  /** Lower case, typographic apostrophes and quotation marks made plain. */
  lower: string
  sentences: readonly SentenceSpan[]
  /** How many words it has, by {@link wordsOf}. */
  word_count: number
  /** Offsets of words that stand twice in a row. */
  doubled: readonly number[]
  /** Which rules its words call up. */
  cues: CueBits
}

export function readTurns(dialogue: Pick<Dialogue, 'messages'>): TurnText[] {
  return dialogue.messages.map(({ role, text }, index) => turnText(role, text, index))
}

export function turnText(role: 'user' | 'assistant', text: string, index = 0): TurnText {
  const lower = plainLowerCase(text)
  const { bits, words, doubled } = readCues(lower)
  return { index, role, text, lower, sentences: sentenceSpans(text), word_count: words, doubled, cues: bits }
}

/** Lower case with `’‘` as `'` and `“”` as `"`, of the same length as the text, so that offsets carry over. */
export function plainLowerCase(text: string): string {
  let lower = text.toLowerCase()
  // A few capitals (İ) grow when lowered: then each character is lowered alone and kept when it would grow.
  if (lower.length !== text.length) {
    lower = ''
    for (const character of text) {
      const one = character.toLowerCase()
      lower += one.length === character.length ? one : character
    }
  }
  if (NON_ASCII_QUOTES.test(lower)) lower = lower.replace(/[‘’ʼ]/g, "'").replace(/[“”]/g, '"')
  return lower
}
const NON_ASCII_QUOTES = /[‘’ʼ“”]/

/**
 * Words of a text: lower-cased runs of letters and digits, with apostrophes inside a word (`don't`) kept. Everything
 * else, hyphens and emoji included, separates. All lint cues, metrics and seed runs count these words.
 */
export function wordsOf(text: string): string[] {
  return wordsOfLower(plainLowerCase(text))
}

/** How many there are of {@link wordsOf}, without a copy of any. */
export function countWords(text: string): number {
  const lower = plainLowerCase(text)
  let words = 0
  let inside = false
  const { length } = lower
  const codes = codesOf(lower)
  for (let at = 0; at < length; at++) {
    const code = codes[at] ?? 0
    if (isWordCode(code)) {
      if (!inside) words++
      inside = true
    } else if (inside) inside = code === 39 && at + 1 < length && isWordCode(codes[at + 1] ?? 0)
  }
  return words
}

export function wordsOfLower(lower: string): string[] {
  const words: string[] = []
  let start = -1
  const { length } = lower
  const codes = codesOf(lower)
  for (let at = 0; at <= length; at++) {
    const code = at < length ? (codes[at] ?? 0) : 32
    if (isWordCode(code)) {
      if (start < 0) start = at
    } else if (start >= 0) {
      if (code === 39 && at + 1 < length && isWordCode(codes[at + 1] ?? 0)) continue
      words.push(lower.slice(start, at))
      start = -1
    }
  }
  return words
}

/** Abbreviations have two to four characters. */
function endsShortWord(codes: Uint16Array, start: number, end: number): boolean {
  for (let at = end - 3; at >= end - 5; at--) if (at < start || isSpace(codes[at]) || codes[at] === 40) return true
  return false
}

const ABBREVIATION = /(?:^|[\s(])(?:dr|mr|mrs|ms|prof|st|vs|etc|e\.g|i\.e|a\.m|p\.m)$/i

/**
 * Sentences of a text: split after `.`, `!`, `?` or `…` (with closing quotes and brackets) before white space, and at
 * line breaks. A dot after `Dr`, `e.g.` and the like, and dots trailing off into a small letter, do not end one.
 */
export function sentenceSpans(text: string): SentenceSpan[] {
  const spans: SentenceSpan[] = []
  const { length } = text
  const codes = codesOf(text)
  let start = -1
  const close = (end: number): void => {
    if (start < 0) return
    let last = end
    while (last > start && isSpace(codes[last - 1])) last--
    if (hasWord(codes, start, last)) spans.push({ start, end: last, question: endsInQuestionMark(codes, start, last) })
    start = -1
  }
  for (let at = 0; at < length; at++) {
    const code = codes[at] ?? 0
    if (code === 10) {
      close(at)
      continue
    }
    if (start < 0) {
      if (isSpace(code)) continue
      start = at
    }
    if (code !== 46 && code !== 33 && code !== 63 && code !== 0x2026) continue
    let end = at + 1
    while (end < length && isEndMark(codes[end])) end++
    if (end < length && !isSpace(codes[end])) {
      at = end - 1
      continue
    }
    const trailsOff = code === 0x2026 || (code === 46 && end > at + 1 && codes[at + 1] === 46)
    if (trailsOff && !holdsMark(codes, at, end) && nextIsSmallLetter(codes, end, length)) {
      at = end - 1
      continue
    }
    if (code === 46 && end === at + 1 && endsShortWord(codes, start, at)) {
      if (ABBREVIATION.test(text.slice(Math.max(start, at - 6), at))) continue
    }
    close(end)
    at = end - 1
  }
  close(length)
  return spans
}

function isSpace(code = 0): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13 || code === 0xa0
}

/** `.` `!` `?` `…` and closing quotes and brackets. */
function isEndMark(code = 0): boolean {
  return (
    code === 46 ||
    code === 33 ||
    code === 63 ||
    code === 0x2026 ||
    code === 39 ||
    code === 34 ||
    code === 41 ||
    code === 0x2019 ||
    code === 0x201d
  )
}

/** `?` or `!`. */
function holdsMark(codes: Uint16Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (codes[at] === 63 || codes[at] === 33) return true
  return false
}

function nextIsSmallLetter(codes: Uint16Array, from: number, length: number): boolean {
  let at = from
  while (at < length && isSpace(codes[at])) at++
  const code = at < length ? (codes[at] ?? 0) : 0
  return code >= 97 && code <= 122
}

function hasWord(codes: Uint16Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = codes[at] ?? 0
    if ((code >= 65 && code <= 90) || isWordCode(code)) return true
  }
  return false
}

function endsInQuestionMark(codes: Uint16Array, start: number, end: number): boolean {
  for (let at = end - 1; at >= start; at--) {
    const code = codes[at]
    if (code === 63) return true
    if (!isEndMark(code)) return false
  }
  return false
}

/** The sentence that holds the offset; the whole turn when it lies between two. */
export function sentenceAt(turn: TurnText, offset: number): SentenceSpan {
  for (const span of turn.sentences) if (offset >= span.start && offset < span.end) return span
  return { start: 0, end: turn.text.length, question: false }
}

/**
 * Whether the offset lies between quotation marks: words that the assistant offers the client to say, or repeats. An
 * opening mark stands at a word's start, a closing one after a word or mark; an apostrophe inside a word is neither.
 */
export function insideQuotation(lower: string, offset: number): boolean {
  let open = 0
  const { length } = lower
  const codes = codesOf(lower)
  for (let at = 0; at < offset; at++) {
    const code = codes[at] ?? 0
    if (code === 34) open = open === 34 ? 0 : open === 0 ? 34 : open
    else if (code === 39 && open !== 34) {
      const before = at === 0 ? 32 : (codes[at - 1] ?? 0)
      const after = at + 1 < length ? (codes[at + 1] ?? 0) : 32
      if (open === 0 && !isWordCode(before) && before !== 39 && isWordCode(after)) open = 39
      else if (open === 39 && !isWordCode(after) && !isSpace(before)) open = 0
    }
  }
  return open !== 0
}

/** The words of a finding as they stand in the turn: the span widened to its sentence, at most `limit` characters. */
export function excerptAt(turn: TurnText, start: number, end: number, limit = 140): string {
  const sentence = sentenceAt(turn, start)
  const from = Math.min(sentence.start, start)
  const to = Math.max(sentence.end, end)
  if (to - from <= limit) return turn.text.slice(from, to)
  const left = Math.max(from, Math.min(start - 30, to - limit))
  const right = Math.min(to, left + limit)
  return `${left > from ? '…' : ''}${turn.text.slice(left, right)}${right < to ? '…' : ''}`
}
