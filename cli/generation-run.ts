import { createHash, randomInt } from 'node:crypto'
import { basename } from 'node:path'
import { readDialogues } from '../core/datasets/read-dialogues.ts'
import { createStatisticsCounter } from '../core/datasets/statistics.ts'
import type { Statistics } from '../core/datasets/statistics.ts'
import { writeDatasetJson, writeJsonLines } from '../core/datasets/write-dialogues.ts'
import { InputError } from '../core/errors.ts'
import { generateDialogues } from '../core/generate/generate-dialogues.ts'
import type { GeneratedDialogue } from '../core/generate/generate-dialogues.ts'
import { planDialogues } from '../core/generate/plan.ts'
import { GENERATOR_VERSION } from '../core/generate/random.ts'
import type { GenerationReport } from '../core/generate/report.ts'
import { parseRequest } from '../core/generate/request.ts'
import type { GenerationRequest } from '../core/generate/request.ts'
import { readSeedPatterns } from '../core/generate/seeds/read-seed-patterns.ts'
import type { SeedPatterns } from '../core/generate/seeds/read-seed-patterns.ts'
import type { Banks } from '../core/generate/templates/banks.ts'
import { loadBanks } from '../core/generate/templates/load-banks.ts'
import { batchIdFor } from '../core/pipeline/upload.ts'
import { lintDialogue } from '../core/quality/lint-dialogue.ts'
import { readContentFolder } from '../local/content-folder.ts'
import { baseTime } from './base-time.ts'
import { createConsole } from './console.ts'
import { formatOf, packed } from './dataset-output.ts'
import { EXIT, UsageError } from './failure.ts'
import { openInput } from './input.ts'
import type { Input } from './input.ts'
import { sayWhenInterrupted } from './interrupt.ts'
import { MOST_RANDOM_SEED } from './generate.ts'
import type { GenerateOptions } from './generate.ts'
import { printGeneration } from './generation-summary.ts'
import { openOutput, writeOutput } from './output.ts'
import { collectProblems } from './problems.ts'
import type { ProblemList } from './problems.ts'
import { count as inWords, counted, showProgress } from './progress.ts'
import { quoted } from './shell-words.ts'

/** Carries `dialogues generate` out; returns the exit code. */
export async function generate(options: GenerateOptions): Promise<number> {
  const console = createConsole({ json: options.json === true })
  refuseOpenAi(options)
  const time = baseTime()
  const request = requestOf(options)
  const seedInput = options.seed === undefined ? undefined : await openInput(options.seed)
  const again = repeatCommand(options, request.random_seed)
  const so: Written = { dialogues: 0 }
  sayWhenInterrupted(
    () =>
      `Interrupted after ${inWords(so.dialogues)} of ${inWords(request.count)} dialogues; ${options.output} is as it was before. For the same dialogues:\n  ${again}`,
  )
  const output = await openOutput(options.output, seedInput === undefined ? [] : [seedInput])
  const problems = collectProblems()
  const seeds = seedInput === undefined ? undefined : await readSeeds(seedInput, problems)
  const banks = loadBanks(await readContentFolder())
  refuseUnknownConcerns(request, seeds?.patterns, banks)
  console.note(`Random seed ${request.random_seed}. For the same dialogues again:\n  ${again}`)

  const batchId = batchIdFor('synthetic', JSON.stringify(request), seeds?.sha256 ?? '')
  const generation = generateDialogues({
    request,
    banks,
    seeds: seeds?.patterns,
    batchId,
    baseTime: time,
    lint: lintDialogue,
  })
  const progress = showProgress({ doing: 'Generating', unit: 'dialogues', total: request.count })
  const header = headerOf(request, { batch_id: batchId, generated_at: time, seed: options.seed })
  const bytes = datasetBytes(counted(generation, progress), { header, lines: formatOf(options.output).lines, so })
  const size = await writeOutput(output, packed(options.output, bytes))

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
    against_target: so.statistics?.against_target,
  })
  return problems.count() === 0 && so.dialogues === request.count ? EXIT.done : EXIT.findings
}

type NumberedRequest = GenerationRequest & { random_seed: number }

function requestOf(options: GenerateOptions): NumberedRequest {
  const { count, concerns, sessionTypes, method, randomSeed } = options
  return {
    ...parseRequest({ count, concerns, session_types: sessionTypes, method }),
    random_seed: randomSeed ?? randomInt(MOST_RANDOM_SEED + 1),
  }
}

/** What has been written so far, and in the end what came of it. */
interface Written {
  dialogues: number
  report?: GenerationReport
  statistics?: Statistics
}

function headerOf(
  request: NumberedRequest,
  about: { batch_id: string; generated_at: string; seed: string | undefined },
): Record<string, unknown> {
  return {
    version: '1.0',
    description: 'Synthetic dialogues, not yet reviewed by a clinician.',
    generated_at: about.generated_at,
    metadata: {
      generation_method: request.method,
      generator_version: GENERATOR_VERSION,
      batch_id: about.batch_id,
      random_seed: request.random_seed,
      seed_file: about.seed === undefined ? undefined : basename(about.seed),
    },
  }
}

/** The file as the dialogues come; `so` keeps the account. */
function datasetBytes(
  generation: AsyncGenerator<GeneratedDialogue, GenerationReport>,
  file: { header: Record<string, unknown>; lines: boolean; so: Written },
): AsyncIterable<Uint8Array> {
  const { header, lines, so } = file
  const counter = createStatisticsCounter()
  const records = async function* () {
    for (;;) {
      const next = await generation.next()
      if (next.done === true) {
        so.report = next.value
        so.statistics = counter.statistics()
        return
      }
      counter.add(next.value.dialogue)
      yield JSON.stringify(next.value.dialogue)
      so.dialogues += 1
    }
  }
  return lines
    ? writeJsonLines(records())
    : writeDatasetJson(header, records(), () => ({ total_dialogues: so.dialogues, statistics: so.statistics }))
}

/** Not faked: until the OpenAI side exists, nobody shall believe that it wrote anything. */
function refuseOpenAi(options: GenerateOptions): void {
  if (options.useOpenai !== true && options.method === 'template') return
  const asked = options.useOpenai === true ? '--use-openai' : `--method ${options.method}`
  throw new UsageError(
    `${asked}: generation with OpenAI is not there yet`,
    'Leave it out: --method template writes without any service.',
  )
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
function refuseUnknownConcerns(request: GenerationRequest, seeds: SeedPatterns | undefined, banks: Banks): void {
  try {
    planDialogues(request, seeds, banks)
  } catch (error) {
    throw error instanceof InputError && error.where === 'concerns' ? new UsageError(error.message) : error
  }
}

function repeatCommand(options: GenerateOptions, randomSeed: number): string {
  const words = [
    'dialogues generate',
    `--count ${options.count}`,
    ...(options.seed === undefined ? [] : [`--seed ${quoted(options.seed)}`]),
    ...(options.concerns === undefined ? [] : [`--concerns ${options.concerns.map(quoted).join(' ')}`]),
    ...(options.sessionTypes === undefined ? [] : [`--session-types ${options.sessionTypes.join(' ')}`]),
    `--random-seed ${randomSeed}`,
    `--output ${quoted(options.output)}`,
  ]
  return words.join(' ')
}
