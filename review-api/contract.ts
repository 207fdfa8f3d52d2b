import * as z from 'zod'
import { DialogueSchema } from '../core/dialogue/schema.ts'
import { RISK_LEVELS, SESSION_TYPES, VERDICTS } from '../core/dialogue/vocabulary.ts'
import { FindingSchema } from '../core/quality/finding.ts'
import { ReviewFormSchema, ReviewSchema } from '../core/review/review.ts'

/**
 * What goes over the wire between the review page and its API. The page imports the types alone; the API validates
 * with the schemas and publishes them as OpenAPI 3.1 at `/api/openapi.json`. All paths stand under `/api`.
 *
 * | route | who | what |
 * |---|---|---|
 * | GET /api/me | all | {@link MeSchema} |
 * | GET /api/guidelines | all | {@link GuidelinesSchema} |
 * | GET /api/batches | all | {@link BatchListSchema}, newest first |
 * | GET /api/batches/{batch} | all | {@link BatchDetailSchema} |
 * | GET /api/batches/{batch}/dialogues?after&limit&status | all | {@link DialogueListSchema} |
 * | GET /api/batches/{batch}/dialogues/{dialogue} | all | {@link ReviewItemSchema} |
 * | GET /api/batches/{batch}/mine?limit | all | {@link MineSchema}: what I judged, newest first |
 * | POST /api/batches/{batch}/claims | all | {@link ClaimRequestSchema} → {@link ClaimedSchema} |
 * | PUT, DELETE /api/batches/{batch}/claims/{dialogue} | all | renew → {@link LeaseSchema}; release → 204 |
 * | PUT /api/batches/{batch}/dialogues/{dialogue}/review | all | {@link SaveReviewSchema} → {@link SavedSchema}, or 409 {@link ConflictSchema} |
 * | POST /api/batches/{batch}/dialogues/{dialogue}/undo | all | {@link UndoSchema} → {@link SavedSchema}, or 409 |
 * | POST /api/batches/{batch}/dialogues/{dialogue}/skip | all | 204 |
 * | PUT /api/batches/{batch}/dialogues/{dialogue}/draft | all | {@link SaveDraftSchema} → 204 |
 * | GET /api/batches/{batch}/dialogues/{dialogue}/history | leads | {@link HistorySchema} |
 * | PUT /api/batches/{batch}/dialogues/{dialogue}/settlement | leads | {@link SaveReviewSchema} → {@link SavedSchema}, or 409 |
 * | POST /api/batches/{batch}/close | leads | {@link CloseSchema} → {@link BatchDetailSchema}, or 409 while reviews are missing |
 *
 * Errors are {@link ErrorSchema} with 400 (what is wrong with which field), 401, 403, 404, 409, 413 or 500.
 */

export const MeSchema = z.object({
  /** Stable id of the reviewer: the `sub` of the token's account or, where there is one, the user name. */
  reviewer: z.string(),
  name: z.string(),
  roles: z.array(z.enum(['clinicians', 'leads'])),
})
export type Me = z.infer<typeof MeSchema>

export const GuidelinesSchema = z.object({ version: z.string(), markdown: z.string() })
export type Guidelines = z.infer<typeof GuidelinesSchema>

export const BatchSummarySchema = z.object({
  batch_id: z.string(),
  title: z.string(),
  status: z.enum(['opening', 'open', 'closing', 'closed', 'failed']),
  opened_at: z.string(),
  total: z.number().int(),
  pending: z.number().int(),
  disputed: z.number().int(),
  approved: z.number().int(),
  needs_revision: z.number().int(),
  rejected: z.number().int(),
  reviews_per_dialogue: z.number().int(),
  failure: z.string().optional(),
  closed: z.object({ by: z.string(), at: z.string() }).optional(),
})
export type BatchSummary = z.infer<typeof BatchSummarySchema>
export const BatchListSchema = z.object({ batches: z.array(BatchSummarySchema), next: z.string().optional() })

/** One row of the live progress against the target distribution. */
export const TargetRowSchema = z.object({
  axis: z.enum(['session_type', 'concern', 'risk']),
  value: z.string(),
  /** Share (0..1) aimed at. */
  target: z.number(),
  in_batch: z.number().int(),
  approved: z.number().int(),
})
export type TargetRow = z.infer<typeof TargetRowSchema>

