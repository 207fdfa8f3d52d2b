import type { CorpusDialogue } from './corpus.ts'

/** Shorter sentences ("Take your time.") belong to everybody. */
export const REUSE_MIN_WORDS = 6

export interface RepeatedSentence {
  text: string
  count: number
  /** Ids of up to five of the dialogues it stands in. */
  dialogue_ids: string[]
}

export interface SentenceReuse {
  /** Share (0..1) of the sentences of 6 or more words whose words stand in the same order elsewhere in the set. */
  share: number
  /** How many such sentences there are. */
  sentences: number
  /** Most often said first. */
  repeated: RepeatedSentence[]
}

/**
 * How much of the set is said more than once, word for word: both sides, case and punctuation aside. Every saying of a
 * repeated sentence counts, the first one too. Sentences that name a crisis resource are left out.
 */
export function sentenceReuse(dialogues: Iterable<CorpusDialogue>, top = 10): SentenceReuse {
  const said = new Map<string, { text: string; count: number; ids: Set<string> }>()
  let sentences = 0
  for (const { id, key, text } of sentencesOf(dialogues)) {
    sentences++
    const known = said.get(key)
    if (known === undefined) said.set(key, { text, count: 1, ids: new Set([id]) })
    else {
      known.count++
      if (known.ids.size < 5) known.ids.add(id)
    }
  }
  const repeated = [...said.values()].filter(({ count }) => count > 1)
  const sayings = repeated.reduce((sum, { count }) => sum + count, 0)
  return {
    share: sentences === 0 ? 0 : sayings / sentences,
    sentences,
    repeated: repeated
      .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
      .slice(0, top)
      .map(({ text, count, ids }) => ({ text, count, dialogue_ids: [...ids] })),
  }
}

function* sentencesOf(dialogues: Iterable<CorpusDialogue>): Generator<{ id: string; key: string; text: string }> {
  for (const { id, turns } of dialogues) {
    for (const { sentences, words } of turns) {
      for (const { from, to, safety, text } of sentences) {
        if (to - from >= REUSE_MIN_WORDS && !safety) yield { id, key: words.subarray(from, to).join(' '), text }
      }
    }
  }
}
