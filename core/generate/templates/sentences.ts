import { codesOf } from '../../text-codes.ts'
import { COUNTED_WORDS } from '../acceptance/fingerprint.ts'

/**
 * Sentences of a run, by 32-bit hashes of their letters and digits: whether one has been said before, without keeping a copy
 * of it. Shorter sentences than {@link COUNTED_WORDS} words belong to everybody and are never noted.
 */
export interface SaidSentences {
  /** Whether the text holds a sentence that has been noted, for good or of the session at hand. */
  holdsOneOf(text: string): boolean
  note(hashes: readonly number[]): void
  noteOfSession: (text: string) => void
  forgetSession: () => void
}

export function createSaidSentences(): SaidSentences {
  // Open addressing, linear probing, 0 is an empty place: 8 bytes a sentence.
  let places = new Int32Array(1 << 12)
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
  const ofSession = new Set<number>()
  return {
    holdsOneOf: (text) => someSentence(text, (hash) => places[placeOf(hash)] !== 0 || ofSession.has(hash)),
    noteOfSession(text) {
      someSentence(text, (hash) => {
        ofSession.add(hash)
        return false
      })
    },
    forgetSession: () => ofSession.clear(),
    note(hashes) {
      for (const hash of hashes) {
        const at = placeOf(hash)
        if (places[at] !== 0) continue
        places[at] = hash
        if (++used * 2 > places.length) grow()
      }
    },
  }
}

/** Adds the hashes of the text's sentences of six or more words, case and punctuation aside; never 0. */
export function addSentenceHashes(hashes: number[], text: string): void {
  someSentence(text, (hash) => {
    hashes.push(hash)
    return false
  })
}

/** Whether one of the hashes is what is looked for; what stands behind it is not read. */
function someSentence(text: string, isWanted: (hash: number) => boolean): boolean {
  let hash = 0
  let words = 0
  let inWord = false
  const { length } = text
  const codes = codesOf(text)
  for (let at = 0; at <= length; at++) {
    const code = at < length ? (codes[at] ?? 0) : 46
    if ((code | 32) >= 97 && (code | 32) <= 122) {
      hash = mixed(hash, code | 32)
      if (!inWord) words++
      inWord = true
    } else if ((code >= 48 && code <= 57) || (code >= 0xc0 && code < 0x2000)) {
      hash = mixed(hash, code)
      if (!inWord) words++
      inWord = true
    } else if (code === 39 || code === 0x2019) {
      // don't, dont: the apostrophe is no letter and ends no word.
    } else if (code === 46 || code === 33 || code === 63 || code === 0x2026) {
      if (words >= COUNTED_WORDS && isWanted(hash | 1)) return true
      hash = 0
      words = 0
      inWord = false
    } else if (inWord) {
      hash = mixed(hash, 32)
      inWord = false
    }
  }
  return false
}

function mixed(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193) ^ (hash >>> 15)
}

/** Sentences, by their end marks before white space or the end. */
export function sentencesIn(text: string): number {
  let sentences = 0
  let marked = false
  const { length } = text
  const codes = codesOf(text)
  for (let at = 0; at < length; at++) {
    const code = codes[at] ?? 0
    if (code >= 97 && code <= 122) marked = false
    else if (code === 46 || code === 33 || code === 63 || code === 0x2026) marked = true
    else if (code === 32 || code === 10) {
      if (marked) sentences++
      marked = false
    } else if (code !== 34 && code !== 39 && code !== 41) marked = false
  }
  if (marked) sentences++
  return sentences === 0 && text !== '' ? 1 : sentences
}
