import { factBit } from './banks.ts'
import type { Conversation } from './conversation.ts'
import { microPractice } from './micro-practice.ts'
import {
  createSessionWriter,
  NothingFits,
  type Draft,
  type SessionContext,
  type SessionPlan,
} from './session-writer.ts'
import { isOpenEnded, talk } from './talk.ts'

/** Writes one session; undefined when the banks have nothing that fits somewhere. */
export function writeSession(
  conversation: Conversation,
  plan: SessionPlan,
  context: SessionContext,
): Draft | undefined {
  try {
    const writer = createSessionWriter(conversation, context)
    // A session that leaves off early has no turn to spare for asking what happened.
    const must = plan.risk === 'none' && isOpenEnded(context.path, plan.messages) ? factBit('trigger') : 0
    writer.client(context.path.begins, undefined, 0, undefined, must)
    if (plan.session_type === 'micro_practice') microPractice(writer, plan)
    else talk(writer, plan)
    return writer.draft
  } catch (error) {
    if (error instanceof NothingFits) return undefined
    throw error
  }
}
