import { useEffect, useState } from 'preact/hooks'
import type { BatchDetail, DialogueRow } from '../../review-api/contract.ts'
import { messageOf } from '../api/client.ts'
import { addressOf } from '../app/router.ts'
import { isLead, useServices } from '../app/services.ts'
import { Shell } from '../app/shell.tsx'
import { useLoaded } from '../batches/use-loaded.ts'
import { RiskBadge } from '../review/risk-badge.tsx'
import { plain, STATUS_WORDS } from '../review/wording.ts'

const PAGE = 100
const FILTERS = [undefined, 'disputed', 'pending', 'approved', 'needs_revision', 'rejected'] as const

/** The dialogues of a batch, by state; a lead settles the disputed ones from here. */
export function DialoguesPage({ batch, status }: { batch: string; status: string | null }) {
  const { api, me } = useServices()
  const detail = useLoaded(batch, () => api.batch(batch))
  const { rows, more, problem, loadMore } = useRows(batch, status)
  return (
    <Shell title={detail.value?.title ?? 'Dialogues'}>
      <main class="page" id="content" tabIndex={-1}>
        <p>
          <a href={addressOf.review(batch)}>Back to the review</a>
        </p>
        <nav class="filters" aria-label="Dialogues by state">
          {FILTERS.map((filter) => (
            <a
              key={filter ?? 'all'}
              href={addressOf.dialogues(batch, filter)}
              aria-current={(filter ?? null) === status ? 'page' : undefined}
            >
              {filter === undefined ? 'All' : STATUS_WORDS[filter]}
              {detail.value !== undefined && ` (${countOf(detail.value, filter)})`}
            </a>
          ))}
        </nav>
        {problem !== undefined && (
          <p class="notice error" role="alert">
            {problem}{' '}
            <button type="button" onClick={loadMore}>
              Try again
            </button>
          </p>
        )}
        {rows.length > 0 && <Rows batch={batch} rows={rows} lead={isLead(me)} open={detail.value?.status === 'open'} />}
        {rows.length === 0 && problem === undefined && (
          <p class="muted">{more ? 'Loading…' : 'No dialogue is in this state.'}</p>
        )}
        {rows.length > 0 && more && (
          <p>
            <button type="button" onClick={loadMore}>
              Show more
            </button>
          </p>
        )}
      </main>
    </Shell>
  )
}

interface RowsProps {
  batch: string
  rows: readonly DialogueRow[]
  lead: boolean
  /** The batch still takes reviews. */
  open: boolean
}

function Rows({ batch, rows, lead, open }: RowsProps) {
  const placeOf = (row: DialogueRow) => {
    if (!open) return addressOf.read(batch, row.dialogue_id)
    return lead && row.status === 'disputed'
      ? addressOf.settle(batch, row.dialogue_id)
      : addressOf.review(batch, row.dialogue_id)
  }
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Dialogues">
      <table class="listing">
        <thead>
          <tr>
            <th scope="col">Dialogue</th>
            <th scope="col">Concern</th>
            <th scope="col">Session</th>
            <th scope="col">Risk</th>
            <th scope="col">Turns</th>
            <th scope="col">Problems</th>
            <th scope="col">State</th>
            <th scope="col">Mine</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.dialogue_id}>
              <th scope="row">
                <a href={placeOf(row)}>
                  {row.status === 'disputed' && lead && open ? 'Settle' : 'Dialogue'} {row.ordinal + 1}
                </a>
              </th>
              <td>{plain(row.concern)}</td>
              <td>{plain(row.session_type)}</td>
              <td>
                <RiskBadge level={row.max_risk_level} quiet />
              </td>
              <td class="figures">{row.turns}</td>
              <td class="figures">{row.findings.error + row.findings.warning || '–'}</td>
              <td>{STATUS_WORDS[row.status]}</td>
              <td>{row.mine === null ? '–' : STATUS_WORDS[row.mine]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function useRows(batch: string, status: string | null) {
  const { api } = useServices()
  const [rows, setRows] = useState<DialogueRow[]>([])
  const [after, setAfter] = useState<number | undefined | null>(null) // null: not asked yet; undefined: that was all
  const [problem, setProblem] = useState<string>()
  const loadMore = () => {
    setProblem(undefined)
    const page = { limit: PAGE, ...(typeof after === 'number' && { after }), ...(status !== null && { status }) }
    api.dialogues(batch, page).then(
      (answer) => {
        setRows((earlier) => [...earlier, ...answer.dialogues])
        setAfter(answer.next)
      },
      (cause: unknown) => setProblem(messageOf(cause)),
    )
  }
  useEffect(loadMore, [])
  return { rows, more: after !== undefined, problem, loadMore }
}

function countOf(batch: BatchDetail, filter: (typeof FILTERS)[number]): number {
  return filter === undefined ? batch.total : batch[filter]
}
