import type { Dialogue } from '../../dialogue/schema.ts'

/** What the run has said too often, for prompts to keep away from. */
export interface WornPhrases {
  openers: readonly string[]
  sentences: readonly string[]
}

export const NOTHING_WORN: WornPhrases = { openers: [], sentences: [] }

/** More than these a prompt need not carry. */
const MOST_OPENERS = 12
const MOST_SENTENCES = 8
/** Below it an opener is nobody's habit yet. */
const OPENER_USES = 3
const OPENER_WORDS = 3
const SENTENCE_WORDS = 6
/** Sentences are kept by their text up to so many; later ones are not counted any more. */
const MOST_KEPT = 40_000

/** Counts the first words of replies and their sentences, as texts. */
export function createWornPhrases(): { add(dialogue: Dialogue): void; worn(): WornPhrases } {
  const openers = new Map<string, number>()
  const sentences = new Map<string, number>()
  const repeated = new Map<string, number>()
  return {
    add(dialogue) {
      for (const { role, text, ...rest } of dialogue.messages) {
        // The wording of safety turns is wanted as it is.
        if (role !== 'assistant' || rest['stage'] === 'safety') continue
        const opener = text
          .split(/\s+/, OPENER_WORDS)
          .join(' ')
          .replace(/[,.;:!?…]+$/, '')
        openers.set(opener, (openers.get(opener) ?? 0) + 1)
        for (const sentence of text.split(/(?<=[.!?…])\s+/)) {
          if (sentence.split(/\s+/, SENTENCE_WORDS).length < SENTENCE_WORDS) continue
          const uses = (sentences.get(sentence) ?? 0) + 1
          if (uses === 1 && sentences.size >= MOST_KEPT) continue
          sentences.set(sentence, uses)
          if (uses > 1) repeated.set(sentence, uses)
        }
      }
    },
    worn: () => ({
      openers: mostUsed(openers, OPENER_USES, MOST_OPENERS),
      sentences: mostUsed(repeated, 2, MOST_SENTENCES),
    }),
  }
}

function mostUsed(counts: ReadonlyMap<string, number>, atLeast: number, most: number): string[] {
  return [...counts]
    .filter(([, uses]) => uses >= atLeast)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([text]) => text)
}
