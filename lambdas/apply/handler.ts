import { runApply } from '../../core/pipeline/apply-stage.ts'
import { createStageFunction } from '../shared/stage-function.ts'
import { noReviews } from '../shared/stage-reviews.ts'
import { noBanks } from '../shared/stage-settings.ts'

/** A batch was closed, or a reviews file uploaded: what was approved is written out. */
export const handler = createStageFunction('apply', runApply, { banks: noBanks, openReviews: noReviews })
