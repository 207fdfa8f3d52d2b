import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leaseFor, medianTime, queueOf, ringPlace, ringStart } from '../../../core/review/queue.ts'
import type { ItemRecord, ReviewStore } from '../../../core/review/store.ts'
import { anItem } from '../../builders/a-batch.ts'
import { aReview } from '../../builders/a-review.ts'
import { all } from '../../builders/byte-source.ts'

const MINUTE = 60_000

/** The ring of a batch as a store would turn it. */
function ringOf(items: ItemRecord[]): Pick<ReviewStore, 'pending'> & { reads: number } {
  const ring = items.toSorted((one, other) => (one.ring < other.ring ? -1 : 1))
  return {
    reads: 0,
    async pending(_batch, { priority, from, to, not_judged_by, limit }) {
      this.reads++
      return ring
        .filter(
          (item) =>
            item.status === 'pending' &&
            item.priority === priority &&
            item.ring >= from &&
            (to === undefined || item.ring < to) &&
            !item.reviews.some((review) => review.reviewer === not_judged_by),
        )
        .slice(0, limit)
    },
  }
}

const items = (count: number, overrides: (index: number) => Partial<ItemRecord> = () => ({})) =>
  Array.from({ length: count }, (_, index) => {
    const dialogue_id = `d${index}`
    return anItem({ dialogue_id, ordinal: index, ring: ringPlace('batch-1', dialogue_id), ...overrides(index) })
  })
const order = async (store: Pick<ReviewStore, 'pending'>, reviewer: string, now = 0) =>
  (await all(queueOf(store, 'batch-1', reviewer, now))).map((item) => item.dialogue_id)

describe('the queue of a reviewer', () => {
  it('holds every dialogue that they may have, once, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(200), fc.string({ minLength: 1 }), async (count, reviewer) => {
        const ids = await order(ringOf(items(count)), reviewer)
        expect(ids.toSorted()).toEqual(
          items(count)
            .map((item) => item.dialogue_id)
            .toSorted(),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('is the same each time it is asked for, and another for another reviewer', async () => {
    const store = ringOf(items(60))
    const [clara, eva, again] = [await order(store, 'clara'), await order(store, 'eva'), await order(store, 'clara')]

    expect(again).toEqual(clara)
    expect(eva).not.toEqual(clara)
    const inFile = items(60).map((item) => item.dialogue_id)
    for (const one of [clara, eva]) expect(neighbours(one, inFile)).toBeLessThan(10)
    expect(neighbours(clara, eva)).toBeLessThan(10)
  })

  it('starts all over the ring, so that fifty reviewers do not queue up for the same dialogues', async () => {
    const store = ringOf(items(2000))
    const heads = new Set<string | undefined>()
    for (let index = 0; index < 50; index++)
      for await (const item of queueOf(store, 'batch-1', `r${index}`, 0)) {
        heads.add(item.dialogue_id)
        break
      }

    expect(heads.size).toBeGreaterThan(45)
  })

  it('reads no more of a large batch than it needs', async () => {
    const store = ringOf(items(5000))
    for await (const item of queueOf(store, 'batch-1', 'clara', 0)) {
      expect(item.batch_id).toBe('batch-1')
      break
    }

    expect(store.reads).toBeLessThanOrEqual(3) // both arcs of the empty ring of risk, one stretch of the rest
  })

  it('begins with risk, whatever the shuffle says', async () => {
    const ids = await order(ringOf(items(300, (index) => ({ priority: index % 30 === 0 ? 0 : 1 }))), 'clara')

    expect(ids.slice(0, 10).every((id) => Number(id.slice(1)) % 30 === 0)).toBe(true)
  })

  it('ends with what they skipped, the longest ago first, also what is risky', async () => {
    const skipped: Record<string, number> = { d3: 300, d70: 100, d140: 200 }
    const store = ringOf(
      items(150, (index) => ({
        priority: index === 140 ? 0 : 1,
        skips: skipsOf(skipped[`d${index}`]),
      })),
    )

    expect((await order(store, 'clara')).slice(-3)).toEqual(['d70', 'd140', 'd3'])
    expect((await order(store, 'eva'))[0]).toBe('d140')
  })

  it('leaves out what others hold and what they judged; what they hold themselves comes first', async () => {
    const store = ringOf(
      items(60, (index) => {
        const ring = `${'f'.repeat(30)}${String(index).padStart(2, '0')}` // all after clara's start: one stretch
        if (index === 5) return { ring, claims: [{ reviewer: 'eva', until: 1000 }] }
        if (index === 6) return { ring, claims: [{ reviewer: 'eva', until: 999 }] }
        if (index === 7) return { ring, reviews: [aReview({ reviewer: 'clara' })], required_reviews: 2 }
        if (index === 8 || index === 9) return { ring, claims: [{ reviewer: 'clara', until: 2000 - index }] }
        return { ring }
      }),
    )
    const ids = await order(store, 'clara', 999)

    expect(ids).toHaveLength(58)
    expect(ids).not.toContain('d5')
    expect(ids).toContain('d6')
    expect(ids).not.toContain('d7')
    expect(ids.slice(0, 2)).toEqual(['d9', 'd8'])
  })
})

describe('a place on the ring', () => {
  it('is 32 hex digits, its own for each dialogue of each batch', () => {
    const places = new Set(items(500).map((item) => item.ring))

    expect(places.size).toBe(500)
    for (const place of places) expect(place).toMatch(/^[0-9a-f]{32}$/)
    expect(ringPlace('a', 'bc')).not.toBe(ringPlace('ab', 'c'))
    expect(ringStart('batch-1', 'd1')).not.toBe(ringPlace('batch-1', 'd1'))
  })
})

describe('a lease', () => {
  it.each([
    [null, 10 * MINUTE],
    [0, 5 * MINUTE],
    [100_000, 5 * MINUTE],
    [3 * MINUTE, 9 * MINUTE],
    [10 * MINUTE, 30 * MINUTE],
    [60 * MINUTE, 30 * MINUTE],
  ])('for a median of %j ms lasts %d ms', (median, lease) => {
    expect(leaseFor(median)).toBe(lease)
  })
})

describe('the median', () => {
  const judged = (...times: number[]) =>
    times.map((active_ms) =>
      anItem({ reviews: [aReview({ active_ms }), aReview({ reviewer: 'eva', active_ms: 9_999 })] }),
    )

  it('is the middle of the reviewer’s own times, or the mean of the two in the middle', () => {
    expect(medianTime(judged(30, 10, 20), 'clara')).toBe(20)
    expect(medianTime(judged(30, 10, 20, 40), 'clara')).toBe(25)
    expect(medianTime(judged(7), 'clara')).toBe(7)
  })

  it('leaves out what was not timed, and is null when nothing was', () => {
    expect(medianTime(judged(0, 10, 0), 'clara')).toBe(10)
    expect(medianTime(judged(0), 'clara')).toBeNull()
    expect(medianTime([], 'clara')).toBeNull()
    expect(medianTime(judged(10), 'maya')).toBeNull()
  })
})

function skipsOf(time: number | undefined): ItemRecord['skips'] {
  return time === undefined ? {} : { clara: time }
}

/** How many stand in both lists with the same one before them. */
function neighbours(one: readonly string[], other: readonly string[]): number {
  const before = new Map(other.slice(1).map((id, index) => [id, other[index]]))
  return one.slice(1).filter((id, index) => before.get(id) === one[index]).length
}
