import type { BatchSummary } from '../../review-api/contract.ts'
import { addressOf } from '../app/router.ts'
import { isLead, useServices } from '../app/services.ts'
import { Shell } from '../app/shell.tsx'
import { count } from '../review/wording.ts'
import { BatchState, dateOf, Outcome } from './batch-words.tsx'
import { useLoaded } from './use-loaded.ts'

/** Often while a batch is on its way into or out of review, else only so often that a new one is noticed. */
const SOON_MS = 2_000
const LATER_MS = 15_000
const isMoving = (batch: BatchSummary) => batch.status === 'opening' || batch.status === 'closing'

export function BatchesPage() {
  const { api } = useServices()
  const { value, problem, reload } = useLoaded(
    'batches',
    () => api.batches(),
    (loaded) => (loaded?.batches.some(isMoving) === true ? SOON_MS : LATER_MS),
  )
  return (
    <Shell title="Batches" home>
      <main class="page" id="content" tabIndex={-1}>
        {problem !== undefined && (
          <p class="notice error" role="alert">
            {problem}{' '}
            <button type="button" onClick={reload}>
              Try again
            </button>
          </p>
        )}
        {value === undefined && problem === undefined && <p class="muted">Loading…</p>}
        {value?.batches.length === 0 && (
          <div class="empty">
            <h2>No batches yet</h2>
            <p>
              A batch appears here by itself when a seed file, a generation request or a dataset is put into the inbox.
            </p>
          </div>
        )}
        {value !== undefined && value.batches.length > 0 && (
          <ul class="batches">
            {value.batches.map((batch) => (
              <BatchCard key={batch.batch_id} batch={batch} />
            ))}
          </ul>
        )}
      </main>
    </Shell>
  )
}

function BatchCard({ batch }: { batch: BatchSummary }) {
  const done = batch.total - batch.pending
  const lead = isLead(useServices().me)
  return (
    <li class="card">
      <div class="card-head">
        <h2>
          <a href={addressOf.review(batch.batch_id)}>{batch.title}</a>
        </h2>
        <BatchState batch={batch} />
      </div>
      {batch.status === 'failed' ? (
        <p class="notice error">{batch.failure ?? 'It could not be opened.'}</p>
      ) : (
        <>
          <div class="progress-line">
            <progress value={done} max={Math.max(1, batch.total)} aria-label={`Reviewed of ${batch.title}`} />
            <span class="figures">
              {done} / {batch.total}
            </span>
          </div>
          <p class="muted">
            <Outcome batch={batch} />
          </p>
        </>
      )}
      <p class="card-foot muted">
        <span>Opened {dateOf(batch.opened_at)}</span>
        {batch.closed !== undefined && <span>closed {dateOf(batch.closed.at)}</span>}
        {lead && batch.disputed > 0 && (
          <a href={addressOf.dialogues(batch.batch_id, 'disputed')}>Settle {count(batch.disputed, 'dispute')}</a>
        )}
      </p>
    </li>
  )
}
