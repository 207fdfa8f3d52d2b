import { InputError } from '../errors.ts'
import { newItem } from './new-item.ts'
import type { ReviewService, ReviewServiceOptions } from './service.ts'
import { standingReviews, standingSettlement } from './standing.ts'
import type { BatchChange, BatchRecord } from './store.ts'
import { swap } from './swap.ts'

/** Dialogues (2-4 KB each) handed to the store at a time. */
const CHUNK = 200

/** A batch from its upload to the reviews file: opening → open → closing → closed, or opening → failed. */
export function batchLife({
  store,
  clock,
  log,
}: ReviewServiceOptions): Pick<
  ReviewService,
  'openBatch' | 'addDialogues' | 'finishOpening' | 'failBatch' | 'close' | 'finishClosing' | 'reviewsOfBatch'
> {
  async function existing(batch_id: string): Promise<BatchRecord> {
    const batch = await store.batch(batch_id)
    if (batch === undefined) throw new InputError(`there is no batch ${batch_id}`)
    return batch
  }

  /** Sets what `decide` says, from the state that it saw; undefined leaves the batch as it is. */
  function move(
    batch_id: string,
    decide: (batch: BatchRecord) => BatchChange['set'] | undefined,
  ): Promise<{ batch: BatchRecord; moved: boolean }> {
    return swap(async () => {
      const batch = await existing(batch_id)
      const set = decide(batch)
      if (set === undefined) return { batch, moved: false }
      const done = await store.commitBatch({ batch_id, expected_revision: batch.revision, set })
      if (done === 'stale') return 'stale'
      return { batch: { ...batch, ...set, revision: batch.revision + 1 }, moved: true }
    })
  }

  return {
    async openBatch(request) {
      const { reviews_per_dialogue } = request
      if (!Number.isInteger(reviews_per_dialogue) || reviews_per_dialogue < 1 || reviews_per_dialogue > 3)
        throw new InputError(`reviews_per_dialogue is ${reviews_per_dialogue}`, { expected: '1, 2 or 3' })
      const batch: BatchRecord = {
        ...request,
        revision: 1,
        status: 'opening',
        opened_at: new Date(clock.now()).toISOString(),
        counters: {},
      }
      const outcome = await store.createBatch(batch)
      if (outcome === 'exists') return { outcome, batch: await existing(batch.batch_id) }
      log.info('batch.created', { batch_id: batch.batch_id })
      return { outcome, batch }
    },

    async addDialogues(batch_id, records) {
      const batch = await existing(batch_id)
      if (batch.status !== 'opening') return 0
      let added = 0
      for (let start = 0; start < records.length; start += CHUNK) {
        const items = records.slice(start, start + CHUNK).map((record) => newItem(batch, record))
        added += await store.addItems(batch_id, items)
      }
      return added
    },

    async finishOpening(batch_id) {
      const { batch, moved } = await move(batch_id, (found) =>
        found.status === 'opening' ? { status: 'open' } : undefined,
      )
      if (moved) log.info('batch.opened', { batch_id, total: batch.counters['total'] ?? 0 })
      return batch
    },

    async failBatch(batch_id, failure) {
      const { batch, moved } = await move(batch_id, (found) =>
        found.status === 'opening' ? { status: 'failed', failure } : undefined,
      )
      if (moved) log.warn('batch.failed', { batch_id })
      return batch
    },

    async close({ batch: batch_id, by, reviews_key, leave_unreviewed }) {
      if ((await store.batch(batch_id)) === undefined) return { outcome: 'not_found' }
      const at = new Date(clock.now()).toISOString()
      const { batch, moved } = await move(batch_id, (found) => {
        const undecided = (found.counters['status.pending'] ?? 0) + (found.counters['status.disputed'] ?? 0)
        if (found.status !== 'open' || (undecided > 0 && !leave_unreviewed)) return undefined
        return { status: 'closing', closed: { by, at, reviews_key } }
      })
      if (moved) log.info('batch.closing', { batch_id, by })
      if (batch.status === 'closed') return { outcome: 'closed', batch }
      if (batch.status === 'closing' && batch.closed !== undefined)
        return { outcome: 'closing', batch, closed: batch.closed }
      if (batch.status !== 'open') return { outcome: 'not_open', batch }
      const { 'status.pending': pending = 0, 'status.disputed': disputed = 0 } = batch.counters
      return { outcome: 'undecided', pending, disputed }
    },

    async finishClosing(batch_id) {
      const { batch, moved } = await move(batch_id, (found) =>
        found.status === 'closing' ? { status: 'closed' } : undefined,
      )
      if (moved) log.info('batch.closed', { batch_id })
      return batch
    },

    async *reviewsOfBatch(batch_id) {
      let after: number | undefined
      do {
        const page = await store.list(batch_id, { ...(after === undefined ? {} : { after }), limit: CHUNK })
        for (const item of page.items) {
          if (item.status === 'pending' || item.status === 'disputed') continue
          yield* standingReviews(item)
          const settlement = standingSettlement(item)
          if (settlement !== undefined) yield settlement
        }
        after = page.next
      } while (after !== undefined)
    },
  }
}
