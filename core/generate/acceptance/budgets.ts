import { createHash } from 'node:crypto'
import { wordsOf } from '../../quality/turn-text.ts'
import type { DraftMessage } from '../templates/session.ts'

/** Shorter sentences ("Take your time.") belong to everybody: they count as reused by no measure. */
export const COUNTED_WORDS = 6

/** What a dialogue consists of, as the budgets and the duplicate checks see it. */
export interface Fingerprint {
  words: string[]
  /** Hashes of the sentences of six or more words, safety turns left out. */
  sentences: number[]
  /** The first three words of each reply. */
  openers: string[]
  /** SHA-256 of the texts in a row. */
  text: string
}

/**
 * Safety turns do not count as reused sentences: the same number must be given to everybody who needs it, and the
 * wording around it has a bank of its own. They do count for near-duplicates.
 */
export function fingerprint(messages: readonly DraftMessage[]): Fingerprint {
  const words: string[] = []
  const sentences: number[] = []
  const openers: string[] = []
  const text = createHash('sha256')
  for (const message of messages) {
    const own = wordsOf(message.text)
    text.update(message.text).update('\n')
    for (const word of own) words.push(word)
    if (message.role === 'assistant') openers.push(own.slice(0, 3).join(' '))
    if (message.role === 'assistant' && message.stage === 'safety') continue
    for (const sentence of message.text.split(/(?<=[.!?…]["']?)\s+/)) {
      const of = wordsOf(sentence)
      if (of.length >= COUNTED_WORDS) sentences.push(hashOf(of.join(' ')))
    }
  }
  return { words, sentences, openers, text: text.digest('base64') }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Sentences and openers of everything accepted so far in the run. */
export class RunBudgets {
  readonly #sentences = new Set<number>()
  readonly #openers = new Map<string, number>()
  #replies = 0

  /** Share of the counted sentences that some accepted dialogue has, too. */
  reuse({ sentences }: Fingerprint): number {
    if (sentences.length === 0) return 0
    return sentences.filter((sentence) => this.#sentences.has(sentence)).length / sentences.length
  }

  /** The opener that is furthest over its budget, as a share of all replies; small runs have room for three uses. */
  worstOpener({ openers }: Fingerprint): number {
    let worst = 0
    for (const opener of openers) {
      const count = (this.#openers.get(opener) ?? 0) + 1
      if (count > 3) worst = Math.max(worst, count / Math.max(1, this.#replies + openers.length))
    }
    return worst
  }

  accept({ sentences, openers }: Fingerprint): void {
    for (const sentence of sentences) this.#sentences.add(sentence)
    for (const opener of openers) this.#openers.set(opener, (this.#openers.get(opener) ?? 0) + 1)
    this.#replies += openers.length
  }
}
