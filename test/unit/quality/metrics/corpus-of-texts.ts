import type { Dialogue } from '../../../../core/dialogue/schema.ts'
import type { Corpus } from '../../../../core/quality/metrics/corpus.ts'
import { corpusOf } from '../../../../core/quality/metrics/corpus.ts'

type Sketch = Pick<Dialogue, 'dialogue_id' | 'messages'>

/** Dialogues from texts: client and assistant in turn. */
export function sketches(...dialogues: readonly (readonly string[])[]): Sketch[] {
  return dialogues.map((texts, at) => ({
    dialogue_id: `d${at}`,
    messages: texts.map((text, turn) => ({ role: turn % 2 === 0 ? 'user' : 'assistant', text })),
  }))
}

export function corpusOfTexts(...dialogues: readonly (readonly string[])[]): Corpus {
  return corpusOf(sketches(...dialogues))
}

/** Documents as the lexical measures take them, from words parted by spaces. */
export function documentsOf(...texts: readonly string[]): number[][] {
  const numbers = new Map<string, number>()
  return texts.map((text) =>
    text.split(' ').map((word) => {
      const known = numbers.get(word) ?? numbers.size
      numbers.set(word, known)
      return known
    }),
  )
}
