import * as z from 'zod'

/**
 * `approved/<id>.report.json`: what an approved set was made of, and what became of every record of the dataset. It is
 * there before its set can be seen. Nothing in it depends on the home or the hour.
 */
export const ApprovedReportSchema = z.looseObject({
  version: z.literal('1.0'),
  /** That of the batch, or of the reviews file that was uploaded. */
  id: z.string(),
  dataset: z.object({ store: z.enum(['inbox', 'datasets']), key: z.string() }),
  reviews: z.object({ store: z.enum(['inbox', 'datasets']), key: z.string() }),
  approved: z.object({
    key: z.string(),
    sha256: z.string(),
    bytes: z.number().int(),
    dialogues: z.number().int(),
  }),
  /** The seed file that the dataset was generated from, where there was one. */
  seeds: z.object({ file: z.string(), sha256: z.string(), key: z.string() }).optional(),
  report: z.unknown().optional(),
})
export type ApprovedReport = z.infer<typeof ApprovedReportSchema>

export const approvedKey = (id: string) => `approved/${id}.jsonl`
export const approvedReportKey = (id: string) => `approved/${id}.report.json`
