import { readFile, stat } from 'node:fs/promises'
import { Command } from 'commander'
import { mergeDatasets, NothingToMerge } from '../core/merge/merge-datasets.ts'
import type { MergeInput } from '../core/merge/merge-datasets.ts'
import type { MergeOutcome, MergeReport } from '../core/merge/merge-report.ts'
import { TRAINING_FILES } from '../core/merge/training-files.ts'
import type { TrainingFile } from '../core/merge/training-files.ts'
import { baseTime } from './base-time.ts'
import { createConsole } from './console.ts'
import type { Console } from './console.ts'
import { formatOf, packed } from './dataset-output.ts'
import { EXIT, UsageError } from './failure.ts'
import { openInput } from './input.ts'
import type { Input } from './input.ts'
import { sayWhenInterrupted } from './interrupt.ts'
import { examples, jsonOption } from './options.ts'
import { openOutputFolder } from './output-folder.ts'
import { openOutput, writeOutput } from './output.ts'
import { collectProblems } from './problems.ts'
import { count, counting, meter, showProgress } from './progress.ts'

interface MergeOptions {
  files: string[]
  seeds?: string[]
  output: string
  approvedOnly?: true
  systemPrompt?: string
  json?: true
}

export function mergeCommand(finish: (exitCode: number) => void): Command {
  return new Command('merge')
    .description('Put datasets together, each dialogue once; into a folder: the whole training set.')
    .requiredOption('-f, --files <files...>', 'datasets, seeds and approved ones')
    .requiredOption(
      '-o, --output <path>',
      'a file (.json or .jsonl, .gz behind either), or a folder for the training set: splits, chat formats, card, manifest',
    )
    .option(
      '--seeds <files...>',
      'which files are seeds; else each dialogue says so itself (labels.synthetic, provenance)',
    )
    .option('--approved-only', 'leave out synthetic dialogues that no clinician approved as they are')
    .option('--system-prompt <file>', 'text file with the system prompt of the chat formats; an empty one for none')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `${examples(
        ['dialogues merge -f seeds.json approved.json -o training.json', 'one dataset'],
        [
          'dialogues merge -f seeds.json approved.json -o training/',
          'the training set: combined, chat, sharegpt, train, validation, test',
        ],
        ['dialogues merge -f a.jsonl b.jsonl --seeds a.jsonl -o all.jsonl', 'everything in a.jsonl counts as seed'],
      )}

A text is taken once, whoever gave it; a seed is never dropped in favour of a synthetic dialogue.
Without a single valid dialogue nothing is written.`,
    )
    .action(async (options: MergeOptions) => finish(await merge(options)))
}

async function merge(options: MergeOptions): Promise<number> {
  const console = createConsole({ json: options.json === true })
  const inputs = await Promise.all([...new Set([...options.files, ...(options.seeds ?? [])])].map(openInput))
  const repeated = await Promise.all(repeatedIn(options.files).map(openInput))
  const all = [...inputs, ...repeated]
  for (const input of all)
    if (input.size === undefined)
      throw new UsageError(
        `${input.path} is no regular file, and merge may have to read it twice`,
        'Save it in a file first.',
      )
  const systemPrompt = options.systemPrompt === undefined ? undefined : await readSystemPrompt(options.systemPrompt)
  sayWhenInterrupted(() => `Interrupted; ${options.output} is as it was before. Run the command again to start over.`)
  const place = await openPlace(options.output, all)

  const problems = collectProblems()
  const total = all.reduce((sum, { size = 0 }) => sum + size, 0)
  const through = meter(showProgress({ doing: 'Merging:', unit: 'bytes', total }))
  const report = await mergeDatasets({
    inputs: all.map((input) => mergeInput(input, options.seeds ?? [], through)),
    write: place.write,
    outputs: place.outputs,
    approval: options.approvedOnly === true ? 'required' : 'noted',
    systemPrompt,
    // Equal inputs give equal bytes: a time only where somebody asks for one.
    now: process.env['SOURCE_DATE_EPOCH'] === undefined ? undefined : baseTime(),
    whenEmpty: 'refuse',
    onProblem: problems.add,
  }).catch(async (error: unknown) => {
    await place.abandon()
    if (error instanceof NothingToMerge) problems.print(console)
    throw error
  })
  await place.commit()
  problems.print(console)
  printReport(report, options.output, console)
  console.result({ output: options.output, ...report, problems: problems.summary() })
  return problems.count() === 0 ? EXIT.done : EXIT.findings
}

