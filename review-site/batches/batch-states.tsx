import type { BatchDetail } from '../../review-api/contract.ts'
import { addressOf } from '../app/router.ts'
import { BatchState, dateOf, Outcome } from './batch-words.tsx'
import { TargetProgress } from './target-progress.tsx'

/** A batch that takes no reviews: on its way in, failed, or closed. */
export function BatchStateView({ batch }: { batch: BatchDetail }) {
  switch (batch.status) {
    case 'opening':
      return (
        <div class="empty">
          <h2>The batch is being opened</h2>
          <p>{batch.total > 0 ? `${batch.total} dialogues are in so far. ` : ''}The review starts here by itself.</p>
        </div>
      )
    case 'failed':
      return (
        <div class="empty">
          <h2>The batch could not be opened</h2>
          <p class="notice error">{batch.failure ?? 'No reason was given.'}</p>
          <p>Put the file right and upload it again: it then makes a batch of its own.</p>
        </div>
      )
    case 'open':
    case 'closing':
    case 'closed':
      return (
        <>
          <p>
            <BatchState batch={batch} />{' '}
            {batch.closed !== undefined && `by ${batch.closed.by}, ${dateOf(batch.closed.at)}`}
          </p>
          <p>
            <Outcome batch={batch} /> · {batch.pending} not reviewed
          </p>
          {batch.status === 'closing' && <p class="muted">The reviews file is being written.</p>}
          {batch.reviews_location !== undefined && (
            <p>
              Reviews: <code>{batch.reviews_location}</code>
            </p>
          )}
          <p>
            <a href={addressOf.dialogues(batch.batch_id)}>Read the dialogues</a>
          </p>
          <section class="card" aria-label="Statistics">
            <TargetProgress batch={batch} />
          </section>
        </>
      )
  }
}
