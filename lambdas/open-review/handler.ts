import { runOpenReview } from '../../core/pipeline/open-review-stage.ts'
import { createStageFunction } from '../shared/stage-function.ts'
import { noBanks } from '../shared/stage-settings.ts'

/** A dataset was generated or uploaded: it becomes a batch under review. */
export const handler = createStageFunction('open-review', runOpenReview, noBanks)
