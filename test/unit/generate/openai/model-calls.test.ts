import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelOutcome, NotStarted } from '../../../../core/generate/openai/dialogue-model.ts'
import { createModelCalls, type CallLimits } from '../../../../core/generate/openai/model-calls.ts'
import { costOf } from '../../../../core/generate/openai/prices.ts'
import { mostUsage } from '../../../../core/generate/openai/token-estimate.ts'
import { rngFrom } from '../../../../core/generate/random.ts'
import { aRecordingLog } from '../../../builders/a-recording-log.ts'
import { aModelCall, aSimulatedService, type ServiceOptions } from '../../../builders/a-simulated-service.ts'
import { aVirtualTimer } from '../../../builders/a-virtual-timer.ts'

const PRICE = { input: 1, cached_input: 0.5, output: 10 }

interface Setup {
  service?: Omit<ServiceOptions, 'timer'>
  limits?: CallLimits
  max_cost_usd?: number
  count: number
  until?: number
  signal?: AbortSignal
}

async function carriedOut({ service: about = {}, limits, max_cost_usd, count, until, signal }: Setup) {
  const timer = aVirtualTimer()
  const service = aSimulatedService({ timer, ...about })
  const log = aRecordingLog()
  const rng = rngFrom('test')
  const calls = createModelCalls({ model: service, limits, price: PRICE, max_cost_usd, timer, rng, log })
  const outcomes: (ModelOutcome | NotStarted)[] = []
  for (let at = 0; at < count; at++)
    void calls.run(aModelCall({ id: `${at}.1` }), signal).then((outcome) => outcomes.push(outcome))
  await timer.run(until)
  const answered = outcomes.filter(({ outcome }) => outcome === 'answered').length
  return { outcomes, answered, calls, service, timer, log, refused: service.seen.filter((each) => each.refused).length }
}

