import type { Forecast } from '../core/generate/openai/forecast.ts'
import type { SourcesReport } from '../core/generate/openai/sources-report.ts'
import { forecastCost } from '../core/generate/openai/token-estimate.ts'
import type { GenerationRequest } from '../core/generate/request.ts'
import { PRICES } from '../openai-model/price-table.ts'
import type { Console } from './console.ts'
import { EXIT } from './failure.ts'
import type { GenerateOptions } from './generate.ts'
import type { ModelRun, Service } from './generation-model.ts'
import { usd } from './money.ts'
import type { ProblemList } from './problems.ts'
import { count, counting } from './progress.ts'
import { visible } from './visible-text.ts'

/** `--dry-run`: what would be asked for, and what it is expected to cost; returns the exit code. */
export function printForecast(
  request: GenerationRequest & { random_seed: number },
  forecast: Forecast | undefined,
  service: Service | undefined,
  { console, problems }: { console: Console; problems: ProblemList },
): number {
  problems.print(console)
  if (forecast !== undefined && service !== undefined) {
    const { dialogues, calls, input_tokens, output_tokens, cost_usd } = forecast
    const row = (name: string, value: string) => console.print(`${name.padEnd(22)}${value}`)
    row('by templates', counting(request.count - dialogues, 'dialogue'))
    row(`by ${visible(service.model)}`, counting(dialogues, 'dialogue'))
    row('calls', `about ${count(calls)}`)
    row('tokens sent', `about ${count(input_tokens)}`)
    row('tokens written', `about ${count(output_tokens)}`)
    row(
      'cost',
      cost_usd === undefined
        ? `unknown: content/prices.json of ${PRICES.as_of} does not name ${visible(service.model)}; give its price with --price input,output`
        : `about ${usd(cost_usd)} (prices of ${PRICES.as_of}; within 15 % as a rule, more for models that think before they write)`,
    )
    console.print('Nothing was sent and nothing written.')
  }
  console.result({ dry_run: true, request, forecast, prices_as_of: PRICES.as_of })
  return problems.count() === 0 ? EXIT.done : EXIT.findings
}

/** When the budget is not going to do. */
export function warnOfCost(
  forecast: Forecast,
  { before }: ModelRun,
  { maxCost }: GenerateOptions,
  console: Console,
): void {
  const { cost_usd, dialogues } = forecast
  if (cost_usd === undefined) {
    console.note('No price is known for this model: its cost is not counted (--price input,output gives it).')
    return
  }
  console.note(`${counting(dialogues, 'dialogue')} by the model, for about ${usd(cost_usd)} in all.`)
  if (maxCost !== undefined && cost_usd > maxCost && before < cost_usd)
    console.warn(
      `--max-cost ${usd(maxCost)} is less than that: it will do for about ${count(Math.floor((dialogues * maxCost) / cost_usd))}.`,
    )
}

/** `$0.03 of about $0.25, 12 calls at once`. */
export function costSoFar(run: ModelRun, forecast: Forecast, sources: SourcesReport | undefined): string {
  const { load } = run.calls
  const decided = sources === undefined ? 0 : sources.by_method.openai.written + sum(sources.fallbacks)
  const calls = `${counting(load.in_flight, 'call')} at once${load.held_by === 'retry_after' || load.held_by === 'requests' || load.held_by === 'tokens' ? ', held by the service’s limit' : ''}`
  if (forecast.cost_usd === undefined) return calls
  return `${usd(run.spent())} of about ${usd(projection(run, forecast, decided))}, ${calls}`
}

/** What the batch is going to cost: what is spent, and for the rest the forecast as the answers so far correct it. */
export function projection(run: ModelRun, forecast: Forecast, decided: number): number {
  const spent = run.spent()
  const { dialogues, input_tokens, output_tokens, cost_usd } = forecast
  if (cost_usd === undefined || cost_usd === 0 || dialogues === 0) return spent
  // Answers that are there but not decided yet are paid for, too: the rest is what no call was made for.
  const made = Math.max(decided, Math.min(dialogues, run.calls.spent.calls))
  const left = Math.max(0, dialogues - made) / dialogues
  const price = run.price
  return price === undefined
    ? spent
    : spent +
        forecastCost(
          { input_tokens: input_tokens * left, output_tokens: output_tokens * left },
          price,
          run.calls.calibration,
        )
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, each) => all + each, 0)
}
