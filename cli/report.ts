import { Command } from 'commander'
import { readDialogues } from '../core/datasets/read-dialogues.ts'
import type { Dialogue } from '../core/dialogue/schema.ts'
import { InputError } from '../core/errors.ts'
import { DEFAULT_TARGET } from '../core/generate/target.ts'
import { reportBySource, sourceOf } from '../core/quality/report-by-source.ts'
import { buildQualityReport } from '../core/quality/report.ts'
import type { QualityReport, ReportedMetric } from '../core/quality/report.ts'
import { renderReportHtml } from '../core/quality/report-html.ts'
import { createConsole } from './console.ts'
import type { Console } from './console.ts'
import { EXIT } from './failure.ts'
import { openInput } from './input.ts'
import type { Input } from './input.ts'
import { sayWhenInterrupted } from './interrupt.ts'
import { examples, jsonOption } from './options.ts'
import { openOutput, writeOutput } from './output.ts'
import { collectProblems } from './problems.ts'
import type { ProblemList } from './problems.ts'
import { count, counting, measured, showProgress } from './progress.ts'
import { visible } from './visible-text.ts'

interface ReportOptions {
  against?: string
  html?: string
  json?: true
}

export function reportCommand(finish: (exitCode: number) => void): Command {
  return new Command('report')
    .description('Measure how varied, how safe and how near its target a dataset is.')
    .argument('<file>', 'dataset file (JSON or JSONL, gzipped or not)')
    .option('-a, --against <file>', 'seed file: looks for its text in the dataset, and measures nearness to it')
    .option('--html <file>', 'also write the whole report as one HTML page')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `${examples(
        [
          'dialogues report synthetic.json --against seeds.json',
          'each figure beside its gate, its goal and reference sets',
        ],
        [
          'dialogues report synthetic.json --against seeds.json --html report.html',
          'with the most similar pairs to read',
        ],
      )}

Exit code 1 when a gate is missed.`,
    )
    .action(async (file: string, options: ReportOptions) => finish(await report(file, options)))
}

async function report(file: string, options: ReportOptions): Promise<number> {
  const console = createConsole({ json: options.json === true })
  const input = await openInput(file)
  const seeds = options.against === undefined ? undefined : await openInput(options.against)
  sayWhenInterrupted(() => 'Interrupted; nothing was written.')
  const page =
    options.html === undefined
      ? undefined
      : await openOutput(options.html, seeds === undefined ? [input] : [input, seeds])
  const problems = collectProblems()
  const progress = showProgress({ doing: `Reading ${file}:`, unit: 'bytes', total: input.size })
  const counts = new Map<string, number>()
  const quality = await buildQualityReport({
    dialogues: countedBySource(dialoguesOf(input, measured(input.read(), progress), problems), counts),
    seeds: seeds === undefined ? undefined : dialoguesOf(seeds, seeds.read(), problems),
    target: DEFAULT_TARGET,
  })
  problems.print(console)
  if (quality.dialogues === 0) throw new InputError('there is no dialogue in it to report on', { where: file })
  if (page !== undefined) await writeOutput(page, [renderReportHtml(quality, { title: file })])
  // A pipe can be read once only.
  const again =
    input.size === undefined || (seeds !== undefined && seeds.size === undefined) ? undefined : collectProblems()
  const by_source =
    again === undefined
      ? {}
      : await reportBySource({
          open: () => dialoguesOf(input, input.read(), again),
          ...(seeds === undefined ? {} : { openSeeds: () => dialoguesOf(seeds, seeds.read(), again) }),
          target: DEFAULT_TARGET,
          counts,
        })
  printReport(file, quality, console)
  printSources(by_source, quality, console)
  if (options.html !== undefined) console.print(`The whole report is in ${options.html}.`)
  console.result({
    file,
    against: options.against,
    html: options.html,
    problems: problems.summary(),
    report: quality,
    by_source,
  })
  const missed = quality.metrics.some(({ grade }) => grade === 'missed')
  return problems.count() > 0 || missed ? EXIT.findings : EXIT.done
}

