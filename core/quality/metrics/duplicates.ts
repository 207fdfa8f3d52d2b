import type { CorpusDialogue } from './corpus.ts'
import { nearestNeighbours } from './nearest-jaccard.ts'

export interface Duplicates {
  /** Dialogues whose words all stand in the same order in an earlier one. */
  exact: number
  /** Dialogues with a neighbour at a Jaccard index of 0.5, 0.8 or more (5-word shingles). */
  at_half: number
  at_four_fifths: number
}

export function duplicatesOf(dialogues: readonly CorpusDialogue[]): Duplicates {
  const seen = new Set<string>()
  let exact = 0
  for (const { words } of dialogues) {
    const key = words.join(' ')
    if (seen.has(key)) exact++
    seen.add(key)
  }
  const { jaccard } = nearestNeighbours(dialogues.map(({ words }) => words))
  return {
    exact,
    at_half: jaccard.filter((similarity) => similarity >= 0.5).length,
    at_four_fifths: jaccard.filter((similarity) => similarity >= 0.8).length,
  }
}
