/** A budget a minute as OpenAI keeps it: it refills continuously, is full at the start, and holds a minute's worth. */
export interface Bucket {
  readonly limit: number
  /** Milliseconds until so much is there; 0 when it is. */
  wait(amount: number): number
  take(amount: number): void
  level(): number
}

/** `now` in milliseconds of the simulated time. */
export function createBucket(limit: number, now: () => number): Bucket {
  const refill = limit / 60_000
  let held = limit
  let at = now()
  const refresh = () => {
    const time = now()
    held = Math.min(limit, held + (time - at) * refill)
    at = time
  }
  return {
    limit,
    wait(amount) {
      refresh()
      return Math.max(0, (Math.min(amount, limit) - held) / refill)
    },
    take(amount) {
      refresh()
      held -= amount
    },
    level() {
      refresh()
      return held
    },
  }
}

/** `1m2.5s`, `120ms`: how OpenAI writes the time until a budget is full. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`
  const minutes = Math.floor(ms / 60_000)
  const seconds = Math.round((ms % 60_000) / 10) / 100
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`
}
