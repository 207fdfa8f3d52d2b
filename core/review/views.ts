import * as z from 'zod'
import type { RiskLevel, SessionType, Verdict } from '../dialogue/vocabulary.ts'
import type { Finding } from '../quality/finding.ts'
import { ReviewFormSchema } from './review.ts'
import type { Review, ReviewForm } from './review.ts'
import { standingReviewOf } from './standing.ts'
import type { Draft, ItemBody, ItemRecord, ItemStatus } from './store.ts'
import { activeClaims } from './transitions.ts'

/**
 * What one reviewer is shown of an item. Blind: another's review is never part of it, except for a lead once it has
 * come to a dispute.
 */

export type Role = 'clinicians' | 'leads'

/** One line of a list. */
export interface DialogueRow {
  dialogue_id: string
  ordinal: number
  session_type: SessionType
  concern: string
  max_risk_level: RiskLevel
  turns: number
  findings: { error: number; warning: number; info: number }
  status: ItemStatus
  /** My standing verdict. */
  mine: Verdict | null
  held_by_other: boolean
}

export interface ReviewItemView {
  row: DialogueRow
  version: number
  content_sha256: string
  /** The JSON of the dialogue as it stands, so that it can be passed on without a parse. */
  dialogue_json: string
  findings: Finding[]
  rules_version: string
  /** My current review; its revision is the `base_revision` of my next save (0 when null). */
  review: Review | null
  /** My draft, if it builds on my current review and the newest version. */
  draft: { base_revision: number; version: number; form: ReviewForm; saved_at: string } | null
  /** RFC 3339; null when I do not hold it. */
  lease_until: string | null
  /** For a lead, once it is disputed or settled: what the others said. */
  others: Review[]
  /** For a lead: the settlement, whose revision is the `base_revision` of the next one (0 when null). */
  settlement: Review | null
}

export function rowOf(item: ItemRecord, reviewer: string, now: number): DialogueRow {
  return {
    dialogue_id: item.dialogue_id,
    ordinal: item.ordinal,
    session_type: item.session_type,
    concern: item.concern,
    max_risk_level: item.max_risk_level,
    turns: item.turns,
    findings: item.finding_counts,
    status: item.status,
    mine: standingReviewOf(item, reviewer)?.status ?? null,
    held_by_other: activeClaims(item, now).some((claim) => claim.reviewer !== reviewer),
  }
}

export function viewOf(
  item: ItemRecord,
  body: ItemBody,
  draft: Draft | undefined,
  viewer: { reviewer: string; roles: readonly Role[]; now: number },
): ReviewItemView {
  const { reviewer, now } = viewer
  const review = item.reviews.find((one) => one.reviewer === reviewer) ?? null
  const held = activeClaims(item, now).find((claim) => claim.reviewer === reviewer)
  const lead = viewer.roles.includes('leads')
  const disputed = item.status === 'disputed' || item.settlement !== undefined
  return {
    row: rowOf(item, reviewer, now),
    version: item.version,
    content_sha256: item.content_sha256,
    dialogue_json: body.dialogue_json,
    findings: body.findings,
    rules_version: body.rules_version,
    review,
    draft: draftFor(item, review, draft),
    lease_until: held === undefined ? null : new Date(held.until).toISOString(),
    others: lead && disputed ? item.reviews.filter((one) => one.reviewer !== reviewer) : [],
    settlement: lead ? (item.settlement ?? null) : null,
  }
}

/**
 * A draft that was overtaken is not offered: one that arrived after the save it led to (a tab that hid late) would
 * otherwise fill the form with what the reviewer has since changed.
 */
function draftFor(item: ItemRecord, review: Review | null, draft: Draft | undefined): ReviewItemView['draft'] {
  if (draft === undefined || draft.version !== item.version || draft.base_revision !== (review?.revision ?? 0))
    return null
  const form = DraftFormSchema.safeParse(draft.form_json)
  if (!form.success) return null
  return { base_revision: draft.base_revision, version: draft.version, form: form.data, saved_at: draft.saved_at }
}

const DraftFormSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' })
      return z.NEVER
    }
  })
  .pipe(ReviewFormSchema)
