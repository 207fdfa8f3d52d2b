import type { CorpusDialogue } from './corpus.ts'
import { standardDeviation } from './spread.ts'

/** Words of each reply: their mean and how far they spread (sample standard deviation). */
export function replyLengths(dialogues: Iterable<CorpusDialogue>): { mean: number; deviation: number } {
  const lengths: number[] = []
  for (const { turns } of dialogues) {
    for (const turn of turns) if (turn.role === 'assistant') lengths.push(turn.words.length)
  }
  const mean = lengths.length === 0 ? 0 : lengths.reduce((sum, length) => sum + length, 0) / lengths.length
  return { mean, deviation: standardDeviation(lengths) }
}
