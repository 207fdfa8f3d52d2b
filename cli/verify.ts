import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import * as z from 'zod'
import { verifyTraining } from '../core/merge/verify.ts'
import type { Break, VerifyReport } from '../core/merge/verify.ts'
import { createConsole } from './console.ts'
import type { Console } from './console.ts'
import { EXIT, UsageError } from './failure.ts'
import { openInput } from './input.ts'
import type { Input } from './input.ts'
import { examples, jsonOption } from './options.ts'
import { collectProblems } from './problems.ts'
import { count, counting, measured, showProgress } from './progress.ts'
import { refuseUnfinishedReview } from './review/review-journal.ts'
import { visible } from './visible-text.ts'

interface VerifyOptions {
  reviews?: string[]
  approved?: string[]
  seeds?: string[]
  json?: true
}

export function verifyCommand(finish: (exitCode: number) => void): Command {
  return new Command('verify')
    .description('Work the chain of a training set out again: from each line to the verdict behind it.')
    .argument('<training>', 'folder of a training set, or one file of it')
    .option('-r, --reviews <files...>', 'reviews files; in a workspace they are found')
    .option('-a, --approved <files...>', 'what apply wrote: each synthetic line must stand in one of them')
    .option('-s, --seeds <files...>', 'seed files: each seed line must stand in one of them')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `${examples(
        ['dialogues verify training/ -r reviews.json -a approved.json -s seeds.json', 'every link of every line'],
        [
          'dialogues verify workspace/datasets/training/<version>',
          'in a workspace: reviews, approved sets and seeds are found',
        ],
      )}

For a folder the files are also held against the SHA-256 sums in its manifest. Exit code 1 when anything is broken.`,
    )
    .action(async (training: string, options: VerifyOptions) => finish(await verify(training, options)))
}

async function verify(training: string, options: VerifyOptions): Promise<number> {
  const console = createConsole({ json: options.json === true })
  const isFolder = (await stat(training).catch(() => undefined))?.isDirectory() === true
  const file = isFolder ? await combinedFile(training) : training
  const found = await workspaceFiles(training)
  const reviewFiles = options.reviews ?? found.reviews
  if (reviewFiles.length === 0)
    throw new UsageError('the chain ends at the reviews, and none are given', 'Name them: --reviews reviews.json')
  for (const reviews of reviewFiles) refuseUnfinishedReview(reviews)

  const input = await openInput(file)
  const problems = collectProblems()
  const progress = showProgress({ doing: `Verifying ${file}:`, unit: 'bytes', total: input.size })
  const report = await verifyTraining({
    training: { file: input.path, source: measured(input.read(), progress) },
    reviews: await openSources(reviewFiles),
    approved: await openSources(options.approved ?? found.approved, options.approved !== undefined),
    seeds: await openSources(options.seeds ?? found.seeds, options.seeds !== undefined),
    onProblem: problems.add,
  })
  const altered = isFolder ? await alteredFiles(training) : []
  problems.print(console)
  printReport(report, altered, console)
  console.result({ ...report, altered_files: altered, problems: problems.summary() })
  return report.sound && altered.length === 0 && problems.count() === 0 ? EXIT.done : EXIT.findings
}

type Source = { file: string; source: AsyncIterable<Uint8Array> }

function openSources(files: readonly string[]): Promise<Source[]>
function openSources(files: readonly string[], given: boolean): Promise<Source[] | undefined>
async function openSources(files: readonly string[], given = true): Promise<Source[] | undefined> {
  if (files.length === 0 && !given) return undefined
  const inputs: Input[] = await Promise.all(files.map(openInput))
  return inputs.map((input) => ({ file: input.path, source: input.read() }))
}

async function combinedFile(folder: string): Promise<string> {
  const names = await readdir(folder)
  const name = ['combined.jsonl', 'combined.json'].find((known) => names.includes(known))
  if (name === undefined)
    throw new UsageError(
      `${folder} is no training set: there is no combined.json in it`,
      'Give the folder that merge wrote, or a file of it.',
    )
  return join(folder, name)
}

