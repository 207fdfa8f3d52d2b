import {
  BASE_TIME,
  MOST_DIALOGUE_BYTES,
  type PipelineModel,
  type PipelineSettings,
} from '../../core/pipeline/settings.ts'
import { DEFAULT_OVERLAP, NO_OVERLAP } from '../../core/review/overlap.ts'
import type { StageEnv } from './stage-env.ts'

/** What the environment record says about the stages, as the stages read it. */
export function stageSettings(
  env: StageEnv,
  { banks, model }: { banks: PipelineSettings['banks']; model?: PipelineModel },
): PipelineSettings {
  return {
    mostUploadBytes: Number(env.MAX_UPLOAD_BYTES),
    mostDialogueBytes: MOST_DIALOGUE_BYTES,
    defaultRequest: { count: Number(env.REQUEST_COUNT) },
    reviewsPerDialogue: Number(env.REVIEWS_PER_DIALOGUE),
    overlap: env.SECOND_REVIEWS === 'yes' ? DEFAULT_OVERLAP : NO_OVERLAP,
    guidelinesVersion: env.GUIDELINES_VERSION,
    baseTime: BASE_TIME,
    banks,
    model: model ?? { missing: 'This stage has nothing to do with a model.' },
  }
}

/** For the stages that generate nothing: the banks are not in their bundle. */
export function noBanks(): never {
  throw new Error('This stage has no template banks.')
}
