import * as z from 'zod'
import type {
  DialogueModel,
  ModelCall,
  ModelOutcome,
  ObservedLimits,
  TokenUsage,
} from '../../core/generate/openai/dialogue-model.ts'
import type { CallTimer } from '../../core/generate/openai/model-calls.ts'

export interface ServiceOptions {
  timer: CallTimer
  requests_per_minute?: number
  tokens_per_minute?: number
  /** @default 2,000 */
  latency_ms?: number
  /** Whether answers carry the budgets, as OpenAI's do. @default true */
  headers?: boolean
  /** Whether refusals say how long to wait. @default true */
  retryAfter?: boolean
  usage?: (call: ModelCall) => TokenUsage
  /** What comes of the nth call (from 0) in place of an answer. */
  fault?: (nth: number, call: ModelCall) => Omit<Extract<ModelOutcome, { outcome: 'failed' }>, 'latency_ms'> | undefined
}

/** A service in virtual time whose budgets refill continuously, full at the start. */
export interface SimulatedService extends DialogueModel {
  readonly seen: { at: number; id: string; refused: boolean; tokens: number }[]
  readonly mostInFlight: number
}

export function aSimulatedService(options: ServiceOptions): SimulatedService {
  const { timer, latency_ms = 2_000, headers = true, retryAfter = true } = options
  const buckets = {
    requests: bucket(options.requests_per_minute, timer),
    tokens: bucket(options.tokens_per_minute, timer),
  }
  const seen: SimulatedService['seen'] = []
  let inFlight = 0
  let mostInFlight = 0
  const told = (): { limits?: ObservedLimits } =>
    headers ? { limits: { requests: buckets.requests?.told(), tokens: buckets.tokens?.told() } } : {}

  const reply = (call: ModelCall): [ms: number, ModelOutcome] => {
    const tokens = call.estimated_input_tokens + call.max_output_tokens
    const fault = options.fault?.(seen.length, call)
    const wait = Math.max(buckets.requests?.wait(1) ?? 0, buckets.tokens?.wait(tokens) ?? 0)
    const refused = fault === undefined && wait > 0
    seen.push({ at: timer.now(), id: call.id, refused, tokens })
    if (fault !== undefined) return [30, { ...fault, latency_ms: 30 }]
    if (refused) {
      const after = retryAfter ? { retry_after_ms: Math.ceil(wait) } : {}
      return [30, { outcome: 'failed', why: 'rate_limited', message: 'slow down', ...after, ...told(), latency_ms: 30 }]
    }
    buckets.requests?.take(1)
    buckets.tokens?.take(tokens)
    const usage = (options.usage ?? expectedUsage)(call)
    return [latency_ms, { outcome: 'answered', value: {}, usage, model: 'simulated', ...told(), latency_ms }]
  }

  return {
    model: 'simulated',
    seen,
    get mostInFlight() {
      return mostInFlight
    },
    write(call, signal) {
      inFlight += 1
      mostInFlight = Math.max(mostInFlight, inFlight)
      const [ms, outcome] = reply(call)
      return new Promise((resolve) => {
        const end = (by: ModelOutcome) => {
          inFlight -= 1
          resolve(by)
        }
        const cancel = timer.after(ms, () => end(outcome))
        signal?.addEventListener('abort', () => {
          cancel()
          end({ outcome: 'failed', why: 'aborted', message: 'aborted', may_be_billed: true, latency_ms: 0 })
        })
      })
    },
  }
}

const expectedUsage = (call: ModelCall): TokenUsage => ({
  input_tokens: call.estimated_input_tokens,
  cached_input_tokens: 0,
  output_tokens: call.estimated_output_tokens,
})

function bucket(perMinute: number | undefined, timer: CallTimer) {
  if (perMinute === undefined) return undefined
  const refill = perMinute / 60_000
  let level = perMinute
  let at = timer.now()
  const refresh = () => {
    level = Math.min(perMinute, level + (timer.now() - at) * refill)
    at = timer.now()
  }
  return {
    wait(amount: number) {
      refresh()
      return Math.max(0, (amount - level) / refill)
    },
    take(amount: number) {
      refresh()
      level -= amount
    },
    told() {
      refresh()
      return { limit: perMinute, remaining: Math.floor(level), full_in_ms: Math.round((perMinute - level) / refill) }
    },
  }
}

const ANSWER = z.object({ messages: z.array(z.string()) })

/** 1,000 tokens in, 500 out, at most 800 out. */
export function aModelCall(over: Partial<ModelCall> = {}): ModelCall {
  return {
    id: '1.1',
    messages: [{ role: 'user', content: 'x'.repeat(4_000) }],
    answer: { name: 'dialogue', schema: ANSWER },
    max_output_tokens: 800,
    estimated_input_tokens: 1_000,
    estimated_output_tokens: 500,
    ...over,
  }
}
