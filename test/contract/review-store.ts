import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recount } from '../../core/review/counters.ts'
import type { BatchRecord, Draft, HistoryEntry, ItemChange, ItemRecord, ReviewStore } from '../../core/review/store.ts'
import { itemChange, saveReview } from '../../core/review/transitions.ts'
import { aBatch, aNewItem } from '../builders/a-batch.ts'
import { aReviewForm } from '../builders/a-review.ts'

export interface ReviewStoreUnderTest {
  store: ReviewStore
  /** A second view of the same records, as another process has it. */
  another(): ReviewStore
  dispose(): Promise<void>
}

export type MakeReviewStore = () => Promise<ReviewStoreUnderTest>

/** What every review store must do, whichever home it is in. `make` gives an empty one. */
export function describeReviewStore(name: string, make: MakeReviewStore): void {
  describe(`review store: ${name}`, () => {
    let under: ReviewStoreUnderTest
    let store: ReviewStore
    beforeEach(async () => {
      under = await make()
      store = under.store
    })
    afterEach(() => under.dispose())

    /** An open batch with `count` dialogues in it. */
    async function opened(count: number, batch: Partial<BatchRecord> = {}): Promise<BatchRecord> {
      const record = aBatch(batch)
      await store.createBatch(record)
      if (count > 0)
        await store.addItems(
          record.batch_id,
          Array.from({ length: count }, (_, index) => aNewItem(index, { batch_id: record.batch_id })),
        )
      return (await store.batch(record.batch_id))!
    }
    const itemOf = async (dialogue_id: string, batch_id = 'batch-1') => (await store.item(batch_id, dialogue_id))!
    const verdict = (item: ItemRecord, reviewer = 'clara', now = NOW): ItemChange => {
      const saved = saveReview(item, aBatch(), { by: reviewer, now }, judgedAsItIs(item, reviewer), aReviewForm())
      if (saved.outcome !== 'changed') throw new Error(saved.outcome)
      return saved.change
    }
    const everything = async () => ({
      batch: await store.batch('batch-1'),
      items: (await store.list('batch-1')).items,
      history: await store.history('batch-1', 'd000'),
      body: await store.body('batch-1', 'd000'),
      clara: await store.reviewedBy('batch-1', 'clara', 10),
      eva: await store.reviewedBy('batch-1', 'eva', 10),
    })

    describe('a batch', () => {
      it('comes back as it was created', async () => {
        const batch = aBatch({
          overlap: { share: 0.2, risk_from: 'medium', on_verdicts: ['needs_revision'] },
          title: 'Ünïcode 🌱',
          status: 'opening',
        })

        expect(await store.createBatch(batch)).toBe('created')
        expect(await store.batch('batch-1')).toEqual(batch)
        expect(await under.another().batch('batch-1')).toEqual(batch)
        expect(await store.batch('batch-2')).toBeUndefined()
      })

      it('is created once: the second time changes nothing', async () => {
        await store.createBatch(aBatch())

        expect(await store.createBatch(aBatch({ title: 'again', status: 'failed' }))).toBe('exists')
        expect(await store.batch('batch-1')).toEqual(aBatch())
      })

      it('is created by one of ten that try at once', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            (index % 2 === 0 ? store : under.another()).createBatch(aBatch({ title: `try ${index}` })),
          ),
        )

        expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
        expect((await store.batch('batch-1'))?.title).toBe(`try ${outcomes.indexOf('created')}`)
      })

      it('changes by compare-and-swap', async () => {
        await opened(0)
        const closed = { by: 'lena', at: '2026-02-04T10:00:00Z', reviews_key: 'reviews/batch-1.json' }

        expect(
          await store.commitBatch({ batch_id: 'batch-1', expected_revision: 1, set: { status: 'closing', closed } }),
        ).toBe('committed')
        expect(await store.batch('batch-1')).toEqual(aBatch({ status: 'closing', closed, revision: 2 }))
        expect(await store.commitBatch({ batch_id: 'batch-1', expected_revision: 1, set: { status: 'open' } })).toBe(
          'stale',
        )
        expect(await store.commitBatch({ batch_id: 'batch-2', expected_revision: 1, set: { status: 'open' } })).toBe(
          'stale',
        )
        expect(await store.batch('batch-1')).toEqual(aBatch({ status: 'closing', closed, revision: 2 }))
        expect(await store.batch('batch-2')).toBeUndefined()
      })

      it('keeps its counters when its state changes', async () => {
        const batch = await opened(2)
        await store.commitBatch({ batch_id: 'batch-1', expected_revision: batch.revision, set: { status: 'closing' } })

        expect((await store.batch('batch-1'))?.counters).toEqual(batch.counters)
      })

      it('stands in a list, newest first, page by page', async () => {
        const days = ['01', '03', '02', '05', '04', '05']
        for (const [index, day] of days.entries())
          await store.createBatch(aBatch({ batch_id: `b ${index}`, opened_at: `2026-02-${day}T09:00:00.000Z` }))
        await store.addItems('b 0', [aNewItem(0, { batch_id: 'b 0' })])

        const pages: string[][] = []
        let after: string | undefined
        do {
          const page = await store.batches({ limit: 4, ...(after === undefined ? {} : { after }) })
          pages.push(page.batches.map((batch) => batch.batch_id))
          after = page.next
        } while (after !== undefined)
        expect(pages).toEqual([
          ['b 5', 'b 3', 'b 4', 'b 1'],
          ['b 2', 'b 0'],
        ])
        const { batches } = await store.batches()
        expect(batches.at(-1)).toEqual(await store.batch('b 0'))
      })
    })

    describe('an item', () => {
      it('is added with its body, counted, and comes back as it was', async () => {
        await opened(0)
        const added = aNewItem(3)
        added.body.dialogue_json = '{ "dialogue_id":"d003", "ünïcode": "🌱", "spacing" :  1 }'
        added.body.findings = [{ code: 'safety.x', severity: 'warning', turn: 1, message: 'Look at this.' }]

        expect(await store.addItems('batch-1', [added])).toBe(1)
        expect(await store.item('batch-1', 'd003')).toEqual(added.item)
        expect(await store.body('batch-1', 'd003')).toEqual(added.body)
        expect(await store.body('batch-1', 'd003', 1)).toEqual(added.body)
        expect(await store.batch('batch-1')).toEqual(aBatch({ revision: 2, counters: recount([added.item]) }))
      })

      it('that is not there is undefined', async () => {
        await opened(1)

        expect(await store.item('batch-1', 'd009')).toBeUndefined()
        expect(await store.item('batch-2', 'd000')).toBeUndefined()
        expect(await store.body('batch-1', 'd009')).toBeUndefined()
        expect(await store.body('batch-1', 'd000', 2)).toBeUndefined()
        expect(await store.items('batch-1', [])).toEqual([])
        expect((await store.items('batch-1', ['d009', 'd000'])).map((item) => item.dialogue_id)).toEqual(['d000'])
        expect(await store.list('batch-2')).toEqual({ items: [] })
        expect(await store.history('batch-1', 'd009')).toEqual([])
      })

      it('is added once: the same upload again adds and counts nothing', async () => {
        await opened(3)
        await store.commitItem(verdict(await itemOf('d000')))
        const before = await everything()

        const again = Array.from({ length: 5 }, (_, index) => aNewItem(index))
        expect(await store.addItems('batch-1', again)).toBe(2)
        expect(await store.addItems('batch-1', again)).toBe(0)
        const after = await everything()
        expect(after.items.slice(0, 3)).toEqual(before.items)
        expect(after.body).toEqual(before.body)
        expect(after.batch?.counters).toEqual(recount(after.items))
      })

      it('is added once also when two deliveries of the upload add it at the same time', async () => {
        await opened(0)
        const items = Array.from({ length: 120 }, (_, index) => aNewItem(index))
        const added = await Promise.all([
          store.addItems('batch-1', items),
          under.another().addItems('batch-1', items.toReversed()),
          under.another().addItems('batch-1', items),
        ])

        expect(added.reduce((total, count) => total + count)).toBe(120)
        expect((await store.batch('batch-1'))?.counters).toEqual(recount(items.map(({ item }) => item)))
      })

      it('is added once when its id comes twice in one upload', async () => {
        await opened(0)
        const [first, second] = [aNewItem(0), aNewItem(0, { ordinal: 1 })]

        expect(await store.addItems('batch-1', [first, second])).toBe(1)
        expect(await store.item('batch-1', 'd000')).toEqual(first.item)
        expect((await store.batch('batch-1'))?.counters['total']).toBe(1)
      })

      it('may be large, and come with many', async () => {
        await opened(0)
        const items = Array.from({ length: 60 }, (_, index) => {
          const one = aNewItem(index)
          return { ...one, body: { ...one.body, dialogue_json: JSON.stringify({ text: 'ä'.repeat(60_000) }) } }
        })

        expect(await store.addItems('batch-1', items)).toBe(60)
        expect((await store.body('batch-1', 'd059'))?.dialogue_json).toBe(items[59]?.body.dialogue_json)
      })

      it('of one batch is none of another, though ids may be the same', async () => {
        await opened(2)
        await opened(1, { batch_id: 'batch-2' })
        await store.commitItem(verdict(await itemOf('d000', 'batch-2')))

        expect((await itemOf('d000')).status).toBe('pending')
        expect((await itemOf('d000', 'batch-2')).status).toBe('approved')
        expect((await store.batch('batch-1'))?.counters['status.approved']).toBeUndefined()
        expect(await store.reviewedBy('batch-1', 'clara', 10)).toEqual([])
        expect(await store.history('batch-1', 'd000')).toEqual([])
      })

      it('may have an id with any signs in it', async () => {
        await opened(0)
        for (const [index, dialogue_id] of [
          'a#b',
          'a/b',
          'a b',
          'a|b',
          '🌱',
          'ITEM#1',
          '__proto__',
          '%',
          '_',
        ].entries()) {
          const one = aNewItem(index, { dialogue_id, batch_id: 'batch-1' })
          await store.addItems('batch-1', [{ item: one.item, body: { ...one.body, dialogue_id } }])
          const reviewer = `by ${dialogue_id}`
          expect(await store.commitItem(verdict(one.item, reviewer))).toBe('committed')
          expect((await store.reviewedBy('batch-1', reviewer, 5)).map((item) => item.dialogue_id)).toEqual([
            dialogue_id,
          ])
          expect(await store.body('batch-1', dialogue_id)).toMatchObject({ dialogue_id })
        }
        expect((await store.batch('batch-1'))?.counters['status.approved']).toBe(9)
      })
    })

    describe('a list', () => {
      it('goes through the batch in the order of the dataset, page by page, also by status', async () => {
        await opened(0)
        await store.addItems(
          'batch-1',
          [4, 2, 9, 11, 1, 100, 3].map((index) => aNewItem(index)),
        )
        for (const id of ['d002', 'd009', 'd100']) await store.commitItem(verdict(await itemOf(id)))
        const pages = async (status?: 'approved' | 'pending') => {
          const found: string[][] = []
          let after: number | undefined
          do {
            const page = await store.list('batch-1', {
              limit: 3,
              ...(after === undefined ? {} : { after }),
              ...(status === undefined ? {} : { status }),
            })
            found.push(page.items.map((item) => item.dialogue_id))
            after = page.next
          } while (after !== undefined)
          return found
        }

        expect(await pages()).toEqual([['d001', 'd002', 'd003'], ['d004', 'd009', 'd011'], ['d100']])
        expect((await pages('approved')).flat()).toEqual(['d002', 'd009', 'd100'])
        expect((await pages('pending')).flat()).toEqual(['d001', 'd003', 'd004', 'd011'])
      })

      it('of the pending follows the ring, in one priority, between two places', async () => {
        await opened(0)
        const places = ['10', '50', '30', '90', '70']
        const ring = (place: string) => place.padEnd(32, '0')
        await store.addItems(
          'batch-1',
          places.map((place, index) => aNewItem(index, { ring: ring(place), priority: place === '90' ? 0 : 1 })),
        )
        const found = async (query: Partial<Parameters<ReviewStore['pending']>[1]>) =>
          (await store.pending('batch-1', { priority: 1, from: '', limit: 10, ...query })).map((item) =>
            item.ring.slice(0, 2),
          )

        expect(await found({})).toEqual(['10', '30', '50', '70'])
        expect(await found({ priority: 0 })).toEqual(['90'])
        expect(await found({ from: ring('30') })).toEqual(['30', '50', '70'])
        expect(await found({ from: `${ring('30')}~` })).toEqual(['50', '70'])
        expect(await found({ to: ring('50') })).toEqual(['10', '30'])
        expect(await found({ from: ring('30'), to: ring('70') })).toEqual(['30', '50'])
        expect(await found({ limit: 2 })).toEqual(['10', '30'])
        expect(await store.pending('batch-2', { priority: 1, from: '', limit: 5 })).toEqual([])

        await store.commitItem(verdict(await itemOf('d001')))
        expect(await found({})).toEqual(['10', '30', '70'])
      })

      it('of the pending leaves out what the reviewer has judged, and still fills the page', async () => {
        await opened(0)
        const items = Array.from({ length: 30 }, (_, index) => aNewItem(index, { required_reviews: 3 }))
        await store.addItems('batch-1', items)
        const inOrder = items.map(({ item }) => item).sort((one, other) => (one.ring < other.ring ? -1 : 1))
        const THREE = { ...aBatch(), reviews_per_dialogue: 3 }
        for (const item of inOrder.slice(0, 25)) {
          const saved = saveReview(item, THREE, { by: 'clara', now: NOW }, judgedAsItIs(item, 'clara'), aReviewForm())
          if (saved.outcome === 'changed') expect(await store.commitItem(saved.change)).toBe('committed')
        }
        const ids = async (not_judged_by: string) =>
          (await store.pending('batch-1', { priority: 1, from: '', limit: 4, not_judged_by })).map((item) => item.ring)

        expect(await ids('clara')).toEqual(inOrder.slice(25, 29).map((item) => item.ring))
        expect(await ids('eva')).toEqual(inOrder.slice(0, 4).map((item) => item.ring))
      })

      it('of what a reviewer judged has the newest first, and only verdicts that stand', async () => {
        await opened(4)
        for (const [index, id] of ['d002', 'd000', 'd003', 'd001'].entries())
          await store.commitItem(verdict(await itemOf(id), 'clara', NOW + index * 1000))
        const ids = async (limit: number) =>
          (await store.reviewedBy('batch-1', 'clara', limit)).map((item) => item.dialogue_id)

        expect(await ids(10)).toEqual(['d001', 'd003', 'd000', 'd002'])
        expect(await ids(2)).toEqual(['d001', 'd003'])
        expect((await store.reviewedBy('batch-1', 'clara', 1))[0]).toEqual(await itemOf('d001'))
        expect(await store.reviewedBy('batch-1', 'eva', 10)).toEqual([])

        // Judged again, the oldest is the newest; one taken back is gone.
        await store.commitItem(verdict(await itemOf('d002'), 'clara', NOW + 9000))
        const item = await itemOf('d003')
        const form = aReviewForm({ status: null })
        const saved = saveReview(item, aBatch(), { by: 'clara', now: NOW + 9500 }, judgedAsItIs(item, 'clara'), form)
        if (saved.outcome === 'changed') await store.commitItem(saved.change)
        expect(await ids(10)).toEqual(['d002', 'd001', 'd000'])
      })
    })

    describe('a change of an item', () => {
      it('writes the item, its history and the counters together', async () => {
        await opened(2)
        const change = verdict(await itemOf('d000'))

        expect(await store.commitItem(change)).toBe('committed')
        expect(await store.item('batch-1', 'd000')).toEqual(change.item)
        expect(await store.history('batch-1', 'd000')).toEqual([change.history])
        const after = await everything()
        expect(after.batch?.counters).toEqual(recount(after.items))
        expect(after.batch?.revision).toBe(3)
      })

      it('that is stale leaves nothing behind', async () => {
        await opened(2)
        const seen = await itemOf('d000')
        await store.commitItem(verdict(seen))
        const before = await everything()

        const stale = verdict(seen, 'eva')
        expect(await store.commitItem({ ...stale, new_body: { ...before.body!, version: 2 } })).toBe('stale')
        expect(await everything()).toEqual(before)
        expect(await store.body('batch-1', 'd000', 2)).toBeUndefined()
      })

      it('of an item that is not there is stale', async () => {
        await opened(0)

        expect(await store.commitItem(verdict(aNewItem(0).item))).toBe('stale')
        expect(await everything()).toMatchObject({ items: [], history: [], batch: { counters: {}, revision: 1 } })
      })

      it.each(['opening', 'closing', 'closed', 'failed'] as const)(
        'that counts is refused while the batch is %s, and leaves nothing behind',
        async (status) => {
          const { revision } = await opened(1)
          await store.commitBatch({ batch_id: 'batch-1', expected_revision: revision, set: { status } })
          const before = await everything()
          const change = verdict(await itemOf('d000'))

          expect(await store.commitItem(change)).toBe('batch_closed')
          expect(await store.commitItem({ ...change, counters: {} })).toBe('batch_closed')
          expect(await everything()).toEqual(before)
        },
      )

      it('that is only a claim does not touch the batch', async () => {
        await opened(1)
        const before = await store.batch('batch-1')
        const item = await itemOf('d000')
        const change = itemChange(item, { ...item, claims: [{ reviewer: 'clara', until: NOW }] })

        expect(await store.commitItem(change)).toBe('committed')
        expect((await itemOf('d000')).claims).toEqual([{ reviewer: 'clara', until: NOW }])
        expect(await store.batch('batch-1')).toEqual(before)
      })

      it('may bring a new body, and the old one stays', async () => {
        await opened(1)
        const item = await itemOf('d000')
        const old = (await store.body('batch-1', 'd000'))!
        const new_body = { ...old, version: 2, content_sha256: 'b'.repeat(64), dialogue_json: '{"new":true}' }
        const history: HistoryEntry = {
          batch_id: 'batch-1',
          dialogue_id: 'd000',
          sequence: item.revision + 1,
          at: '2026-02-03T10:00:00Z',
          by: 'clara',
          kind: 'revision',
          version: 2,
          content_sha256: new_body.content_sha256,
        }
        const next = { ...item, version: 2, content_sha256: new_body.content_sha256 }

        expect(await store.commitItem({ ...itemChange(item, next, history), new_body })).toBe('committed')
        expect(await store.body('batch-1', 'd000')).toEqual(new_body)
        expect(await store.body('batch-1', 'd000', 1)).toEqual(old)
        expect(await store.history('batch-1', 'd000')).toEqual([history])
      })

      it('by twenty at once happens once for each revision, and the history holds them all in order', async () => {
        await opened(1)
        const stores = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? store : under.another()))
        await Promise.all(
          stores.map(async (one, index) => {
            for (;;) {
              const item = (await one.item('batch-1', 'd000'))!
              if ((await one.commitItem(verdict(item, `r${index}`))) === 'committed') return
            }
          }),
        )

        const after = await everything()
        expect(after.items[0]?.revision).toBe(21)
        expect(after.items[0]?.reviews).toHaveLength(20)
        expect(after.history.map((entry) => entry.sequence)).toEqual(
          Array.from({ length: 20 }, (_, index) => index + 2),
        )
        expect(new Set(after.history.map((entry) => entry.by)).size).toBe(20)
        expect(after.batch?.counters).toEqual(recount(after.items))
      })
    })

    describe('a draft', () => {
      const draft: Draft = {
        base_revision: 0,
        version: 1,
        form_json: '{"status":null}',
        saved_at: '2026-02-03T10:00:00Z',
      }

      it('belongs to one reviewer of one dialogue; the last one saved counts', async () => {
        await opened(2)
        await store.saveDraft('batch-1', 'd000', 'clara', { ...draft, form_json: '{}' })
        await store.saveDraft('batch-1', 'd000', 'clara', draft)

        expect(await store.draft('batch-1', 'd000', 'clara')).toEqual(draft)
        expect(await store.draft('batch-1', 'd000', 'eva')).toBeUndefined()
        expect(await store.draft('batch-1', 'd001', 'clara')).toBeUndefined()
      })

      it('can be removed, and is never part of the history', async () => {
        await opened(1)
        await store.saveDraft('batch-1', 'd000', 'clara', draft)
        await store.saveDraft('batch-1', 'd000', 'clara', undefined)
        await store.saveDraft('batch-1', 'd000', 'clara', undefined)

        expect(await store.draft('batch-1', 'd000', 'clara')).toBeUndefined()
        expect(await store.history('batch-1', 'd000')).toEqual([])
      })
    })
  })
}

const NOW = Date.parse('2026-02-03T10:00:00Z')

/** The reviewer had before them what the item is. */
function judgedAsItIs(item: ItemRecord, reviewer: string) {
  const base_revision = item.reviews.find((review) => review.reviewer === reviewer)?.revision ?? 0
  return { base_revision, version: item.version, content_sha256: item.content_sha256 }
}
