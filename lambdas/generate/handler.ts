import { runGenerate } from '../../core/pipeline/generate-stage.ts'
import { contentBanks } from '../shared/content-banks.ts'
import { createStageFunction } from '../shared/stage-function.ts'
import { reviewsWhenRefused } from '../shared/stage-reviews.ts'
import { EnvSchema } from './env.ts'
import { handedOutModel } from './handed-out-model.ts'

/** A seed file or a request was uploaded: dialogues are made of it; or a model has been asked for the last of them. */
export const handler = createStageFunction('generate', runGenerate, {
  banks: contentBanks(),
  openReviews: reviewsWhenRefused,
  model: ({ datasets }) => handedOutModel(EnvSchema.parse(process.env), datasets),
})
