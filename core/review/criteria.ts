import { CRITERIA } from '../dialogue/vocabulary.ts'
import type { ReviewForm } from './review.ts'

/**
 * The criteria as a review stores them, on the page and in the terminal alike: to approve is to say that all five pass,
 * but for those marked otherwise; with any other verdict only what was marked is said.
 */
export function criteriaWith(
  status: ReviewForm['status'],
  marked: Readonly<ReviewForm['criteria']>,
): ReviewForm['criteria'] {
  if (status !== 'approved') return { ...marked }
  return Object.fromEntries(CRITERIA.map((criterion) => [criterion, marked[criterion] ?? 'pass']))
}
