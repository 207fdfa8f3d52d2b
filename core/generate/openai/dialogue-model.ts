import type * as z from 'zod'

/**
 * The port to a language model behind an API that speaks the OpenAI protocol. One call, no retries, no waiting in
 * line: those belong to the {@link ModelCalls} in front of it, so that they are the same for every adapter and can be
 * tested with a clock of the test's own. What the service does never throws; it is an outcome.
 */
export interface DialogueModel {
  /** The model that is asked, as the service names it. */
  readonly model: string
  write(call: ModelCall, signal?: AbortSignal): Promise<ModelOutcome>
}

export interface ModelCall {
  /** Plan item and attempt, e.g. `17.1`; in logs, and sent so that a repeated call can be recognised. */
  id: string
  messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[]
  /** What the answer must be; the adapter asks the service for structured output by it. */
  answer: { name: string; schema: z.ZodType }
  max_output_tokens: number
  /** The service's own default when left out. */
  temperature?: number
  /** Tokens that the messages are expected to take; for the budgets of tokens a minute and of money. */
  estimated_input_tokens: number
  /** Tokens that the answer is expected to take. */
  estimated_output_tokens: number
}

export interface TokenUsage {
  input_tokens: number
  /** The part of input_tokens that the service read from its cache, which is cheaper. */
  cached_input_tokens: number
  output_tokens: number
}

/** Why a call that may be paid for gave no answer that can be used. */
export type Unusable =
  | 'refused'
  | 'content_filter'
  /** Ended by the output limit. */
  | 'length'
  | 'not_json'
  /** JSON, but not of the schema. */
  | 'wrong_schema'
  | 'empty'

/** Why a call failed before anything was written. */
export type ModelFailure =
  /** 401 */
  | 'authentication'
  /** 403 */
  | 'permission'
  /** 404 */
  | 'model_not_found'
  /** 400, 422: this program asks wrongly, or the service does not know structured output */
  | 'bad_request'
  /** 429 with `insufficient_quota`: the account is out of money; waiting does not help */
  | 'quota_exhausted'
  /** 429 */
  | 'rate_limited'
  /** 5xx */
  | 'server'
  | 'timeout'
  | 'connection'
  /** The caller's signal */
  | 'aborted'

/** One of the service's budgets, as the headers of an answer tell it. */
export interface ObservedLimit {
  /** What the budget holds when nothing was used for long. */
  limit: number
  /** After this call. */
  remaining: number
  /** How long until it is full again, when nobody calls; where the service says so. */
  full_in_ms?: number
}

/** The service's budgets as it last told them; absent where it says nothing. */
export interface ObservedLimits {
  requests?: ObservedLimit
  tokens?: ObservedLimit
}

export type ModelOutcome = (
  | { outcome: 'answered'; value: unknown; usage: TokenUsage; model: string }
  | { outcome: 'unusable'; why: Unusable; detail: string; usage: TokenUsage }
  | {
      outcome: 'failed'
      why: ModelFailure
      /** One sentence for a person; never a key, never dialogue text. */
      message: string
      /** From `retry-after` or `retry-after-ms`. */
      retry_after_ms?: number
      /** The request went out and nothing came back: the service may have written, and charge for, an answer. */
      may_be_billed?: boolean
    }
) & { latency_ms: number; limits?: ObservedLimits }

/** No retry and no other call can cure these: one is enough to stop. */
export const FATAL_FAILURES: ReadonlySet<ModelFailure> = new Set([
  'authentication',
  'permission',
  'model_not_found',
  'bad_request',
  'quota_exhausted',
])

/**
 * Many calls against one service: adaptive concurrency, budgets of requests and tokens a minute, retries of what a
 * retry can cure, a hard limit on money. `run` resolves when the call has its final outcome; `not_started` says why a
 * call was never paid for.
 */
export interface ModelCalls {
  run(call: ModelCall, signal?: AbortSignal): Promise<ModelOutcome | NotStarted>
  readonly spent: Spent
  /** How the answers so far compare with their estimates; a forecast of what is left is multiplied by it. */
  readonly calibration: Calibration
  readonly load: Load
}

/** Measured ÷ estimated tokens, 1 before the first answer. */
export interface Calibration {
  input: number
  output: number
  /** The part of the input tokens that the service read from its cache, 0 before the first answer. */
  cached_share: number
}

/** What the calls are doing now, for the terminal. */
export interface Load {
  in_flight: number
  /** Calls asked for that are not in flight; those that wait to be tried again included. */
  waiting: number
  /** How many calls may be in flight at the moment. */
  window: number
  /** Why nothing more is started just now; undefined when nothing waits. */
  held_by?: 'window' | 'requests' | 'tokens' | 'retry_after' | 'budget'
}

export interface NotStarted {
  outcome: 'not_started'
  /** `budget`: the money left does not cover this call and those in flight; `stopped`: a fatal failure, or most calls fail. */
  why: 'budget' | 'stopped' | 'aborted'
  message: string
}

export interface Spent extends TokenUsage {
  calls: number
  /** Calls by outcome, retries counted each: `answered`, and every {@link Unusable} and {@link ModelFailure}. */
  by_outcome: Readonly<Record<string, number>>
  cost_usd: number
  /** Money that calls in flight may still cost, at most. */
  reserved_usd: number
  /** Money that calls without an answer (timeouts, cut connections) may have cost, at most; counts against the budget. */
  unconfirmed_usd: number
}
