import * as z from 'zod'
import { INTENTS, SENTIMENTS, STAGES, TURN_TECHNIQUES } from '../../dialogue/vocabulary.ts'

/**
 * What the model is asked for. Exchanges, so that client and assistant alternate by the shape itself. Everything is
 * required and nothing is bounded: that is what structured output knows in every service; limits are checked afterwards.
 */
export const AnswerSchema = z.strictObject({
  exchanges: z.array(
    z.strictObject({
      client: z.string(),
      reply: z.string(),
      stage: z.enum(STAGES),
      intent: z.enum(INTENTS),
      sentiment: z.enum(SENTIMENTS),
      techniques: z.array(z.enum(TURN_TECHNIQUES)),
    }),
  ),
})
export type Answer = z.infer<typeof AnswerSchema>

export const ANSWER_NAME = 'dialogue'
