import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import * as z from 'zod'
import { readDialogues } from '../core/datasets/read-dialogues.ts'
import { generateDialogues } from '../core/generate/generate-dialogues.ts'
import { createAnswers } from '../core/generate/openai/answers.ts'
import type { DialogueModel, ModelCall, ModelCalls } from '../core/generate/openai/dialogue-model.ts'
import { forecast } from '../core/generate/openai/forecast.ts'
import { createModelCalls, type CallLimits } from '../core/generate/openai/model-calls.ts'
import type { ModelSide } from '../core/generate/openai/model-dialogues.ts'
import { costOf, priceOf } from '../core/generate/openai/prices.ts'
import { loadPrompts } from '../core/generate/openai/prompts.ts'
import { estimateInputTokens, forecastCost } from '../core/generate/openai/token-estimate.ts'
import { planDialogues } from '../core/generate/plan.ts'
import { rngFrom } from '../core/generate/random.ts'
import { parseRequest } from '../core/generate/request.ts'
import { localeOf } from '../core/generate/safety/crisis-words.ts'
import { readSeedPatterns } from '../core/generate/seeds/read-seed-patterns.ts'
import { loadBanks } from '../core/generate/templates/load-banks.ts'
import { BASE_TIME } from '../core/pipeline/settings.ts'
import { lintDialogue } from '../core/quality/lint-dialogue.ts'
import { readContentFolder, readPromptFiles } from '../local/content-folder.ts'
import type { Log } from '../core/ports.ts'
import { createOpenAiModel } from '../openai-model/openai-model.ts'
import { PRICES } from '../openai-model/price-table.ts'
import type { FakeOpenAi, FakeOpenAiOptions } from '../test/openai/fake-openai.ts'
import { scaledTimer } from '../test/openai/scaled-timer.ts'

/**
 * Calls to a model under a limit and without one, through the real client library and real HTTP on loopback; the fake server
 * runs in a process of its own. `--part NAME` runs one part. See bench/README.md.
 */
const MODEL = 'gpt-4.1-mini'
const SEEDS = join(import.meta.dirname, '..', 'examples', 'seed-dialogues.json')
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const ANSWER = {
  name: 'dialogue',
  schema: z.strictObject({ exchanges: z.array(z.strictObject({ client: z.string(), reply: z.string() })) }),
}

type Message = { start: FakeOpenAiOptions; answers: 'fixed' | 'dialogues' } | { count: true }
type Told = { url: string } | { answered: number; limited: number; faults: number }

// --- Under a limit ------------------------------------------------------------------------------------------------

interface Way {
  name: string
  server?: FakeOpenAiOptions
  run: (model: DialogueModel, signal: AbortSignal) => Promise<void>
}

/** A simulated minute takes six seconds, on both sides. */
const SPEED = 10
const MINUTES = 3
const LIMITS = { requests_per_minute: 500, tokens_per_minute: 600_000 }
const MOST_OUTPUT = 1_000

async function underALimit(): Promise<void> {
  const call = callOf(0)
  const tokens = Math.ceil(call.messages.reduce((sum, { content }) => sum + content.length, 0) / 4) + MOST_OUTPUT
  const perMinute = Math.min(LIMITS.requests_per_minute, LIMITS.tokens_per_minute / tokens)
  const allowed = perMinute * (1 + MINUTES)
  console.log(
    `\n${MINUTES} simulated minutes (${SPEED} times as fast), latency 2 s ± 30 %, ${LIMITS.requests_per_minute} requests and ${LIMITS.tokens_per_minute} tokens a minute of ${tokens} tokens a call:` +
      `\nthe budget allows ${Math.floor(allowed)} answers (a full bucket, and what refills)\n`,
  )
  const ways: Way[] = [
    { name: 'ours', run: ours() },
    { name: 'ours, no x-ratelimit headers', server: { headers: false }, run: ours() },
    { name: 'ours, 3 % of calls 429 for no reason', server: { faults: ['rate_limited_silently%3'] }, run: ours() },
    { name: 'fixed concurrency 4', run: fixed(4) },
    { name: 'fixed concurrency 64', run: fixed(64) },
  ]
  console.log('way                                     answers   of allowed   refused (429)')
  for (const { name, server, run } of ways) {
    const { child, url } = await startServer({
      ...LIMITS,
      latency_ms: 2_000,
      latency_spread: 0.3,
      speed: SPEED,
      ...server,
    })
    const model = createOpenAiModel({ apiKey: 'sk-bench', baseUrl: url, model: MODEL })
    const end = AbortSignal.timeout((MINUTES * 60_000) / SPEED)
    await run(model, end)
    const { answered, limited, faults } = await counted(child)
    child.kill()
    const share = (answered / allowed) * 100
    console.log(
      `${name.padEnd(40)}${String(answered).padStart(7)}${`${share.toFixed(1)} %`.padStart(13)}${String(limited + faults).padStart(16)}`,
    )
    if (name.startsWith('ours') && share < 95) process.exitCode = 1
  }
}

