import type { Fingerprint } from './fingerprint.ts'

/** Sentences and openers of everything accepted so far in the run. */
export class RunBudgets {
  readonly #sentences = new Set<number>()
  readonly #openers = new Map<number, number>()
  #replies = 0

  /** Share of the counted sentences that some accepted dialogue has, too. */
  reuse({ sentences }: Fingerprint): number {
    if (sentences.length === 0) return 0
    let reused = 0
    for (const sentence of sentences) if (this.#sentences.has(sentence)) reused++
    return reused / sentences.length
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
