import type { ObservedLimit } from './dialogue-model.ts'

const MINUTE = 60_000

/**
 * A budget that refills continuously, as the services keep theirs: a minute's worth at most, full at the start. Times
 * are milliseconds of any clock that does not go backwards.
 */
export interface RateBudget {
  /** Milliseconds until `amount` can be taken; 0 when it can be now, and for more than it ever holds: when it is full. */
  wait(amount: number, now: number): number
  take(amount: number, now: number): void
}

export function createRateBudget(perMinute: number, now: number): RateBudget {
  const refill = perMinute / MINUTE
  let level = perMinute
  let at = now
  const refresh = (time: number) => {
    level = Math.min(perMinute, level + Math.max(0, time - at) * refill)
    at = Math.max(at, time)
  }
  return {
    wait(amount, time) {
      refresh(time)
      return waitFor(Math.min(amount, perMinute) - level, refill)
    },
    take(amount, time) {
      refresh(time)
      level -= amount
    },
  }
}

/** Rounded up, so that the wait is over when a timer of whole milliseconds says so. */
const waitFor = (missing: number, refill: number) => (missing <= 0 ? 0 : Math.ceil(missing / refill))

/**
 * The service's own budget, learned from the headers of its answers; it holds nothing back before the first. The
 * service is believed over this side's bookkeeping: other programs may use the same account, and services differ in
 * what they count for a call.
 */
export interface LearnedBudget {
  wait(amount: number, now: number): number
  /** Returns what {@link learn} needs to tell how far off this side was. */
  take(amount: number, now: number): Taken
  learn(observed: ObservedLimit, taken: Taken, now: number): void
  readonly known: boolean
}

export interface Taken {
  level: number
  corrections: number
}

export function createLearnedBudget(): LearnedBudget {
  let capacity: number | undefined
  let refill = 0
  let level = 0
  let at = 0
  let corrections = 0 // the sum of all that was learned: several answers that tell of the same error correct it once

  const refresh = (time: number) => {
    if (capacity === undefined) return
    level = Math.min(capacity, level + Math.max(0, time - at) * refill)
    at = Math.max(at, time)
  }
  return {
    get known() {
      return capacity !== undefined
    },
    wait(amount, time) {
      refresh(time)
      return capacity === undefined ? 0 : waitFor(Math.min(amount, capacity) - level, refill)
    },
    take(amount, time) {
      refresh(time)
      level -= amount
      return { level, corrections }
    },
    learn(observed, taken, time) {
      if (!(observed.limit > 0) || !(observed.remaining >= 0)) return // Azure answers -1 for what it does not know
      refresh(time)
      if (capacity !== observed.limit) {
        // What was taken before the capacity was known counts from a full budget.
        if (capacity === undefined) {
          level += observed.limit
          at = time
          taken = { level: taken.level + observed.limit, corrections: taken.corrections }
        }
        capacity = observed.limit
      }
      refill = refillOf(observed)
      const off = observed.remaining - taken.level - (corrections - taken.corrections)
      const change = Math.abs(off) > capacity * LARGE ? off : off * GAIN
      corrections += change
      level = Math.min(capacity, level + change)
    },
  }
}

/**
 * Calls reach the service in another order than they left, so each answer is off by its neighbours: small errors are put
 * right by halves, those that no reordering explains at once.
 */
const GAIN = 0.5
const LARGE = 0.1

/**
 * A minute's budget unless what the service says of its refill tells otherwise: on small accounts requests are counted a
 * day (10,000 a day come back one in 8.64 s), under the same header.
 */
function refillOf({ limit, remaining, full_in_ms }: ObservedLimit): number {
  const perMinute = limit / MINUTE
  const used = limit - remaining
  if (full_in_ms === undefined || full_in_ms < 500 || used <= 0) return perMinute // too short to measure by
  const told = used / full_in_ms
  return told < perMinute / 2 ? told : perMinute
}
