import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recount } from '../../core/review/counters.ts'
import { DEFAULT_OVERLAP } from '../../core/review/overlap.ts'
import type { ReviewForm } from '../../core/review/review.ts'
import { createReviewService } from '../../core/review/service.ts'
import type { NewBatch, ReviewService } from '../../core/review/service.ts'
import type { ItemRecord } from '../../core/review/store.ts'
import type { ReviewItemView } from '../../core/review/views.ts'
import { aClock, aNewBatch, silentLog, someRecords } from '../builders/a-batch.ts'
import { aReviewForm } from '../builders/a-review.ts'
import { all } from '../builders/byte-source.ts'
import type { MakeReviewStore, ReviewStoreUnderTest } from './review-store.ts'

const BATCH = 'batch-1'
const MINUTE = 60_000

/** What reviewers and leads can count on, whichever store is beneath. */
export function describeReviewService(name: string, make: MakeReviewStore): void {
  describe(`review service on ${name}`, () => {
    let under: ReviewStoreUnderTest
    let clock: ReturnType<typeof aClock>
    let service: ReviewService
    beforeEach(async () => {
      under = await make()
      clock = aClock()
      service = createReviewService({ store: under.store, clock, log: silentLog })
    })
    afterEach(() => under.dispose())

    async function opened(count: number, batch: Partial<NewBatch> = {}): Promise<void> {
      await service.openBatch(aNewBatch(batch))
      await service.addDialogues(BATCH, someRecords(count))
      await service.finishOpening(BATCH)
    }
    const claim = async (reviewer: string, count = 1, except: string[] = []) => {
      const claimed = await service.claim({ batch: BATCH, reviewer, roles: ['clinicians'], count, except })
      return claimed.outcome === 'claimed' ? claimed.items : []
    }
    const idsOf = (items: readonly ReviewItemView[]) => items.map((item) => item.row.dialogue_id)
    const see = async (dialogue: string, reviewer: string) =>
      (await service.item({ batch: BATCH, dialogue, reviewer, roles: ['clinicians'] }))!
    const save = async (dialogue: string, reviewer: string, form: Partial<ReviewForm> = {}) => {
      const { version, content_sha256, review } = await see(dialogue, reviewer)
      const base_revision = review?.revision ?? 0
      return service.save({
        batch: BATCH,
        dialogue,
        reviewer,
        roles: ['clinicians'],
        base_revision,
        version,
        content_sha256,
        form: aReviewForm(form),
      })
    }
    const undo = (dialogue: string, reviewer: string, revision: number) =>
      service.undo({ batch: BATCH, dialogue, reviewer, roles: ['clinicians'], revision })
    const asLead = (dialogue: string) => service.item({ batch: BATCH, dialogue, reviewer: 'lena', roles: ['leads'] })
    const settle = async (dialogue: string, form: Partial<ReviewForm>) => {
      const { version, content_sha256, settlement } = (await asLead(dialogue))!
      const base_revision = settlement?.revision ?? 0
      return service.settle({
        batch: BATCH,
        dialogue,
        reviewer: 'lena',
        roles: ['leads'],
        base_revision,
        version,
        content_sha256,
        form: aReviewForm(form),
      })
    }
    const countersAreRight = async () => {
      const { items } = await under.store.list(BATCH, { limit: 10_000 })
      expect((await service.batch(BATCH))?.counters).toEqual(recount(items))
    }

    describe('opening', () => {
      it('the same upload ten times gives one batch with each dialogue once', async () => {
        const records = someRecords(12)
        const deliveries = Array.from({ length: 10 }, async () => {
          const own = createReviewService({ store: under.another(), clock, log: silentLog })
          const { outcome } = await own.openBatch(aNewBatch())
          await own.addDialogues(BATCH, records)
          await own.finishOpening(BATCH)
          return outcome
        })
        const outcomes = await Promise.all(deliveries)

        expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
        expect((await service.batches()).batches).toHaveLength(1)
        expect((await service.batch(BATCH))?.status).toBe('open')
        expect((await service.batch(BATCH))?.counters['total']).toBe(12)
        await countersAreRight()
      })

      it('goes on where a killed one stopped', async () => {
        await service.openBatch(aNewBatch())
        await service.addDialogues(BATCH, someRecords(5))

        await service.openBatch(aNewBatch())
        expect(await service.addDialogues(BATCH, someRecords(12))).toBe(7)
        expect((await service.finishOpening(BATCH)).status).toBe('open')
      })

      it('gives no dialogue out before it is finished', async () => {
        await service.openBatch(aNewBatch())
        await service.addDialogues(BATCH, someRecords(5))

        expect(await service.claim({ batch: BATCH, reviewer: 'clara', roles: [], count: 1, except: [] })).toEqual({
          outcome: 'closed',
        })
      })

      it('that failed stays failed and says why', async () => {
        await service.openBatch(aNewBatch())
        await service.failBatch(BATCH, 'seeds.json is not JSON')

        expect(await service.finishOpening(BATCH)).toMatchObject({
          status: 'failed',
          failure: 'seeds.json is not JSON',
        })
        expect(await service.addDialogues(BATCH, someRecords(2))).toBe(0)
      })

      it('cannot fail a batch that people are at work on', async () => {
        await opened(2)

        expect((await service.failBatch(BATCH, 'late')).status).toBe('open')
      })
    })

    describe('the queue', () => {
      it('gives a dialogue to one reviewer at a time, and the next to the next', async () => {
        await opened(3)
        const given = [...(await claim('clara')), ...(await claim('eva')), ...(await claim('maya'))]

        expect(new Set(idsOf(given)).size).toBe(3)
        expect(await claim('nora')).toEqual([])
      })

      it('holds as many for a reviewer as asked, and does not give again what the page has', async () => {
        await opened(6)
        const first = idsOf(await claim('clara', 3))
        const next = idsOf(await claim('clara', 4, first))

        expect(first).toHaveLength(3)
        expect(next).toHaveLength(1)
        expect(first).not.toContain(next[0])
        expect(await claim('clara', 4, [...first, ...next])).toEqual([])
      })

      it('gives a page that was reloaded what it held before', async () => {
        await opened(40)
        const before = idsOf(await claim('clara', 4))
        await claim('eva', 4)

        expect(idsOf(await claim('clara', 4)).toSorted()).toEqual(before.toSorted())
      })

      it('gives on what a reviewer let lapse or gave back', async () => {
        await opened(1)
        await claim('clara')
        expect(await claim('eva')).toEqual([])

        clock.pass(10 * MINUTE - 1)
        expect(await claim('eva')).toEqual([])
        clock.pass(1)
        expect(await claim('eva')).toHaveLength(1)
        await service.release({ batch: BATCH, dialogue: 'd000', reviewer: 'eva' })
        expect(await claim('clara')).toHaveLength(1)
      })

      it('holds a renewed dialogue for longer', async () => {
        await opened(1)
        await claim('clara')
        clock.pass(9 * MINUTE)
        const renewed = await service.renew({ batch: BATCH, dialogue: 'd000', reviewer: 'clara' })
        clock.pass(9 * MINUTE)

        expect(renewed).toEqual({ outcome: 'renewed', lease_until: '2026-02-03T09:19:00.000Z' })
        expect(await claim('eva')).toEqual([])
        expect(await service.renew({ batch: BATCH, dialogue: 'd000', reviewer: 'eva' })).toEqual({ outcome: 'lost' })
      })

      it('tells the reviewer who lost a lapsed one to another', async () => {
        await opened(1)
        await claim('clara')
        clock.pass(11 * MINUTE)
        await claim('eva')

        expect(await service.renew({ batch: BATCH, dialogue: 'd000', reviewer: 'clara' })).toEqual({ outcome: 'lost' })
      })

      it('never gives a dialogue back to a reviewer who judged it, while others are still to', async () => {
        await opened(4, { reviews_per_dialogue: 2 })
        const seen: string[] = []
        for (let [item] = await claim('clara'); item !== undefined; [item] = await claim('clara')) {
          seen.push(item.row.dialogue_id)
          await save(item.row.dialogue_id, 'clara')
        }

        expect(seen.toSorted()).toEqual(['d000', 'd001', 'd002', 'd003'])
        expect(await claim('eva', 4)).toHaveLength(4)
      })

      it('gives one claim for each review that is missing, no more', async () => {
        await opened(1, { reviews_per_dialogue: 2 })

        expect(await claim('clara')).toHaveLength(1)
        expect(await claim('eva')).toHaveLength(1)
        expect(await claim('maya')).toEqual([])
        await save('d000', 'clara')
        expect(await claim('maya')).toEqual([])
        await service.release({ batch: BATCH, dialogue: 'd000', reviewer: 'eva' })
        expect(await claim('maya')).toHaveLength(1)
      })

      it('gives risk first, then the rest, then what the reviewer skipped, the longest ago first', async () => {
        await service.openBatch(aNewBatch())
        const records = someRecords(20).map((record, index) => {
          if (index % 5 !== 0) return record
          const labels = {
            ...record.dialogue.labels,
            max_risk_level: index === 0 ? ('high' as const) : ('medium' as const),
          }
          return { ...record, dialogue: { ...record.dialogue, labels } }
        })
        await service.addDialogues(BATCH, records)
        await service.finishOpening(BATCH)
        const skipped = ['d005', 'd013']
        for (const dialogue of skipped) {
          clock.pass(1000)
          expect(await service.skip({ batch: BATCH, dialogue, reviewer: 'clara' })).toEqual({ outcome: 'skipped' })
        }
        const order: string[] = []
        for (let [item] = await claim('clara'); item !== undefined; [item] = await claim('clara')) {
          order.push(item.row.dialogue_id)
          await save(item.row.dialogue_id, 'clara')
        }

        expect(order).toHaveLength(20)
        expect(order.slice(0, 3).toSorted()).toEqual(['d000', 'd010', 'd015'])
        expect(order.slice(-2)).toEqual(skipped)
        expect(idsOf(await claim('eva'))).toEqual([])
        await countersAreRight()
      })

      it('gives what one reviewer skipped to another at once', async () => {
        await opened(1)
        await claim('clara')
        await service.skip({ batch: BATCH, dialogue: 'd000', reviewer: 'clara' })

        expect(idsOf(await claim('eva'))).toEqual(['d000'])
        expect((await service.detail(BATCH, 'clara'))?.mine.skipped).toBe(1)
      })

      it('makes the lease three times the reviewer’s own median', async () => {
        await opened(9)
        for (const [dialogue, active_ms] of [
          ['d000', 100_000],
          ['d001', 200_000],
          ['d002', 300_000],
        ] as const)
          await save(dialogue, 'clara', { active_ms })
        const [item] = await claim('clara')

        expect(item?.lease_until).toBe(new Date(clock.now() + 600_000).toISOString())
        expect((await service.detail(BATCH, 'clara'))?.mine).toEqual({ reviewed: 3, skipped: 0, median_ms: 200_000 })
      })

      it('of fifty reviewers at once has no double claim and loses no review', async () => {
        await opened(120)
        const holders = new Map<string, string>()
        let doubles = 0
        await Promise.all(
          Array.from({ length: 50 }, async (_, index) => {
            const own = createReviewService({
              store: index % 2 === 0 ? under.store : under.another(),
              clock,
              log: silentLog,
            })
            const reviewer = `r${index}`
            for (;;) {
              const claimed = await own.claim({ batch: BATCH, reviewer, roles: [], count: 2, except: [] })
              if (claimed.outcome !== 'claimed' || claimed.items.length === 0) return
              for (const { row, version, content_sha256 } of claimed.items) {
                const { dialogue_id } = row
                if (holders.has(dialogue_id)) doubles++
                holders.set(dialogue_id, reviewer)
                const saved = await own.save({
                  batch: BATCH,
                  dialogue: dialogue_id,
                  reviewer,
                  roles: [],
                  base_revision: 0,
                  version,
                  content_sha256,
                  form: aReviewForm(),
                })
                expect(saved.outcome).toBe('saved')
              }
            }
          }),
        )

        expect(doubles).toBe(0)
        const { items } = await under.store.list(BATCH, { limit: 1000 })
        expect(items.map((item) => item.reviews.map((review) => review.reviewer))).toEqual(
          items.map((item) => [holders.get(item.dialogue_id)]),
        )
        expect((await service.batch(BATCH))?.counters['status.approved']).toBe(120)
        await countersAreRight()
      })
    })

    describe('a review', () => {
      it('decides the dialogue, moves the counters and gives the claim back', async () => {
        await opened(2)
        await claim('clara', 2)
        const saved = await save('d000', 'clara', { status: 'rejected', reasons: ['harmful'] })

        expect(saved).toMatchObject({
          outcome: 'saved',
          review: { revision: 1, reviewer: 'clara', guidelines_version: 'g1' },
        })
        expect(saved.outcome === 'saved' && saved.batch.counters).toEqual((await service.batch(BATCH))?.counters)
        expect((await see('d000', 'clara')).row).toMatchObject({
          status: 'rejected',
          mine: 'rejected',
          held_by_other: false,
        })
        expect((await see('d000', 'clara')).lease_until).toBeNull()
        await countersAreRight()
      })

      it('that builds on an older one than mine is a conflict, and shows mine as it is', async () => {
        await opened(1)
        const before = await see('d000', 'clara')
        await save('d000', 'clara', { feedback: 'from one tab' })
        const stale = await service.save({
          batch: BATCH,
          dialogue: 'd000',
          reviewer: 'clara',
          roles: ['clinicians'],
          base_revision: 0,
          version: before.version,
          content_sha256: before.content_sha256,
          form: aReviewForm({ feedback: 'from the other' }),
        })

        expect(stale).toMatchObject({
          outcome: 'conflict',
          current: { review: { revision: 1, feedback: 'from one tab' } },
        })
        expect((await see('d000', 'clara')).review?.feedback).toBe('from one tab')
      })

      it('sent twice, because its answer got lost, is saved once', async () => {
        await opened(1)
        const { version, content_sha256 } = await see('d000', 'clara')
        const request = {
          batch: BATCH,
          dialogue: 'd000',
          reviewer: 'clara',
          roles: [],
          base_revision: 0,
          version,
          content_sha256,
          form: aReviewForm(),
        }
        const first = await service.save(request)

        expect(await service.save(request)).toEqual(first)
        expect(await service.history({ batch: BATCH, dialogue: 'd000' })).toHaveLength(1)
        await countersAreRight()
      })

      it('by a reviewer whose lease lapsed is kept beside that of the one who took over', async () => {
        await opened(1)
        await claim('clara')
        clock.pass(11 * MINUTE)
        await claim('eva')
        await save('d000', 'eva')
        await save('d000', 'clara', { status: 'rejected' })

        expect((await asLead('d000'))?.row.status).toBe('disputed')
        expect((await asLead('d000'))?.others.map((review) => review.reviewer)).toEqual(['eva', 'clara'])
        await countersAreRight()
      })

      it('of many reviewers at once is lost to none of them', async () => {
        await opened(1)
        await Promise.all(Array.from({ length: 12 }, (_, index) => save('d000', `r${index}`)))

        expect((await service.batch(BATCH))?.counters['reviews']).toBe(12)
        expect(await service.history({ batch: BATCH, dialogue: 'd000' })).toHaveLength(12)
        await countersAreRight()
      })

      it('is not seen by another reviewer before they gave theirs, nor after', async () => {
        await opened(1, { reviews_per_dialogue: 2 })
        await save('d000', 'clara', { feedback: 'secret' })

        expect(JSON.stringify(await see('d000', 'eva'))).not.toMatch(/clara|secret|"approved"/)
        expect(JSON.stringify(await claim('eva'))).not.toMatch(/clara|secret|"approved"/)
        expect(JSON.stringify(await asLead('d000'))).not.toMatch(/clara|secret|"approved"/)
        await save('d000', 'eva', { status: 'rejected' })
        expect(JSON.stringify(await see('d000', 'eva'))).not.toMatch(/clara|secret/)
        expect(JSON.stringify(await asLead('d000'))).toMatch(/secret/)
      })

      it('asks for a second one where the policy says so', async () => {
        await opened(1, { overlap: DEFAULT_OVERLAP, batch_id: BATCH })
        const item = (await under.store.item(BATCH, 'd000'))!
        await save('d000', 'clara', { status: 'needs_revision' })

        expect(item.required_reviews).toBe(1)
        expect((await see('d000', 'clara')).row.status).toBe('pending')
        await save('d000', 'eva', { status: 'needs_revision' })
        expect((await see('d000', 'clara')).row.status).toBe('needs_revision')
        await countersAreRight()
      })

      it('of a dialogue or batch that is not there is not found', async () => {
        await opened(1)
        const request = {
          roles: [],
          reviewer: 'clara',
          base_revision: 0,
          version: 1,
          content_sha256: '',
          form: aReviewForm(),
        }

        expect(await service.save({ ...request, batch: BATCH, dialogue: 'd9' })).toEqual({ outcome: 'not_found' })
        expect(await service.save({ ...request, batch: 'b9', dialogue: 'd000' })).toEqual({ outcome: 'not_found' })
        expect(await service.item({ ...request, batch: 'b9', dialogue: 'd000' })).toBeUndefined()
        expect(await service.list({ batch: 'b9', reviewer: 'clara' })).toBeUndefined()
        expect(await service.mine({ batch: 'b9', reviewer: 'clara', limit: 5 })).toBeUndefined()
        expect(await service.history({ batch: BATCH, dialogue: 'd9' })).toBeUndefined()
        expect(await service.detail('b9', 'clara')).toBeUndefined()
        expect(await service.claim({ ...request, batch: 'b9', count: 1, except: [] })).toEqual({ outcome: 'not_found' })
        expect(await service.renew({ ...request, batch: BATCH, dialogue: 'd9' })).toEqual({ outcome: 'not_found' })
        expect(await service.skip({ ...request, batch: BATCH, dialogue: 'd9' })).toEqual({ outcome: 'not_found' })
      })
    })

    describe('undo', () => {
      it('writes the state before as a new revision, step by step down to none, and erases nothing', async () => {
        await opened(1)
        await save('d000', 'clara', { status: 'approved', feedback: 'one' })
        await save('d000', 'clara', { status: 'rejected', feedback: 'two' })

        expect(await undo('d000', 'clara', 2)).toMatchObject({
          outcome: 'saved',
          review: { revision: 3, status: 'approved', feedback: 'one' },
        })
        expect(await undo('d000', 'clara', 3)).toMatchObject({
          outcome: 'saved',
          review: { revision: 4, status: null },
        })
        expect(await undo('d000', 'clara', 4)).toEqual({ outcome: 'nothing_to_undo' })
        expect((await see('d000', 'clara')).row).toMatchObject({ status: 'pending', mine: null })
        const history = await service.history({ batch: BATCH, dialogue: 'd000' })
        expect(history?.map((entry) => [entry.kind, entry.review?.status])).toEqual([
          ['review', 'approved'],
          ['review', 'rejected'],
          ['undo', 'approved'],
          ['undo', null],
        ])
        await countersAreRight()
      })

      it('holds the dialogue for the reviewer again', async () => {
        await opened(1)
        await claim('clara')
        await save('d000', 'clara')
        await undo('d000', 'clara', 1)

        expect(await claim('eva')).toEqual([])
        expect((await see('d000', 'clara')).lease_until).not.toBeNull()
        expect(idsOf(await claim('clara'))).toEqual(['d000'])
      })

      it('of an older revision is a conflict; the same undo again is the same answer', async () => {
        await opened(1)
        await save('d000', 'clara')
        await save('d000', 'clara', { status: 'rejected' })

        expect(await undo('d000', 'clara', 1)).toMatchObject({
          outcome: 'conflict',
          current: { review: { revision: 2 } },
        })
        const first = await undo('d000', 'clara', 2)
        expect(await undo('d000', 'clara', 2)).toEqual(first)
        expect(await undo('d000', 'eva', 1)).toEqual({ outcome: 'nothing_to_undo' })
      })

      it('takes the second review back that the verdict had asked for', async () => {
        await opened(1, { overlap: { share: 0, risk_from: null, on_verdicts: ['needs_revision'] } })
        await save('d000', 'clara', { status: 'needs_revision' })
        await undo('d000', 'clara', 1)
        await save('d000', 'clara', { status: 'approved' })

        expect((await see('d000', 'clara')).row.status).toBe('approved')
      })
    })

    describe('a dispute', () => {
      beforeEach(async () => {
        await opened(1, { reviews_per_dialogue: 2 })
        await save('d000', 'clara', { status: 'approved' })
        await save('d000', 'eva', { status: 'rejected' })
      })

      it('goes to a lead, whose settlement is a record of its own and decides', async () => {
        expect((await service.batch(BATCH))?.counters['status.disputed']).toBe(1)
        const settled = await settle('d000', { status: 'approved', feedback: 'fits the guidelines' })

        expect(settled).toMatchObject({ outcome: 'saved', review: { revision: 1, reviewer: 'lena', settlement: true } })
        expect((await asLead('d000'))?.row.status).toBe('approved')
        expect((await see('d000', 'eva')).row).toMatchObject({ status: 'approved', mine: 'rejected' })
        expect((await service.history({ batch: BATCH, dialogue: 'd000' }))?.map((entry) => entry.kind)).toEqual([
          'review',
          'review',
          'settlement',
        ])
        await countersAreRight()
      })

      it('that was settled can be settled otherwise, and opened again', async () => {
        await settle('d000', { status: 'approved' })
        await settle('d000', { status: 'rejected' })
        expect((await asLead('d000'))?.row.status).toBe('rejected')

        expect(await settle('d000', { status: null })).toMatchObject({ outcome: 'saved', review: { revision: 3 } })
        expect((await asLead('d000'))?.row.status).toBe('disputed')
        await countersAreRight()
      })

      it('ends when a reviewer comes round', async () => {
        await save('d000', 'eva', { status: 'approved' })

        expect((await see('d000', 'clara')).row.status).toBe('approved')
      })

      it('settled by two leads at once is a conflict for one of them', async () => {
        const { version, content_sha256 } = (await asLead('d000'))!
        const by = (reviewer: string, status: 'approved' | 'rejected') =>
          service.settle({
            batch: BATCH,
            dialogue: 'd000',
            reviewer,
            roles: ['leads'],
            base_revision: 0,
            version,
            content_sha256,
            form: aReviewForm({ status }),
          })
        const outcomes = (await Promise.all([by('lena', 'approved'), by('lars', 'rejected')])).map((one) => one.outcome)

        expect(outcomes.toSorted()).toEqual(['conflict', 'saved'])
      })

      it('is needed for a settlement', async () => {
        await save('d000', 'eva', { status: 'approved' })

        expect(await settle('d000', { status: 'rejected' })).toEqual({ outcome: 'not_disputed' })
      })
    })

    describe('a revision of the text', () => {
      const revise = async (dialogue: string, base_version = 1) => {
        const [record] = someRecords(1)
        const revised = {
          ...record!.dialogue,
          dialogue_id: dialogue,
          labels: { ...record!.dialogue.labels, primary_intent: 'close' as const },
        }
        return service.revise({
          batch: BATCH,
          dialogue,
          reviewer: 'clara',
          roles: [],
          base_version,
          revised,
          json: JSON.stringify(revised),
          findings: [],
          rules_version: 'r1',
        })
      }

      it('voids every verdict on the old words, and keeps them in the history', async () => {
        await opened(1, { reviews_per_dialogue: 2 })
        await save('d000', 'clara', { status: 'approved' })
        await save('d000', 'eva', { status: 'approved' })
        const before = await see('d000', 'clara')

        expect(await revise('d000')).toEqual({ outcome: 'revised', version: 2 })
        const after = await see('d000', 'clara')
        expect(after.row).toMatchObject({ status: 'pending', mine: null })
        expect(after.version).toBe(2)
        expect(after.content_sha256).not.toBe(before.content_sha256)
        expect(after.dialogue_json).toContain('"primary_intent":"close"')
        expect(await service.mine({ batch: BATCH, reviewer: 'clara', limit: 5 })).toEqual([])
        expect(await claim('clara')).toHaveLength(1)
        await countersAreRight()

        expect(await save('d000', 'clara')).toMatchObject({ outcome: 'saved', review: { revision: 2, version: 2 } })
        expect(await service.history({ batch: BATCH, dialogue: 'd000' })).toHaveLength(4)
      })

      it('makes a verdict on the old words a conflict', async () => {
        await opened(1)
        const { version, content_sha256 } = await see('d000', 'eva')
        await revise('d000')
        const request = {
          batch: BATCH,
          dialogue: 'd000',
          reviewer: 'eva',
          roles: [],
          base_revision: 0,
          form: aReviewForm(),
        }

        expect(await service.save({ ...request, version, content_sha256 })).toMatchObject({
          outcome: 'conflict',
          current: { version: 2 },
        })
        expect(await service.save({ ...request, version: 2, content_sha256 })).toMatchObject({ outcome: 'conflict' })
        expect(await revise('d000', 1)).toMatchObject({ outcome: 'conflict' })
      })

      it('cannot be undone into a verdict on the old words', async () => {
        await opened(1)
        await save('d000', 'clara')
        await revise('d000')

        expect(await undo('d000', 'clara', 1)).toEqual({ outcome: 'nothing_to_undo' })
      })
    })

    describe('a draft', () => {
      const draft = (feedback: string, base_revision = 0) => ({
        base_revision,
        version: 1,
        form: aReviewForm({ status: null, feedback }),
      })

      it('is there again after a reload, for its reviewer alone', async () => {
        await opened(1)
        await service.saveDraft({ batch: BATCH, dialogue: 'd000', reviewer: 'clara', draft: draft('half a thought') })

        expect((await see('d000', 'clara')).draft).toMatchObject({
          base_revision: 0,
          form: { feedback: 'half a thought' },
        })
        expect((await claim('clara'))[0]?.draft?.form.feedback).toBe('half a thought')
        expect((await see('d000', 'eva')).draft).toBeNull()
      })

      it('is gone once the review is saved, and when it arrives late it is not shown', async () => {
        await opened(1)
        await service.saveDraft({ batch: BATCH, dialogue: 'd000', reviewer: 'clara', draft: draft('early') })
        await save('d000', 'clara')
        expect((await see('d000', 'clara')).draft).toBeNull()

        await service.saveDraft({ batch: BATCH, dialogue: 'd000', reviewer: 'clara', draft: draft('late') })
        expect((await see('d000', 'clara')).draft).toBeNull()
      })
    })

    describe('lists', () => {
      it('show each reviewer their own verdicts and who holds what, newest first where it is about them', async () => {
        await opened(4)
        for (const dialogue of ['d002', 'd000']) {
          clock.pass(1000)
          await save(dialogue, 'clara')
        }
        await claim('eva')
        const listed = await service.list({ batch: BATCH, reviewer: 'clara', limit: 3 })

        expect(listed?.dialogues.map((row) => row.mine)).toEqual(['approved', null, 'approved'])
        expect(listed?.next).toBe(2)
        const rest = await service.list({ batch: BATCH, reviewer: 'clara', after: 2 })
        expect([...listed!.dialogues, ...rest!.dialogues].filter((row) => row.held_by_other)).toHaveLength(1)
        const approved = await service.list({ batch: BATCH, reviewer: 'eva', status: 'approved' })
        expect(approved?.dialogues.map((row) => [row.dialogue_id, row.mine])).toEqual([
          ['d000', null],
          ['d002', null],
        ])
        const mine = await service.mine({ batch: BATCH, reviewer: 'clara', limit: 5 })
        expect(mine?.map((row) => row.dialogue_id)).toEqual(['d000', 'd002'])
      })
    })

    describe('closing', () => {
      const close = (leave_unreviewed = false) =>
        service.close({ batch: BATCH, by: 'lena', reviews_key: 'reviews/batch-1.json', leave_unreviewed })

      it('waits until everything is decided, unless the lead leaves the rest', async () => {
        await opened(3)
        await save('d000', 'clara')

        expect(await close()).toEqual({ outcome: 'undecided', pending: 2, disputed: 0 })
        expect(await close(true)).toMatchObject({
          outcome: 'closing',
          closed: { by: 'lena', reviews_key: 'reviews/batch-1.json' },
        })
        expect(await service.finishClosing(BATCH)).toMatchObject({ status: 'closed' })
      })

      it('goes on after a crash between its halves, with the same record of who and when', async () => {
        await opened(1)
        await save('d000', 'clara')
        const first = await close()
        clock.pass(60 * MINUTE)
        const again = await service.close({ batch: BATCH, by: 'lars', reviews_key: 'other', leave_unreviewed: false })

        expect(again).toEqual(first)
        await service.finishClosing(BATCH)
        await service.finishClosing(BATCH)
        expect(await close()).toMatchObject({ outcome: 'closed', batch: { closed: { by: 'lena' } } })
      })

      it('lets nothing in afterwards', async () => {
        await opened(2)
        await save('d000', 'clara')
        await claim('clara')
        await close(true)

        expect(await save('d001', 'clara')).toEqual({ outcome: 'closed' })
        expect(await save('d000', 'clara', { feedback: 'more' })).toEqual({ outcome: 'closed' })
        expect(await undo('d000', 'clara', 1)).toEqual({ outcome: 'closed' })
        expect(await service.skip({ batch: BATCH, dialogue: 'd001', reviewer: 'clara' })).toEqual({ outcome: 'closed' })
        expect(await service.renew({ batch: BATCH, dialogue: 'd001', reviewer: 'clara' })).toEqual({
          outcome: 'closed',
        })
        expect(await service.claim({ batch: BATCH, reviewer: 'eva', roles: [], count: 1, except: [] })).toEqual({
          outcome: 'closed',
        })
        expect((await all(service.reviewsOfBatch(BATCH))).map((review) => review.dialogue_id)).toEqual(['d000'])
        await countersAreRight()
      })

      it('of a batch that is still opening, failed or absent is refused', async () => {
        expect(await close()).toEqual({ outcome: 'not_found' })
        await service.openBatch(aNewBatch())
        expect(await close(true)).toMatchObject({ outcome: 'not_open' })
      })

      it('closes on what is true at that moment, though verdicts are taken back meanwhile', async () => {
        await opened(8)
        for (let index = 0; index < 8; index++) await save(`d00${index}`, 'clara')
        const [closing, ...undone] = await Promise.all([
          close(),
          ...Array.from({ length: 8 }, (_, index) => undo(`d00${index}`, 'clara', 1)),
        ])

        const taken_back = undone.filter((one) => one.outcome === 'saved').length
        const pending = (await service.batch(BATCH))?.counters['status.pending'] ?? 0
        expect(pending).toBe(taken_back)
        expect(closing.outcome).toBe(pending === 0 ? 'closing' : 'undecided')
      })

      it('gives the reviews file every standing review of what is decided, the settlement last', async () => {
        await opened(4, { reviews_per_dialogue: 2 })
        await save('d003', 'eva')
        for (const reviewer of ['clara', 'eva']) await save('d001', reviewer)
        await save('d002', 'clara', { status: 'approved' })
        await save('d002', 'eva', { status: 'rejected' })
        await settle('d002', { status: 'needs_revision' })
        await save('d000', 'clara', { status: 'approved' })
        await save('d000', 'eva', { status: 'rejected' })
        const reviews = await all(service.reviewsOfBatch(BATCH))

        expect(reviews.map((one) => [one.dialogue_id, one.reviewer, one.status, one.settlement ?? false])).toEqual([
          ['d001', 'clara', 'approved', false],
          ['d001', 'eva', 'approved', false],
          ['d002', 'clara', 'approved', false],
          ['d002', 'eva', 'rejected', false],
          ['d002', 'lena', 'needs_revision', true],
        ])
      })

      it('gives the reviews of a batch of any size, in order', async () => {
        await opened(450)
        const items: ItemRecord[] = (await under.store.list(BATCH, { limit: 450 })).items
        for (const { dialogue_id } of items.filter((_, index) => index % 10 === 0)) await save(dialogue_id, 'clara')

        expect((await all(service.reviewsOfBatch(BATCH))).map((review) => review.dialogue_id)).toEqual(
          items.filter((_, index) => index % 10 === 0).map((item) => item.dialogue_id),
        )
      })
    })
  })
}
