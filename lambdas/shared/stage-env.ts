import * as z from 'zod'

/**
 * The environment of every stage function: parsed once at cold start, and the type of the construct's `environment`,
 * so that a forgotten variable is a compile error. All values are strings, as Lambda hands them over.
 */
export const StageEnvSchema = z.object({
  ENVIRONMENT: z.string().min(1),
  INBOX_BUCKET: z.string().min(1),
  DATASETS_BUCKET: z.string().min(1),
  REVIEWS_TABLE: z.string().min(1),
  /** bytes */
  MAX_UPLOAD_BYTES: z.string().regex(/^\d+$/),
  /** Dialogues that a seed file without metadata asks for. */
  REQUEST_COUNT: z.string().regex(/^\d+$/),
  REVIEWS_PER_DIALOGUE: z.enum(['1', '2', '3']),
  SECOND_REVIEWS: z.enum(['yes', 'no']),
  /** Of the guidelines that the review API shows; each batch names the one it was opened under. */
  GUIDELINES_VERSION: z.string().min(1),
})
export type StageEnv = z.infer<typeof StageEnvSchema>
