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
export function sentenceReuse(dialogues: readonly CorpusDialogue[], top = 10): SentenceReuse {
  // Most sentences are said once: of those a number is kept, and the words of the others are looked at a second time.
  const once = new Set<number>()
  const again = new Set<number>()
  let sentences = 0
  for (const { words } of sentencesOf(dialogues)) {
    sentences++
    const hash = hashOf(words)
    if (once.has(hash)) again.add(hash)
    else once.add(hash)
  }
  const said = new Map<string, { text: string; count: number; ids: Set<string> }>()
  for (const { id, words, text } of sentencesOf(dialogues)) {
    if (!again.has(hashOf(words))) continue
    const key = words.join(' ')
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

/** 31 bits, which stay small integers: two sentences that share one by chance are told apart by their words. */
function hashOf(words: Int32Array): number {
  let hash = 0x811c9dc5
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash >>> 1
}

function* sentencesOf(
  dialogues: readonly CorpusDialogue[],
): Generator<{ id: string; words: Int32Array; text: string }> {
  for (const { id, turns } of dialogues) {
    for (const { sentences, words } of turns) {
      for (const { from, to, safety, text } of sentences) {
        if (to - from >= REUSE_MIN_WORDS && !safety) yield { id, words: words.subarray(from, to), text }
      }
    }
  }
}