/** What stands around `<workspace>/datasets/training/<version>`; nothing for a folder elsewhere. */
async function workspaceFiles(training: string): Promise<{ reviews: string[]; approved: string[]; seeds: string[] }> {
  const above = dirname(resolve(training))
  const datasets = above.endsWith('training') ? dirname(above) : undefined
  if (datasets === undefined) return { reviews: [], approved: [], seeds: [] }
  return {
    reviews: [
      ...(await filesIn(join(datasets, 'reviews'), '.json')),
      // Reviews made in the terminal and dropped into the inbox are applied from there.
      ...(await filesIn(join(dirname(datasets), 'inbox', 'reviews'), '.json')),
    ],
    approved: await filesIn(join(datasets, 'approved'), '.jsonl'),
    seeds: await filesIn(join(datasets, 'seeds'), '.jsonl'),
  }
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => name.endsWith(ending) && !name.startsWith('.'))
    .sort()
    .map((name) => join(folder, name))
}

const ManifestSchema = z.looseObject({ files: z.record(z.string(), z.looseObject({ sha256: z.string().optional() })) })

/** Files of the folder that are missing, or not what the manifest says. */
async function alteredFiles(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => undefined)
  const manifest = text === undefined ? undefined : ManifestSchema.safeParse(parsed(text))
  if (manifest?.success !== true) return ['manifest.json']
  const altered: string[] = []
  for (const [name, { sha256 }] of Object.entries(manifest.data.files)) {
    if (sha256 === undefined) continue
    const hash = createHash('sha256')
    const input = await openInput(join(folder, name)).catch(() => undefined)
    if (input !== undefined) for await (const piece of input.read()) hash.update(piece)
    if (input === undefined ? !(await isEmptyAsStated(folder, name, sha256)) : hash.digest('hex') !== sha256)
      altered.push(name)
  }
  return altered
}

/** A split of a small set may rightly hold nothing, which is no input that could be opened. */
async function isEmptyAsStated(folder: string, name: string, sha256: string): Promise<boolean> {
  const info = await stat(join(folder, name)).catch(() => undefined)
  return info?.size === 0 && sha256 === createHash('sha256').digest('hex')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const BREAKS: readonly [Break, string][] = [
  ['changed', 'text or labels changed since apply'],
  ['not_in_approved', 'in no approved set'],
  ['no_verdict', 'no review names it'],
  ['void', 'the verdict was for other content'],
  ['disagreement', 'reviewers disagree'],
  ['not_approved', 'not approved'],
  ['labels_not_as_reviewed', 'labels are not as the reviewer left them'],
  ['unknown_seed', 'in no seed file'],
]

function printReport(report: VerifyReport, altered: readonly string[], console: Console): void {
  const { colour } = console
  const row = (name: string, value: number, remark = '') =>
    console.print(`${name.padEnd(44)}${count(value).padStart(10)}${colour.dim(remark)}`)
  row('read', report.read)
  row('  verified', report.verified, '  from the line to the verdict')
  if (report.by_id_alone > 0) row('    by the dialogue id alone', report.by_id_alone, '  the verdict names no content')
  if (report.seeds.traced > 0) row('  seeds', report.seeds.traced, '  found in the seed files')
  if (report.seeds.not_traced > 0) row('  seeds, not traced', report.seeds.not_traced, '  no seed file was given')
  for (const [name, title] of BREAKS) if (report.broken[name] > 0) row(`  BROKEN: ${title}`, report.broken[name])
  if (report.failed > 0) row('  no valid dialogue', report.failed)
  for (const { dialogue_id, line, reason } of report.breaks.slice(0, 10))
    console.note(visible(`  ${report.training}:${line} ${dialogue_id}: ${reason}`))
  for (const name of altered) console.error(`${name} is missing, or is not what the manifest says`)
  const broken = Object.values(report.broken).reduce((sum, number) => sum + number, 0) + report.failed
  console.print(
    report.sound && altered.length === 0
      ? colour.green('Sound: every chain holds.')
      : colour.red(`Not sound: ${counting(broken, 'broken chain')}, ${counting(altered.length, 'altered file')}.`),
  )
}
