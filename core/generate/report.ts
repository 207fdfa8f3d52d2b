import {
  RISK_LEVELS,
  SESSION_TYPES,
  type ConcernGroup,
  type RiskLevel,
  type SessionType,
} from '../dialogue/vocabulary.ts'
import type { SourcesReport } from './openai/sources-report.ts'
import type { Plan, PlannedDialogue } from './plan.ts'

/** Why a candidate was not taken; `lint` and `schema` are never relaxed. */
export const REJECTIONS = [
  'nothing_fits',
  'schema',
  'lint',
  'exact_duplicate',
  'near_duplicate',
  'sentence_reuse',
  'opener',
] as const
export type Rejection = (typeof REJECTIONS)[number]

export interface Quota {
  planned: number
  written: number
}

/** What became of every dialogue planned and every candidate written; goes into the manifest as it is. */
export interface GenerationReport {
  generator_version: string
  random_seed: number
  banks_sha256: string
  requested: number
  written: number
  /** Planned dialogues for which no attempt passed; by the codes that the last candidates failed for. */
  failed: number
  candidates: number
  rejections: Record<Rejection, number>
  /** Lint codes of rejected candidates. */
  lint_codes: Record<string, number>
  /** Dialogues accepted only after limits were loosened, by the name of the step reached; the order is the declared one. */
  relaxations: Record<string, number>
  limits: readonly { name: string; near_duplicate: number; sentence_reuse: number; opener_share: number }[]
  /** 1: every pair compared exactly; 4: on one shingle in four. */
  duplicate_check_sampling: number
  most_similar: number
  quotas: {
    session_type: Record<string, Quota>
    concern: Record<string, Quota>
    group: Record<string, Quota>
    risk: Record<string, Quota>
  }
  /** Warnings that the lint left on accepted dialogues, by code. */
  warnings: Record<string, number>
  seeds: { dialogues: number; patterns: number; dialogues_using_patterns: number } | undefined
  /** Where a model had a share in the batch. */
  sources?: SourcesReport
}

export function emptyReport(
  plan: Plan,
  more: Pick<GenerationReport, 'generator_version' | 'banks_sha256' | 'limits' | 'seeds'>,
): GenerationReport {
  const quota = <K extends string>(counts: ReadonlyMap<K, number>): Record<string, Quota> =>
    Object.fromEntries([...counts].map(([name, planned]) => [name, { planned, written: 0 }]))
  return {
    ...more,
    random_seed: plan.random_seed,
    requested: plan.count,
    written: 0,
    failed: 0,
    candidates: 0,
    rejections: {
      nothing_fits: 0,
      schema: 0,
      lint: 0,
      exact_duplicate: 0,
      near_duplicate: 0,
      sentence_reuse: 0,
      opener: 0,
    },
    lint_codes: {},
    relaxations: {},
    duplicate_check_sampling: 1,
    most_similar: 0,
    quotas: {
      session_type: quota<SessionType>(ordered(SESSION_TYPES, plan.quotas.session_type)),
      concern: quota(plan.quotas.concern),
      group: quota<ConcernGroup>(plan.quotas.group),
      risk: quota<RiskLevel>(ordered(RISK_LEVELS, plan.quotas.risk)),
    },
    warnings: {},
  }
}

function ordered<K>(keys: readonly K[], counts: ReadonlyMap<K, number>): Map<K, number> {
  return new Map(keys.map((key) => [key, counts.get(key) ?? 0]))
}

export function countWritten(report: GenerationReport, { session_type, concern, group, risk }: PlannedDialogue): void {
  report.written++
  for (const quota of [
    report.quotas.session_type[session_type],
    report.quotas.concern[concern],
    report.quotas.group[group],
    report.quotas.risk[risk],
  ])
    if (quota !== undefined) quota.written++
}

export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
