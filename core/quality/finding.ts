import * as z from 'zod'

/**
 * One thing that the validator or the safety lint has to say about a dialogue. `error` keeps a generated dialogue out
 * and makes `dialogues validate` exit 1; `warning` asks the clinician to look; `info` is shown only on request.
 */
export const FindingSchema = z.object({
  /** e.g. `safety.no-direct-question`, `structure.roles-alternate`, `pii.email`. Stable: reports count by it. */
  code: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  /** 0-based index into `messages`; absent when it is about the whole dialogue. */
  turn: z.number().int().min(0).optional(),
  /** One sentence for a clinician: what is wrong and what was expected. */
  message: z.string(),
  /** The words it is about, as they stand in the turn. */
  excerpt: z.string().optional(),
  /** Where the rule comes from, e.g. `house rules`, `VERA-MH Q12`, `C-SSRS`. */
  source: z.string().optional(),
})
export type Finding = z.infer<typeof FindingSchema>

/** What is allowed to call itself checked: the version of the rules travels with the findings. */
export interface Checked {
  findings: Finding[]
  rules_version: string
}
