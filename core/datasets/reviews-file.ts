import * as z from 'zod'
import { CRITERIA, REASONS, VERDICTS } from '../dialogue/vocabulary.ts'
import type { Problem } from '../errors.ts'
import { LabelAdjustmentsSchema, TurnCommentSchema } from '../review/review.ts'
import { idOf } from './read-dialogues.ts'
import { schemaProblem } from './schema-problem.ts'
import { pieceWriter } from './piece-writer.ts'
import { readRecords } from './read-records.ts'

/**
 * A review as it stands in a reviews file. Only the id and the verdict are required: that is what the present tools
 * write. Without `content_sha256` the verdict holds for the id alone. A verdict of null (a review taken back, or notes
 * only) is no verdict.
 */
export const FileReviewSchema = z.looseObject({
  dialogue_id: z.string().min(1),
  status: z.enum(VERDICTS).nullable(),
  reviewed_at: z.string().nullish(),
  reviewer: z.string().nullish(),
  feedback: z.string().nullish(),
  notes: z.array(z.union([z.string(), z.looseObject({ note: z.string(), timestamp: z.string().nullish() })])).nullish(),
  /** Of what was judged: 64 hex digits. */
  content_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullish(),
  criteria: z.partialRecord(z.enum(CRITERIA), z.enum(['pass', 'fail'])).nullish(),
  reasons: z.array(z.enum(REASONS)).nullish(),
  labels: LabelAdjustmentsSchema.nullish(),
  turn_comments: z.array(TurnCommentSchema).nullish(),
  guidelines_version: z.string().nullish(),
  active_ms: z.number().min(0).nullish(),
  revision: z.number().int().min(1).nullish(),
  version: z.number().int().min(1).nullish(),
  /** A lead's decision on a disagreement: it outranks the reviews. */
  settlement: z.boolean().nullish(),
})
export type FileReview = z.infer<typeof FileReviewSchema>

export interface ReadReview {
  review: FileReview
  index: number
  line: number
}

/** At the top level of an object one of these says: this is a review, not a file of reviews. */
export const REVIEW_KEYS: readonly string[] = ['dialogue_id', 'status']

/**
 * The reviews of a file (ours or the present tools'; an object with `reviews`, an array or JSONL; gzipped or not), in
 * its order. One that is no valid review goes to `onProblem` and is left out. Throws InputError when the file holds no
 * reviews at all.
 */
export async function* readReviewsFile(
  source: AsyncIterable<Uint8Array>,
  options: {
    file: string
    onProblem: (problem: Problem) => void
    /** The fields that stand before `reviews`; empty for an array and JSONL. */
    onHeader?: (header: Record<string, unknown>) => void
  },
): AsyncGenerator<ReadReview, void, undefined> {
  let ready: ReadReview[] = []
  const pieces = readRecords(source, {
    ...options,
    arrayKey: 'reviews',
    recordKeys: REVIEW_KEYS,
    visit(bytes, start, end, place) {
      let value: unknown
      try {
        value = JSON.parse(bytes.toString('utf8', start, end))
      } catch {
        return false
      }
      const line = place.line()
      const result = FileReviewSchema.safeParse(value)
      if (result.success) ready.push({ review: result.data, index: place.index, line })
      else
        options.onProblem({
          file: options.file,
          line,
          record: place.index,
          dialogue_id: idOf(value),
          ...schemaProblem(result.error.issues, value),
        })
      return true
    },
  })
  for await (const _ of pieces) {
    const batch = ready
    ready = []
    yield* batch
  }
  yield* ready
}

/**
 * A reviews file: `version`, the fields of `header`, one review a line, and `total_reviews` last, when it is known.
 * Yields pieces of some 200 KB.
 */
export async function* writeReviewsFile(
  header: Readonly<Record<string, unknown>>,
  reviews: AsyncIterable<object> | Iterable<object>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const out = pieceWriter()
  const fields = Object.entries({ version: '1.0', ...header })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`)
  out.text(`{\n${fields.join('')}  "reviews": [`)
  let total = 0
  for await (const review of reviews) {
    out.text(`${total === 0 ? '' : ','}\n    ${JSON.stringify(review)}`)
    total += 1
    if (out.full()) yield out.take()
  }
  out.text(`\n  ],\n  "total_reviews": ${total}\n}\n`)
  yield out.take()
}
