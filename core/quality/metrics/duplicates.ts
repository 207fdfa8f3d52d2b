import { createHash } from 'node:crypto'
import { nearDuplicates } from './nearest-jaccard.ts'

export interface Duplicates {
  /** Dialogues whose words all stand in the same order in an earlier one. */
  exact: number
  /** Dialogues with a neighbour at a Jaccard index of 0.5, 0.8 or more (5-word shingles). */
  at_half: number
  at_four_fifths: number
}

/** @param documents words of each dialogue, uncut */
export function duplicatesOf(documents: readonly Int32Array[]): Duplicates {
  const seen = new Set<string>()
  let exact = 0
  for (const words of documents) {
    const key = createHash('sha256').update(words).digest('base64')
    if (seen.has(key)) exact++
    seen.add(key)
  }
  const highest = nearDuplicates(documents, 0.5)
  return {
    exact,
    at_half: highest.filter((similarity) => similarity >= 0.5).length,
    at_four_fifths: highest.filter((similarity) => similarity >= 0.8).length,
  }
}
