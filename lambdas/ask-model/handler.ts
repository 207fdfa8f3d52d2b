import { runAskModel } from '../../core/pipeline/ask-model-stage.ts'
import { contentBanks } from '../shared/content-banks.ts'
import { createStageFunction } from '../shared/stage-function.ts'
import { noReviews } from '../shared/stage-reviews.ts'
import { EnvSchema } from './env.ts'
import { askingModel } from './asking-model.ts'

/** A part of a batch is waiting: the model is asked for its dialogues. */
export const handler = createStageFunction('ask-model', runAskModel, {
  banks: contentBanks(),
  openReviews: noReviews,
  model: ({ log }) => askingModel(EnvSchema.parse(process.env), log),
})
