import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../core/dialogue/vocabulary.ts'
import { recount } from '../../core/review/counters.ts'
import { createReviewService } from '../../core/review/service.ts'
import type { ReviewService } from '../../core/review/service.ts'
import type { ItemStatus } from '../../core/review/store.ts'
import { aClock, aNewBatch, silentLog, someRecords } from '../builders/a-batch.ts'
import { aReviewForm } from '../builders/a-review.ts'
import { all } from '../builders/byte-source.ts'
import type { MakeReviewStore } from './review-store.ts'

const LEASE = 10_000
const REVIEWERS = ['clara', 'eva', 'maya'] as const
const ON_REVISION = ['needs_revision' as const]

type Step =
  | { act: 'claim'; by: string; count: number }
  | { act: 'save'; by: string; on: number; status: Verdict | null; stale: boolean }
  | { act: 'undo'; by: string; on: number; stale: boolean }
  | { act: 'skip' | 'release' | 'renew'; by: string; on: number }
  | { act: 'settle'; on: number; status: Verdict | null }
  | { act: 'wait'; ms: number }
  | { act: 'close'; leave: boolean }

/** The same rules told in the plainest way: what people did to a dialogue, without revisions, rings or counters. */
interface ModelDialogue {
  /** Of each reviewer: the states that an undo walks back through, newest last, and how often they wrote. */
  reviews: Map<string, { states: (Verdict | null)[]; writes: number }>
  settlement: { status: Verdict | null; writes: number }
  claims: Map<string, number>
  skipped: Set<string>
}

class Model {
  readonly dialogues: ModelDialogue[]
  readonly base: number
  now: number
  open = true

  constructor(count: number, base: number, now: number) {
    this.base = base
    this.now = now
    this.dialogues = Array.from({ length: count }, () => ({
      reviews: new Map(),
      settlement: { status: null, writes: 0 },
      claims: new Map(),
      skipped: new Set(),
    }))
  }

  verdicts(one: ModelDialogue): Verdict[] {
    return [...one.reviews.values()].flatMap(({ states }) => states.at(-1) ?? [])
  }

  verdictOf(one: ModelDialogue, by: string): Verdict | null {
    return one.reviews.get(by)?.states.at(-1) ?? null
  }

  required(one: ModelDialogue): number {
    return this.verdicts(one).includes('needs_revision') ? Math.max(2, this.base) : this.base
  }

  status(one: ModelDialogue): ItemStatus {
    if (one.settlement.status !== null) return one.settlement.status
    const verdicts = this.verdicts(one)
    if (verdicts.length < this.required(one)) return 'pending'
    return new Set(verdicts).size === 1 ? verdicts[0]! : 'disputed'
  }

  holders(one: ModelDialogue): string[] {
    return [...one.claims].filter(([, until]) => this.now < until).map(([by]) => by)
  }

  mayHold(one: ModelDialogue, by: string): boolean {
    if (this.status(one) !== 'pending' || this.verdictOf(one, by) !== null) return false
    const holders = this.holders(one)
    return holders.includes(by) || holders.length < this.required(one) - this.verdicts(one).length
  }

  /** A dialogue that is decided keeps nobody busy. */
  settleDown(one: ModelDialogue): void {
    if (this.status(one) !== 'pending') one.claims.clear()
  }

  counters(): Record<string, number> {
    const count: Record<string, number> = {}
    const add = (name: string, by = 1) => (count[name] = (count[name] ?? 0) + by)
    for (const one of this.dialogues) {
      add('total')
      add(`status.${this.status(one)}`)
      for (const by of REVIEWERS) {
        if (this.verdictOf(one, by) !== null) {
          add(`judged_by.${by}`)
          add('reviews')
          add('active_ms', 42_000)
        }
        if (this.status(one) === 'pending' && one.skipped.has(by)) add(`skipped_by.${by}`)
      }
    }
    return count
  }
}

