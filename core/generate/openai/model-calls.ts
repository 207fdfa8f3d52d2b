import { InputError } from '../../errors.ts'
import type { Log, Rng } from '../../ports.ts'
import { createConcurrencyWindow } from './concurrency-window.ts'
import {
  FATAL_FAILURES,
  type DialogueModel,
  type Load,
  type ModelCall,
  type ModelCalls,
  type ModelOutcome,
  type NotStarted,
} from './dialogue-model.ts'
import { createLedger } from './ledger.ts'
import { createLearnedBudget, createRateBudget, type Taken } from './rate-budget.ts'
import type { ModelPrice } from './prices.ts'
import { createCalibration } from './token-estimate.ts'

/** The clock and the alarm of one home; a test brings one that it moves itself. */
export interface CallTimer {
  /** Milliseconds; only differences count. */
  now(): number
  /** Runs once after so many milliseconds, never before this call returns; the result cancels it. */
  after(ms: number, run: () => void): () => void
}

export interface CallLimits {
  /** Calls in flight at most. @default 64 */
  max_concurrency?: number
  /** This side's own ceilings, held strictly; the service's are learned from its answers besides. @default none */
  requests_per_minute?: number
  /** Estimated input and the output limit of each call, which is what the services count. @default none */
  tokens_per_minute?: number
  /** How often a call is tried again after a fault of the server or the connection. Refusals for load do not count. @default 4 */
  retries?: number
  /** A service that asks to wait for longer, or that answers nothing for so long, is given up. @default 300,000 */
  patience_ms?: number
}

export interface ModelCallsOptions {
  model: DialogueModel
  limits?: CallLimits
  /** Without it cost stays 0, and a budget is refused. */
  price?: ModelPrice
  /** Never exceeded, as far as the service keeps to `max_output_tokens` and bills nothing for what it refuses. @default none */
  max_cost_usd?: number
  timer: CallTimer
  /** For the jitter of the waits. */
  rng: Rng
  log: Log
}

const DEFAULTS = { max_concurrency: 64, retries: 4, patience_ms: 300_000 }
/** A refused key comes back within tens of milliseconds. */
const WINDOW = { probe_ms: 300, doubling_ms: 150 }
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** Stop when so many of the last calls gave nothing: a service without structured output would be paid for each of them. */
const LOOK_BACK = 20
const MOST_FAILED = 18

interface Waiting {
  call: ModelCall
  signal: AbortSignal | undefined
  resolve: (outcome: ModelOutcome | NotStarted) => void
  reject: (error: unknown) => void
  /** Attempts that failed by a fault, without the refusals for load. */
  faults: number
  notBefore: number
  last?: Failed
  onAbort?: () => void
}

type Failed = Extract<ModelOutcome, { outcome: 'failed' }>
type HeldBy = NonNullable<Load['held_by']>

/**
 * Many calls at once through one {@link DialogueModel}. Calls start in the order in which they were asked for; those
 * that are tried again go first. Throws InputError for a budget without a price.
 */
