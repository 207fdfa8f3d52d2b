import * as z from 'zod'
import type { ModelCall, ModelCalls, ModelFailure, NotStarted } from './dialogue-model.ts'

const UsageSchema = z.object({
  input_tokens: z.number().int().nonnegative(),
  cached_input_tokens: z.number().int().nonnegative(),
  output_tokens: z.number().int().nonnegative(),
})

const about = {
  /** What it is an answer to: `key` of the prompt. */
  key: z.string(),
  attempt: z.union([z.literal(1), z.literal(2)]),
  /** 0-based index of the plan, for people who look into the file. */
  index: z.number().int().nonnegative(),
}
const paid = { usage: UsageSchema, cost_usd: z.number().nonnegative() }

/**
 * What came of one call, as it is kept: in the journal beside an output, or in a part of a batch that is written by many
 * hands. Everything that was paid for is in it; a failure costs nothing and is only kept where nobody can ask again.
 */
export const AnswerRecordSchema = z.discriminatedUnion('outcome', [
  z.object({ ...about, ...paid, outcome: z.literal('answered'), model: z.string(), value: z.unknown() }),
  z.object({
    ...about,
    ...paid,
    outcome: z.literal('unusable'),
    why: z.enum(['refused', 'content_filter', 'length', 'not_json', 'wrong_schema', 'empty']),
    detail: z.string(),
  }),
  z.object({ ...about, outcome: z.literal('failed'), why: z.string(), message: z.string() }),
])
export type AnswerRecord = z.infer<typeof AnswerRecordSchema>
export type PaidAnswer = Exclude<AnswerRecord, { outcome: 'failed' }>

/** Why there is no answer: the service failed, or it was not asked. `not_asked`: nobody may ask any more. */
export type NoAnswerReason = ModelFailure | NotStarted['why'] | 'not_asked'

export type Asked =
  { outcome: 'paid'; record: PaidAnswer; reused: boolean } | { outcome: 'none'; why: NoAnswerReason; message: string }

/** Where answers come from: those that were kept, then the service. */
export interface Answers {
  /** Of the service, so far. */
  readonly received: number
  /** Resolves when what was paid for is durable. Never throws for what a service does. */
  ask(
    about: { key: string; attempt: 1 | 2; index: number },
    call: () => ModelCall,
    signal?: AbortSignal,
  ): Promise<Asked>
}

export interface AnswersOptions {
  /** Undefined: only what was kept counts, as when a batch is put together from its parts. */
  calls: ModelCalls | undefined
  /** US dollars. */
  costOf: (usage: z.infer<typeof UsageSchema>) => number
  kept?: Iterable<AnswerRecord>
  /** Makes a record durable before it resolves; the answer is only used afterwards. */
  keep?: (record: AnswerRecord) => void | Promise<void>
  /** Also failures: for parts, whose reader cannot ask again. @default false */
  keepFailures?: boolean
}

export function createAnswers({ calls, costOf, kept = [], keep, keepFailures = false }: AnswersOptions): Answers {
  let received = 0
  const known = new Map<string, AnswerRecord>()
  for (const record of kept) {
    const at = placeOf(record)
    // A part may have been written twice; what was paid for counts more than a failure.
    if (known.get(at)?.outcome !== 'answered') known.set(at, record)
  }
  return {
    get received() {
      return received
    },
    async ask(about, call, signal) {
      const record = known.get(placeOf(about))
      // It has served: memory is for those to come.
      known.delete(placeOf(about))
      if (record !== undefined && record.outcome !== 'failed') return { outcome: 'paid', record, reused: true }
      if (calls === undefined)
        return record === undefined
          ? { outcome: 'none', why: 'not_asked', message: 'It was not asked for.' }
          : { outcome: 'none', why: reasonOf(record.why), message: record.message }
      const outcome = await calls.run(call(), signal)
      if (outcome.outcome === 'answered' || outcome.outcome === 'unusable') received++
      switch (outcome.outcome) {
        case 'answered': {
          const { value, usage, model } = outcome
          const paid: PaidAnswer = { ...about, outcome: 'answered', value, usage, model, cost_usd: costOf(usage) }
          await keep?.(paid)
          return { outcome: 'paid', record: paid, reused: false }
        }
        case 'unusable': {
          const { why, detail, usage } = outcome
          const paid: PaidAnswer = { ...about, outcome: 'unusable', why, detail, usage, cost_usd: costOf(usage) }
          await keep?.(paid)
          return { outcome: 'paid', record: paid, reused: false }
        }
        case 'failed':
        case 'not_started': {
          const { why, message } = outcome
          if (keepFailures && why !== 'aborted') await keep?.({ ...about, outcome: 'failed', why, message })
          return { outcome: 'none', why, message }
        }
      }
    },
  }
}

function placeOf({ key, attempt }: { key: string; attempt: 1 | 2 }): string {
  return `${key} ${attempt}`
}

/** The service, or the money for it, was why: asking again may be worth it. */
export const SERVICE_REASONS = [
  'authentication',
  'permission',
  'model_not_found',
  'bad_request',
  'quota_exhausted',
  'rate_limited',
  'server',
  'timeout',
  'connection',
  'budget',
  'stopped',
] as const satisfies readonly NoAnswerReason[]

const REASONS: readonly NoAnswerReason[] = [...SERVICE_REASONS, 'aborted']

function reasonOf(why: string): NoAnswerReason {
  return REASONS.find((reason) => reason === why) ?? 'not_asked'
}