/** Any sequence of acts leaves the service where the plain model is. */
export function describeReviewModel(name: string, make: MakeReviewStore, runs: number): void {
  describe(`reviews on ${name}, against a plain model`, () => {
    it('any sequence of acts by several reviewers has the outcome that the rules say', async () => {
      const reviewer = fc.constantFrom(...REVIEWERS)
      const on = fc.nat(3)
      const status = fc.constantFrom<Verdict | null>('approved', 'approved', 'rejected', 'needs_revision', null)
      const rarely = fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0)
      const save = fc.record({ act: fc.constant('save' as const), by: reviewer, on, status, stale: rarely })
      const step: fc.Arbitrary<Step> = fc.oneof(
        { weight: 6, arbitrary: save },
        {
          weight: 4,
          arbitrary: fc.record({
            act: fc.constant('claim' as const),
            by: reviewer,
            count: fc.integer({ min: 1, max: 3 }),
          }),
        },
        { weight: 3, arbitrary: fc.record({ act: fc.constant('undo' as const), by: reviewer, on, stale: rarely }) },
        {
          weight: 3,
          arbitrary: fc.record({
            act: fc.constantFrom('skip' as const, 'release' as const, 'renew' as const),
            by: reviewer,
            on,
          }),
        },
        { weight: 2, arbitrary: fc.record({ act: fc.constant('settle' as const), on, status }) },
        {
          weight: 2,
          arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: LEASE }) }),
        },
        { weight: 1, arbitrary: fc.record({ act: fc.constant('close' as const), leave: rarely }) },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, base) => {
          const under = await make()
          try {
            const clock = aClock()
            const service = createReviewService({ store: under.store, clock, log: silentLog, leaseMs: LEASE })
            await service.openBatch(
              aNewBatch({
                reviews_per_dialogue: base,
                overlap: { share: 0, risk_from: null, on_verdicts: ON_REVISION },
              }),
            )
            await service.addDialogues('batch-1', someRecords(4))
            await service.finishOpening('batch-1')
            const model = new Model(4, base, clock.now())
            for (const one of steps) {
              if (one.act === 'wait') {
                clock.pass(one.ms)
                model.now += one.ms
              } else await take(one, service, model)
            }

            const { items } = await under.store.list('batch-1')
            const batch = (await service.batch('batch-1'))!
            expect(items.map((item) => item.status)).toEqual(model.dialogues.map((each) => model.status(each)))
            expect(batch.counters).toEqual(recount(items))
            expect(batch.counters).toMatchObject(model.counters())
            const decided = model.dialogues.filter((each) => !['pending', 'disputed'].includes(model.status(each)))
            expect(await all(service.reviewsOfBatch('batch-1'))).toHaveLength(
              decided.reduce(
                (total, each) => total + model.verdicts(each).length + (each.settlement.status === null ? 0 : 1),
                0,
              ),
            )
            for (const [index, each] of model.dialogues.entries()) {
              const history = await under.store.history('batch-1', idOf(index))
              const writes = [...each.reviews.values()].reduce((total, review) => total + review.writes, 0)
              expect(history).toHaveLength(writes + each.settlement.writes)
              expect(history.map((entry) => entry.sequence)).toEqual(
                history.map((entry) => entry.sequence).toSorted((a, b) => a - b),
              )
            }
          } finally {
            await under.dispose()
          }
        }),
        { numRuns: runs },
      )
    })
  })
}

const idOf = (index: number) => `d00${index}`

