import { runGenerate } from '../../core/pipeline/generate-stage.ts'
import { contentBanks } from '../shared/content-banks.ts'
import { createStageFunction } from '../shared/stage-function.ts'
import { reviewsWhenRefused } from '../shared/stage-reviews.ts'

/** A seed file or a request was uploaded: dialogues are made of it. */
export const handler = createStageFunction('generate', runGenerate, {
  banks: contentBanks(),
  openReviews: reviewsWhenRefused,
})
