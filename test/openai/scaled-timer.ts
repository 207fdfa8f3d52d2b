import type { CallTimer } from '../../core/generate/openai/model-calls.ts'

/** The clock of a client of a fake server that runs `speed` times as fast. */
export function scaledTimer(speed: number): CallTimer {
  return {
    now: () => performance.now() * speed,
    after(ms, run) {
      const timer = setTimeout(run, ms / speed)
      return () => clearTimeout(timer)
    },
  }
}
