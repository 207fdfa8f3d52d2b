import { countWords } from '../../quality/turn-text.ts'
import { integer } from '../random.ts'
import type { FactOrAct } from './bank-schema.ts'
import { factBit, type OwnFrame } from './banks.ts'
import type { Conversation } from './conversation.ts'
import { isFactName, type FactName } from './facts.ts'
import type { Size } from './reply-size.ts'
import { sentencesIn } from './sentences.ts'
import type { Usage } from './usage.ts'

/** How often a reflection written for this very bundle goes before a frame: nothing fits better, and nobody else gets it. */
export const PREFERS_OWN: Readonly<Record<Size, number>> = { short: 0.9, medium: 0.92, long: 0.95 }
/** Words of such a reflection that a short reply has room for; one on what happened is worth its length. */
const WORDS_OF_A_SHORT_ONE = 11
/** How many of them a long reply may hold, each for another fact. */
export const MOST_OWN = 2
const PREFERS_OWN_QUESTION = 0.95

/**
 * A reflection written for this very bundle; it may presuppose the trigger, so the trigger must have been told. What the
 * client brings to a check-in stands by itself.
 */
export function ownReflection(
  conversation: Conversation,
  heard: readonly FactOrAct[],
  usage: Usage,
  { not, size, room }: { not: number; size: Size; room: number },
): { frame: OwnFrame; name: FactName } | undefined {
  const story = (conversation.told & TRIGGER) !== 0
  for (const name of heard) {
    if (!isFactName(name) || (factBit(name) & not) !== 0) continue
    if (!story && name !== 'change' && name !== 'last_result') continue
    const own = (conversation.bundle.reflections[name] ?? NONE).filter(
      ({ text }) =>
        sentencesIn(text) <= room &&
        (size !== 'short' || name === 'trigger' || countWords(text) <= WORDS_OF_A_SHORT_ONE),
    )
    const frame = unspent(conversation, own, usage)
    if (frame !== undefined) return { frame, name }
  }
  return undefined
}
const NONE: readonly OwnFrame[] = []

/** A question written for this very bundle, where there is one and the trigger, which it may presuppose, has been told. */
export function ownQuestion(conversation: Conversation, asks: FactOrAct, usage: Usage): OwnFrame | undefined {
  const own = isFactName(asks) ? conversation.bundle.questions[asks] : undefined
  const mayUse = (conversation.told & TRIGGER) !== 0 && conversation.rng() < PREFERS_OWN_QUESTION
  return mayUse && own !== undefined ? unspent(conversation, own, usage) : undefined
}

/** One that neither this session nor, as far as there is a choice, another one has said. */
function unspent(conversation: Conversation, own: readonly OwnFrame[], usage: Usage): OwnFrame | undefined {
  const left = own.filter(({ id, text }) => !conversation.spent.has(id) && !usage.hasSaid(text))
  const chosen = left[integer(conversation.rng, Math.max(1, left.length))]
  if (chosen !== undefined) conversation.spent.add(chosen.id)
  return chosen
}
const TRIGGER = factBit('trigger')
