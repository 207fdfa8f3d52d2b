import { writeReviewsFile } from '../datasets/reviews-file.ts'
import type { Log, ObjectStore } from '../ports.ts'
import type { ReviewService } from '../review/service.ts'
import type { BatchRecord } from '../review/store.ts'

/**
 * Closing a batch: no review gets in any more, the reviews file is written (which sets off apply), the batch is closed.
 * A crash in between leaves it closing; closing again, or {@link resumeClosing}, goes on from there.
 */
export interface ClosingPorts {
  service: ReviewService
  datasets: ObjectStore
  log: Log
}

export type ClosedBatch =
  | { outcome: 'closed'; batch: BatchRecord }
  | { outcome: 'undecided'; pending: number; disputed: number }
  | { outcome: 'not_open'; batch: BatchRecord }
  | { outcome: 'not_found' }

export const reviewsKey = (batch_id: string) => `reviews/${batch_id}.json`

export async function closeBatch(
  request: { batch: string; by: string; leave_unreviewed: boolean },
  { service, datasets, log }: ClosingPorts,
): Promise<ClosedBatch> {
  const closing = await service.close({ ...request, reviews_key: reviewsKey(request.batch) })
  if (closing.outcome !== 'closing') return closing
  const { batch, closed } = closing
  const header = {
    batch_id: batch.batch_id,
    source_file: batch.title,
    dataset: batch.dataset,
    reviewed_at: closed.at,
    closed_by: closed.by,
  }
  const { outcome } = await datasets.put(
    closed.reviews_key,
    writeReviewsFile(header, service.reviewsOfBatch(batch.batch_id)),
    { condition: { if: 'absent' }, content_type: 'application/json' },
  )
  log.info('reviews.written', { batch_id: batch.batch_id, key: closed.reviews_key, outcome })
  return { outcome: 'closed', batch: await service.finishClosing(batch.batch_id) }
}

/** Finishes what a crash left half closed. Reads the list of batches; for the start of a home, not for every request. */
export async function resumeClosing(ports: ClosingPorts): Promise<void> {
  let after: string | undefined
  do {
    const page = await ports.service.batches(after === undefined ? {} : { after })
    for (const { batch_id, status, closed } of page.batches)
      if (status === 'closing' && closed !== undefined)
        await closeBatch({ batch: batch_id, by: closed.by, leave_unreviewed: true }, ports)
    after = page.next
  } while (after !== undefined)
}
