import type { CallTimer } from '../core/generate/openai/model-calls.ts'

/** The machine's own, by its clock that is never set back. */
export const systemTimer: CallTimer = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
