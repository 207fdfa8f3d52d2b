import { bodyOfItem } from './item-body.ts'
import { MEDIAN_OF, leaseFor, medianTime, queueOf } from './queue.ts'
import type { ReviewService, ReviewServiceOptions } from './service.ts'
import type { ItemRecord } from './store.ts'
import { swap } from './swap.ts'
import { claimItem, claimable, itemChange, releasedBy } from './transitions.ts'
import { viewOf } from './views.ts'

/** Who works on what for the next minutes. A lease lapses by itself: nothing has to be cleaned up after a closed tab. */
export function claims(options: ReviewServiceOptions): Pick<ReviewService, 'claim' | 'renew' | 'release'> {
  const { store, clock, log } = options

  async function lease(batch_id: string, reviewer: string): Promise<number> {
    if (options.leaseMs !== undefined) return options.leaseMs
    return leaseFor(medianTime(await store.reviewedBy(batch_id, reviewer, MEDIAN_OF), reviewer))
  }

  /** One claim is one conditional write; a stale one is asked again with the item as it now is. */
  function take(found: ItemRecord, reviewer: string, lease_ms: number): Promise<ItemRecord | undefined> {
    let item: ItemRecord | undefined = found
    return swap(async () => {
      item ??= await store.item(found.batch_id, found.dialogue_id)
      const now = clock.now()
      const claimed = item && claimItem(item, { by: reviewer, now }, now + lease_ms)
      if (item === undefined || claimed === undefined) return undefined
      const change = itemChange(item, claimed)
      item = undefined
      return (await store.commitItem(change)) === 'stale' ? 'stale' : change.item
    })
  }

  return {
    async claim({ batch: batch_id, reviewer, roles, count, except }) {
      const [batch, onPage, lease_ms] = await Promise.all([
        store.batch(batch_id),
        store.items(batch_id, except),
        lease(batch_id, reviewer),
      ])
      if (batch === undefined) return { outcome: 'not_found' }
      if (batch.status !== 'open') return { outcome: 'closed' }
      const now = clock.now()
      const wanted = count - onPage.filter((item) => claimable(item, { by: reviewer, now }) === 'held').length
      const known = new Set(except)
      const taken: ItemRecord[] = []
      if (wanted > 0)
        for await (const item of queueOf(store, batch_id, reviewer, now)) {
          if (known.has(item.dialogue_id)) continue
          const claimed = await take(item, reviewer, lease_ms)
          if (claimed !== undefined) taken.push(claimed)
          if (taken.length >= wanted) break
        }
      if (taken.length > 0) log.info('dialogues.claimed', { batch_id, reviewer, count: taken.length })
      const items = taken.map(async (item) => {
        const [body, draft] = await Promise.all([
          bodyOfItem(store, item),
          store.draft(batch_id, item.dialogue_id, reviewer),
        ])
        return viewOf(item, body, draft, { reviewer, roles, now: clock.now() })
      })
      return { outcome: 'claimed', items: await Promise.all(items) }
    },

    async renew({ batch: batch_id, dialogue, reviewer }) {
      const [batch, item, lease_ms] = await Promise.all([
        store.batch(batch_id),
        store.item(batch_id, dialogue),
        lease(batch_id, reviewer),
      ])
      if (batch === undefined || item === undefined) return { outcome: 'not_found' }
      if (batch.status !== 'open') return { outcome: 'closed' }
      const held = (await take(item, reviewer, lease_ms))?.claims.find((claim) => claim.reviewer === reviewer)
      if (held === undefined) return { outcome: 'lost' }
      return { outcome: 'renewed', lease_until: new Date(held.until).toISOString() }
    },

    async release({ batch, dialogue, reviewer }) {
      await swap(async () => {
        const item = await store.item(batch, dialogue)
        if (item === undefined || !item.claims.some((claim) => claim.reviewer === reviewer)) return 'released'
        return store.commitItem(itemChange(item, releasedBy(item, { by: reviewer, now: clock.now() })))
      })
    },
  }
}
