import { Command } from 'commander'
import type { ApplyReport, Outcome } from '../core/apply/apply-report.ts'
import { applyReviews } from '../core/apply/apply-reviews.ts'
import { createConsole } from './console.ts'
import type { Console } from './console.ts'
import { formatOf, packed } from './dataset-output.ts'
import { EXIT } from './failure.ts'
import { openInput } from './input.ts'
import { sayWhenInterrupted } from './interrupt.ts'
import { examples, jsonOption } from './options.ts'
import { openOutput, writeOutput } from './output.ts'
import { collectProblems } from './problems.ts'
import { count, counting, measured, showProgress } from './progress.ts'
import { refuseUnfinishedReview } from './review/review-journal.ts'

interface ApplyOptions {
  data: string
  reviews: string[]
  output: string
  includeRevision?: true
  json?: true
}

export function applyCommand(finish: (exitCode: number) => void): Command {
  return new Command('apply')
    .description('Keep exactly the dialogues that were approved.')
    .requiredOption('-d, --data <file>', 'dataset that was reviewed')
    .requiredOption('-r, --reviews <files...>', 'reviews files of that dataset')
    .requiredOption('-o, --output <file>', 'where the approved dialogues go (.json or .jsonl, .gz behind either)')
    .option('--include-revision', 'keep what needs revision too, marked so by labels.review_status')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `${examples(
        ['dialogues apply -d synthetic.json -r reviews.json -o approved.json', 'what was approved, and nothing else'],
        ['dialogues apply -d synthetic.json -r clara.json ben.json -o approved.jsonl', 'two reviewers, who must agree'],
        [
          'dialogues apply -d synthetic.json -r reviews.json -o kept.json --include-revision',
          'with what needs revision',
        ],
      )}

A verdict holds for the very text and labels that it was given for: a dialogue that changed since is left out as void.`,
    )
    .action(async (options: ApplyOptions) => finish(await apply(options)))
}

async function apply(options: ApplyOptions): Promise<number> {
  const console = createConsole({ json: options.json === true })
  const data = await openInput(options.data)
  const reviews = await Promise.all(options.reviews.map(openInput))
  for (const { path } of reviews) refuseUnfinishedReview(path)
  sayWhenInterrupted(() => `Interrupted; ${options.output} is as it was before. Run the command again to start over.`)
  const output = await openOutput(options.output, [data, ...reviews])

  const problems = collectProblems()
  const progress = showProgress({ doing: `Applying to ${data.path}:`, unit: 'bytes', total: data.size })
  const run = applyReviews({
    dataset: { file: data.path, source: measured(data.read(), progress) },
    reviews: reviews.map((input) => ({ file: input.path, source: input.read() })),
    includeRevision: options.includeRevision === true,
    format: formatOf(options.output).lines ? 'lines' : 'dataset',
    onProblem: problems.add,
  })
  const bytes = await writeOutput(output, packed(options.output, run.body))
  const report = run.report()
  problems.print(console)
  printReport(report, options.output, console)
  console.result({ output: options.output, bytes, ...report, problems: problems.summary() })
  return problems.count() === 0 ? EXIT.done : EXIT.findings
}

const OUTCOMES: readonly [Outcome, string][] = [
  ['approved', 'approved'],
  ['needs_revision_included', 'needs revision, included'],
  ['needs_revision', 'needs revision'],
  ['rejected', 'rejected'],
  ['unreviewed', 'not reviewed'],
  ['void', 'changed since the verdict'],
  ['disagreement', 'reviewers disagree'],
  ['duplicate', 'repeated id'],
  ['failed', 'no valid dialogue'],
]
const WRITTEN: ReadonlySet<Outcome> = new Set(['approved', 'needs_revision_included'])

function printReport(report: ApplyReport, output: string, console: Console): void {
  const { colour } = console
  const row = (name: string, value: number, remark = '') =>
    console.print(`${name.padEnd(28)}${count(value).padStart(10)}${remark}`)
  row('read', report.read)
  for (const [outcome, name] of OUTCOMES) {
    const kept = WRITTEN.has(outcome)
    if (outcome === 'approved' || report.records[outcome] > 0)
      row(`  ${name}`, report.records[outcome], colour.dim(kept ? '  written' : '  left out'))
  }
  row('written', report.written)
  if (report.relabelled > 0) row('  with corrected labels', report.relabelled)
  for (const { dialogue_id, line, outcome, detail } of report.left_out.slice(0, 10))
    console.note(
      `  ${report.dataset}:${line} ${dialogue_id ?? '(no id)'}: ${outcome}${detail === undefined ? '' : `, ${detail}`}`,
    )
  for (const note of report.notes) console.warn(note)
  if (report.written === 0) console.warn('nothing was approved, so the dataset is empty')
  console.print(`${counting(report.written, 'dialogue')} in ${output}.`)
}
