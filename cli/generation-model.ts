import { InputError } from '../core/errors.ts'
import { createAnswers, type AnswerRecord } from '../core/generate/openai/answers.ts'
import type { ModelCalls } from '../core/generate/openai/dialogue-model.ts'
import { forecast, keysOf, type Asking, type Forecast } from '../core/generate/openai/forecast.ts'
import { createModelCalls } from '../core/generate/openai/model-calls.ts'
import type { ModelSide } from '../core/generate/openai/model-dialogues.ts'
import type { ModelStopped } from '../core/generate/openai/model-stopped.ts'
import { shareOf } from '../core/generate/openai/model-share.ts'
import { costOf, parsePrice, priceOf, unknownPrice, type ModelPrice } from '../core/generate/openai/prices.ts'
import { loadPrompts } from '../core/generate/openai/prompts.ts'
import type { SourcesReport } from '../core/generate/openai/sources-report.ts'
import type { Plan } from '../core/generate/plan.ts'
import type { GenerationRequest } from '../core/generate/request.ts'
import { localeOf } from '../core/generate/safety/crisis-words.ts'
import { releasableExamples } from '../core/generate/seeds/personal-data.ts'
import type { SeedPatterns } from '../core/generate/seeds/read-seed-patterns.ts'
import type { SeedExample } from '../core/generate/seeds/seed-examples.ts'
import type { Banks } from '../core/generate/templates/banks.ts'
import type { Log } from '../core/ports.ts'
import { readPromptFiles } from '../local/content-folder.ts'
import { DEFAULT_MODEL } from '../local/model-service.ts'
import { createOpenAiModel, OPENAI_BASE_URL } from '../openai-model/openai-model.ts'
import { PRICES } from '../openai-model/price-table.ts'
import { systemTimer } from '../openai-model/system-timer.ts'
import type { AnswersJournal } from './answers-journal.ts'
import type { RunParameters } from '../local/answers-file.ts'
import type { Console } from './console.ts'
import { UsageError } from './failure.ts'
import type { GenerateOptions } from './generate.ts'
import { usd } from './money.ts'
import { count, counting } from './progress.ts'
import { visible } from './visible-text.ts'

/** Who is asked, by options and environment. */
export interface Service {
  model: string
  baseUrl: string
  apiKey: string | undefined
  price: ModelPrice | undefined
}

/** Throws UsageError for a price that is none, or a budget without one. */
export function serviceOf(options: GenerateOptions, env: NodeJS.ProcessEnv = process.env): Service {
  const model = options.model ?? given(env['OPENAI_MODEL']) ?? DEFAULT_MODEL
  const baseUrl = options.baseUrl ?? given(env['OPENAI_BASE_URL']) ?? OPENAI_BASE_URL
  try {
    const price = options.price === undefined ? priceOf(PRICES, model) : parsePrice(options.price)
    if (price === undefined && options.maxCost !== undefined) throw unknownPrice(PRICES, model)
    return { model, baseUrl, apiKey: given(env['OPENAI_API_KEY']), price }
  } catch (error) {
    throw error instanceof InputError ? new UsageError(error.message) : error
  }
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim()
}

/** Before anything is read: without a key an hour of preparation would be for nothing. */
export function requireKey({ apiKey, baseUrl }: Service, asked: string): void {
  if (apiKey !== undefined) return
  const own = baseUrl !== OPENAI_BASE_URL
  throw new UsageError(
    `${asked} needs the key of a language model, and OPENAI_API_KEY is not set`,
    own
      ? `Set it to what ${visible(baseUrl)} asks for; a server of your own that asks for none takes any word: export OPENAI_API_KEY=none`
      : 'export OPENAI_API_KEY=sk-…   or leave it out: --method template writes without any service. --dry-run shows the cost first.',
  )
}

export interface ModelSetting {
  options: GenerateOptions
  request: GenerationRequest & { random_seed: number }
  service: Service
  plan: Plan
  banks: Banks
  seeds: { patterns: SeedPatterns; sha256: string; file: string } | undefined
}

