import { describe, expect, it } from 'vitest'
import type { HistoryEntry, ItemRecord } from '../../../core/review/store.ts'
import {
  activeClaims,
  claimItem,
  claimable,
  itemChange,
  saveReview,
  settle,
  skipItem,
  undoReview,
} from '../../../core/review/transitions.ts'
import { aBatch, anItem } from '../../builders/a-batch.ts'
import { aReview, aReviewForm } from '../../builders/a-review.ts'

const NOW = Date.parse('2026-02-03T10:00:00Z')
const clara = { by: 'clara', now: NOW }
const asItIs = (item: ItemRecord, base_revision = 0) => ({
  base_revision,
  version: item.version,
  content_sha256: item.content_sha256,
})

describe('a review saved', () => {
  it('carries who, when, on what and by which guidelines, and says so in the history', () => {
    const item = anItem({ revision: 7 })
    const saved = saveReview(
      item,
      aBatch({ guidelines_version: 'g9' }),
      clara,
      asItIs(item),
      aReviewForm({ feedback: 'good' }),
    )

    const review = {
      ...aReviewForm({ feedback: 'good' }),
      dialogue_id: item.dialogue_id,
      reviewer: 'clara',
      revision: 1,
      version: 1,
      content_sha256: item.content_sha256,
      guidelines_version: 'g9',
      reviewed_at: '2026-02-03T10:00:00.000Z',
    }
    expect(saved).toMatchObject({
      outcome: 'changed',
      review,
      change: {
        expected_revision: 7,
        item: { revision: 8, status: 'approved', reviews: [review] },
        history: { sequence: 8, at: '2026-02-03T10:00:00.000Z', by: 'clara', kind: 'review', review },
        counters: { 'status.pending': -1, 'status.approved': 1, reviews: 1, active_ms: 42_000, 'judged_by.clara': 1 },
      },
    })
  })

  it('gives back the claim and forgets the skip; without a verdict it keeps both', () => {
    const item = anItem({
      claims: [{ reviewer: 'clara', until: NOW + 1 }],
      skips: { clara: 5, eva: 6 },
      required_reviews: 2,
    })
    const after = (status: 'approved' | null) => {
      const saved = saveReview(item, aBatch({ reviews_per_dialogue: 2 }), clara, asItIs(item), aReviewForm({ status }))
      return saved.outcome === 'changed' ? saved.change.item : undefined
    }

    expect(after('approved')).toMatchObject({ claims: [], skips: { eva: 6 } })
    expect(after('approved')?.skips).not.toHaveProperty('clara')
    expect(after(null)).toMatchObject({ claims: item.claims, skips: item.skips, status: 'pending' })
  })

  it('frees everybody who is at work on a dialogue that it decides', () => {
    const item = anItem({ claims: [{ reviewer: 'eva', until: NOW + 1 }] })
    const saved = saveReview(item, aBatch(), clara, asItIs(item), aReviewForm())

    expect(saved.outcome === 'changed' && saved.change.item.claims).toEqual([])
  })

  it.each([
    ['another version', { version: 2 }],
    ['other words', { content_sha256: 'f'.repeat(64) }],
    ['a revision that is not there yet', { base_revision: 1 }],
  ])('on %s is a conflict', (_, judged) => {
    const item = anItem()

    expect(saveReview(item, aBatch(), clara, { ...asItIs(item), ...judged }, aReviewForm())).toEqual({
      outcome: 'conflict',
    })
  })

  it('a second time with the same form is no conflict and no new revision, but with another form it is', () => {
    const form = aReviewForm({ notes: [{ note: 'a', timestamp: 't' }], criteria: { safety: 'pass', labels: 'fail' } })
    const item = anItem()
    const saved = saveReview(item, aBatch(), clara, asItIs(item), form)
    const after = saved.outcome === 'changed' ? saved.change.item : item
    const reordered = { ...form, criteria: { labels: 'fail', safety: 'pass' } } as const

    expect(saveReview(after, aBatch(), clara, asItIs(item), reordered)).toMatchObject({
      outcome: 'unchanged',
      review: { revision: 1 },
    })
    expect(saveReview(after, aBatch(), clara, asItIs(item), { ...form, feedback: 'x' })).toEqual({
      outcome: 'conflict',
    })
  })

  it('keeps the order in which the reviewers came', () => {
    const item = anItem({ reviews: [aReview({ reviewer: 'clara' }), aReview({ reviewer: 'eva' })] })
    const saved = saveReview(item, aBatch(), clara, asItIs(item, 1), aReviewForm({ feedback: 'again' }))

    expect(saved.outcome === 'changed' && saved.change.item.reviews.map((one) => [one.reviewer, one.revision])).toEqual(
      [
        ['clara', 2],
        ['eva', 1],
      ],
    )
  })
})

