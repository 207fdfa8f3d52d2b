import { createHash } from 'node:crypto'
import { readDialogues } from '../core/datasets/read-dialogues.ts'
import { InputError } from '../core/errors.ts'
import { generateDialogues } from '../core/generate/generate-dialogues.ts'
import { SERVICE_REASONS } from '../core/generate/openai/answers.ts'
import { ModelStopped } from '../core/generate/openai/model-stopped.ts'
import type { SourcesReport } from '../core/generate/openai/sources-report.ts'
import { planDialogues } from '../core/generate/plan.ts'
import type { Plan } from '../core/generate/plan.ts'
import type { GenerationRequest } from '../core/generate/request.ts'
import { readSeedPatterns } from '../core/generate/seeds/read-seed-patterns.ts'
import type { SeedPatterns } from '../core/generate/seeds/read-seed-patterns.ts'
import type { Banks } from '../core/generate/templates/banks.ts'
import { batchIdFor } from '../core/pipeline/upload.ts'
import { lintDialogue } from '../core/quality/lint-dialogue.ts'
import { openBanks } from '../local/banks-cache.ts'
import type { AnswersJournal } from './answers-journal.ts'
import { baseTime } from './base-time.ts'
import { createConsole } from './console.ts'
import type { Console } from './console.ts'
import { formatOf, packed } from './dataset-output.ts'
import { EXIT, UsageError } from './failure.ts'
import { openInput } from './input.ts'
import type { Input } from './input.ts'
import { sayWhenInterrupted } from './interrupt.ts'
import type { GenerateOptions } from './generate.ts'
import { datasetBytes, headerOf, type Written } from './generated-dataset.ts'
import type { ModelRun, Service } from './generation-model.ts'
import { askedBy, batchRequest, methodOf, repeatCommand, requestOf } from './generation-request.ts'
import { printGeneration } from './generation-summary.ts'
import { usd } from './money.ts'
import { openOutput, writeOutput } from './output.ts'
import { collectProblems } from './problems.ts'
import type { ProblemList } from './problems.ts'
import { count as inWords, counted, showProgress } from './progress.ts'
import { keepHeapSmall } from './small-heap.ts'

/** Carries `dialogues generate` out; returns the exit code. */
export async function generate(options: GenerateOptions): Promise<number> {
  const method = methodOf(options)
  // Templates alone need none of it: a tenth of the memory that the program starts with.
  const asking = method === 'template' ? undefined : await modelSide()
  const service = asking?.serviceOf(options)
  if (service !== undefined && options.dryRun !== true) asking?.requireKey(service, askedBy(options))
  const journal =
    options.dryRun === true ? undefined : asking?.openAnswersJournal(options.output, options.resume === false)
  try {
    return await generateWith({ options, method, service, journal, asking })
  } finally {
    journal?.close()
  }
}

/** What is only loaded to ask a language model. */
async function modelSide() {
  const [model, cost, journal] = await Promise.all([
    import('./generation-model.ts'),
    import('./generation-cost.ts'),
    import('./answers-journal.ts'),
  ])
  return { ...model, ...cost, ...journal }
}

interface Setting {
  options: GenerateOptions
  method: GenerationRequest['method']
  /** Undefined for templates alone. */
  service: Service | undefined
  /** Of the answers; undefined where nothing is asked. */
  journal: AnswersJournal | undefined
  /** Undefined for templates alone. */
  asking: Awaited<ReturnType<typeof modelSide>> | undefined
}