export interface Prepared {
  asking: Asking
  examples: readonly SeedExample[]
  forecast: Forecast
}

/** Everything up to the first call. Throws InputError for personal data in the seeds that nobody allowed to be masked. */
export async function prepareAsking(setting: ModelSetting): Promise<Prepared> {
  const { request, service, plan, banks, seeds } = setting
  const examples =
    setting.seeds === undefined
      ? []
      : releasableExamples(setting.seeds.patterns.examples, {
          mask: setting.options.maskPii === true,
          where: setting.seeds.file,
          fix: 'Take it out of the file; or --mask-pii, which shows the model the seeds with it masked.',
        })
  const asking: Asking = {
    plan,
    share: shareOf(request),
    banks,
    examples: seeds === undefined ? [] : examples,
    locale: localeOf(request.locale),
    prompts: loadPrompts(await readPromptFiles()),
    model: service.model,
    temperature: request.temperature,
  }
  return { asking, examples, forecast: forecast(asking, service.price) }
}

export interface ModelRun {
  side: ModelSide
  calls: ModelCalls
  /** Dollars that earlier runs have paid. */
  before: number
  price: ModelPrice | undefined
  /** What the run has cost so far, earlier runs included. */
  spent(): number
}

/** Throws UsageError when the journal belongs to a run with other parameters and nobody said what to do with it. */
export async function openModel(
  setting: ModelSetting,
  { asking, examples }: Prepared,
  journal: AnswersJournal,
  console: Console,
): Promise<ModelRun> {
  const { options, service } = setting
  const before = resume(setting, asking, journal, console)
  const left = options.maxCost === undefined ? undefined : Math.max(0, options.maxCost - before)
  const calls = await callsOf(options, service, left, console)
  const answers = createAnswers({
    calls,
    costOf: (usage) => (service.price === undefined ? 0 : costOf(usage, service.price)),
    kept: journal.answers,
    keep: (record) => journal.append(record),
  })
  const side: ModelSide = {
    model: service.model,
    ...(asking.temperature === undefined ? {} : { temperature: asking.temperature }),
    prompts: asking.prompts,
    examples,
    answers,
    on_failure: options.onFailure ?? 'stop',
    onStopped: (why, message) =>
      console.warn(`${stopText(why, message, options)} Templates write the rest (--on-failure fallback).`),
  }
  return { side, calls, before, price: service.price, spent: () => before + calls.spent.cost_usd }
}

async function callsOf(
  options: GenerateOptions,
  service: Service,
  left: number | undefined,
  console: Console,
): Promise<ModelCalls> {
  const { concurrency, requestsPerMinute, tokensPerMinute, timeout } = options
  try {
    const model = createOpenAiModel({
      apiKey: service.apiKey ?? '',
      baseUrl: service.baseUrl,
      model: service.model,
      ...(timeout === undefined ? {} : { timeout_ms: timeout * 1000 }),
    })
    await model.ready()
    return createModelCalls({
      model,
      limits: {
        ...(concurrency === undefined ? {} : { max_concurrency: concurrency }),
        ...(requestsPerMinute === undefined ? {} : { requests_per_minute: requestsPerMinute }),
        ...(tokensPerMinute === undefined ? {} : { tokens_per_minute: tokensPerMinute }),
      },
      ...(service.price === undefined ? {} : { price: service.price }),
      ...(left === undefined ? {} : { max_cost_usd: left }),
      timer: systemTimer,
      rng: Math.random,
      log: debugLog(console),
    })
  } catch (error) {
    throw error instanceof InputError ? new UsageError(error.message) : error
  }
}

/** What goes on between the calls is nobody's business, unless somebody looks for a fault. */
function debugLog(console: Console): Log {
  const show = process.env['DIALOGUES_DEBUG'] === '1'
  const write = (event: string, data: unknown) => {
    if (show) console.note(`${event} ${JSON.stringify(data ?? {})}`)
  }
  return { info: write, warn: write, error: write }
}