describe('undo', () => {
  const entry = (
    sequence: number,
    kind: HistoryEntry['kind'],
    review: Partial<Parameters<typeof aReview>[0]>,
  ): HistoryEntry => {
    const { reviewer = 'clara' } = review ?? {}
    return {
      batch_id: 'batch-1',
      dialogue_id: 'd000',
      sequence,
      at: '2026-02-03T10:00:00Z',
      by: reviewer,
      kind,
      review: aReview({ reviewer, ...review }),
    }
  }

  it('keeps the time and guidelines of the verdict that it brings back', () => {
    const history = [
      entry(2, 'review', {
        revision: 1,
        feedback: 'first',
        reviewed_at: '2026-02-01T10:00:00Z',
        guidelines_version: 'g0',
      }),
      entry(3, 'review', { revision: 2, feedback: 'second' }),
    ]
    const item = anItem({ reviews: [aReview({ revision: 2 })], revision: 3, status: 'approved' })
    const undone = undoReview(item, history, aBatch(), clara, 2, NOW + 1)

    expect(undone).toMatchObject({
      outcome: 'changed',
      review: { revision: 3, feedback: 'first', reviewed_at: '2026-02-01T10:00:00Z', guidelines_version: 'g0' },
      change: { history: { kind: 'undo', sequence: 4, at: '2026-02-03T10:00:00.000Z' } },
    })
  })

  it('walks over what others and leads did, and over what was undone already', () => {
    const history = [
      entry(2, 'review', { revision: 1, feedback: 'first' }),
      entry(3, 'review', { revision: 1, reviewer: 'eva', feedback: 'hers' }),
      entry(4, 'review', { revision: 2, feedback: 'second' }),
      entry(5, 'undo', { revision: 3, feedback: 'first' }),
      entry(6, 'settlement', { revision: 1, feedback: 'as a lead', settlement: true }),
      entry(7, 'review', { revision: 4, feedback: 'third' }),
    ]
    const item = anItem({ reviews: [aReview({ revision: 4 })], revision: 7 })

    expect(undoReview(item, history, aBatch(), clara, 4, NOW + 1)).toMatchObject({
      review: { revision: 5, feedback: 'first' },
    })
  })

  it('holds the dialogue only if a review is missing that nobody else is at', () => {
    const history = [entry(2, 'review', { revision: 1 })]
    const item = (claims: ItemRecord['claims']) =>
      anItem({ reviews: [aReview({ revision: 1 })], status: 'pending', required_reviews: 1, claims })
    const claimsAfter = (claims: ItemRecord['claims']) => {
      const undone = undoReview(item(claims), history, aBatch(), clara, 1, NOW + 9)
      return undone.outcome === 'changed' ? undone.change.item.claims : undefined
    }

    expect(claimsAfter([])).toEqual([{ reviewer: 'clara', until: NOW + 9 }])
    expect(claimsAfter([{ reviewer: 'eva', until: NOW + 5 }])).toEqual([{ reviewer: 'eva', until: NOW + 5 }])
  })
})

describe('a claim', () => {
  it('is held until its last millisecond, and free from then on', () => {
    const item = anItem({ claims: [{ reviewer: 'eva', until: NOW }] })

    expect(claimable(item, { by: 'clara', now: NOW - 1 })).toBe('no')
    expect(claimable(item, { by: 'eva', now: NOW - 1 })).toBe('held')
    expect(claimable(item, { by: 'clara', now: NOW })).toBe('free')
    expect(activeClaims(item, NOW)).toEqual([])
  })

  it('drops lapsed ones and replaces my own', () => {
    const item = anItem({
      required_reviews: 2,
      claims: [
        { reviewer: 'eva', until: NOW },
        { reviewer: 'clara', until: NOW + 1 },
      ],
    })

    expect(claimItem(item, clara, NOW + 9)?.claims).toEqual([{ reviewer: 'clara', until: NOW + 9 }])
  })

  it('is not to be had on what is decided, disputed or judged by me', () => {
    for (const status of ['approved', 'rejected', 'needs_revision', 'disputed'] as const)
      expect(claimItem(anItem({ status }), clara, NOW + 9)).toBeUndefined()
    expect(claimItem(anItem({ required_reviews: 2, reviews: [aReview()] }), clara, NOW + 9)).toBeUndefined()
  })

  it('neither counts nor makes history, so that it needs one write', () => {
    const item = anItem()
    const change = itemChange(item, claimItem(item, clara, NOW + 9)!)

    expect(change).toEqual({
      expected_revision: 1,
      item: { ...item, revision: 2, claims: [{ reviewer: 'clara', until: NOW + 9 }] },
    })
  })
})

describe('a skip', () => {
  it('is counted, and gives the claim back', () => {
    const item = anItem({ claims: [{ reviewer: 'clara', until: NOW + 9 }] })

    expect(skipItem(item, clara)).toMatchObject({
      item: { skips: { clara: NOW }, claims: [] },
      counters: { 'skipped_by.clara': 1 },
    })
  })

  it('is nothing for what is decided or judged', () => {
    expect(skipItem(anItem({ status: 'approved' }), clara)).toBeUndefined()
    expect(skipItem(anItem({ required_reviews: 2, reviews: [aReview()] }), clara)).toBeUndefined()
  })
})

describe('a settlement', () => {
  it('is refused where nothing is disputed', () => {
    const item = anItem()

    expect(settle(item, aBatch(), clara, asItIs(item), aReviewForm())).toEqual({ outcome: 'not_disputed' })
  })

  it('leaves the reviews as they are', () => {
    const reviews = [aReview(), aReview({ reviewer: 'eva', status: 'rejected' })]
    const item = anItem({ reviews, status: 'disputed', required_reviews: 2 })
    const settled = settle(
      item,
      aBatch({ reviews_per_dialogue: 2 }),
      { by: 'lena', now: NOW },
      asItIs(item),
      aReviewForm(),
    )

    expect(settled.outcome === 'changed' && settled.change.item).toMatchObject({
      reviews,
      status: 'approved',
      settlement: { reviewer: 'lena', settlement: true },
    })
  })
})