export function createModelCalls(options: ModelCallsOptions): ModelCalls {
  const { model, timer, rng, log, price, max_cost_usd } = options
  const limits = { ...DEFAULTS, ...options.limits }
  if (max_cost_usd !== undefined && price === undefined)
    throw new InputError(`a budget needs the price of the model "${model.model}"`, {
      fix: 'Give the price in US dollars per million tokens with --price input,output, or leave the budget out.',
    })

  const window = createConcurrencyWindow({ ...WINDOW, most: limits.max_concurrency })
  const ledger = createLedger(price, max_cost_usd)
  const calibration = createCalibration()
  const strict = {
    requests: ownBudget(limits.requests_per_minute, timer),
    tokens: ownBudget(limits.tokens_per_minute, timer),
  }
  const learned = { requests: createLearnedBudget(), tokens: createLearnedBudget() }

  const fresh: Waiting[] = []
  const again: Waiting[] = []
  let inFlight = 0
  let pausedUntil = -Infinity
  /** Refusals for load in a row, each a round trip later; none since the last answer when 0. */
  let refusals = 0
  let lastAnswer: number | undefined
  let everAnswered = false
  let stopped: string | undefined
  let heldBy: HeldBy | undefined
  let disarm: (() => void) | undefined
  const recent: (string | undefined)[] = []

  /** What keeps the call from starting now: by what, and for how long at least where time alone cures it. */
  function hold(call: ModelCall, now: number): { by: HeldBy; ms?: number } | undefined {
    if (now < pausedUntil) return { by: 'retry_after', ms: pausedUntil - now }
    const growsIn = window.growsIn(now)
    if (inFlight >= window.size) return { by: 'window', ms: growsIn }
    const requests = Math.max(strict.requests?.wait(1, now) ?? 0, learned.requests.wait(1, now))
    if (requests > 0) return { by: 'requests', ms: requests }
    const amount = tokensOf(call)
    const tokens = Math.max(strict.tokens?.wait(amount, now) ?? 0, learned.tokens.wait(amount, now))
    if (tokens > 0) return { by: 'tokens', ms: tokens }
    if (!ledger.covers(ledger.most(call))) return { by: 'budget' }
    return undefined
  }

  function pump(): void {
    disarm?.()
    disarm = undefined
    heldBy = undefined
    for (;;) {
      const now = timer.now()
      if (stopped !== undefined) return refuseAll(stopped)
      const next = nextOf(now)
      if (next === undefined) return arm(soonestOf(again) - now)
      const held = hold(next.call, now)
      if (held === undefined) start(take(next), now)
      else if (held.by === 'budget' && inFlight === 0) end(take(next), outOfBudget(next))
      else if (inFlight === 0 && (held.ms ?? 0) > limits.patience_ms) stop(tooLong(held))
      else {
        heldBy = held.by
        return arm(Math.min(held.ms ?? Infinity, soonestOf(again) - now))
      }
    }
  }

  function arm(ms: number): void {
    if (ms !== Infinity) disarm = timer.after(Math.max(1, Math.ceil(ms)), pump)
  }

  function nextOf(now: number): Waiting | undefined {
    return again.find(({ notBefore }) => notBefore <= now) ?? fresh[0]
  }

  function take(waiting: Waiting): Waiting {
    const queue = again.includes(waiting) ? again : fresh
    queue.splice(queue.indexOf(waiting), 1)
    if (waiting.onAbort !== undefined) waiting.signal?.removeEventListener('abort', waiting.onAbort)
    return waiting
  }

  function start(waiting: Waiting, now: number): void {
    const { call, signal } = waiting
    const amount = tokensOf(call)
    strict.requests?.take(1, now)
    strict.tokens?.take(amount, now)
    const taken = { requests: learned.requests.take(1, now), tokens: learned.tokens.take(amount, now) }
    const reserved = ledger.most(call)
    ledger.reserve(reserved)
    window.started(now)
    lastAnswer ??= now
    inFlight += 1
    const settled = (outcome: ModelOutcome) => {
      const full = inFlight >= window.size
      inFlight -= 1
      ledger.settle(reserved, outcome)
      learn(outcome, taken)
      judge(waiting, outcome, { startedAt: now, full })
      pump()
    }
    const broken = (error: unknown) => {
      inFlight -= 1
      ledger.settle(reserved, { ...DEFECT, latency_ms: timer.now() - now })
      waiting.reject(error)
      pump()
    }
    try {
      model.write(call, signal).then(settled, broken)
    } catch (error) {
      broken(error)
    }
  }

  function learn({ limits: told }: ModelOutcome, taken: { requests: Taken; tokens: Taken }): void {
    const now = timer.now()
    if (told?.requests !== undefined) learned.requests.learn(told.requests, taken.requests, now)
    if (told?.tokens !== undefined) learned.tokens.learn(told.tokens, taken.tokens, now)
  }

  function judge(waiting: Waiting, outcome: ModelOutcome, sent: { startedAt: number; full: boolean }): void {
    const now = timer.now()
    if (outcome.outcome !== 'failed') {
      refusals = 0
      everAnswered = true
      lastAnswer = now
      window.answered(sent.full)
      if (outcome.usage.input_tokens > 0) calibration.add(waiting.call, outcome.usage)
      remember(outcome.outcome === 'unusable' ? outcome.why : undefined)
      end(waiting, outcome)
      return
    }
    const { why, message } = outcome
    waiting.last = outcome // what the call ends with, should it not be tried again
    if (why === 'aborted') return end(waiting, outcome)
    log.warn('model.call_failed', { call: waiting.call.id, why, latency_ms: Math.round(outcome.latency_ms) })
    if (FATAL_FAILURES.has(why)) {
      stop(message)
      return end(waiting, outcome)
    }
    if (why === 'rate_limited') return refused(waiting, outcome, sent.startedAt)
    remember(why)
    if (outcome.retry_after_ms !== undefined) window.refused(sent.startedAt, now)
    else window.failed()
    waiting.faults += 1
    if (waiting.faults > limits.retries) {
      if (!everAnswered) stop(`no call was answered; the last one failed so: ${message}`)
      return end(waiting, outcome)
    }
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (waiting.faults - 1)) * (0.5 + rng() / 2)
    later(waiting, now + Math.max(wait, Math.min(outcome.retry_after_ms ?? 0, limits.patience_ms)))
  }

  /** 429: everything waits as long as the service asks, or longer each time where it does not say. */
  function refused(waiting: Waiting, outcome: Failed, startedAt: number): void {
    const { retry_after_ms, message } = outcome
    const now = timer.now()
    const anew = startedAt >= pausedUntil
    if (anew) refusals += 1
    // Where the budgets are known, one refusal is a matter of bookkeeping, which its headers have just put right.
    const known = outcome.limits !== undefined && refusals <= 1
    if (!known && window.refused(startedAt, now)) log.info('model.throttled', { window: window.size, retry_after_ms })
    if ((retry_after_ms ?? 0) > limits.patience_ms || now - (lastAnswer ?? now) > limits.patience_ms) {
      stop(`the service accepts no more calls for now: ${message}`)
      return end(waiting, outcome)
    }
    if (retry_after_ms !== undefined) pausedUntil = Math.max(pausedUntil, now + retry_after_ms * (1 + rng() / 50))
    else if (anew)
      pausedUntil = now + Math.min(LONGEST_WAIT_MS, (FIRST_WAIT_MS / 2) * 2 ** (refusals - 1)) * (0.5 + rng() / 2)
    later(waiting, now)
  }

  function later(waiting: Waiting, notBefore: number): void {
    if (waiting.signal?.aborted === true) return end(waiting, waiting.last ?? ABORTED)
    waiting.notBefore = notBefore
    again.push(waiting)
    again.sort((a, b) => a.notBefore - b.notBefore)
    listen(waiting)
  }

  function listen(waiting: Waiting): void {
    waiting.onAbort = () => {
      end(take(waiting), waiting.last ?? ABORTED)
      pump()
    }
    waiting.signal?.addEventListener('abort', waiting.onAbort, { once: true })
  }

  function remember(why: string | undefined): void {
    recent.push(why)
    if (recent.length > LOOK_BACK) recent.shift()
    const failed = recent.filter((each) => each !== undefined)
    if (recent.length === LOOK_BACK && failed.length >= MOST_FAILED)
      stop(`${failed.length} of the last ${LOOK_BACK} calls gave nothing (${[...new Set(failed)].join(', ')})`)
  }

  function stop(message: string): void {
    if (stopped !== undefined) return
    stopped = message
    log.error('model.stopped', { model: model.model, message })
  }

  function refuseAll(message: string): void {
    for (const waiting of [...again, ...fresh])
      end(take(waiting), waiting.last ?? { outcome: 'not_started', why: 'stopped', message })
  }

  function outOfBudget({ call, last }: Waiting): ModelOutcome | NotStarted {
    if (last !== undefined) return last
    const { cost_usd, unconfirmed_usd } = ledger.spent
    const unsure = unconfirmed_usd > 0 ? ` and up to ${usd(unconfirmed_usd)} for calls without an answer` : ''
    const message = `the budget of ${usd(max_cost_usd ?? 0)} does not cover another call: ${usd(cost_usd)} is spent${unsure}, and the call may cost up to ${usd(ledger.most(call))}`
    return { outcome: 'not_started', why: 'budget', message }
  }

  function end(waiting: Waiting, outcome: ModelOutcome | NotStarted): void {
    waiting.resolve(outcome)
  }

  return {
    run(call, signal) {
      if (signal?.aborted === true) return Promise.resolve(ABORTED)
      return new Promise((resolve, reject) => {
        const waiting: Waiting = { call, signal, resolve, reject, faults: 0, notBefore: -Infinity }
        fresh.push(waiting)
        listen(waiting)
        pump()
      })
    },
    get spent() {
      return ledger.spent
    },
    get calibration() {
      return calibration.value
    },
    get load() {
      const waiting = fresh.length + again.length
      return { in_flight: inFlight, waiting, window: window.size, ...(waiting > 0 ? { held_by: heldBy } : {}) }
    },
  }
}

const ABORTED: NotStarted = { outcome: 'not_started', why: 'aborted', message: 'the run was interrupted' }

/** An adapter that throws is a defect; what the call cost is not known. */
const DEFECT = { outcome: 'failed', why: 'connection', message: 'the adapter failed', may_be_billed: true } as const

function ownBudget(perMinute: number | undefined, timer: CallTimer) {
  return perMinute === undefined ? undefined : createRateBudget(perMinute, timer.now())
}

/** What OpenAI counts against the tokens a minute when a call comes in: the input, and as much output as it may take. */
function tokensOf(call: ModelCall): number {
  return call.estimated_input_tokens + call.max_output_tokens
}

/** E.g. a budget of requests a day that is used up. */
function tooLong({ by, ms = 0 }: { by: HeldBy; ms?: number }): string {
  return `the service's budget of ${by} has room again only in ${Math.ceil(ms / 60_000)} minutes`
}

function soonestOf(again: readonly Waiting[]): number {
  return again[0]?.notBefore ?? Infinity
}

function usd(amount: number): string {
  return `$${amount.toFixed(amount < 1 ? 4 : 2)}`
}