describe('calls to a model', () => {
  it('are all answered when nothing is in the way, as many at once as allowed', async () => {
    const { answered, service, timer } = await carriedOut({ count: 500, limits: { max_concurrency: 64 } })
    expect(answered).toBe(500)
    expect(service.mostInFlight).toBe(64)
    const ideal = (500 * 2_000) / 64
    expect(ideal / timer.now()).toBeGreaterThan(0.9)
  })

  it('begin with one, until it is answered or has not been refused for a while', async () => {
    const { service } = await carriedOut({ count: 100, until: 299 })
    expect(service.seen).toHaveLength(1)
  })

  describe('under a limit that the service enforces', () => {
    const budget = (minutes: number) => 500 + 500 * minutes
    const cases: { known: string; service: Partial<ServiceOptions> }[] = [
      { known: 'and tells in its headers', service: {} },
      { known: 'without headers, saying how long to wait', service: { headers: false } },
      { known: 'without a word but 429', service: { headers: false, retryAfter: false } },
    ]
    for (const { known, service } of cases)
      it(`${known}, use at least 95 % of it`, async () => {
        const minutes = 5
        const run = await carriedOut({
          count: 6_000,
          until: minutes * 60_000,
          service: { requests_per_minute: 500, ...service },
        })
        expect(run.answered / budget(minutes)).toBeGreaterThanOrEqual(0.95)
        expect(run.refused / run.service.seen.length).toBeLessThan(0.35)
      })

    it('are hardly ever refused once its headers are known', async () => {
      const { refused, answered } = await carriedOut({
        count: 1_500,
        service: { requests_per_minute: 500, tokens_per_minute: 600_000 },
      })
      expect(answered).toBe(1_500)
      expect(refused).toBeLessThan(40)
    })
  })

  it('are not repeated before the time that the service asks for has passed', async () => {
    const fault = (nth: number) =>
      nth === 0
        ? ({ outcome: 'failed', why: 'rate_limited', message: 'slow down', retry_after_ms: 20_000 } as const)
        : undefined
    const { service, answered } = await carriedOut({ count: 3, service: { fault } })
    expect(answered).toBe(3)
    expect(service.seen.filter(({ at }) => at > 30 && at < 20_030)).toEqual([])
  })

  it('never take more than their own ceilings refill', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20, max: 900 }),
        fc.integer({ min: 20_000, max: 900_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        async (requests_per_minute, tokens_per_minute, latency_ms) => {
          const { service } = await carriedOut({
            count: 120,
            limits: { requests_per_minute, tokens_per_minute },
            service: { latency_ms },
          })
          const { seen } = service
          for (const [first, from] of seen.entries()) {
            let tokens = 0
            for (let last = first; last < seen.length; last++) {
              const to = seen[last]
              if (to === undefined) break
              tokens += to.tokens
              const minutes = (to.at - from.at) / 60_000
              expect(last - first + 1).toBeLessThanOrEqual(requests_per_minute * (1 + minutes) + 1e-6)
              expect(tokens).toBeLessThanOrEqual(tokens_per_minute * (1 + minutes) + 1e-6)
            }
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  describe('with a budget of money', () => {
    it('never cost more, whatever the answers take and however calls fail', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.double({ min: 0.001, max: 1, noNaN: true }),
          fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
          fc.array(fc.constantFrom('answer', 'server', 'timeout', 'rate_limited'), { minLength: 1, maxLength: 20 }),
          async (max_cost_usd, shares, kinds) => {
            let nth = 0
            let billed = 0
            const { outcomes, calls } = await carriedOut({
              count: 60,
              max_cost_usd,
              service: {
                usage(call) {
                  const share = shares[nth++ % shares.length] ?? 1
                  const most = mostUsage(call)
                  const usage = {
                    input_tokens: Math.floor(most.input_tokens * share),
                    cached_input_tokens: 0,
                    output_tokens: Math.floor(most.output_tokens * share),
                  }
                  billed += costOf(usage, PRICE)
                  return usage
                },
                fault(at, call) {
                  const why = kinds[at % kinds.length]
                  if (why === undefined || why === 'answer') return undefined
                  if (why === 'timeout') billed += costOf(mostUsage(call), PRICE) // the worst: written, and lost on the way
                  return { outcome: 'failed', why, message: why, ...(why === 'timeout' ? { may_be_billed: true } : {}) }
                },
              },
            })
            expect(outcomes).toHaveLength(60)
            expect(billed).toBeLessThanOrEqual(max_cost_usd + 1e-9)
            const { cost_usd, unconfirmed_usd, reserved_usd } = calls.spent
            expect(cost_usd + unconfirmed_usd).toBeCloseTo(billed, 9)
            expect(reserved_usd).toBe(0)
          },
        ),
        { numRuns: 60 },
      )
    })

    it('use it up but for less than one call, and say so', async () => {
      const { outcomes, calls, answered } = await carriedOut({ count: 300, max_cost_usd: 0.5 })
      const most = costOf(mostUsage(aModelCall()), PRICE)
      expect(calls.spent.cost_usd).toBeGreaterThan(0.5 - most)
      expect(answered).toBe(Math.round(calls.spent.cost_usd / 0.006))
      const last = outcomes.at(-1)
      expect(last).toMatchObject({ outcome: 'not_started', why: 'budget' })
      expect(last?.outcome === 'not_started' && last.message).toMatch(
        /^the budget of \$0\.5000 does not cover another call/,
      )
    })

    it('need a price', () => {
      const timer = aVirtualTimer()
      const about = { model: aSimulatedService({ timer }), timer, rng: rngFrom('test'), log: aRecordingLog() }
      expect(() => createModelCalls({ ...about, max_cost_usd: 1 })).toThrow(/needs the price of the model "simulated"/)
    })
  })

  describe('that fail', () => {
    it('stop at the first when nothing can cure them', async () => {
      const fault = () => ({ outcome: 'failed', why: 'authentication', message: 'The key was refused.' }) as const
      const { outcomes, service } = await carriedOut({ count: 50, service: { fault } })
      expect(service.seen).toHaveLength(1)
      expect(outcomes.filter(({ outcome }) => outcome === 'failed')).toHaveLength(1)
      expect(outcomes.at(-1)).toEqual({ outcome: 'not_started', why: 'stopped', message: 'The key was refused.' })
    })

    it('are tried again, each time after a longer wait', async () => {
      const fault = (nth: number) =>
        nth < 3 ? ({ outcome: 'failed', why: 'server', message: 'HTTP 500' } as const) : undefined
      const { answered, service } = await carriedOut({ count: 1, service: { fault } })
      expect(answered).toBe(1)
      const at = service.seen.map((each) => each.at)
      const waits = at.slice(1).map((time, before) => time - (at[before] ?? 0) - 30)
      expect(waits).toHaveLength(3)
      for (const [nth, wait] of waits.entries()) {
        expect(wait).toBeGreaterThanOrEqual(250 * 2 ** nth)
        expect(wait).toBeLessThanOrEqual(500 * 2 ** nth + 1)
      }
    })

    it('give up on a server that answers nobody, after the tries of one call', async () => {
      const fault = () => ({ outcome: 'failed', why: 'connection', message: 'Nobody listens.' }) as const
      const { outcomes, service, log } = await carriedOut({ count: 50, service: { fault } })
      expect(service.seen.length).toBeLessThan(40)
      expect(outcomes).toHaveLength(50)
      expect(outcomes.filter(({ outcome }) => outcome === 'not_started').length).toBeGreaterThan(10)
      expect(log.events.filter(({ event }) => event === 'model.stopped')).toHaveLength(1)
    })

    it('stop when nearly all of the last twenty gave nothing', async () => {
      const fault = (nth: number) =>
        nth > 30 ? ({ outcome: 'failed', why: 'server', message: 'HTTP 500' } as const) : undefined
      const { outcomes, service } = await carriedOut({ count: 500, limits: { max_concurrency: 4 }, service: { fault } })
      expect(service.seen.length).toBeLessThan(60)
      expect(outcomes).toHaveLength(500)
      expect(outcomes.find(({ outcome }) => outcome === 'not_started')).toMatchObject({
        why: 'stopped',
        message: '18 of the last 20 calls gave nothing (server)',
      })
    })

    it('stop when the service asks to wait for hours', async () => {
      const fault = () =>
        ({ outcome: 'failed', why: 'rate_limited', message: 'Daily limit.', retry_after_ms: 7_200_000 }) as const
      const { outcomes, timer } = await carriedOut({ count: 5, service: { fault } })
      expect(timer.now()).toBeLessThan(1_000)
      expect(outcomes.at(-1)).toMatchObject({ outcome: 'not_started', why: 'stopped' })
    })

    it('do not stop for one refusal in ten', async () => {
      const fault = (nth: number) =>
        nth % 10 === 3 ? ({ outcome: 'failed', why: 'server', message: 'HTTP 500' } as const) : undefined
      const { answered } = await carriedOut({ count: 300, service: { fault } })
      expect(answered).toBe(300)
    })
  })

  it('end at once when the run is interrupted: those in flight aborted, the others never started', async () => {
    const interrupt = new AbortController()
    const run = carriedOut({ count: 200, signal: interrupt.signal, until: 1_000 })
    const { outcomes, timer, calls } = await run
    interrupt.abort()
    await timer.run()
    expect(timer.now()).toBeLessThan(1_500)
    expect(outcomes.filter(({ outcome }) => outcome === 'not_started')).not.toHaveLength(0)
    expect(outcomes).toHaveLength(200)
    expect(calls.load).toMatchObject({ in_flight: 0, waiting: 0 })
    expect(calls.spent.unconfirmed_usd).toBeGreaterThan(0)
  })

  it('tell how answers compare with their estimates', async () => {
    const usage = () => ({ input_tokens: 1_100, cached_input_tokens: 220, output_tokens: 400 })
    const { calls } = await carriedOut({ count: 20, service: { usage } })
    expect(calls.calibration).toEqual({ input: 1.1, output: 0.8, cached_share: 0.2 })
  })
})
