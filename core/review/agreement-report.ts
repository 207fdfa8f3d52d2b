import { CRITERIA } from '../dialogue/vocabulary.ts'
import type { Rng } from '../ports.ts'
import { alphaInterval, bandOf, cohensKappa, fleissKappa, krippendorffAlpha, percentAgreement } from './agreement.ts'
import type { Interval, Measure, Unit } from './agreement.ts'
import type { Review } from './review.ts'
import { finalLabels, standingReviews } from './standing.ts'
import type { ItemRecord } from './store.ts'

/** Agreement of the reviewers on one field: the verdict, a criterion, or a label of dialogues or turns. */
export interface FieldAgreement {
  field: string
  percent: Measure
  fleiss: Measure
  alpha: Measure & { interval?: Interval; band?: 'good' | 'tentative' | 'poor' }
  /** Cohen's kappa of each two reviewers who have something in common. */
  pairs: { reviewers: readonly [string, string]; kappa: Measure }[]
}

/**
 * Agreement per field over the dialogues that two or more reviewed. Only what each said blind: settlements do not count.
 * A label counts for the reviewers who verified or corrected it; labels of turns have a unit a turn.
 *
 * @param rng for the bootstrap interval of alpha
 */
export async function agreementReport(
  items: AsyncIterable<ItemRecord> | Iterable<ItemRecord>,
  rng: Rng,
): Promise<FieldAgreement[]> {
  const fields = new Map<string, Map<string, Map<string, string>>>()
  for await (const item of items) {
    const reviews = standingReviews(item)
    if (reviews.length < 2) continue
    for (const review of reviews)
      for (const [field, turn, value] of judgements(review)) {
        const units = getOr(fields, field, () => new Map<string, Map<string, string>>())
        getOr(units, JSON.stringify([item.dialogue_id, turn]), () => new Map<string, string>()).set(
          review.reviewer,
          value,
        )
      }
  }
  return [...fields]
    .sort(([one], [other]) => place(one) - place(other) || (one < other ? -1 : 1))
    .map(([field, units]) => fieldAgreement(field, [...units.values()], rng))
}

function fieldAgreement(field: string, units: readonly Unit[], rng: Rng): FieldAgreement {
  const alpha = krippendorffAlpha(units)
  const interval = alphaInterval(units, rng)
  return {
    field,
    percent: percentAgreement(units),
    fleiss: fleissKappa(units),
    alpha: {
      ...alpha,
      ...(interval === undefined ? {} : { interval }),
      ...('value' in alpha ? { band: bandOf(alpha.value) } : {}),
    },
    pairs: pairsOf(units)
      .map((reviewers) => ({ reviewers, kappa: cohensKappa(units, ...reviewers) }))
      .filter(({ kappa }) => kappa.n > 0),
  }
}

/** `[field, turn, value]`; turn is empty for what is about the whole dialogue. */
function judgements(review: Review): [field: string, turn: string, value: string][] {
  const found: [string, string, string][] = [['verdict', '', review.status ?? '']]
  for (const criterion of CRITERIA) {
    const value = review.criteria[criterion]
    if (value !== undefined) found.push([`criteria.${criterion}`, '', value])
  }
  for (const [path, value] of finalLabels(review)) {
    const [turns, turn = '', field = ''] = path.split('.')
    if (turns === 'turns') found.push([`labels.turns.${field}`, turn, value])
    else found.push([`labels.${path}`, '', value])
  }
  return found
}

function pairsOf(units: readonly Unit[]): (readonly [string, string])[] {
  const reviewers = [...new Set(units.flatMap((unit) => [...unit.keys()]))].sort()
  return reviewers.flatMap((one, index) => reviewers.slice(index + 1).map((other) => [one, other] as const))
}

/** The verdict, then the criteria, then labels. */
function place(field: string): number {
  return field === 'verdict' ? 0 : field.startsWith('criteria.') ? 1 : 2
}

function getOr<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
