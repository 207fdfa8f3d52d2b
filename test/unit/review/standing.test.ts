import { describe, expect, it } from 'vitest'
import type { Review } from '../../../core/review/review.ts'
import { agree, settledLabel, standingReviews, statusOf } from '../../../core/review/standing.ts'
import { anItem } from '../../builders/a-batch.ts'
import { aReview } from '../../builders/a-review.ts'

const clara = (more: Partial<Review> = {}) => aReview({ reviewer: 'clara', ...more })
const eva = (more: Partial<Review> = {}) => aReview({ reviewer: 'eva', ...more })
const concern = (final: string): Review['labels'] => ({
  concern: { original: 'anxiety', final, adjustment: 'adjusted' },
})
const intent = (turn: number, final: 'close' | 'validate'): Review['labels'] => ({
  turns: { [turn]: { intent: { original: 'other', final, adjustment: 'adjusted' } } },
})

describe('the status that the reviews come to', () => {
  const status = (required_reviews: number, reviews: Review[], settlement?: Review, version = 1) =>
    statusOf({ reviews, required_reviews, version, ...(settlement === undefined ? {} : { settlement }) })

  it('is pending until all that are asked for are in, whatever they say', () => {
    expect(status(1, [])).toBe('pending')
    expect(status(2, [clara()])).toBe('pending')
    expect(status(3, [clara(), eva({ status: 'rejected' })])).toBe('pending')
    expect(status(1, [clara({ status: null })])).toBe('pending')
  })

  it('is the verdict that all agree on', () => {
    for (const verdict of ['approved', 'needs_revision', 'rejected'] as const)
      expect(status(2, [clara({ status: verdict }), eva({ status: verdict })])).toBe(verdict)
  })

  it('is disputed when they do not, and also when more spoke than were asked', () => {
    expect(status(2, [clara(), eva({ status: 'rejected' })])).toBe('disputed')
    expect(status(1, [clara(), eva({ status: 'needs_revision' })])).toBe('disputed')
    expect(status(1, [clara(), eva()])).toBe('approved')
  })

  it('is what the lead settled, over anything that reviewers say', () => {
    const settlement = aReview({ reviewer: 'lena', status: 'needs_revision', settlement: true })

    expect(status(2, [clara(), eva({ status: 'rejected' })], settlement)).toBe('needs_revision')
    expect(status(2, [clara(), eva()], settlement)).toBe('needs_revision')
    expect(status(2, [clara(), eva({ status: 'rejected' })], { ...settlement, status: null })).toBe('disputed')
  })

  it('forgets all that was said of an older version', () => {
    expect(status(1, [clara({ version: 1 })], undefined, 2)).toBe('pending')
    expect(status(1, [clara({ version: 1 }), eva({ version: 2, status: 'rejected' })], undefined, 2)).toBe('rejected')
    expect(status(1, [], aReview({ settlement: true, version: 1 }), 2)).toBe('pending')
  })
})

describe('agreement', () => {
  const agreed = (...reviews: Review[]) => agree(standingReviews(anItem({ reviews })))

  it('on an approval includes the labels that both settled', () => {
    expect(agreed(clara({ labels: concern('grief') }), eva({ labels: concern('grief') }))).toBe(true)
    expect(agreed(clara({ labels: concern('grief') }), eva({ labels: concern('stress') }))).toBe(false)
    expect(agreed(clara({ labels: intent(1, 'close') }), eva({ labels: intent(1, 'validate') }))).toBe(false)
    expect(agreed(clara({ labels: intent(1, 'close') }), eva({ labels: intent(3, 'validate') }))).toBe(true)
  })

  it('is not broken by a label that one of them left alone, nor on what is not approved', () => {
    expect(agreed(clara({ labels: concern('grief') }), eva())).toBe(true)
    const rejected = { status: 'rejected' } as const
    expect(
      agreed(clara({ ...rejected, labels: concern('grief') }), eva({ ...rejected, labels: concern('stress') })),
    ).toBe(true)
  })
})

describe('a label as the reviewers left it', () => {
  it('is the settlement’s, else the first that one of them settled, else none', () => {
    const reviews = [clara(), eva({ labels: concern('grief') })]
    const settlement = aReview({ settlement: true, labels: concern('stress') })

    expect(settledLabel(anItem({ reviews }), 'concern')).toBe('grief')
    expect(settledLabel(anItem({ reviews, settlement }), 'concern')).toBe('stress')
    expect(settledLabel(anItem({ reviews, settlement: { ...settlement, status: null } }), 'concern')).toBe('grief')
    expect(settledLabel(anItem({ reviews }), 'session_type')).toBeUndefined()
  })
})
