import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createModelCalls } from '../core/generate/openai/model-calls.ts'
import { priceOf } from '../core/generate/openai/prices.ts'
import { loadPrompts } from '../core/generate/openai/prompts.ts'
import type { PipelineModel } from '../core/pipeline/settings.ts'
import type { Log } from '../core/ports.ts'
import { createOpenAiModel, OPENAI_BASE_URL } from '../openai-model/openai-model.ts'
import { PRICES } from '../openai-model/price-table.ts'
import { systemTimer } from '../openai-model/system-timer.ts'
import { openAnswersFile } from './answers-file.ts'
import { readPromptFiles } from './content-folder.ts'

/** A model that writes such dialogues well for little; docs/guides/openai.md compares. */
export const DEFAULT_MODEL = 'gpt-4.1-mini'

/** Dollars that one request may cost when nobody said otherwise: some 1,600 dialogues of the default model. */
const MOST_COST_USD = 5

/**
 * The language model of the one-machine home, by the environment: `OPENAI_API_KEY`, and if wanted `OPENAI_BASE_URL`,
 * `OPENAI_MODEL`, `OPENAI_MAX_COST_USD` (for one request) and `OPENAI_CONCURRENCY`.
 * @param folder where answers are kept until their batch is written
 */
export function modelOfHome(env: NodeJS.ProcessEnv, folder: string, log: Log): PipelineModel | { missing: string } {
  const apiKey = given(env['OPENAI_API_KEY'])
  if (apiKey === undefined)
    return {
      missing:
        'Set OPENAI_API_KEY and start again (export OPENAI_API_KEY=sk-…; npm start), then save the request again. Or ask for method "template".',
    }
  const baseUrl = given(env['OPENAI_BASE_URL']) ?? OPENAI_BASE_URL
  const wrong = ['OPENAI_MAX_COST_USD', 'OPENAI_CONCURRENCY'].find((name) => Number.isNaN(numberOf(env, name)))
  if (wrong !== undefined)
    return { missing: `${wrong} is "${env[wrong] ?? ''}": set it to a number above 0, or unset it, and start again.` }
  const maxCostUsd = numberOf(env, 'OPENAI_MAX_COST_USD') ?? MOST_COST_USD
  const concurrency = numberOf(env, 'OPENAI_CONCURRENCY')
  return {
    name: given(env['OPENAI_MODEL']) ?? DEFAULT_MODEL,
    maxCostUsd,
    prompts: async () => loadPrompts(await readPromptFiles()),
    priceOf: (model) => priceOf(PRICES, model),
    mayBeUnpriced: baseUrl !== OPENAI_BASE_URL,
    calls: ({ model, price, max_cost_usd }) =>
      createModelCalls({
        model: createOpenAiModel({ apiKey, baseUrl, model }),
        limits: concurrency === undefined ? {} : { max_concurrency: concurrency },
        ...(price === undefined ? {} : { price }),
        ...(max_cost_usd === undefined ? {} : { max_cost_usd }),
        timer: systemTimer,
        rng: Math.random,
        log,
      }),
    openAnswers: async (batch_id) => {
      mkdirSync(folder, { recursive: true })
      const file = openAnswersFile(join(folder, `${batch_id}.jsonl`))
      return {
        kept: file.answers,
        keep: (record) => file.append(record),
        forget: () => file.remove(),
        close: () => file.close(),
      }
    },
  }
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim()
}

/** NaN for what is no number above 0. */
function numberOf(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = given(env[name])
  if (text === undefined) return undefined
  const value = Number(text)
  return value > 0 ? value : NaN
}
