import type { ReviewStore } from '../../core/review/store.ts'
import { reviewStoreWhenNeeded } from './review-store-when-needed.ts'

/** How a stage comes by the reviews; which it is follows from what the stage's description says of them. */
export type OpenReviews = (table: string) => ReviewStore

/** For stages that write reviews only when an upload is refused: the client is loaded then. */
export const reviewsWhenRefused: OpenReviews = (table) =>
  reviewStoreWhenNeeded(async () => (await import('./open-dynamodb-reviews.ts')).openDynamoReviews(table))

/** For stages whose description says that they have nothing to do with reviews, and whose role says so too. */
export const noReviews: OpenReviews = () =>
  reviewStoreWhenNeeded(() => Promise.reject(new Error('This stage has no reviews (core/pipeline/stages.ts).')))
