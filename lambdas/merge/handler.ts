import { runMerge } from '../../core/pipeline/merge-stage.ts'
import { createStageFunction } from '../shared/stage-function.ts'
import { noReviews } from '../shared/stage-reviews.ts'
import { noBanks } from '../shared/stage-settings.ts'

/** An approved set was written: it joins the training set. */
export const handler = createStageFunction('merge', runMerge, { banks: noBanks, openReviews: noReviews })
