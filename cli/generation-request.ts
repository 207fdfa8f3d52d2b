import { randomInt } from 'node:crypto'
import { DEFAULT_OPENAI_SHARE } from '../core/generate/openai/model-share.ts'
import { parseRequest } from '../core/generate/request.ts'
import type { GenerationRequest } from '../core/generate/request.ts'
import type { AnswersJournal } from './answers-journal.ts'
import { UsageError } from './failure.ts'
import { MOST_RANDOM_SEED } from './generate.ts'
import type { GenerateOptions } from './generate.ts'
import type { Service } from './generation-model.ts'
import { quoted } from './shell-words.ts'

export type NumberedRequest = GenerationRequest & { random_seed: number }

export function requestOf(
  options: GenerateOptions,
  method: GenerationRequest['method'],
  service: Service | undefined,
  journal: AnswersJournal | undefined,
): NumberedRequest {
  const { count, concerns, sessionTypes, openaiShare, temperature, maxCost, maskPii, onFailure } = options
  const model =
    service === undefined
      ? {}
      : {
          openai_share: method === 'openai' ? undefined : (openaiShare ?? DEFAULT_OPENAI_SHARE),
          model: service.model,
          temperature,
          max_cost_usd: maxCost,
          mask_pii: maskPii,
          on_failure: onFailure,
        }
  return {
    ...parseRequest({ count, concerns, session_types: sessionTypes, method, ...model }),
    random_seed: options.randomSeed ?? seedOf(journal) ?? randomInt(MOST_RANDOM_SEED + 1),
  }
}

/** An interrupted run goes on with the seed that was drawn for it. */
function seedOf(journal: AnswersJournal | undefined): number | undefined {
  const seed = journal?.parameters?.['random-seed']
  return typeof seed === 'number' ? seed : undefined
}

/** What ids are made from: how much may be paid, and what happens then, changes no dialogue. */
export function batchRequest(request: NumberedRequest): NumberedRequest {
  const { max_cost_usd: _cost, on_failure: _failure, ...rest } = request
  return rest
}

/** `--use-openai` is hybrid, whatever else is asked of a model without a method too. */
export function methodOf(options: GenerateOptions): GenerationRequest['method'] {
  const { method, useOpenai, openaiShare } = options
  if (method === 'openai' && openaiShare !== undefined && openaiShare < 1)
    throw new UsageError(
      `--method openai has the model write everything, and --openai-share asks for ${openaiShare} of it`,
      'Take --method hybrid with a share, or leave the share out.',
    )
  const asked = method ?? (useOpenai === true || openaiShare !== undefined ? 'hybrid' : 'template')
  if (asked !== 'template') return asked
  const idle = MODEL_OPTIONS.find(([name]) => options[name] !== undefined)
  if (idle !== undefined)
    throw new UsageError(
      `${idle[1]} is for a language model, and ${method === undefined ? 'none is asked for' : 'the method is template'}`,
      'Add --use-openai (a part by the model) or --method openai (everything), or leave it out.',
    )
  return asked
}

const MODEL_OPTIONS: readonly (readonly [keyof GenerateOptions, string])[] = [
  ['useOpenai', '--use-openai'],
  ['openaiShare', '--openai-share'],
  ['model', '--model'],
  ['baseUrl', '--base-url'],
  ['temperature', '--temperature'],
  ['maxCost', '--max-cost'],
  ['price', '--price'],
  ['dryRun', '--dry-run'],
  ['onFailure', '--on-failure'],
  ['maskPii', '--mask-pii'],
  ['concurrency', '--concurrency'],
  ['requestsPerMinute', '--requests-per-minute'],
  ['tokensPerMinute', '--tokens-per-minute'],
  ['timeout', '--timeout'],
]

export function askedBy({ useOpenai, method }: GenerateOptions): string {
  return method !== undefined ? `--method ${method}` : useOpenai === true ? '--use-openai' : '--openai-share'
}

/** The command that gives the same dialogues again. */
export function repeatCommand(options: GenerateOptions, request: NumberedRequest): string {
  const model = request.method === 'template' ? [] : modelWords(options, request)
  const words = [
    'dialogues generate',
    `--count ${options.count}`,
    ...(options.seed === undefined ? [] : [`--seed ${quoted(options.seed)}`]),
    ...(options.concerns === undefined ? [] : [`--concerns ${options.concerns.map(quoted).join(' ')}`]),
    ...(options.sessionTypes === undefined ? [] : [`--session-types ${options.sessionTypes.join(' ')}`]),
    ...model,
    `--random-seed ${request.random_seed}`,
    `--output ${quoted(options.output)}`,
  ]
  return words.join(' ')
}

function modelWords(options: GenerateOptions, request: NumberedRequest): string[] {
  const said = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`${name} ${quoted(String(value))}`]
  return [
    `--method ${request.method}`,
    ...said('--openai-share', options.openaiShare),
    ...said('--model', request.model),
    ...said('--base-url', options.baseUrl),
    ...said('--temperature', options.temperature),
    ...said('--max-cost', options.maxCost),
    ...said('--price', options.price),
    ...said('--on-failure', options.onFailure),
    ...(options.maskPii === true ? ['--mask-pii'] : []),
    ...said('--concurrency', options.concurrency),
  ]
}