/** Says what an earlier run has left and goes on from there; returns what it has paid. */
function resume(setting: ModelSetting, asking: Asking, journal: AnswersJournal, console: Console): number {
  const { options } = setting
  const parameters = parametersOf(setting, asking)
  const { answers } = journal
  if (answers.length > 0) {
    const keys = keysOf(asking)
    const usable = answers.filter(({ key }) => keys.has(key))
    const changes = changesOf(journal.parameters ?? {}, parameters)
    const some = `${count(usable.length)} of the ${counting(answers.length, 'answer')} (${usd(paid(usable))} of ${usd(paid(answers))})`
    if (usable.length < answers.length && options.resume !== true)
      throw new UsageError(
        `${journal.path} keeps answers of a run with other options${changes === '' ? '' : ` (${changes})`}; ${some} can be used again`,
        'Give the earlier options to go on from there, --resume to use those that can be used and pay for the others, or --no-resume to forget them all.',
      )
    console.note(
      usable.length === answers.length
        ? `Going on from ${journal.path}: ${counting(answers.length, 'answer')} for ${usd(paid(answers))} of an earlier run.`
        : `Going on from ${journal.path}: ${some} are used.`,
    )
  }
  if (answers.length === 0 || JSON.stringify(parameters) !== JSON.stringify(journal.parameters))
    journal.begin(parameters)
  return paid(answers)
}

function paid(answers: readonly AnswerRecord[]): number {
  return answers.reduce((sum, answer) => sum + (answer.outcome === 'failed' ? 0 : answer.cost_usd), 0)
}

/** Everything that an answer depends on, by the names that people know it under. */
function parametersOf({ options, request, seeds, banks }: ModelSetting, asking: Asking): RunParameters {
  return {
    count: request.count,
    method: request.method,
    'openai-share': asking.share,
    'random-seed': request.random_seed,
    concerns: request.concerns ?? null,
    'session-types': request.session_types ?? null,
    'seed file': seeds === undefined ? null : `sha256 ${seeds.sha256.slice(0, 12)}`,
    model: asking.model,
    temperature: asking.temperature ?? null,
    'mask-pii': options.maskPii === true ? 'yes' : 'no',
    'content banks': `sha256 ${banks.sha256.slice(0, 12)}`,
    prompts: `sha256 ${asking.prompts.sha256.slice(0, 12)}`,
  }
}

function changesOf(before: RunParameters, now: RunParameters): string {
  const text = (value: RunParameters[string] | undefined) =>
    visible(value === null || value === undefined ? 'none' : value.toString())
  return Object.keys(now)
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
    .map((name) => `${name}: ${text(before[name])} → ${text(now[name])}`)
    .join(', ')
}

/** One sentence on why the model is not asked any more. */
function stopText(why: string, message: string, { maxCost }: GenerateOptions): string {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`
  return why === 'budget' ? `The budget of ${usd(maxCost ?? 0)} is used up.` : visible(sentence)
}

/** What to tell when the run ends because of the model; exit code 1. */
export function stoppedError(
  error: ModelStopped,
  options: GenerateOptions,
  journal: AnswersJournal,
  run: Pick<ModelRun, 'spent'>,
  so: SourcesReport | undefined,
): InputError {
  const spent = run.spent()
  const kept =
    spent === 0 && (so?.answers.paid ?? 0) === 0
      ? 'Nothing was paid for.'
      : `What was paid for (${usd(spent)}) is kept in ${journal.path}.`
  const fix =
    error.why === 'budget'
      ? 'The same command with a larger --max-cost goes on from there; with --on-failure fallback templates write the rest for nothing.'
      : 'When that is put right, the same command goes on from there; with --on-failure fallback templates write the rest.'
  return new InputError(
    `${stopText(error.why, error.message, options)} ${kept} Nothing was written to ${options.output}.`,
    {
      fix,
    },
  )
}
