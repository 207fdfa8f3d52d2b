import type { SourcesReport } from '../core/generate/openai/sources-report.ts'
import type { GenerationReport, Quota } from '../core/generate/report.ts'
import type { Console } from './console.ts'
import { usd } from './money.ts'
import { count, counting } from './progress.ts'
import { visible } from './visible-text.ts'

const AXES: readonly [keyof GenerationReport['quotas'], string][] = [
  ['session_type', 'session type'],
  ['group', 'concern group'],
  ['risk', 'risk'],
]

/** What was asked and written for each share, and what became of every candidate. */
export function printGeneration(report: GenerationReport, output: string, console: Console): void {
  const { colour } = console
  for (const [axis, title] of AXES) {
    console.print(colour.bold(`${title.padEnd(22)}${'planned'.padStart(9)}${'written'.padStart(9)}`))
    for (const [name, quota] of Object.entries(report.quotas[axis])) console.print(quotaLine(name, quota))
    console.print()
  }
  if (report.sources !== undefined) printSources(report.sources, console)
  const turnedAway = Object.entries(report.rejections).filter(([, number]) => number > 0)
  console.print(
    `${counting(report.candidates, 'candidate')} for ${counting(report.written, 'dialogue')}${turnedAway.length === 0 ? '' : `; turned away: ${listed(turnedAway)}`}`,
  )
  const relaxed = Object.entries(report.relaxations)
  if (relaxed.length > 0) console.print(`taken after loosening a limit: ${listed(relaxed)}`)
  if (report.seeds !== undefined)
    console.print(
      `${counting(report.seeds.patterns, 'pattern')} from ${counting(report.seeds.dialogues, 'seed dialogue')}, in ${counting(report.seeds.dialogues_using_patterns, 'dialogue')}`,
    )
  const warnings = Object.entries(report.warnings)
  if (warnings.length > 0) console.print(`for the reviewers to look at: ${listed(warnings)}`)
  if (report.failed > 0) {
    const codes = Object.entries(report.lint_codes)
    console.warn(
      `${counting(report.failed, 'dialogue')} could not be written: no candidate passed the checks${codes.length === 0 ? '' : ` (${listed(codes)})`}`,
    )
  }
  console.print(`${counting(report.written, 'dialogue')} in ${output}.`)
}

/** Who wrote what, for how much, and why the model did not write the rest of its share. */
function printSources({ model, by_method, share, fallbacks, answers, spent }: SourcesReport, console: Console): void {
  console.print(console.colour.bold(`${'source'.padEnd(22)}${'planned'.padStart(9)}${'written'.padStart(9)}`))
  console.print(quotaLine('template', by_method.template))
  console.print(quotaLine(visible(model), by_method.openai))
  console.print()
  const percent = (part: number) => `${(part * 100).toFixed(1).replace(/\.0$/, '')} %`
  const reasons = Object.entries(fallbacks)
  console.print(
    `share of the model: ${percent(share.reached)} of ${percent(share.planned)} planned${reasons.length === 0 ? '' : `; templates instead for: ${listed(reasons)}`}`,
  )
  const refused = Object.entries(answers.refused)
  const before = answers.reused === 0 ? '' : `, ${count(answers.reused)} of them by an earlier run`
  console.print(
    `${counting(answers.paid, 'answer')} paid for${before}${refused.length === 0 ? '' : `; turned away: ${listed(refused)}`}`,
  )
  console.print(
    `${usd(spent.cost_usd)} for ${counting(spent.input_tokens, 'token')} sent and ${count(spent.output_tokens)} written`,
  )
}

function quotaLine(name: string, quota: Quota): string {
  return `${visible(name).padEnd(22)}${count(quota.planned).padStart(9)}${count(quota.written).padStart(9)}`
}

/** Most frequent first: `lint 12, opener 3`. */
function listed(counts: readonly (readonly [string, number])[]): string {
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([name, number]) => `${name.replaceAll('_', ' ')} ${count(number)}`)
    .join(', ')
}