async function take(step: Exclude<Step, { act: 'wait' }>, service: ReviewService, model: Model): Promise<void> {
  const batch = 'batch-1'
  if (step.act === 'claim') {
    const before = model.dialogues.filter((one) => model.mayHold(one, step.by))
    const claimed = await service.claim({ batch, reviewer: step.by, roles: [], count: step.count, except: [] })
    if (!model.open) return expect(claimed).toEqual({ outcome: 'closed' })
    const items = claimed.outcome === 'claimed' ? claimed.items : []
    expect(items).toHaveLength(Math.min(step.count, before.length))
    for (const [index, { row, lease_until }] of items.entries()) {
      const one = model.dialogues[row.ordinal]!
      expect(model.mayHold(one, step.by)).toBe(true)
      // What they skipped comes only when nothing else is left for them.
      if (one.skipped.has(step.by))
        expect(items.length - index).toBeLessThanOrEqual(before.filter((each) => each.skipped.has(step.by)).length)
      expect(Date.parse(lease_until!)).toBe(model.now + LEASE)
      one.claims.set(step.by, model.now + LEASE)
    }
    const skipped = items.map(({ row }) => model.dialogues[row.ordinal]!.skipped.has(step.by))
    expect(skipped).toEqual(skipped.toSorted((one, other) => Number(one) - Number(other)))
    return
  }
  if (step.act === 'close') {
    const closing = await service.close({
      batch,
      by: 'lena',
      reviews_key: 'reviews/x.json',
      leave_unreviewed: step.leave,
    })
    const undecided = model.dialogues.some((one) => ['pending', 'disputed'].includes(model.status(one)))
    expect(closing.outcome).toBe(model.open && undecided && !step.leave ? 'undecided' : 'closing')
    if (closing.outcome === 'closing') model.open = false
    return
  }

  const one = model.dialogues[step.on]!
  const dialogue = idOf(step.on)
  if (step.act === 'settle') {
    const { version, content_sha256, settlement } = (await service.item({
      batch,
      dialogue,
      reviewer: 'lena',
      roles: ['leads'],
    }))!
    const base_revision = settlement?.revision ?? 0
    const form = aReviewForm({ status: step.status, feedback: `${base_revision}` })
    const settled = await service.settle({
      batch,
      dialogue,
      reviewer: 'lena',
      roles: ['leads'],
      base_revision,
      version,
      content_sha256,
      form,
    })
    const may = model.status(one) === 'disputed' || one.settlement.status !== null
    expect(settled.outcome).toBe(!model.open ? 'closed' : may ? 'saved' : 'not_disputed')
    if (settled.outcome === 'saved') {
      one.settlement = { status: step.status, writes: one.settlement.writes + 1 }
      model.settleDown(one)
    }
    return
  }

  const { by } = step
  const target = { batch, dialogue, reviewer: by }
  const mine = one.reviews.get(by) ?? { states: [], writes: 0 }
  switch (step.act) {
    case 'save': {
      const { version, content_sha256, review, row } = (await service.item({ ...target, roles: [] }))!
      expect(row).toMatchObject({ mine: model.verdictOf(one, by), status: model.status(one) })
      expect(review?.revision ?? 0).toBe(mine.writes)
      const base_revision = mine.writes + (step.stale ? 1 : 0)
      const form = aReviewForm({ status: step.status, feedback: `write ${mine.writes}` })
      const saved = await service.save({ ...target, roles: [], base_revision, version, content_sha256, form })
      expect(saved.outcome).toBe(!model.open ? 'closed' : step.stale ? 'conflict' : 'saved')
      if (saved.outcome !== 'saved') return
      expect(saved.batch.counters).toMatchObject({ total: 4 })
      one.reviews.set(by, { states: [...mine.states, step.status], writes: mine.writes + 1 })
      if (step.status !== null) {
        one.claims.delete(by)
        one.skipped.delete(by)
      }
      return model.settleDown(one)
    }
    case 'undo': {
      const revision = mine.writes + (step.stale ? 1 : 0)
      const undone = await service.undo({ ...target, roles: [], revision })
      const expected = !model.open
        ? 'closed'
        : mine.writes === 0
          ? 'nothing_to_undo'
          : step.stale
            ? 'conflict'
            : mine.states.length === 0
              ? 'nothing_to_undo'
              : 'saved'
      expect(undone.outcome).toBe(expected)
      if (undone.outcome !== 'saved') return
      one.reviews.set(by, { states: mine.states.slice(0, -1), writes: mine.writes + 1 })
      model.settleDown(one)
      if (model.verdictOf(one, by) === null && model.mayHold(one, by)) one.claims.set(by, model.now + LEASE)
      return
    }
    case 'skip': {
      const skipped = await service.skip(target)
      const acts = model.status(one) === 'pending' && model.verdictOf(one, by) === null
      expect(skipped.outcome).toBe(acts && !model.open ? 'closed' : 'skipped')
      if (!acts || !model.open) return
      one.claims.delete(by)
      one.skipped.add(by)
      return
    }
    case 'release':
      await service.release(target)
      one.claims.delete(by)
      return
    case 'renew': {
      const renewed = await service.renew(target)
      expect(renewed.outcome).toBe(!model.open ? 'closed' : model.mayHold(one, by) ? 'renewed' : 'lost')
      if (renewed.outcome === 'renewed') one.claims.set(by, model.now + LEASE)
    }
  }
}
