import { runOpenReview } from '../../core/pipeline/open-review-stage.ts'
import { openDynamoReviews } from '../shared/open-dynamodb-reviews.ts'
import { createStageFunction } from '../shared/stage-function.ts'
import { noBanks } from '../shared/stage-settings.ts'

/** A dataset was generated or uploaded: it becomes a batch under review. */
export const handler = createStageFunction('open-review', runOpenReview, {
  banks: noBanks,
  openReviews: openDynamoReviews,
})
