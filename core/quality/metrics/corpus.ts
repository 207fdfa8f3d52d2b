import type { Dialogue } from '../../dialogue/schema.ts'
import { resourceMentions } from '../resources.ts'
import { plainLowerCase, sentenceSpans, wordsOf, wordsOfLower } from '../turn-text.ts'

/** A sentence of a turn. */
export interface CorpusSentence {
  /** It is `words[from] … words[to - 1]` of its turn. */
  from: number
  to: number
  question: boolean
  text: string
  /** It names a crisis resource: the same number must be given to everybody, so it counts as reused by no measure. */
  safety: boolean
}

export interface CorpusTurn {
  role: 'user' | 'assistant'
  /** Words of the turn in order. */
  words: Int32Array
  sentences: readonly CorpusSentence[]
  techniques: readonly string[]
  text: string
}

export interface CorpusDialogue {
  id: string
  turns: readonly CorpusTurn[]
  /** Words of all turns, one after the other: n-grams and shingles run over the borders of turns. */
  words: Int32Array
}

/** Dialogues as numbers: equal words have equal numbers within one corpus. */
export interface Corpus {
  dialogues: readonly CorpusDialogue[]
  /** Word of each number. */
  words: readonly string[]
}

/** Numbers words in the order in which they come. One numbering serves several corpora that shall be compared. */
export interface Numbering {
  numberOf: (word: string) => number
  words: readonly string[]
}

export function createNumbering(): Numbering {
  const numbers = new Map<string, number>()
  const words: string[] = []
  return {
    words,
    numberOf(word) {
      const known = numbers.get(word)
      if (known !== undefined) return known
      numbers.set(word, words.length)
      words.push(word)
      return words.length - 1
    },
  }
}

/**
 * One dialogue cut to its first `turns` messages: figures are compared at equal turn counts, because a longer text has
 * more room to repeat itself. A shorter dialogue stays as it is.
 */
export function corpusDialogue(
  dialogue: Pick<Dialogue, 'dialogue_id' | 'messages'>,
  numbering: Numbering,
  turns: number,
): CorpusDialogue {
  const cut = dialogue.messages.slice(0, turns).map((message): CorpusTurn => {
    const { role, text } = message
    const lower = plainLowerCase(text)
    const techniques = message.role === 'assistant' ? (message.techniques ?? []) : []
    const words = Int32Array.from(wordsOfLower(lower), (word) => numbering.numberOf(word))
    let to = 0
    const sentences = sentenceSpans(text).map(({ start, end, question }): CorpusSentence => {
      const sentence = lower.slice(start, end)
      const from = to
      // Every word of a turn stands in one of its sentences, in order.
      to += wordsOfLower(sentence).length
      const safety = role === 'assistant' && /\d|line|help|crisis|emergency|samaritans/.test(sentence)
      return { from, to, question, text: text.slice(start, end), safety: safety && resourceMentions(sentence).crisis }
    })
    return { role, words, sentences, techniques, text }
  })
  const words = joined(cut.map((turn) => turn.words))
  let from = 0
  // The words once: those of a turn are a part of the dialogue's.
  const turnsOfAll = cut.map((turn) => ({ ...turn, words: words.subarray(from, (from += turn.words.length)) }))
  return { id: dialogue.dialogue_id, turns: turnsOfAll, words }
}

/** Words of all messages, uncut, one after the other. */
export function wordNumbers({ messages }: Pick<Dialogue, 'messages'>, numbering: Numbering): Int32Array {
  return joined(messages.map(({ text }) => Int32Array.from(wordsOf(text), (word) => numbering.numberOf(word))))
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export function corpusOf(
  dialogues: Iterable<Pick<Dialogue, 'dialogue_id' | 'messages'>>,
  turns = Number.POSITIVE_INFINITY,
  numbering: Numbering = createNumbering(),
): Corpus {
  const all = [...dialogues].map((dialogue) => corpusDialogue(dialogue, numbering, turns))
  return { dialogues: all, words: numbering.words }
}
