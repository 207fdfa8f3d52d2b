/**
 * How many calls may be in flight. It begins with one, because one call shows whether the key, the model and the
 * address are right; then doubles while nothing is refused; from the first refusal on it grows by one a round trip and
 * is cut by a third on each refusal (additive increase, multiplicative decrease: Chiu and Jain 1989), at most once a
 * round trip: the refusals of calls that were in flight at the last cut say nothing new.
 */
export interface ConcurrencyWindow {
  /** A whole number from 1. */
  readonly size: number
  /** Milliseconds until the window may grow by itself; undefined when only an answer makes it grow. */
  growsIn(now: number): number | undefined
  /** A call has gone out. */
  started(now: number): void
  /** A call was answered; `full` when as many were in flight as may be, or the answer says nothing of the window. */
  answered(full: boolean): void
  /** 429, for a call that had gone out at `startedAt`. Returns whether the window was cut. */
  refused(startedAt: number, now: number): boolean
  /** Neither answered nor refused: no reason to grow. */
  failed(): void
}

export interface WindowSettings {
  most: number
  /** A wrong key is refused within this time; an answer takes longer. */
  probe_ms: number
  /** Between doublings, until the first refusal. */
  doubling_ms: number
}

const AFTER_PROBE = 16
const CUT = 2 / 3

export function createConcurrencyWindow({ most, probe_ms, doubling_ms }: WindowSettings): ConcurrencyWindow {
  let size = 1
  let phase: 'probe' | 'doubling' | 'steady' = 'probe'
  let growAt: number | undefined
  let lastCut = -Infinity

  const grow = (to: number) => {
    size = Math.min(most, to)
  }
  const refresh = (now: number) => {
    while (growAt !== undefined && now >= growAt && phase !== 'steady') {
      grow(phase === 'probe' ? AFTER_PROBE : size * 2)
      phase = 'doubling'
      growAt = size < most ? growAt + doubling_ms : undefined
    }
  }
  return {
    get size() {
      return Math.max(1, Math.floor(size))
    },
    growsIn(now) {
      refresh(now)
      return growAt === undefined ? undefined : growAt - now
    },
    started(now) {
      if (phase === 'probe') growAt ??= now + probe_ms
    },
    answered(full) {
      if (phase === 'probe') {
        phase = 'doubling'
        growAt = undefined
        grow(AFTER_PROBE)
      } else if (full) grow(phase === 'doubling' ? size + 1 : size + 1 / size)
    },
    refused(startedAt, now) {
      phase = 'steady'
      growAt = undefined
      if (startedAt < lastCut) return false
      lastCut = now
      size = Math.max(1, size * CUT)
      return true
    },
    failed() {
      growAt = undefined // what fails is not asked sixteen times at once; the next attempt is the probe
    },
  }
}
