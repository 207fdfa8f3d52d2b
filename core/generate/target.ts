import * as z from 'zod'
import {
  CONCERN_GROUPS,
  RISK_LEVELS,
  SESSION_TYPES,
  type ConcernGroup,
  type RiskLevel,
  type SessionType,
} from '../dialogue/vocabulary.ts'
import { InputError } from '../errors.ts'

/** Shares of a whole data set. They need not sum to 1: only their ratios count. */
const shares = <K extends string>(keys: readonly [K, ...K[]]) => z.partialRecord(z.enum(keys), z.number().min(0))

export const TargetDistributionSchema = z.object({
  session_type: shares(SESSION_TYPES),
  concern: shares(CONCERN_GROUPS),
  risk: shares(RISK_LEVELS),
})

export interface TargetDistribution {
  session_type: Readonly<Record<SessionType, number>>
  concern: Readonly<Record<ConcernGroup, number>>
  risk: Readonly<Record<RiskLevel, number>>
}

/** In percent, as the team set them (docs/guides/file-formats.md, "Target distribution"). */
export const DEFAULT_TARGET: TargetDistribution = {
  session_type: { 'check-in': 30, gentle_deep: 50, micro_practice: 20 },
  concern: { 'self-worth': 20, anxiety: 25, relationships: 15, stress: 15, grief: 10, other: 15 },
  risk: { none: 85, low: 10, medium: 4, high: 1 },
}

/** The default with some dimensions replaced; a dimension that is given counts alone, what it does not name is 0. */
export function targetWith(changes: Partial<z.infer<typeof TargetDistributionSchema>>): TargetDistribution {
  const fill = <K extends string>(
    keys: readonly K[],
    given: Partial<Record<K, number>> | undefined,
    fallback: Readonly<Record<K, number>>,
  ): Record<K, number> => {
    const from: Readonly<Partial<Record<K, number>>> = given ?? fallback
    const filled: Record<K, number> = { ...fallback }
    for (const key of keys) filled[key] = from[key] ?? 0
    return filled
  }
  return {
    session_type: fill(SESSION_TYPES, changes.session_type, DEFAULT_TARGET.session_type),
    concern: fill(CONCERN_GROUPS, changes.concern, DEFAULT_TARGET.concern),
    risk: fill(RISK_LEVELS, changes.risk, DEFAULT_TARGET.risk),
  }
}

/**
 * The shares of the named keys, scaled so that they sum to 1; all keys when none is named. Throws when the named ones
 * have no share at all.
 */
export function rescaleShares<K extends string>(
  all: Readonly<Record<K, number>>,
  named: readonly K[] | undefined,
): Map<K, number> {
  const keys = named ?? keysOf(all)
  const total = keys.reduce((sum, key) => sum + all[key], 0)
  if (total <= 0)
    throw new InputError(`the target distribution gives no share to ${keys.join(', ')}`, {
      fix: 'Name others, or change the distribution.',
    })
  return new Map(keys.filter((key) => all[key] > 0).map((key) => [key, all[key] / total]))
}

function keysOf<K extends string>(record: Readonly<Record<K, number>>): K[] {
  const keys: K[] = []
  for (const key in record) keys.push(key)
  return keys
}

/**
 * Largest remainder (Hamilton): whole numbers that sum to `total` and miss each exact share by less than one. Ties go to the
 * earlier key, so the outcome is a function of its input.
 */
export function largestRemainder<K>(sharesOf: ReadonlyMap<K, number>, total: number): Map<K, number> {
  const sum = [...sharesOf.values()].reduce((a, b) => a + b, 0)
  const exact = [...sharesOf].map(([key, share], order) => {
    const quota = (share / sum) * total
    // 0.1 + 0.2 must not cost a dialogue: what is whole but for rounding is whole.
    const whole = Math.floor(quota + 1e-9)
    return { key, order, whole, rest: quota - whole }
  })
  let left = total - exact.reduce((assigned, { whole }) => assigned + whole, 0)
  for (const entry of [...exact].sort((a, b) => b.rest - a.rest || a.order - b.order)) {
    if (left <= 0) break
    entry.whole++
    left--
  }
  return new Map(exact.map(({ key, whole }) => [key, whole]))
}
