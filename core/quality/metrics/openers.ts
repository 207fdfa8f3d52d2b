import type { CorpusDialogue } from './corpus.ts'

export interface Opener {
  text: string
  count: number
  /** Of all replies, 0..1. */
  share: number
}

export interface Openers {
  /** Share (0..1) of the replies that begin with one of the ten commonest openings. */
  top_ten_share: number
  replies: number
  openers: Opener[]
}

/** How replies begin: the first three words of every assistant turn; a shorter reply is its own opening. */
export function openersOf(dialogues: Iterable<CorpusDialogue>, words: readonly string[], top = 10): Openers {
  const counts = new Map<string, number>()
  let replies = 0
  for (const { turns } of dialogues) {
    for (const turn of turns) {
      if (turn.role !== 'assistant' || turn.words.length === 0) continue
      replies++
      const opener = Array.from(turn.words.subarray(0, 3), (word) => words[word]).join(' ')
      counts.set(opener, (counts.get(opener) ?? 0) + 1)
    }
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const ofTen = sorted.slice(0, 10).reduce((sum, [, count]) => sum + count, 0)
  return {
    top_ten_share: replies === 0 ? 0 : ofTen / replies,
    replies,
    openers: sorted.slice(0, top).map(([text, count]) => ({ text, count, share: count / replies })),
  }
}
