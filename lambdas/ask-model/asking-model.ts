import type { DialogueModel, ModelOutcome } from '../../core/generate/openai/dialogue-model.ts'
import { createModelCalls } from '../../core/generate/openai/model-calls.ts'
import type { PipelineModel } from '../../core/pipeline/settings.ts'
import type { Log } from '../../core/ports.ts'
import { createOpenAiModel } from '../../openai-model/openai-model.ts'
import { systemTimer } from '../../openai-model/system-timer.ts'
import { modelTermsOf } from '../shared/model-terms.ts'
import { readSecret } from '../shared/read-secret.ts'
import type { Env } from './env.ts'

/** An answer takes 10 to 40 s; the function has five minutes, and a call that hangs must leave room for others. */
const CALL_TIMEOUT_MS = 60_000
/** A new key is used after this at the latest, by workers that are warm, too. */
const KEY_FOR_MS = 5 * 60_000

/** The model as a worker asks it. */
export function askingModel(env: Env, log: Log): PipelineModel {
  const limits = {
    requests_per_minute: Number(env.REQUESTS_PER_MINUTE),
    tokens_per_minute: Number(env.TOKENS_PER_MINUTE),
  }
  return {
    ...modelTermsOf(env),
    calls: ({ model, price, max_cost_usd }) =>
      createModelCalls({
        model: keyedModel(model, env),
        limits,
        ...(price === undefined ? {} : { price }),
        ...(max_cost_usd === undefined ? {} : { max_cost_usd }),
        timer: systemTimer,
        rng: Math.random,
        log,
      }),
    openAnswers: () => Promise.reject(new Error('a worker keeps the answers of its part, not of a batch')),
  }
}

let key: { text: Promise<string>; until: number } | undefined

/** Reads the key when the first call is made. A secret that cannot be read is a fault of ours and thrown: the part comes back. */
function keyedModel(model: string, env: Env): DialogueModel {
  return {
    model,
    async write(call, signal) {
      const now = Date.now()
      if (key === undefined || key.until <= now)
        key = { text: readSecret(env.MODEL_KEY_SECRET), until: now + KEY_FOR_MS }
      const reading = key
      const apiKey = await reading.text.catch((error: unknown) => {
        if (key === reading) key = undefined
        throw error
      })
      // As the stack makes it: nobody has put a key there yet.
      const missing = apiKey.startsWith('{')
      const outcome: ModelOutcome = missing
        ? { outcome: 'failed', why: 'authentication', message: noKey(env), latency_ms: 0 }
        : await openAiModel(apiKey, model, env).write(call, signal)
      // Somebody is going to put a better one there; the next batch shall not wait for it.
      if (outcome.outcome === 'failed' && outcome.why === 'authentication' && key === reading) key = undefined
      return outcome
    },
  }
}

function noKey(env: Env): string {
  return `No API key is set. Put one into the secret ${env.MODEL_KEY_SECRET} (docs/guides/deployment.md).`
}

let opened: { for: string; model: DialogueModel } | undefined

function openAiModel(apiKey: string, model: string, env: Env): DialogueModel {
  const wanted = `${model} ${apiKey}`
  if (opened?.for !== wanted)
    opened = {
      for: wanted,
      model: createOpenAiModel({ apiKey, baseUrl: env.MODEL_BASE_URL, model, timeout_ms: CALL_TIMEOUT_MS }),
    }
  return opened.model
}
