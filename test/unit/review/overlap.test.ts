import { describe, expect, it } from 'vitest'
import { DEFAULT_OVERLAP, NO_OVERLAP, requiredReviews } from '../../../core/review/overlap.ts'
import { anItem } from '../../builders/a-batch.ts'
import { aReview } from '../../builders/a-review.ts'

const rules = (reviews_per_dialogue: number, overlap = NO_OVERLAP) => ({ reviews_per_dialogue, overlap })

describe('the reviews that a dialogue takes', () => {
  it('are what the batch asks of all, without a policy', () => {
    const item = anItem({ max_risk_level: 'high', reviews: [aReview({ status: 'needs_revision' })] })

    expect([1, 2, 3].map((count) => requiredReviews(item, rules(count)))).toEqual([1, 2, 3])
  })

  it('are two for everything at or above the level of risk', () => {
    const overlap = { ...NO_OVERLAP, risk_from: 'medium' as const }
    const at = (level: 'none' | 'low' | 'medium' | 'high') =>
      requiredReviews(anItem({ max_risk_level: level }), rules(1, overlap))

    expect([at('none'), at('low'), at('medium'), at('high')]).toEqual([1, 1, 2, 2])
    expect(requiredReviews(anItem({ max_risk_level: 'high' }), rules(3, overlap))).toBe(3)
  })

  it('are two when a reviewer corrects the risk upward', () => {
    const labels = { max_risk_level: { original: 'none', final: 'medium', adjustment: 'adjusted' } } as const
    const item = anItem({ reviews: [aReview({ labels })] })

    expect(requiredReviews(item, rules(1, DEFAULT_OVERLAP))).toBe(2)
  })

  it('are two after a first verdict that asks for it, as long as it stands', () => {
    const overlap = { ...NO_OVERLAP, on_verdicts: ['needs_revision' as const] }
    const with_ = (review: Partial<Parameters<typeof aReview>[0]>, version = 1) =>
      requiredReviews(anItem({ version, reviews: [aReview(review)] }), rules(1, overlap))

    expect(with_({ status: 'needs_revision' })).toBe(2)
    expect(with_({ status: 'rejected' })).toBe(1)
    expect(with_({ status: null })).toBe(1)
    expect(with_({ status: 'needs_revision' }, 2)).toBe(1)
  })

  it('are two for the share that is drawn, the same ones each time', () => {
    const drawn = (share: number, batch_id = 'batch-1') =>
      Array.from({ length: 2000 }, (_, index) => anItem({ dialogue_id: `d${index}`, batch_id }))
        .filter((item) => requiredReviews(item, rules(1, { ...NO_OVERLAP, share })) === 2)
        .map((item) => item.dialogue_id)
    const fifth = drawn(0.2)

    expect(fifth).toEqual(drawn(0.2))
    expect(fifth).not.toEqual(drawn(0.2, 'batch-2'))
    // 2000 draws at 0.2: mean 400, standard deviation 17.9; five of them either way.
    expect(Math.abs(fifth.length - 400)).toBeLessThan(90)
    expect(drawn(0)).toEqual([])
    expect(drawn(1)).toHaveLength(2000)
    // A larger share adds dialogues and drops none.
    expect(drawn(0.4)).toEqual(expect.arrayContaining(fifth))
  })
})
