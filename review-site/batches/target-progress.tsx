import { useEffect } from 'preact/hooks'
import type { BatchDetail, TargetRow } from '../../review-api/contract.ts'
import { plain } from '../review/wording.ts'

interface TargetProgressProps {
  batch: BatchDetail
  /** Asks for the counts by axis, which come with the whole batch only. */
  refresh?: () => Promise<void>
}

const AXES: readonly [axis: TargetRow['axis'], name: string][] = [
  ['session_type', 'Session type'],
  ['concern', 'Concern'],
  ['risk', 'Risk'],
]

/** What is approved so far, against the distribution that the training set aims at. */
export function TargetProgress({ batch, refresh }: TargetProgressProps) {
  const judged = batch.approved + batch.needs_revision + batch.rejected
  useEffect(() => {
    refresh?.().catch(() => undefined)
  }, [judged])
  return (
    <div class="targets">
      <p>
        {batch.approved} approved of {batch.total}; {batch.mine.reviewed} reviewed by you
        {batch.mine.median_ms !== null && `, ${duration(batch.mine.median_ms)} each`}.
      </p>
      <p class="muted">The bar is the share among the approved, the line the share aimed at.</p>
      {AXES.map(([axis, name]) => (
        <AxisTable key={axis} name={name} rows={batch.targets.filter((row) => row.axis === axis)} />
      ))}
    </div>
  )
}

function AxisTable({ name, rows }: { name: string; rows: readonly TargetRow[] }) {
  const approved = rows.reduce((sum, row) => sum + row.approved, 0)
  if (rows.length === 0) return null
  return (
    <table>
      <caption>{name}</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">{name}</th>
          <td />
          <th scope="col">Approved, aimed at, in the batch</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const share = approved === 0 ? 0 : row.approved / approved
          return (
            <tr key={row.value}>
              <th scope="row">{plain(row.value)}</th>
              <td class="bar-cell">
                <span class="bar" aria-hidden="true">
                  <span style={{ width: percent(share) }} />
                  <i style={{ insetInlineStart: percent(row.target) }} />
                </span>
              </td>
              <td class="figures">
                {percent(share)}{' '}
                <span class="muted">
                  of {percent(row.target)}; {row.approved} of {row.in_batch}
                </span>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
