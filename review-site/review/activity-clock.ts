/**
 * Time that a reviewer is really at a dialogue: pauses of up to half a minute are reading, longer ones are a telephone
 * call and count as half a minute.
 */
export interface ActivityClock {
  /** A dialogue came on screen. */
  begin(): void
  touch(): void
  /** The tab hid. */
  pause(): void
  /** Milliseconds since `begin`; starts over. */
  take(): number
}

const READING_MS = 30_000

export function createActivityClock(now: () => number): ActivityClock {
  let total = 0
  let last: number | undefined
  const add = () => {
    if (last !== undefined) total += Math.min(Math.max(0, now() - last), READING_MS)
  }
  return {
    begin() {
      last = now()
    },
    touch() {
      if (last === undefined) return
      add()
      last = now()
    },
    pause() {
      add()
      last = undefined
    },
    take() {
      add()
      last = now()
      const taken = Math.round(total)
      total = 0
      return taken
    },
  }
}
