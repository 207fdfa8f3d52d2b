import type { ConcernGroup, RiskLevel, SessionType } from '../../dialogue/vocabulary.ts'
import { CONCERN_GROUPS, RISK_LEVELS, SESSION_TYPES } from '../../dialogue/vocabulary.ts'
import { largestRemainder } from '../../generate/target.ts'
import type { TargetDistribution } from '../../generate/target.ts'

export interface AxisCounts {
  session_type: Readonly<Record<SessionType, number>>
  concern: Readonly<Record<ConcernGroup, number>>
  risk: Readonly<Record<RiskLevel, number>>
}

export interface AxisRow {
  axis: 'session_type' | 'concern' | 'risk'
  value: string
  count: number
  /** Whole dialogues that the target gives to this value, by largest remainder. */
  quota: number
}

/** Each value of each axis with its count and its quota. */
export function againstTarget(counts: AxisCounts, target: TargetDistribution): AxisRow[] {
  return [
    ...rowsOf('session_type', SESSION_TYPES, counts.session_type, target.session_type),
    ...rowsOf('concern', CONCERN_GROUPS, counts.concern, target.concern),
    ...rowsOf('risk', RISK_LEVELS, counts.risk, target.risk),
  ]
}

function rowsOf<K extends string>(
  axis: AxisRow['axis'],
  values: readonly K[],
  counts: Readonly<Record<K, number>>,
  target: Readonly<Record<K, number>>,
): AxisRow[] {
  const total = values.reduce((sum, value) => sum + counts[value], 0)
  const sum = values.reduce((all, value) => all + target[value], 0)
  const quotas = sum > 0 ? largestRemainder(new Map(values.map((value) => [value, target[value]])), total) : undefined
  return values.map((value) => ({ axis, value, count: counts[value], quota: quotas?.get(value) ?? 0 }))
}

/** Dialogues that would have to move for every axis to meet its quotas: half the sum of the differences, the worst axis. */
export function quotaError(rows: readonly AxisRow[]): number {
  const perAxis = new Map<string, number>()
  for (const { axis, count, quota } of rows) perAxis.set(axis, (perAxis.get(axis) ?? 0) + Math.abs(count - quota))
  return Math.max(0, ...perAxis.values()) / 2
}
