import type { TargetDistribution } from '../core/generate/target.ts'
import { onAxis, type Axis } from '../core/review/counters.ts'
import type { BatchDetailView } from '../core/review/service.ts'
import type { BatchRecord } from '../core/review/store.ts'
import type { ReviewItemView } from '../core/review/views.ts'
import type { BatchDetail, BatchSummary, ReviewItem } from './contract.ts'

/** How the service's records look on the wire. */

/** A share (0..1) of the target distribution. */
export interface TargetShare {
  axis: Axis
  value: string
  share: number
}

/** In the order in which people read it: session types, concerns, risk levels. */
export function targetShares(target: TargetDistribution): TargetShare[] {
  const shares = (axis: Axis, percent: Readonly<Record<string, number>>): TargetShare[] => {
    const total = Object.values(percent).reduce((sum, one) => sum + one, 0)
    return Object.entries(percent).map(([value, one]) => ({ axis, value, share: total === 0 ? 0 : one / total }))
  }
  return [
    ...shares('session_type', target.session_type),
    ...shares('concern', target.concern),
    ...shares('risk', target.risk),
  ]
}

/** Counters by reviewer stay behind: who judged how much is nobody else's business on this page. */
export function batchSummary(batch: BatchRecord): BatchSummary {
  const count = (name: string) => batch.counters[name] ?? 0
  return {
    batch_id: batch.batch_id,
    title: batch.title,
    status: batch.status,
    opened_at: batch.opened_at,
    total: count('total'),
    pending: count('status.pending'),
    disputed: count('status.disputed'),
    approved: count('status.approved'),
    needs_revision: count('status.needs_revision'),
    rejected: count('status.rejected'),
    reviews_per_dialogue: batch.reviews_per_dialogue,
    ...(batch.failure === undefined ? {} : { failure: batch.failure }),
    ...(batch.closed === undefined ? {} : { closed: { by: batch.closed.by, at: batch.closed.at } }),
  }
}

export function batchDetail(
  { batch, mine }: BatchDetailView,
  target: readonly TargetShare[],
  reviewsLocation: string | undefined,
): BatchDetail {
  return {
    ...batchSummary(batch),
    targets: target.map(({ axis, value, share }) => ({
      axis,
      value,
      target: share,
      ...onAxis(batch.counters, axis, value),
    })),
    mine,
    ...(reviewsLocation === undefined ? {} : { reviews_location: reviewsLocation }),
  }
}

/**
 * {@link ReviewItem} as JSON text. The dialogue goes out as the bytes that came in: parsing and writing it again would
 * cost five times what all the rest of the answer does, and could change what was hashed.
 */
export function reviewItemJson(view: ReviewItemView): string {
  const { dialogue_json, ...rest } = view
  const others: Omit<ReviewItem, 'dialogue'> = rest
  return `{"dialogue":${dialogue_json},${JSON.stringify(others).slice(1)}`
}
