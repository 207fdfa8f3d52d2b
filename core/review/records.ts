import * as z from 'zod'
import { CONCERN_GROUPS, RISK_LEVELS, SESSION_TYPES, VERDICTS } from '../dialogue/vocabulary.ts'
import { FindingSchema } from '../quality/finding.ts'
import { ReviewSchema } from './review.ts'
import type { BatchRecord, Draft, HistoryEntry, ItemRecord } from './store.ts'

/**
 * The records of the review store as JSON texts: how both adapters keep them, one text attribute each, beside the
 * columns that they look for. What comes back from a store is parsed like anything from outside.
 */

const BatchSchema: z.ZodType<BatchRecord> = z.object({
  batch_id: z.string(),
  revision: z.number(),
  status: z.enum(['opening', 'open', 'closing', 'closed', 'failed']),
  title: z.string(),
  source: z.object({ key: z.string(), etag: z.string(), location: z.string() }),
  dataset: z.object({ store: z.enum(['inbox', 'datasets']), key: z.string() }),
  opened_at: z.string(),
  reviews_per_dialogue: z.number(),
  overlap: z.object({
    share: z.number(),
    risk_from: z.enum(RISK_LEVELS).nullable(),
    on_verdicts: z.array(z.enum(VERDICTS)),
  }),
  guidelines_version: z.string(),
  counters: z.record(z.string(), z.number()),
  closed: z.object({ by: z.string(), at: z.string(), reviews_key: z.string() }).optional(),
  failure: z.string().optional(),
})

const ItemSchema: z.ZodType<ItemRecord> = z.object({
  batch_id: z.string(),
  dialogue_id: z.string(),
  revision: z.number(),
  ordinal: z.number(),
  ring: z.string(),
  priority: z.literal([0, 1]),
  version: z.number(),
  content_sha256: z.string(),
  session_type: z.enum(SESSION_TYPES),
  concern: z.string(),
  concern_group: z.enum(CONCERN_GROUPS),
  max_risk_level: z.enum(RISK_LEVELS),
  turns: z.number(),
  finding_counts: z.object({ error: z.number(), warning: z.number(), info: z.number() }),
  status: z.enum(['pending', 'disputed', ...VERDICTS]),
  required_reviews: z.number(),
  reviews: z.array(ReviewSchema),
  claims: z.array(z.object({ reviewer: z.string(), until: z.number() })),
  skips: z.record(z.string(), z.number()),
  settlement: ReviewSchema.optional(),
})

const HistorySchema: z.ZodType<HistoryEntry> = z.object({
  batch_id: z.string(),
  dialogue_id: z.string(),
  sequence: z.number(),
  at: z.string(),
  by: z.string(),
  kind: z.enum(['review', 'undo', 'settlement', 'revision']),
  review: ReviewSchema.optional(),
  version: z.number().optional(),
  content_sha256: z.string().optional(),
})

const DraftSchema: z.ZodType<Draft> = z.object({
  base_revision: z.number(),
  version: z.number(),
  form_json: z.string(),
  saved_at: z.string(),
})

const reader =
  <Record>(schema: z.ZodType<Record>) =>
  (json: string): Record =>
    schema.parse(JSON.parse(json))

export const readBatch = reader(BatchSchema)
export const readItem = reader(ItemSchema)
export const readHistoryEntry = reader(HistorySchema)
export const readDraft = reader(DraftSchema)
export const readFindings = reader(z.array(FindingSchema))
