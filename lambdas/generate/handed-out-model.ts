import { answersOfParts } from '../../core/pipeline/asking.ts'
import type { PipelineModel } from '../../core/pipeline/settings.ts'
import type { ObjectStore } from '../../core/ports.ts'
import { modelTermsOf } from '../shared/model-terms.ts'
import type { Env } from './env.ts'

/** The model as this stage uses it: it hands the asking out, and puts together what others were answered. */
export function handedOutModel(env: Env, datasets: ObjectStore): PipelineModel {
  return {
    ...modelTermsOf(env),
    calls: () => undefined,
    openAnswers: async (batch_id) => ({
      kept: await answersOfParts(datasets, batch_id),
      keep: () => undefined,
      forget: () => undefined,
      close: () => undefined,
    }),
  }
}
