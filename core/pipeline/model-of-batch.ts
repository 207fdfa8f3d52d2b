import { InputError } from '../errors.ts'
import { createAnswers, type AnswerRecord } from '../generate/openai/answers.ts'
import type { ModelSide } from '../generate/openai/model-dialogues.ts'
import { costOf, type ModelPrice } from '../generate/openai/prices.ts'
import type { GenerationRequest } from '../generate/request.ts'
import { releasableExamples } from '../generate/seeds/personal-data.ts'
import type { SeedPatterns } from '../generate/seeds/read-seed-patterns.ts'
import type { SeedExample } from '../generate/seeds/seed-examples.ts'
import type { Log } from '../ports.ts'
import type { KeptAnswers, PipelineModel } from './settings.ts'

export interface ModelledBatch {
  batch_id: string
  request: GenerationRequest
  seeds: { name: string; patterns: SeedPatterns } | undefined
}

/** What a request comes to before anything is sent: which model, for how much, and what it is shown. */
export interface ModelTerms {
  model: string
  price: ModelPrice | undefined
  /** Undefined only for a model that costs nothing by the token. */
  max_cost_usd: number | undefined
  examples: readonly SeedExample[]
}

/** @throws InputError for personal data in the seeds, and for a model whose price nobody knows */
export function modelTerms({ request, seeds }: ModelledBatch, home: PipelineModel, where: string): ModelTerms {
  const model = request.model ?? home.name
  const price = home.priceOf(model)
  if (price === undefined && (!home.mayBeUnpriced || request.max_cost_usd !== undefined))
    throw new InputError(`no price is known for the model "${model}", so no budget can be kept`, {
      where,
      fix: 'Name another model, or add its price to content/prices.json.',
    })
  const max_cost_usd = price === undefined ? undefined : Math.min(request.max_cost_usd ?? Infinity, home.maxCostUsd)
  const examples =
    seeds === undefined
      ? []
      : releasableExamples(seeds.patterns.examples, {
          mask: request.mask_pii === true,
          where: seeds.name,
          fix: 'Take it out of the file; or ask with "mask_pii": true, which shows the model the seeds with it masked.',
        })
  return { model, price, max_cost_usd, examples }
}

/** Share of the model's dialogues after which a line goes into the log. */
const LOG_EVERY = 0.1

/**
 * The model's side of a batch that one process writes: answers of an earlier attempt first, then the service. Where many
 * write one batch, see core/generate/openai/model-parts.ts.
 */
export async function openModelSide(
  batch: ModelledBatch,
  terms: ModelTerms,
  home: PipelineModel,
  log: Log,
): Promise<{ side: ModelSide; answers: KeptAnswers }> {
  const { batch_id, request } = batch
  const { model, price, max_cost_usd, examples } = terms
  const answers = await home.openAnswers(batch_id)
  const before = paidFor(answers.kept)
  const calls = home.calls({
    model,
    price,
    max_cost_usd: max_cost_usd === undefined ? undefined : Math.max(0, max_cost_usd - before),
  })
  let told = 0
  const side: ModelSide = {
    model,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    prompts: await home.prompts(),
    examples,
    answers: createAnswers({
      calls,
      costOf: (usage) => (price === undefined ? 0 : costOf(usage, price)),
      kept: answers.kept,
      keep: answers.keep,
    }),
    // Nobody watches: a batch with templates in it is worth more than none, and it says where they are.
    on_failure: request.on_failure ?? 'fallback',
    onStopped: (why, message) => log.warn('model.given_up', { batch_id, why, message }),
    onDecided: ({ by_method, fallbacks, spent }) => {
      const { planned, written } = by_method.openai
      const decided = written + Object.values(fallbacks).reduce((sum, count) => sum + count, 0)
      if (decided < planned && decided - told < planned * LOG_EVERY) return
      told = decided
      log.info('model.progressed', { batch_id, decided, planned, accepted: written, cost_usd: spent.cost_usd })
    },
  }
  return { side, answers }
}

/** US dollars. */
export function paidFor(answers: Iterable<AnswerRecord>): number {
  let sum = 0
  for (const answer of answers) if (answer.outcome !== 'failed') sum += answer.cost_usd
  return sum
}
