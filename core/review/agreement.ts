import type { Rng } from '../ports.ts'

/**
 * How far several people agree who put the same units into categories. A unit is what is judged (a dialogue, a turn);
 * it holds the value of each rater who judged it.
 */
export type Unit = ReadonlyMap<string, string>

/** A figure over `n` units, or why there is none. */
export type Measure = { value: number; n: number } | { undefined_because: string; n: number }

export interface Interval {
  low: number
  high: number
  /** How sure, 0..1. */
  level: number
}

const NO_PAIRS = 'nothing was judged by two'
const NO_VARIETY = 'everybody gave one and the same value throughout, so chance would agree as well'

/** Share (0..1) of the pairs of judgements on one unit that are the same; `n` counts units with two judgements or more. */
export function percentAgreement(units: readonly Unit[]): Measure {
  const judged = units.filter(isPairable)
  if (judged.length === 0) return { undefined_because: NO_PAIRS, n: 0 }
  let same = 0
  let pairs = 0
  for (const unit of judged) {
    for (const count of counts(unit).values()) same += count * (count - 1)
    pairs += unit.size * (unit.size - 1)
  }
  return { value: same / pairs, n: judged.length }
}

/**
 * Cohen's kappa of two raters, over the units that both judged (Cohen 1960): `(p_o - p_e) / (1 - p_e)`, with the
 * agreement by chance `p_e` from each rater's own shares.
 */
export function cohensKappa(units: readonly Unit[], one: string, other: string): Measure {
  const pairs = units.flatMap((unit) => {
    const [first, second] = [unit.get(one), unit.get(other)]
    return first === undefined || second === undefined ? [] : [[first, second] as const]
  })
  const n = pairs.length
  if (n === 0) return { undefined_because: 'they have judged nothing in common', n }
  const firsts = tally(pairs.map(([first]) => first))
  const seconds = tally(pairs.map(([, second]) => second))
  let by_chance = 0
  for (const [value, count] of firsts) by_chance += (count / n) * ((seconds.get(value) ?? 0) / n)
  if (by_chance === 1) return { undefined_because: NO_VARIETY, n }
  const observed = pairs.filter(([first, second]) => first === second).length / n
  return { value: (observed - by_chance) / (1 - by_chance), n }
}

/**
 * Fleiss' kappa (Fleiss 1971): any raters, but each unit judged by the same number of them. Units that nobody or only
 * one judged are left out.
 */
export function fleissKappa(units: readonly Unit[]): Measure {
  const judged = units.filter(isPairable)
  const n = judged.length
  const raters = judged[0]?.size
  if (raters === undefined) return { undefined_because: NO_PAIRS, n }
  if (judged.some((unit) => unit.size !== raters))
    return { undefined_because: 'not everything was judged by the same number of people', n }
  const total = tally(judged.flatMap((unit) => [...unit.values()]))
  if (total.size === 1) return { undefined_because: NO_VARIETY, n }
  let by_chance = 0
  for (const count of total.values()) by_chance += (count / (n * raters)) ** 2
  let observed = 0
  for (const unit of judged)
    for (const count of counts(unit).values()) observed += (count * (count - 1)) / (raters * (raters - 1)) / n
  return { value: (observed - by_chance) / (1 - by_chance), n }
}

/**
 * Krippendorff's alpha for nominal data: any number of raters, any gaps (Krippendorff, Content Analysis, chapter on
 * reliability). `1 - D_o / D_e` with `D_o` the disagreement within units, each value weighing `1 / (m_u - 1)`, and `D_e`
 * that of all pairable values thrown together.
 */
export function krippendorffAlpha(units: readonly Unit[]): Measure {
  return alphaOf(units.filter(isPairable).map(contribution))
}

/**
 * Percentile interval of {@link krippendorffAlpha}: units are drawn again with replacement, `draws` times. Undefined when
 * alpha is, or when most draws hold one value only.
 */
export function alphaInterval(
  units: readonly Unit[],
  rng: Rng,
  { draws = 1000, level = 0.95 }: { draws?: number; level?: number } = {},
): Interval | undefined {
  const parts = units.filter(isPairable).map(contribution)
  if ('undefined_because' in alphaOf(parts)) return undefined
  const values: number[] = []
  for (let draw = 0; draw < draws; draw++) {
    const drawn = alphaOf(parts.map(() => pick(parts, rng)))
    if ('value' in drawn) values.push(drawn.value)
  }
  if (values.length < draws / 2) return undefined
  values.sort((one, other) => one - other)
  const tail = (1 - level) / 2
  return { low: quantile(values, tail), high: quantile(values, 1 - tail), level }
}

/** Krippendorff's own advice: from 0.80 rely on it, from 0.67 draw tentative conclusions, below do neither. */
export function bandOf(alpha: number): 'good' | 'tentative' | 'poor' {
  if (alpha >= 0.8) return 'good'
  return alpha >= 0.67 ? 'tentative' : 'poor'
}

/** What one unit adds to the sums that alpha is made of. */
interface Contribution {
  /** `Σ_{c≠k} n_uc n_uk / (m_u - 1)` */
  disagreement: number
  counts: ReadonlyMap<string, number>
}

function contribution(unit: Unit): Contribution {
  const found = counts(unit)
  let same = 0
  for (const count of found.values()) same += count * count
  return { disagreement: (unit.size * unit.size - same) / (unit.size - 1), counts: found }
}

function alphaOf(parts: readonly Contribution[]): Measure {
  const n = parts.length
  if (n === 0) return { undefined_because: NO_PAIRS, n }
  const totals = new Map<string, number>()
  let values = 0
  let disagreement = 0
  for (const part of parts) {
    disagreement += part.disagreement
    for (const [value, count] of part.counts) {
      totals.set(value, (totals.get(value) ?? 0) + count)
      values += count
    }
  }
  if (totals.size === 1) return { undefined_because: NO_VARIETY, n }
  let same = 0
  for (const count of totals.values()) same += count * count
  const observed = disagreement / values
  const expected = (values * values - same) / (values * (values - 1))
  return { value: 1 - observed / expected, n }
}

function isPairable(unit: Unit): boolean {
  return unit.size >= 2
}

function counts(unit: Unit): Map<string, number> {
  return tally(unit.values())
}

function tally(values: Iterable<string>): Map<string, number> {
  const found = new Map<string, number>()
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1)
  return found
}

function pick<T>(from: readonly T[], rng: Rng): T {
  const one = from[Math.floor(rng() * from.length)]
  if (one === undefined) throw new RangeError('the random numbers must be at least 0 and below 1')
  return one
}

/** Linear between the two nearest of the sorted values. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? NaN
  const above = sorted[Math.ceil(place)] ?? NaN
  return below + (above - below) * (place - Math.floor(place))
}