function ours(limits: CallLimits = {}) {
  return async (model: DialogueModel, signal: AbortSignal): Promise<void> => {
    const calls = manyCalls(model, { timer: scaledTimer(SPEED), limits })
    let next = 0
    // Asked for without end, a few hundred ahead, as a batch asks.
    const one = async () => {
      while (!signal.aborted) await calls.run(callOf(next++), signal)
    }
    await Promise.all(Array.from({ length: 256 }, one))
  }
}

/** What a program does that sets a number of workers and leaves retries to the client library: its own waits, without end. */
function fixed(concurrency: number) {
  return async (model: DialogueModel, signal: AbortSignal): Promise<void> => {
    const timer = scaledTimer(SPEED)
    const rng = rngFrom('fixed', concurrency)
    let next = 0
    const worker = async () => {
      while (!signal.aborted) {
        const call = callOf(next++)
        for (let attempt = 0; !signal.aborted; attempt++) {
          const outcome = await model.write(call, signal)
          if (outcome.outcome !== 'failed') break
          // The library's rule: retry-after up to a minute, else 0.5 s doubled up to 8 s, less up to a quarter.
          const told = outcome.retry_after_ms
          const wait =
            told !== undefined && told <= 60_000 ? told : Math.min(8_000, 500 * 2 ** attempt) * (1 - rng() * 0.25)
          await new Promise<void>((resolve) => {
            const cancel = timer.after(wait, resolve)
            signal.addEventListener('abort', () => {
              cancel()
              resolve()
            })
          })
        }
      }
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }
}

// --- Without a limit ----------------------------------------------------------------------------------------------

const ANSWERS = 500
const CONCURRENCY = 64

async function withoutALimit(): Promise<void> {
  const { child, url } = await startServer({ latency_ms: 2_000 })
  const plain = await plainRequests(url)
  const env = { ...process.env, BENCH_FAKE: 'steady', BENCH_URL: url, BENCH_PLAIN: String(plain) }
  const client = fork(import.meta.filename, [], { env })
  await once(client, 'exit')
  child.kill()
  process.exitCode ||= client.exitCode ?? 1
}

/** The same number of requests by nothing but fetch, 64 at a time: what this machine can do at the moment. In seconds. */
async function plainRequests(url: string): Promise<number> {
  const body = JSON.stringify({ model: MODEL, messages: callOf(0).messages, max_tokens: MOST_OUTPUT })
  const headers = { authorization: 'Bearer sk-bench', 'content-type': 'application/json' }
  const started = performance.now()
  let next = 0
  const worker = async () => {
    while (next++ < ANSWERS) await (await fetch(`${url}/chat/completions`, { method: 'POST', headers, body })).json()
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return (performance.now() - started) / 1000
}

async function beSteadyClient(): Promise<void> {
  const model = createOpenAiModel({ apiKey: 'sk-bench', baseUrl: process.env['BENCH_URL'], model: MODEL })
  const calls = manyCalls(model, { timer: scaledTimer(1), limits: { max_concurrency: CONCURRENCY } })
  const started = performance.now()
  const outcomes = await Promise.all(Array.from({ length: ANSWERS }, (_, at) => calls.run(callOf(at))))
  const seconds = (performance.now() - started) / 1000
  const answered = outcomes.filter(({ outcome }) => outcome === 'answered').length
  const ideal = (ANSWERS * 2) / CONCURRENCY
  const plain = Number(process.env['BENCH_PLAIN'])
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const megabytes = maxRSS / 1024
  const cpu = (userCPUTime + systemCPUTime) / 1e6
  console.log(
    `\n${answered} of ${ANSWERS} answers at 2 s latency, no limit, at most ${CONCURRENCY} at once, in real time:` +
      `\n${seconds.toFixed(1)} s, ideal ${ideal.toFixed(1)} s: ${(ideal / seconds).toFixed(3)} of it (wanted 0.9, on an idle machine) · fetch alone ${plain.toFixed(1)} s: ${(plain / seconds).toFixed(3)} of it · peak ${megabytes.toFixed(0)} MB (wanted at most 200) · ${cpu.toFixed(1)} s of processor`,
  )
  if (answered < ANSWERS || Math.max(ideal, plain) / seconds < 0.9 || megabytes > 200) process.exitCode = 1
}

// --- What a batch costs -------------------------------------------------------------------------------------------

const DIALOGUES = 150

/** The forecast of `--dry-run` beside what the fake bills, for whole dialogues with their second attempts. */
async function aBatch(): Promise<void> {
  const price = priceOf(PRICES, MODEL)
  if (price === undefined) throw new Error(`no price for ${MODEL}`)
  const { child, url } = await startServer({ latency_ms: 300, speed: 1 }, 'dialogues')
  const banks = loadBanks(await readContentFolder())
  const prompts = loadPrompts(await readPromptFiles())
  const seeds = await readSeedPatterns(
    readDialogues(Readable.from([await readFile(SEEDS)]), { file: 'seed-dialogues.json', onProblem: () => undefined }),
  )
  const request = parseRequest({ count: DIALOGUES, method: 'openai', random_seed: 9 })
  const plan = planDialogues(request, seeds, banks)
  const { examples } = seeds
  const about = { model: MODEL, temperature: undefined, prompts, examples }
  const before = forecast({ plan, share: 1, banks, locale: localeOf(request.locale), ...about }, price)
  const model = createOpenAiModel({ apiKey: 'sk-bench', baseUrl: url, model: MODEL })
  const calls = manyCalls(model, { timer: scaledTimer(1), limits: { max_concurrency: 16 } })
  const answers = createAnswers({ calls, costOf: (usage) => costOf(usage, price) })
  let projected: number | undefined
  const side: ModelSide = {
    ...about,
    answers,
    on_failure: 'stop',
    onDecided({ by_method }) {
      if (by_method.openai.written !== 30 || projected !== undefined) return
      const { spent, calibration } = calls
      const left = Math.max(0, before.calls - spent.calls) / before.calls
      const rest = { input_tokens: before.input_tokens * left, output_tokens: before.output_tokens * left }
      projected = spent.cost_usd + forecastCost(rest, price, calibration)
    },
  }
  const generation = { request, banks, seeds, batchId: 'bench', baseTime: BASE_TIME, lint: lintDialogue, model: side }
  let written = 0
  const run = generateDialogues(generation)
  let next = await run.next()
  for (; next.done !== true; next = await run.next()) written++
  const { sources } = next.value
  const byModel = sources?.by_method.openai.written
  child.kill()
  const { cost_usd, calls: made } = calls.spent
  const off = (guess: number) => `${((guess / cost_usd - 1) * 100).toFixed(1)} %`
  console.log(
    `\n${written} dialogues, ${byModel} by the model, in ${made} calls, billed $${cost_usd.toFixed(4)} (${MODEL}); turned away ${JSON.stringify(sources?.answers.refused)}, templates for ${JSON.stringify(sources?.fallbacks)}:` +
      `\nforecast before the first call $${(before.cost_usd ?? 0).toFixed(4)} in ${before.calls} calls: off by ${off(before.cost_usd ?? 0)}` +
      `\nprojection after 30 dialogues $${(projected ?? 0).toFixed(4)}: off by ${off(projected ?? 0)} (wanted: within 15 %)`,
  )
  if (Math.abs((before.cost_usd ?? 0) / cost_usd - 1) > 0.15 || Math.abs((projected ?? 0) / cost_usd - 1) > 0.15)
    process.exitCode = 1
}

// --- What the parts share -----------------------------------------------------------------------------------------

function manyCalls(
  model: DialogueModel,
  { timer, limits }: { timer: ReturnType<typeof scaledTimer>; limits: CallLimits },
): ModelCalls {
  const price = priceOf(PRICES, MODEL)
  return createModelCalls({ model, timer, limits, rng: rngFrom('bench'), log: SILENT, ...(price ? { price } : {}) })
}

/** A prompt of some 1,400 tokens. */
function callOf(nth: number): ModelCall {
  const messages = [
    { role: 'system' as const, content: 'Write one conversation as JSON, as the plan below says. '.repeat(80) },
    {
      role: 'user' as const,
      content: `Dialogue ${String(nth).padStart(6, '0')}. ${'A line of the plan. '.repeat(60)}`,
    },
  ]
  return {
    id: `${nth}.1`,
    messages,
    answer: ANSWER,
    max_output_tokens: MOST_OUTPUT,
    estimated_input_tokens: estimateInputTokens({ messages, answer: ANSWER }),
    estimated_output_tokens: 600,
  }
}

const EXCHANGE = {
  client: 'It started on Monday, when the list for the week came round and mine was twice as long as it used to be.',
  reply: 'Twice as long, and nobody said a word about it. What went through your mind when you saw it?',
}

async function startServer(
  start: FakeOpenAiOptions,
  answers: 'fixed' | 'dialogues' = 'fixed',
): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(import.meta.filename, [], { env: { ...process.env, BENCH_FAKE: 'server' } })
  await once(child, 'message')
  child.send({ start, answers } satisfies Message)
  const [told] = (await once(child, 'message')) as [Told]
  if (!('url' in told)) throw new Error('the fake server did not start')
  return { child, url: told.url }
}

async function counted(child: ChildProcess): Promise<{ answered: number; limited: number; faults: number }> {
  child.send({ count: true } satisfies Message)
  const [told] = (await once(child, 'message')) as [Told]
  if (!('answered' in told)) throw new Error('the fake server did not count')
  return told
}

async function beServer(): Promise<void> {
  const { startFakeOpenAi } = await import('../test/openai/fake-openai.ts') // here alone: its memory is not the client's
  let server: FakeOpenAi | undefined
  process.on('message', (message: Message) => {
    if ('start' in message)
      void startFakeOpenAi({
        ...message.start,
        ...(message.answers === 'fixed'
          ? { answer: () => ({ exchanges: Array.from({ length: 8 }, () => EXCHANGE) }) }
          : {}),
      }).then((started) => {
        server = started
        process.send?.({ url: started.url } satisfies Told)
      })
    else {
      const outcomes = (server?.requests ?? []).map(({ outcome }) => outcome)
      const limited = outcomes.filter((outcome) => outcome === 'limited').length
      const faults = outcomes.filter((outcome) => outcome === 'rate_limited_silently').length
      process.send?.({ answered: server?.billed.answers ?? 0, limited, faults } satisfies Told)
    }
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.('ready')
  return new Promise(() => undefined)
}

if (process.env['BENCH_FAKE'] === 'server') await beServer()
else if (process.env['BENCH_FAKE'] === 'steady') await beSteadyClient()
else {
  const part = process.argv[process.argv.indexOf('--part') + 1]
  const wanted = (name: string) => !process.argv.includes('--part') || part === name
  if (wanted('limit')) await underALimit()
  if (wanted('steady')) await withoutALimit()
  if (wanted('cost')) await aBatch()
}