async function* countedBySource(
  dialogues: AsyncIterable<Dialogue>,
  counts: Map<string, number>,
): AsyncGenerator<Dialogue> {
  for await (const dialogue of dialogues) {
    const source = sourceOf(dialogue)
    counts.set(source, (counts.get(source) ?? 0) + 1)
    yield dialogue
  }
}

async function* dialoguesOf(
  input: Input,
  bytes: AsyncIterable<Uint8Array>,
  problems: ProblemList,
): AsyncGenerator<Dialogue> {
  for await (const { dialogue } of readDialogues(bytes, { file: input.path, onProblem: problems.add })) yield dialogue
}

function printReport(file: string, quality: QualityReport, console: Console): void {
  const { colour } = console
  console.print(`${visible(file)}: ${counting(quality.dialogues, 'dialogue')}, first ${quality.turns} turns of each`)
  console.print()
  const titles = ['value', 'gate', 'goal', 'human', 'model'].map((title) => title.padStart(9)).join('')
  console.print(colour.bold(`${''.padEnd(38)}${titles}`))
  for (const metric of quality.metrics) console.print(metricLine(metric, quality, console))
  console.print()
  console.print(
    `${counting(quality.findings.errors, 'lint error')}, ${counting(quality.findings.warnings, 'warning')}; ${counting(quality.findings.clean_dialogues, 'dialogue')} without either`,
  )
  if (quality.nearest_seed !== undefined)
    console.print(
      `nearness to the seeds (five-word runs shared): 95th percentile ${quality.nearest_seed.p95.toFixed(3)}, highest ${quality.nearest_seed.max.toFixed(3)}`,
    )
  for (const note of quality.notes) console.print(colour.dim(note))
}

/** Each source beside the others: what one of them lacks, the whole may hide. */
function printSources(bySource: Readonly<Record<string, QualityReport>>, whole: QualityReport, console: Console): void {
  const sources = Object.entries(bySource)
  if (sources.length === 0) return
  const { colour } = console
  console.print()
  const titles = sources.map(([source, { dialogues }]) => `${source} ${count(dialogues)}`.padStart(16)).join('')
  console.print(colour.bold(`${'by source'.padEnd(38)}${titles}${'gate'.padStart(9)}`))
  for (const { name, title, format, gate } of whole.metrics) {
    const cells = sources.map(([, { metrics }]) => metrics.find((metric) => metric.name === name))
    if (cells.every((cell) => cell === undefined)) continue
    const values = cells.map((cell) => {
      const text = figure(cell?.value, format).padStart(16)
      return cell?.grade === 'missed' ? colour.red(text) : cell?.grade === 'goal' ? colour.green(text) : text
    })
    const missed = sources.flatMap(([source], at) => (cells[at]?.grade === 'missed' ? [source] : []))
    const remark = missed.length === 0 ? '' : `  ${missed.join(', ')} MISSES it`
    console.print(`${title.padEnd(38)}${values.join('')}${colour.dim(figure(gate, format).padStart(9))}${remark}`)
  }
}

const GRADES = { goal: 'meets its goal', gate: 'within its gate', missed: 'MISSES its gate', ungraded: '' } as const

function metricLine(metric: ReportedMetric, quality: QualityReport, console: Console): string {
  const { colour } = console
  const cells = [
    metric.value,
    metric.gate,
    metric.goal,
    metric.human?.[quality.band_turns],
    metric.llm?.[quality.band_turns],
  ]
  const [value = '', ...others] = cells.map((cell) => figure(cell, metric.format).padStart(9))
  const grade = GRADES[metric.grade]
  const style = metric.grade === 'missed' ? colour.red : metric.grade === 'goal' ? colour.green : (text: string) => text
  return `${metric.title.padEnd(38)}${style(value)}${colour.dim(others.join(''))}  ${style(grade)}`
}

function figure(value: number | undefined, format: ReportedMetric['format']): string {
  if (value === undefined) return ''
  if (format === 'percent') return `${(100 * value).toFixed(1)} %`
  return format === 'count' ? count(Math.round(value)) : value.toFixed(3)
}
