import { codesOf } from '../../text-codes.ts'
import { grown } from './near-duplicates.ts'

/** Shorter sentences ("Take your time.") belong to everybody: they count as reused by no measure. */
export const COUNTED_WORDS = 6
const OPENER_WORDS = 3

/** What a dialogue consists of, as the budgets and the duplicate checks see it: numbers, no copies of its words. */
export interface Fingerprint {
  /** Hashes of the words in a row, over all messages. */
  words: Uint32Array
  /** Hashes of the sentences of six or more words, safety turns left out. */
  sentences: readonly number[]
  /** Hashes of the first three words of each reply. */
  openers: readonly number[]
  /** Of all words in a row; 53 bits, so that a million dialogues collide once in ten thousand runs. */
  text: number
}

/** A message of a draft or of a dialogue. */
export interface Said {
  role: 'user' | 'assistant'
  text: string
  stage?: unknown
}

/** Words of the dialogue at hand: a list would grow word by word, and box half of the hashes. */
let scratch = new Uint32Array(1 << 12)

const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

/**
 * One pass over the characters. A word is a run of letters and digits with apostrophes inside it, in lower case; a sentence
 * ends at `.`, `!`, `?` or `…`. Safety turns do not count as reused sentences: the same number must be given to everybody who
 * needs it, and the wording around it has a bank of its own. They do count for near-duplicates.
 */
export function fingerprint(messages: readonly Said[]): Fingerprint {
  const sentences: number[] = []
  const openers: number[] = []
  let count = 0
  let high = FNV_BASIS
  let low = 0x9747b28c

  for (const { text, role, stage } of messages) {
    const isReply = role === 'assistant'
    const counts = stage !== 'safety'
    let word = 0
    let sentence = FNV_BASIS
    let wordsInSentence = 0
    let opener = FNV_BASIS
    const before = count
    const { length } = text
    const codes = codesOf(text)
    // A word and what parts it from the next take two characters at least.
    if (count + length / 2 + 1 > scratch.length) scratch = grown(scratch, 2 * (count + length))
    for (let at = 0; at <= length; at++) {
      const code = at < length ? (codes[at] ?? 0) : 32
      const lower = code >= 65 && code <= 90 ? code + 32 : code
      // Most characters are small letters: they pass by one comparison.
      const isLetter = (lower >= 97 && lower <= 122) || isWordCode(lower)
      const isApostrophe =
        !isLetter && (code === 39 || code === 0x2019) && word !== 0 && at + 1 < length && isWordCode(codes[at + 1] ?? 0)
      if (isLetter || isApostrophe) {
        // The lowest bit marks that a word has begun.
        word = Math.imul((word === 0 ? FNV_BASIS : word) ^ (isApostrophe ? 39 : lower), FNV_PRIME) | 1
        continue
      }
      if (word !== 0) {
        scratch[count++] = word
        high = Math.imul(high ^ word, FNV_PRIME)
        low = (Math.imul(low ^ (word >>> 3), 0x85ebca6b) + 1) | 0
        sentence = Math.imul(sentence ^ word, FNV_PRIME)
        wordsInSentence++
        if (isReply && count - before <= OPENER_WORDS) opener = Math.imul(opener ^ word, FNV_PRIME)
        word = 0
      }
      if (code === 46 || code === 33 || code === 63 || code === 0x2026 || at === length) {
        if (wordsInSentence >= COUNTED_WORDS && counts) sentences.push(sentence >>> 0)
        sentence = FNV_BASIS
        wordsInSentence = 0
      }
    }
    if (isReply) openers.push(opener >>> 0)
  }
  return {
    words: scratch.slice(0, count),
    sentences,
    openers,
    text: (high >>> 0) * 2 ** 21 + ((low >>> 0) % 2 ** 21),
  }
}

function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 0xc0 && code < 0x2000 && code !== 0xd7 && code !== 0xf7)
  )
}
