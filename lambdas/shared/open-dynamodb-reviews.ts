import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { ReviewStore } from '../../core/review/store.ts'
import { createDynamoReviewStore } from './dynamodb-review-store.ts'

/** The reviews table, with the function's own role. */
export function openDynamoReviews(table: string): ReviewStore {
  return createDynamoReviewStore({ client: new DynamoDBClient({}), table })
}
