import * as z from 'zod'
import { ModelEnvSchema } from '../shared/model-env.ts'

/** Beside the environment of every stage ({@link StageEnvSchema}). */
export const EnvSchema = ModelEnvSchema.extend({
  /** Its value is the key, as plain text. */
  MODEL_KEY_SECRET: z.string().min(1),
  /** Of any server that speaks the protocol, with its `/v1`. */
  MODEL_BASE_URL: z.url(),
  /** For this worker alone: the environment's, divided by the number of workers. */
  REQUESTS_PER_MINUTE: z.string().regex(/^\d+$/),
  TOKENS_PER_MINUTE: z.string().regex(/^\d+$/),
})
export type Env = z.infer<typeof EnvSchema>