async function generateWith({ options, method, service, journal, asking }: Setting): Promise<number> {
  const console = createConsole({ json: options.json === true })
  const time = baseTime()
  const request = requestOf(options, method, service, journal)
  const seedInput = options.seed === undefined ? undefined : await openInput(options.seed)
  const again = repeatCommand(options, request)
  const so: Written = { dialogues: 0 }
  let run: ModelRun | undefined
  sayWhenInterrupted(() =>
    run === undefined || journal === undefined
      ? `Interrupted after ${inWords(so.dialogues)} of ${inWords(request.count)} dialogues; ${options.output} is as it was before. For the same dialogues:\n  ${again}`
      : `Interrupted; ${options.output} is as it was before. What was paid for (${usd(run.spent())}) is kept in ${journal.path}, and the same command goes on from there:\n  ${again}`,
  )
  const output =
    options.dryRun === true ? undefined : await openOutput(options.output, seedInput === undefined ? [] : [seedInput])
  const problems = collectProblems()
  keepHeapSmall()
  try {
    const seeds = seedInput === undefined ? undefined : await readSeeds(seedInput, problems)
    const banks = await openBanks()
    const plan = planOf(request, seeds?.patterns, banks)
    const batchId = batchIdFor('synthetic', JSON.stringify(batchRequest(request)), seeds?.sha256 ?? '')
    const setting =
      service === undefined
        ? undefined
        : {
            options,
            request,
            service,
            plan,
            banks,
            seeds: seeds === undefined ? undefined : { ...seeds, file: options.seed ?? '' },
          }
    const prepared = setting === undefined ? undefined : await asking?.prepareAsking(setting)
    if (output === undefined)
      return asking?.printForecast(request, prepared?.forecast, service, { console, problems }) ?? EXIT.done
    console.note(`Random seed ${request.random_seed}. For the same dialogues again:\n  ${again}`)
    if (asking !== undefined && setting !== undefined && prepared !== undefined && journal !== undefined) {
      run = await asking.openModel(setting, prepared, journal, console)
      asking.warnOfCost(prepared.forecast, run, options, console)
    }
    const model = run
    const generation = generateDialogues({
      request,
      banks,
      seeds: seeds?.patterns,
      batchId,
      baseTime: time,
      lint: lintDialogue,
      ...(model === undefined ? {} : { model: { ...model.side, onDecided: (sources) => (so.sources = sources) } }),
    })
    const progress = showProgress({
      doing: 'Generating',
      unit: 'dialogues',
      total: request.count,
      ...(asking === undefined || model === undefined || prepared === undefined
        ? {}
        : { more: () => asking.costSoFar(model, prepared.forecast, so.sources) }),
    })
    // While answers are awaited nothing is written, and the line must not look dead.
    const ticker = model === undefined ? undefined : setInterval(() => progress.tick(), 250)
    const header = headerOf(request, { batch_id: batchId, generated_at: time, seed: options.seed })
    const bytes = datasetBytes(counted(generation, progress), { header, lines: formatOf(options.output).lines, so })
    const size = await writeOutput(output, packed(options.output, bytes)).finally(() => clearInterval(ticker))

    const kept = settleJournal(journal, so.report?.sources, console)
    problems.print(console)
    if (so.report !== undefined) printGeneration(so.report, options.output, console)
    console.result({
      output: options.output,
      bytes: size,
      dialogues: so.dialogues,
      batch_id: batchId,
      request,
      seed_file: options.seed,
      seeds: seeds === undefined ? undefined : { used: seeds.used, problems: problems.summary() },
      report: so.report,
      calls: run?.calls.spent,
      answers_kept_in: kept,
      against_target: so.statistics?.against_target,
    })
    const whole = so.dialogues === request.count && so.report?.sources?.stopped === undefined
    return problems.count() === 0 && whole ? EXIT.done : EXIT.findings
  } catch (error) {
    await output?.abandon()
    if (error instanceof ModelStopped && asking !== undefined && journal !== undefined && run !== undefined)
      throw asking.stoppedError(error, options, journal, run, so.sources)
    throw error
  }
}

/** When templates stood in for a service that failed, asking again may be worth it: the answers stay. */
function settleJournal(
  journal: AnswersJournal | undefined,
  sources: SourcesReport | undefined,
  console: Console,
): string | undefined {
  if (journal === undefined || sources === undefined) return undefined
  const missed = Object.entries(sources.fallbacks).filter(([reason]) => SERVICE_REASONS.some((each) => each === reason))
  if (missed.length === 0 || sources.answers.paid === 0) {
    journal.remove()
    return undefined
  }
  const dialogues = missed.reduce((sum, [, number]) => sum + number, 0)
  console.note(
    `Templates stand in for ${inWords(dialogues)} of the model's dialogues, because the service gave no answer. The answers are kept in ${journal.path}: the same command asks for those that are missing. To forget them, remove it.`,
  )
  return journal.path
}

interface Seeds {
  patterns: SeedPatterns
  used: number
  sha256: string
}

async function readSeeds(input: Input, problems: ProblemList): Promise<Seeds> {
  const hash = createHash('sha256')
  let used = 0
  const hashed = async function* () {
    for await (const piece of input.read()) {
      hash.update(piece)
      yield piece
    }
  }
  const counting = async function* () {
    for await (const record of readDialogues(hashed(), { file: input.path, onProblem: problems.add })) {
      used += 1
      yield record
    }
  }
  const patterns = await readSeedPatterns(counting())
  if (used === 0) throw new InputError('no dialogue in it can be used as a seed', { where: input.path })
  return { patterns, used, sha256: hash.digest('hex') }
}

/** An unknown concern was asked for on the command line, so that is where it has to be put right. */
function planOf(request: GenerationRequest, seeds: SeedPatterns | undefined, banks: Banks): Plan {
  try {
    return planDialogues(request, seeds, banks)
  } catch (error) {
    throw error instanceof InputError && error.where === 'concerns' ? new UsageError(error.message) : error
  }
}
