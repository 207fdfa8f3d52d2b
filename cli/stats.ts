import { Command } from 'commander'
import { readDialogues } from '../core/datasets/read-dialogues.ts'
import { collectStatistics } from '../core/datasets/statistics.ts'
import type { Spread, Statistics, TargetComparison } from '../core/datasets/statistics.ts'
import { createConsole } from './console.ts'
import type { Console } from './console.ts'
import { EXIT } from './failure.ts'
import { openInput } from './input.ts'
import { examples, jsonOption } from './options.ts'
import { collectProblems } from './problems.ts'
import { count, counting, measured, showProgress } from './progress.ts'
import { visible } from './visible-text.ts'

export function statsCommand(finish: (exitCode: number) => void): Command {
  return new Command('stats')
    .description('Count what a dataset holds, against the target distribution.')
    .argument('<file>', 'dataset file (JSON or JSONL, gzipped or not)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['dialogues stats synthetic.json', 'shares against the target, lengths, techniques'],
        ['dialogues stats training.jsonl.gz --json', 'for a script'],
      ),
    )
    .action(async (file: string, options: { json?: true }) => {
      const console = createConsole({ json: options.json === true })
      const input = await openInput(file)
      const problems = collectProblems()
      const progress = showProgress({ doing: `Counting ${file}:`, unit: 'bytes', total: input.size })
      const dialogues = readDialogues(measured(input.read(), progress), { file, onProblem: problems.add })
      const statistics = await collectStatistics(dialogues)
      problems.print(console)
      printStatistics(file, statistics, console)
      console.result({ file, problems: problems.summary(), statistics })
      finish(problems.count() === 0 ? EXIT.done : EXIT.findings)
    })
}

function printStatistics(file: string, statistics: Statistics, console: Console): void {
  const { colour } = console
  console.print(`${visible(file)}: ${counting(statistics.total_dialogues, 'dialogue')}`)
  for (const axis of ['session_type', 'concern', 'risk'] as const)
    printComparison(axis, statistics.against_target, console)
  const lists: [string, Record<string, number>][] = [
    ['concerns', statistics.concerns],
    ['techniques', statistics.therapeutic_techniques],
    ['intents (assistant turns)', statistics.intent_distribution],
    ['sentiment', statistics.sentiment_distribution],
    ['made by', statistics.methods],
  ]
  for (const [title, counts] of lists) {
    const text = Object.entries(counts).map(([name, number]) => `${visible(name)} ${count(number)}`)
    console.print()
    console.print(`${colour.bold(title)}  ${text.length === 0 ? 'none' : text.join(', ')}`)
  }
  if (statistics.unknown_concerns.length > 0)
    console.warn(`counted as other, because no group is known for ${visible(statistics.unknown_concerns.join(', '))}`)
  console.print()
  console.print(
    colour.bold(
      `${'lengths'.padEnd(28)}${['mean', 'p10', 'p50', 'p90', 'max'].map((name) => name.padStart(8)).join('')}`,
    ),
  )
  printSpread('turns in a dialogue', statistics.turns, console)
  printSpread('characters, client turn', statistics.user_characters, console)
  printSpread('characters, assistant turn', statistics.assistant_characters, console)
}

const AXES: Readonly<Record<TargetComparison['axis'], string>> = {
  session_type: 'session type',
  concern: 'concern group',
  risk: 'risk',
}

export function printComparison(
  axis: TargetComparison['axis'],
  comparisons: readonly TargetComparison[],
  console: Console,
): void {
  const { colour } = console
  console.print()
  console.print(
    colour.bold(`${AXES[axis].padEnd(16)}${'count'.padStart(9)}${'share'.padStart(9)}${'target'.padStart(9)}`),
  )
  for (const row of comparisons.filter((one) => one.axis === axis))
    console.print(
      `${row.value.padEnd(16)}${count(row.count).padStart(9)}${percent(row.share).padStart(9)}${colour.dim(percent(row.target).padStart(9))}`,
    )
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function printSpread(title: string, spread: Spread, console: Console): void {
  const numbers = [spread.mean, spread.p10, spread.p50, spread.p90, spread.max]
  console.print(`${title.padEnd(28)}${numbers.map((number) => count(number).padStart(8)).join('')}`)
}
