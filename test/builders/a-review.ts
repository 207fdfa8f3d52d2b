import { contentSha256 } from '../../core/dialogue/content-hash.ts'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import { ReviewFormSchema, type Review, type ReviewForm } from '../../core/review/review.ts'
import { aDialogue } from './a-dialogue.ts'

/** A valid review form with a verdict; override what the test is about. */
export function aReviewForm(overrides: Partial<ReviewForm> = {}): ReviewForm {
  return {
    ...ReviewFormSchema.parse({ status: 'approved', active_ms: 42_000 }),
    criteria: { realistic: 'pass', appropriate: 'pass', techniques: 'pass', safety: 'pass', labels: 'pass' },
    ...overrides,
  }
}

/** An approval by one clinician of what {@link aDialogue} returns, or of the dialogue given. */
export function aReview(overrides: Partial<Review> = {}, of: Dialogue = aDialogue()): Review {
  return {
    ...aReviewForm(),
    dialogue_id: of.dialogue_id,
    reviewer: 'clara',
    revision: 1,
    version: 1,
    content_sha256: contentSha256(of),
    guidelines_version: '1',
    reviewed_at: '2026-02-03T10:00:00Z',
    ...overrides,
  }
}

/** A review as the team's present tools write it: no hash, no reviewer, no criteria. */
export function aPlainReview(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    dialogue_id: 'dialogue_001',
    status: 'approved',
    reviewed_at: '2026-02-03T10:00:00.123456',
    feedback: '',
    notes: [],
    ...overrides,
  }
}
