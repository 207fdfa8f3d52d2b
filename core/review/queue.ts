import { createHash } from 'node:crypto'
import { standingReviewOf } from './standing.ts'
import type { ItemRecord, PendingQuery, Priority, ReviewStore } from './store.ts'
import { claimable } from './transitions.ts'

/**
 * Who gets which dialogue next. The pending dialogues of a batch lie on a ring, in the order of a hash; each reviewer
 * walks it from a place of their own, so that fifty reviewers do not stand at one dialogue, and shuffles each stretch
 * of it their own way. Risk comes first, whatever the shuffle says; what a reviewer skipped comes last.
 */

/** How many dialogues of the ring are read, and shuffled, at a time: a whole batch of the usual size. */
const STRETCH = 64

/** Place of a dialogue on the ring: 32 hex digits, so no two of a batch share one. */
export function ringPlace(batch_id: string, dialogue_id: string): string {
  return hash('ring', batch_id, dialogue_id)
}

/** Where a reviewer starts on the ring of a batch. */
export function ringStart(batch_id: string, reviewer: string): string {
  return hash('start', batch_id, reviewer)
}

/**
 * What the reviewer may be given, best first. Reads on only as far as it is asked for. The items may be some writes
 * old: claim each by compare-and-swap.
 */
export async function* queueOf(
  store: Pick<ReviewStore, 'pending'>,
  batch_id: string,
  reviewer: string,
  now: number,
): AsyncGenerator<ItemRecord> {
  const skipped: ItemRecord[] = []
  for (const priority of [0, 1] satisfies Priority[])
    for await (const stretch of stretches(store, batch_id, reviewer, priority)) {
      const open = stretch.filter((item) => claimable(item, { by: reviewer, now }) !== 'no')
      skipped.push(...open.filter((item) => skippedAt(item, reviewer) !== undefined))
      yield* shuffled(
        open.filter((item) => skippedAt(item, reviewer) === undefined),
        reviewer,
        now,
      )
    }
  yield* skipped.sort((one, other) => (skippedAt(one, reviewer) ?? 0) - (skippedAt(other, reviewer) ?? 0))
}

async function* stretches(
  store: Pick<ReviewStore, 'pending'>,
  batch_id: string,
  reviewer: string,
  priority: Priority,
): AsyncGenerator<ItemRecord[]> {
  const start = ringStart(batch_id, reviewer)
  const arcs: Pick<PendingQuery, 'from' | 'to'>[] = [{ from: start }, { from: '', to: start }]
  for (const arc of arcs) {
    let from: string | undefined = arc.from
    while (from !== undefined) {
      const items: ItemRecord[] = await store.pending(batch_id, {
        ...arc,
        from,
        priority,
        limit: STRETCH,
        not_judged_by: reviewer,
      })
      yield items
      const last: ItemRecord | undefined = items.length < STRETCH ? undefined : items.at(-1)
      from = last === undefined ? undefined : `${last.ring}~` // places have one length, so this is just after the last
    }
  }
}

/** What I hold already comes first, the longest held before the others: after a reload the page goes on where it was. */
function shuffled(items: ItemRecord[], reviewer: string, now: number): ItemRecord[] {
  const until = (item: ItemRecord) =>
    item.claims.find((claim) => claim.reviewer === reviewer && now < claim.until)?.until ?? Infinity
  return items
    .map((item) => ({ item, until: until(item), place: hash('order', reviewer, item.dialogue_id) }))
    .sort((one, other) => (one.until === other.until ? compare(one.place, other.place) : one.until - other.until))
    .map(({ item }) => item)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function skippedAt(item: ItemRecord, reviewer: string): number | undefined {
  return Object.hasOwn(item.skips, reviewer) ? item.skips[reviewer] : undefined
}

const MINUTE = 60_000

/**
 * How long a claim lasts: 3 × the reviewer's own median, so that most dialogues are done before it runs out, but not
 * under 5 minutes (a fast reviewer who answers the door) and not over 30 (a tab that was left open).
 *
 * @param median_ms null before the first verdict; then the lease is 10 minutes
 */
export function leaseFor(median_ms: number | null): number {
  if (median_ms === null) return 10 * MINUTE
  return Math.min(Math.max(3 * median_ms, 5 * MINUTE), 30 * MINUTE)
}

/** A pace is that of the last verdicts, not of a slow first day; and reading 50 items is cheap. */
export const MEDIAN_OF = 50

/** Median time (ms) of the reviewer's standing verdicts on these items; null when none was timed. */
export function medianTime(items: readonly ItemRecord[], reviewer: string): number | null {
  const times = items
    .map((item) => standingReviewOf(item, reviewer)?.active_ms ?? 0)
    .filter((time) => time > 0)
    .sort((one, other) => one - other)
  const upper = times[Math.floor(times.length / 2)]
  const lower = times[Math.ceil(times.length / 2) - 1]
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2
}

function hash(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)
}