function mergeInput(
  input: Input,
  seeds: readonly string[],
  through: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): MergeInput {
  return { file: input.path, open: () => through(input.read()), kind: seeds.includes(input.path) ? 'seed' : 'auto' }
}

/** A file given twice is read twice: the second time everything in it is a duplicate, and the report says so. */
function repeatedIn(files: readonly string[]): string[] {
  return files.filter((file, index) => files.indexOf(file) !== index)
}

/** An empty file is no system prompt. */
async function readSystemPrompt(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(
      `cannot read the system prompt ${path}: ${error instanceof Error ? error.message : String(error)}`,
    )
  })
  return text.trim() === '' ? null : text.trim()
}

interface Place {
  outputs: readonly TrainingFile[]
  /** Called once more for the same file when the merge has to start again. */
  write: (name: TrainingFile, body: AsyncIterable<Uint8Array>) => Promise<void>
  commit: () => Promise<void>
  abandon: () => Promise<void>
}

async function openPlace(path: string, inputs: readonly Input[]): Promise<Place> {
  if (await isFolder(path)) {
    const folder = await openOutputFolder(path, TRAINING_FILES, inputs)
    return {
      outputs: TRAINING_FILES,
      write: (name, body) => folder.write(name, body),
      commit: () => folder.commit(),
      abandon: () => folder.abandon(),
    }
  }
  // Finds out now, not after a gigabyte, whether it can be written.
  await (await openOutput(path, inputs)).abandon()
  const name = formatOf(path).lines ? 'combined.jsonl' : 'combined.json'
  return {
    outputs: [name],
    write: async (_, body) => void (await writeOutput(await openOutput(path, inputs), packed(path, body))),
    commit: async () => {},
    abandon: async () => {},
  }
}

/** A name without the ending of a dataset file is a folder's, whether it is there yet or not. */
async function isFolder(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined)
  if (info !== undefined) return info.isDirectory()
  return path.endsWith('/') || !/\.(json|jsonl|ndjson)(\.gz)?$/i.test(path)
}

const OUTCOMES: readonly [MergeOutcome, string][] = [
  ['same_id_and_text', 'the same dialogue again'],
  ['same_text', 'the same text, other id'],
  ['unapproved', 'without approval'],
  ['changed', 'changed since approval'],
  ['failed', 'no valid dialogue'],
]

function printReport(report: MergeReport, output: string, console: Console): void {
  const { colour } = console
  const row = (name: string, value: number, remark = '') =>
    console.print(`${name.padEnd(28)}${count(value).padStart(10)}${colour.dim(remark)}`)
  for (const input of report.inputs) row(`${input.file}`, input.read, `  read, ${count(input.records.written)} written`)
  for (const [outcome, name] of OUTCOMES)
    if (report.records[outcome] > 0) row(`  ${name}`, report.records[outcome], '  left out')
  row(
    'written',
    report.written,
    `  ${counting(report.by_source.seed, 'seed')}, ${count(report.by_source.synthetic)} synthetic`,
  )
  for (const [split, { dialogues }] of Object.entries(report.splits))
    if (Object.keys(report.files).length > 1) row(`  ${split}`, dialogues)
  for (const note of report.notes) console.warn(note)
  console.print(`${counting(report.written, 'dialogue')} in ${output}.`)
}
