import { concernGroup } from '../dialogue/vocabulary.ts'
import { settledLabel, standingReviews } from './standing.ts'
import type { ItemRecord } from './store.ts'

/**
 * The counters of a batch, so that a page with its progress reads one record and never scans:
 *
 * | name | counts |
 * |---|---|
 * | `total`, `status.<ItemStatus>` | dialogues |
 * | `batch.<axis>.<value>` | dialogues as the dataset labels them; axis is `session_type`, `concern` (by group) or `risk` |
 * | `approved.<axis>.<value>` | approved dialogues, with the labels as the reviewers left them |
 * | `reviews`, `active_ms` | standing reviews of the newest versions, and the time they took |
 * | `judged_by.<reviewer>`, `skipped_by.<reviewer>` | dialogues with a standing verdict, and skipped ones still open, of one reviewer |
 *
 * Every one is a sum over the items, and every change adds the difference of what the item counted for before and
 * after; so the counters always equal a recount.
 */
export type Counters = Readonly<Record<string, number>>

export const AXES = ['session_type', 'concern', 'risk'] as const
export type Axis = (typeof AXES)[number]

/** What one item counts for. */
export function countersOf(item: ItemRecord): Counters {
  const counters: Record<string, number> = {
    total: 1,
    [`status.${item.status}`]: 1,
    [`batch.session_type.${item.session_type}`]: 1,
    [`batch.concern.${item.concern_group}`]: 1,
    [`batch.risk.${item.max_risk_level}`]: 1,
  }
  if (item.status === 'approved') {
    const concern = settledLabel(item, 'concern')
    counters[`approved.session_type.${settledLabel(item, 'session_type') ?? item.session_type}`] = 1
    counters[`approved.concern.${concern === undefined ? item.concern_group : concernGroup(concern).group}`] = 1
    counters[`approved.risk.${settledLabel(item, 'max_risk_level') ?? item.max_risk_level}`] = 1
  }
  for (const review of standingReviews(item)) {
    counters['reviews'] = (counters['reviews'] ?? 0) + 1
    counters['active_ms'] = (counters['active_ms'] ?? 0) + review.active_ms
    counters[`judged_by.${review.reviewer}`] = 1
  }
  if (item.status === 'pending') for (const reviewer of Object.keys(item.skips)) counters[`skipped_by.${reviewer}`] = 1
  return counters
}

/** What to add to get from the one to the other; without the zeros. */
export function difference(before: Counters, after: Counters): Record<string, number> {
  const delta: Record<string, number> = {}
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const change = (after[name] ?? 0) - (before[name] ?? 0)
    if (change !== 0) delta[name] = change
  }
  return delta
}

/** The sum of two; without the zeros. */
export function sum(one: Counters, other: Counters): Record<string, number> {
  const total: Record<string, number> = {}
  for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const value = (one[name] ?? 0) + (other[name] ?? 0)
    if (value !== 0) total[name] = value
  }
  return total
}

export function recount(items: Iterable<ItemRecord>): Record<string, number> {
  const total: Record<string, number> = {}
  for (const item of items)
    for (const [name, value] of Object.entries(countersOf(item))) total[name] = (total[name] ?? 0) + value
  return Object.fromEntries(Object.entries(total).filter(([, value]) => value !== 0))
}

/** Dialogues in the batch and approved ones with one value on one axis of the target distribution. */
export function onAxis(counters: Counters, axis: Axis, value: string): { in_batch: number; approved: number } {
  return {
    in_batch: counters[`batch.${axis}.${value}`] ?? 0,
    approved: counters[`approved.${axis}.${value}`] ?? 0,
  }
}
