import type { Fingerprint } from './fingerprint.ts'

/** Sentences and openers of everything accepted so far in the run. */
export interface RunBudgets {
  /** Share of the counted sentences that some accepted dialogue has, too. */
  reuse(print: Fingerprint): number
  /** The opener that is furthest over its budget, as a share of all replies; small runs have room for three uses. */
  worstOpener(print: Fingerprint): number
  accept(print: Fingerprint): void
}

export function createRunBudgets(): RunBudgets {
  const seen = new Set<number>()
  const uses = new Map<number, number>()
  let replies = 0
  return {
    reuse({ sentences }) {
      if (sentences.length === 0) return 0
      let reused = 0
      for (const sentence of sentences) if (seen.has(sentence)) reused++
      return reused / sentences.length
    },
    worstOpener({ openers }) {
      let worst = 0
      for (const opener of openers) {
        const count = (uses.get(opener) ?? 0) + 1
        if (count > 3) worst = Math.max(worst, count / Math.max(1, replies + openers.length))
      }
      return worst
    },
    accept({ sentences, openers }) {
      for (const sentence of sentences) seen.add(sentence)
      for (const opener of openers) uses.set(opener, (uses.get(opener) ?? 0) + 1)
      replies += openers.length
    },
  }
}
