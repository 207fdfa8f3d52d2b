import type { Conversation } from './conversation.ts'
import { microPractice } from './micro-practice.ts'
import {
  createSessionWriter,
  NothingFits,
  type Draft,
  type SessionContext,
  type SessionPlan,
} from './session-writer.ts'
import { talk } from './talk.ts'

/** Writes one session; undefined when the banks have nothing that fits somewhere. */
export function writeSession(
  conversation: Conversation,
  plan: SessionPlan,
  context: SessionContext,
): Draft | undefined {
  try {
    const writer = createSessionWriter(conversation, context)
    writer.client(context.path.begins, undefined, 0)
    if (plan.session_type === 'micro_practice') microPractice(writer, plan)
    else talk(writer, plan)
    return writer.draft
  } catch (error) {
    if (error instanceof NothingFits) return undefined
    throw error
  }
}
