import type { CallTimer } from '../../core/generate/openai/model-calls.ts'

/** A clock that jumps from alarm to alarm: minutes of waiting take no time. */
export interface VirtualTimer extends CallTimer {
  /** Runs alarms in order of their time until none is left, or until the time is reached. */
  run(until?: number): Promise<void>
}

export function aVirtualTimer(): VirtualTimer {
  let time = 0
  let numbered = 0
  const alarms = new Map<number, { at: number; run: () => void }>()
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const soonest = () => {
    let first: { id: number; at: number; run: () => void } | undefined
    for (const [id, alarm] of alarms) if (first === undefined || alarm.at < first.at) first = { id, ...alarm }
    return first
  }
  return {
    now: () => time,
    after(ms, run) {
      const id = numbered++
      alarms.set(id, { at: time + ms, run })
      return () => alarms.delete(id)
    },
    async run(until = Infinity) {
      await settled()
      for (let next = soonest(); next !== undefined && next.at <= until; next = soonest()) {
        alarms.delete(next.id)
        time = Math.max(time, next.at)
        next.run()
        await settled()
      }
    },
  }
}
