import type { Dialogue } from '../dialogue/schema.ts'
import { buildQualityReport, type QualityReport, type QualityReportInput } from './report.ts'

/** `provenance.method`, or `unknown` for a dialogue that does not say. */
export function sourceOf({ provenance }: Pick<Dialogue, 'provenance'>): string {
  return provenance?.method ?? 'unknown'
}

/** Fewer dialogues of one source say nothing about its variety. */
const FEWEST = 20

export interface BySourceInput extends Omit<QualityReportInput, 'dialogues' | 'seeds'> {
  /** Reads the set anew, each time it is called. */
  open: () => AsyncIterable<Dialogue> | Iterable<Dialogue>
  openSeeds?: () => AsyncIterable<Dialogue> | Iterable<Dialogue>
  /** Dialogues of each source, by {@link sourceOf}. */
  counts: ReadonlyMap<string, number>
}

/**
 * The report of each source of a set by itself, for sets that have more than one of at least 20 dialogues; otherwise
 * empty. Templates may hide behind a model's variety, or the other way round: the gates are for each. Share and quotas
 * are the business of the whole, so that `quota_error` says nothing here and is left out.
 */
export async function reportBySource(input: BySourceInput): Promise<Record<string, QualityReport>> {
  const { open, openSeeds, counts, ...rest } = input
  const sources = [...counts].filter(([, count]) => count >= FEWEST).map(([source]) => source)
  if (sources.length < 2) return {}
  const reports: Record<string, QualityReport> = {}
  for (const source of sources.sort()) {
    const report = await buildQualityReport({
      ...rest,
      dialogues: only(source, open()),
      ...(openSeeds === undefined ? {} : { seeds: openSeeds() }),
    })
    reports[source] = { ...report, metrics: report.metrics.filter(({ name }) => name !== 'quota_error') }
  }
  return reports
}

async function* only(
  source: string,
  dialogues: AsyncIterable<Dialogue> | Iterable<Dialogue>,
): AsyncGenerator<Dialogue> {
  for await (const dialogue of dialogues) if (sourceOf(dialogue) === source) yield dialogue
}
