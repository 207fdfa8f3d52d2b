import * as z from 'zod'
import { CRITERIA, INTENTS, REASONS, RISK_LEVELS, SENTIMENTS, SESSION_TYPES, VERDICTS } from '../dialogue/vocabulary.ts'

/** A label that the reviewer verified or corrected: the original stays beside the final value. */
const adjustment = <T extends z.ZodType>(value: T) =>
  z.object({
    original: value.nullable(),
    final: value,
    adjustment: z.enum(['verified', 'adjusted']),
  })

/**
 * Labels under review. Dialogue-level fields by their names; `turns` holds the per-turn intents and risk levels, keyed
 * by the 0-based index of the message.
 */
export const LabelAdjustmentsSchema = z
  .object({
    concern: adjustment(z.string().min(1)),
    session_type: adjustment(z.enum(SESSION_TYPES)),
    max_risk_level: adjustment(z.enum(RISK_LEVELS)),
    primary_intent: adjustment(z.enum(INTENTS)),
    overall_sentiment: adjustment(z.enum(SENTIMENTS)),
    therapeutic_technique: adjustment(z.string().min(1)),
    turns: z.record(
      z.string().regex(/^\d+$/),
      z
        .object({
          intent: adjustment(z.enum(INTENTS)),
          risk_level: adjustment(z.enum(RISK_LEVELS)),
          sentiment: adjustment(z.enum(SENTIMENTS)),
        })
        .partial(),
    ),
  })
  .partial()
export type LabelAdjustments = z.infer<typeof LabelAdjustmentsSchema>

export const TurnCommentSchema = z.object({
  /** 0-based index of the message. */
  turn: z.number().int().min(0),
  comment: z.string().min(1).max(4000),
  /** UTF-16 offsets into the text of the turn, end exclusive; absent when the comment is about the whole turn. */
  span: z.object({ start: z.number().int().min(0), end: z.number().int().min(1) }).optional(),
})

/** What a reviewer fills in: everything of a review that comes from the form or the terminal. */
export const ReviewFormSchema = z.object({
  /** Null is a review without a verdict: after an undo, or when only notes were saved. */
  status: z.enum(VERDICTS).nullable(),
  criteria: z.partialRecord(z.enum(CRITERIA), z.enum(['pass', 'fail'])).default({}),
  reasons: z.array(z.enum(REASONS)).default([]),
  labels: LabelAdjustmentsSchema.default({}),
  feedback: z.string().max(10_000).default(''),
  notes: z.array(z.object({ note: z.string().min(1).max(10_000), timestamp: z.string() })).default([]),
  turn_comments: z.array(TurnCommentSchema).default([]),
  /** Time the dialogue was on screen with the reviewer at it, in milliseconds. */
  active_ms: z.number().int().min(0).default(0),
})
export type ReviewForm = z.infer<typeof ReviewFormSchema>

/** One reviewer's review of one dialogue, as stored. `(batch, dialogue, reviewer)` has one current revision. */
export const ReviewSchema = ReviewFormSchema.extend({
  dialogue_id: z.string().min(1),
  reviewer: z.string().min(1),
  /** 1 for the first save, +1 for each later one, undo included. */
  revision: z.number().int().min(1),
  /** The version of the dialogue and the hash of what was judged. */
  version: z.number().int().min(1),
  content_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  guidelines_version: z.string(),
  /** RFC 3339, UTC */
  reviewed_at: z.string(),
  /** True on a lead's settlement of a disagreement: in a reviews file it outranks the reviews of the same dialogue. */
  settlement: z.boolean().optional(),
})
export type Review = z.infer<typeof ReviewSchema>
