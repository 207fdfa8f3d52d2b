import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { priceOf } from '../../core/generate/openai/prices.ts'
import { loadPrompts, type Prompts } from '../../core/generate/openai/prompts.ts'
import type { PipelineModel } from '../../core/pipeline/settings.ts'
import { PRICES } from '../../openai-model/price-table.ts'
import type { ModelEnv } from './model-env.ts'

const PromptFilesSchema = z.array(z.object({ path: z.string(), text: z.string() }))

/** What handing out, asking and putting together must agree on. Without a price no budget can be kept, so there must be one. */
export function modelTermsOf(env: ModelEnv): Omit<PipelineModel, 'calls' | 'openAnswers'> {
  return {
    name: env.MODEL,
    maxCostUsd: Number(env.MODEL_MAX_COST_USD),
    prompts: contentPrompts(),
    priceOf: (model) => priceOf(PRICES, model),
    mayBeUnpriced: false,
    parts: { dialogues: Number(env.PART_DIALOGUES), part_ms: Number(env.PART_SECONDS) * 1000 },
  }
}

/** content/prompts, put beside the bundle as JSON when it was made. */
export function contentPrompts(file = join(import.meta.dirname, 'prompts.json')): () => Promise<Prompts> {
  let prompts: Promise<Prompts> | undefined
  return () =>
    (prompts ??= readFile(file, 'utf8').then((text) => loadPrompts(PromptFilesSchema.parse(JSON.parse(text)))))
}
