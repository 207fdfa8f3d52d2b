import * as z from 'zod'

/** What the two stages know that have to do with the language model, beside what every stage knows. */
export const ModelEnvSchema = z.object({
  /** For requests that name none. */
  MODEL: z.string().min(1),
  /** US dollars for one request at the most. */
  MODEL_MAX_COST_USD: z.string().regex(/^\d+(\.\d+)?$/),
  /** Dialogues that one worker asks for in one run. */
  PART_DIALOGUES: z.string().regex(/^\d+$/),
  /** How long it asks; what is left then is for its next run. */
  PART_SECONDS: z.string().regex(/^\d+$/),
})
export type ModelEnv = z.infer<typeof ModelEnvSchema>
