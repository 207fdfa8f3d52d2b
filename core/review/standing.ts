import type { Verdict } from '../dialogue/vocabulary.ts'
import type { Review } from './review.ts'
import type { ItemRecord, ItemStatus } from './store.ts'

/** A review that counts: it has a verdict, given for the newest version of the dialogue. */
export type StandingReview = Review & { status: Verdict }

export function standingReviews(item: Pick<ItemRecord, 'reviews' | 'version'>): StandingReview[] {
  return item.reviews.filter((review) => stands(review, item))
}

export function standingReviewOf(
  item: Pick<ItemRecord, 'reviews' | 'version'>,
  reviewer: string,
): StandingReview | undefined {
  return standingReviews(item).find((review) => review.reviewer === reviewer)
}

export function standingSettlement(item: Pick<ItemRecord, 'settlement' | 'version'>): StandingReview | undefined {
  return item.settlement !== undefined && stands(item.settlement, item) ? item.settlement : undefined
}

function stands(review: Review, item: Pick<ItemRecord, 'version'>): review is StandingReview {
  return review.status !== null && review.version === item.version
}

/**
 * What the reviews come to. A settlement decides; else the reviews that are asked for must all be in, and agree. More
 * than were asked for (two reviewers at work when one lease lapsed) count too.
 */
export function statusOf(
  item: Pick<ItemRecord, 'reviews' | 'settlement' | 'version' | 'required_reviews'>,
): ItemStatus {
  const settlement = standingSettlement(item)
  if (settlement !== undefined) return settlement.status
  const reviews = standingReviews(item)
  const [first] = reviews
  if (first === undefined || reviews.length < item.required_reviews) return 'pending'
  return agree(reviews) ? first.status : 'disputed'
}

/**
 * Agreement: one verdict, and for an approval also no label that two reviewers settled differently, because the
 * approved dialogue can carry only one. A label that a reviewer left alone agrees with anything.
 */
export function agree(reviews: readonly StandingReview[]): boolean {
  const [first] = reviews
  if (first === undefined) return true
  if (reviews.some((review) => review.status !== first.status)) return false
  if (first.status !== 'approved') return true
  const finals = new Map<string, string>()
  for (const review of reviews)
    for (const [field, value] of finalLabels(review)) {
      const earlier = finals.get(field)
      if (earlier !== undefined && earlier !== value) return false
      finals.set(field, value)
    }
  return true
}

/** Each label that the review verified or corrected, with its final value; per-turn ones as `turns.<index>.<field>`. */
export function finalLabels(review: Pick<Review, 'labels'>): [field: string, value: string][] {
  const { turns, ...labels } = review.labels
  const found: [string, string][] = []
  for (const [field, label] of Object.entries(labels)) if (label !== undefined) found.push([field, label.final])
  for (const [turn, fields] of Object.entries(turns ?? {}))
    for (const [field, label] of Object.entries(fields))
      if (label !== undefined) found.push([`turns.${turn}.${field}`, label.final])
  return found
}

/** The final value of one dialogue-level label: the settlement's, else the first that a standing review corrected or verified. */
export function settledLabel<Field extends 'concern' | 'session_type' | 'max_risk_level'>(
  item: Pick<ItemRecord, 'reviews' | 'settlement' | 'version'>,
  field: Field,
): NonNullable<Review['labels'][Field]>['final'] | undefined {
  const settlement = standingSettlement(item)
  for (const review of settlement === undefined ? standingReviews(item) : [settlement]) {
    const label = review.labels[field]
    if (label !== undefined) return label.final
  }
  return undefined
}