export const BatchDetailSchema = BatchSummarySchema.extend({
  targets: z.array(TargetRowSchema),
  mine: z.object({
    reviewed: z.number().int(),
    skipped: z.number().int(),
    /** Median time I took for a verdict in this batch, ms; null before the first. */
    median_ms: z.number().nullable(),
  }),
  /** Where the training set will be, or is, once the batch is closed. */
  reviews_location: z.string().optional(),
})
export type BatchDetail = z.infer<typeof BatchDetailSchema>

export const DialogueRowSchema = z.object({
  dialogue_id: z.string(),
  ordinal: z.number().int(),
  session_type: z.enum(SESSION_TYPES),
  concern: z.string(),
  max_risk_level: z.enum(RISK_LEVELS),
  turns: z.number().int(),
  findings: z.object({ error: z.number(), warning: z.number(), info: z.number() }),
  status: z.enum(['pending', 'disputed', ...VERDICTS]),
  /** My verdict, if any: another's is never shown before I gave mine. */
  mine: z.enum(VERDICTS).nullable(),
  held_by_other: z.boolean(),
})
export type DialogueRow = z.infer<typeof DialogueRowSchema>
export const DialogueListSchema = z.object({ dialogues: z.array(DialogueRowSchema), next: z.number().optional() })

export const ReviewItemSchema = z.object({
  row: DialogueRowSchema,
  version: z.number().int(),
  content_sha256: z.string(),
  dialogue: DialogueSchema,
  findings: z.array(FindingSchema),
  rules_version: z.string(),
  /** My current review; its revision is the `base_revision` of my next save (0 when null). */
  review: ReviewSchema.nullable(),
  draft: z
    .object({ base_revision: z.number(), version: z.number(), form: ReviewFormSchema, saved_at: z.string() })
    .nullable(),
  /** Until when I hold it (RFC 3339); null when I only read it. */
  lease_until: z.string().nullable(),
  /** For a lead, once it is disputed or settled: what the others said. */
  others: z.array(ReviewSchema),
  /** For a lead: the settlement; its revision is the `base_revision` of the next one (0 when null). */
  settlement: ReviewSchema.nullable(),
})
export type ReviewItem = z.infer<typeof ReviewItemSchema>

export const MineSchema = z.object({ dialogues: z.array(DialogueRowSchema) })

export const ClaimRequestSchema = z.object({
  /** How many to hold in all; the page prefetches three ahead. */
  count: z.number().int().min(1).max(8).default(1),
  /** Dialogues that the page has already; they are not handed out again. */
  except: z.array(z.string()).max(50).default([]),
})
/** `items` is empty when there is nothing left for me in the batch. */
export const ClaimedSchema = z.object({ items: z.array(ReviewItemSchema) })
export const LeaseSchema = z.object({ lease_until: z.string() })

export const SaveReviewSchema = z.object({
  base_revision: z.number().int().min(0),
  version: z.number().int().min(1),
  content_sha256: z.string(),
  form: ReviewFormSchema,
})
export type SaveReview = z.infer<typeof SaveReviewSchema>
export const UndoSchema = z.object({ revision: z.number().int().min(1) })

export const SavedSchema = z.object({ review: ReviewSchema, batch: BatchSummarySchema })
export type Saved = z.infer<typeof SavedSchema>

export const SaveDraftSchema = z.object({
  base_revision: z.number().int().min(0),
  version: z.number().int().min(1),
  form: ReviewFormSchema,
})

export const HistorySchema = z.object({
  entries: z.array(
    z.object({
      sequence: z.number().int(),
      at: z.string(),
      by: z.string(),
      kind: z.enum(['review', 'undo', 'settlement', 'revision']),
      review: ReviewSchema.optional(),
    }),
  ),
})

export const CloseSchema = z.object({
  /** Close although some dialogues have no settled verdict; those are not approved. */
  leave_unreviewed: z.boolean().default(false),
})

export const ErrorSchema = z.object({
  error: z.string(),
  /** One sentence for the person at the page. */
  message: z.string(),
  field: z.string().optional(),
})
export type ApiError = z.infer<typeof ErrorSchema>

/** 409 on a save: somebody (or I, in another tab) was faster, or the text changed. Nothing was written. */
export const ConflictSchema = ErrorSchema.extend({ current: ReviewItemSchema })
export type Conflict = z.infer<typeof ConflictSchema>

/** `/config.json` beside the page, at run time: one build serves every environment. */
export interface SiteConfig {
  environment: string
  api: string
  oidc: {
    authority: string
    client_id: string
    scope: string
    /** Where to go and ask, for a provider whose discovery document is not to be relied on; found by discovery without. */
    endpoints?: { authorization: string; token: string; end_session: string }
  }
}
