import { Command } from 'commander'
import { readDialogues } from '../core/datasets/read-dialogues.ts'
import { InputError } from '../core/errors.ts'
import type { Finding } from '../core/quality/finding.ts'
import { lintDialogue, RULES_VERSION } from '../core/quality/lint-dialogue.ts'
import { createSeedTextIndex } from '../core/quality/seed-text-index.ts'
import type { SeedTextIndex } from '../core/quality/seed-text-index.ts'
import { createConsole } from './console.ts'
import type { Console } from './console.ts'
import { EXIT } from './failure.ts'
import { openInput } from './input.ts'
import type { Input } from './input.ts'
import { examples, jsonOption } from './options.ts'
import { collectProblems } from './problems.ts'
import type { ProblemList } from './problems.ts'
import { counting, measured, showProgress } from './progress.ts'
import { visible } from './visible-text.ts'

const LEVELS = ['error', 'warning', 'info'] as const
type Level = (typeof LEVELS)[number]

interface ValidateOptions {
  seed?: string
  all?: true
  json?: true
}

export function validateCommand(finish: (exitCode: number) => void): Command {
  return new Command('validate')
    .description('Check datasets: schema, structure, labels and the safety rules.')
    .argument('<files...>', 'dataset files (JSON or JSONL, gzipped or not)')
    .option('-s, --seed <file>', 'also hold the texts against this seed file: runs of 8 words of it are errors')
    .option('--all', 'list every finding; without it errors are listed, warnings counted')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['dialogues validate synthetic.json', 'errors in full, warnings by rule; exit code 1 when there is an error'],
        ['dialogues validate synthetic.json --seed seeds.json', 'and nothing copied from the seeds'],
        ['dialogues validate a.json b.jsonl.gz --json', 'for a script'],
      ),
    )
    .action(async (files: string[], options: ValidateOptions) => {
      const console = createConsole({ json: options.json === true })
      const inputs = await Promise.all(files.map(openInput))
      const seedIndex =
        options.seed === undefined ? undefined : await readSeedIndex(await openInput(options.seed), console)
      let clean = true
      const reports = []
      for (const input of inputs) {
        const report = await validateFile(input, seedIndex, options.all === true, console).catch(
          asRefused(input, console),
        )
        clean &&= 'findings' in report && report.problems.count === 0 && report.findings.error === 0
        reports.push(report)
      }
      console.result({ rules_version: RULES_VERSION, files: reports })
      finish(clean ? EXIT.done : EXIT.findings)
    })
}

/** A file that is no dataset says so, and the other files still get their turn. */
function asRefused(input: Input, console: Console): (error: unknown) => { file: string; error: string } {
  return (error) => {
    if (!(error instanceof InputError)) throw error
    console.error(error.message)
    return { file: input.path, error: error.message }
  }
}

interface FileReport {
  file: string
  dialogues: number
  with_errors: number
  problems: ReturnType<ProblemList['summary']>
  findings: Record<Level, number>
  by_code: Record<string, number>
  /** Errors, or every finding with --all; the first thousand. */
  listed: (Finding & { dialogue_id: string; line: number })[]
}

/** A file of a gigabyte may have a million findings; nobody reads more than these. */
const MOST_LISTED = 1000

async function validateFile(
  input: Input,
  seedIndex: SeedTextIndex | undefined,
  all: boolean,
  console: Console,
): Promise<FileReport> {
  const problems = collectProblems()
  const report: FileReport = {
    file: input.path,
    dialogues: 0,
    with_errors: 0,
    problems: problems.summary(),
    findings: { error: 0, warning: 0, info: 0 },
    by_code: {},
    listed: [],
  }
  const progress = showProgress({ doing: `Checking ${input.path}:`, unit: 'bytes', total: input.size })
  const records = readDialogues(measured(input.read(), progress), { file: input.path, onProblem: problems.add })
  for await (const { dialogue, line } of records) {
    report.dialogues += 1
    const { findings } = lintDialogue(dialogue, { seedIndex, info: all })
    if (findings.some(({ severity }) => severity === 'error')) report.with_errors += 1
    for (const finding of findings) {
      report.findings[finding.severity] += 1
      report.by_code[finding.code] = (report.by_code[finding.code] ?? 0) + 1
      if ((all || finding.severity === 'error') && report.listed.length < MOST_LISTED)
        report.listed.push({ ...finding, dialogue_id: dialogue.dialogue_id, line })
    }
  }
  report.problems = problems.summary()
  problems.print(console)
  printReport(report, console)
  return report
}

function printReport(report: FileReport, console: Console): void {
  const { colour } = console
  for (const finding of report.listed) {
    const style =
      finding.severity === 'error' ? colour.red : finding.severity === 'warning' ? colour.yellow : colour.dim
    const turn = finding.turn === undefined ? '' : `, turn ${finding.turn + 1}`
    const excerpt = finding.excerpt === undefined ? '' : ` “${finding.excerpt}”`
    console.print(
      visible(`${report.file}:${finding.line} ${finding.dialogue_id}${turn}: `) +
        style(finding.severity) +
        visible(` ${finding.message}${excerpt} (${finding.code})`),
    )
  }
  const total = LEVELS.reduce((sum, level) => sum + report.findings[level], 0)
  const expected = report.listed.length < MOST_LISTED ? 0 : total - report.listed.length
  if (expected > 0) console.print(`… and ${counting(expected, 'more finding')}`)
  const bad = report.problems.count
  const good = bad === 0 && report.findings.error === 0
  const outcome = good ? colour.green('valid') : colour.red('not valid')
  console.print(
    `${report.file}: ${outcome}; ${counting(report.dialogues, 'dialogue')} read, ${counting(bad, 'bad record')}, ` +
      `${counting(report.findings.error, 'error')} in ${counting(report.with_errors, 'dialogue')}, ${counting(report.findings.warning, 'warning')}`,
  )
  const codes = Object.entries(report.by_code).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  for (const [code, number] of codes) console.print(`  ${String(number).padStart(6)}  ${code}`)
}

async function readSeedIndex(input: Input, console: Console): Promise<SeedTextIndex> {
  const problems = collectProblems()
  const index = createSeedTextIndex()
  for await (const { dialogue } of readDialogues(input.read(), { file: input.path, onProblem: problems.add }))
    index.add(dialogue)
  problems.print(console)
  return index
}
