import type { BatchSummary } from '../../review-api/contract.ts'

export function BatchState({ batch }: { batch: BatchSummary }) {
  const words = {
    opening: 'Opening…',
    open: batch.total > 0 && batch.pending === 0 && batch.disputed === 0 ? 'All reviewed' : 'Open',
    closing: 'Closing…',
    closed: 'Closed',
    failed: 'Failed',
  }
  return <span class={`tag ${batch.status}`}>{words[batch.status]}</span>
}

/** The counts in words: "12 approved, 3 to revise, 1 rejected, 2 disputed". */
export function Outcome({ batch }: { batch: BatchSummary }) {
  const parts = [
    `${batch.approved} approved`,
    `${batch.needs_revision} to revise`,
    `${batch.rejected} rejected`,
    ...(batch.disputed > 0 ? [`${batch.disputed} disputed`] : []),
  ]
  return <>{parts.join(' · ')}</>
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export function dateOf(rfc3339: string): string {
  const at = new Date(rfc3339)
  return Number.isNaN(at.getTime()) ? rfc3339 : day.format(at)
}
