import { Worker } from 'node:worker_threads'
import { InputError } from '../core/errors.ts'
import type { StageName, UploadEvent } from '../core/pipeline/stages.ts'
import type { StageOutcome } from '../core/pipeline/upload.ts'
import type { Log } from '../core/ports.ts'
import type { RunMessage, ThreadMessage, ThreadSettings } from './stage-messages.ts'

/** Runs stages in a thread of their own, one at a time. */
export interface StageRunner {
  /** Rejects with InputError, or with {@link StageFault}, which has no word of what the stage was reading. */
  run: (stage: StageName, event: UploadEvent) => Promise<StageOutcome>
  /** Ends the thread in the middle of whatever it does: outputs appear whole or not at all, and a start does it again. */
  stop(): Promise<void>
}

export class StageFault extends Error {
  override name = 'StageFault'
  /** The name of the error, and the place in the code. */
  readonly fault: string
  readonly at: string | undefined
  constructor(fault: string, at?: string) {
    super(`a stage faulted (${fault})`)
    this.fault = fault
    this.at = at
  }
}

/** A thread without work gives its 100 MB back after this. */
const IDLE_MS = 60_000

export function createStageRunner(settings: ThreadSettings, log: Log): StageRunner {
  let thread: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let settle: { resolve: (outcome: StageOutcome) => void; reject: (error: Error) => void } | undefined

  function hear(message: ThreadMessage): void {
    switch (message.kind) {
      case 'log':
        return log[message.level](message.event, message.data)
      case 'ended':
        return settle?.resolve(message.outcome)
      case 'refused':
        return settle?.reject(new InputError(message.message))
      case 'faulted':
        return settle?.reject(new StageFault(message.name, message.at))
    }
  }

  function start(): Worker {
    const started = new Worker(new URL('./stage-thread.ts', import.meta.url), { workerData: settings })
    started.on('message', hear)
    started.on('error', (error: unknown) =>
      settle?.reject(new StageFault(error instanceof Error ? error.name : 'unknown')),
    )
    started.on('exit', (code) => {
      if (thread === started) thread = undefined
      settle?.reject(new StageFault(`the thread ended with ${code}`))
    })
    return started
  }

  async function end(): Promise<void> {
    clearTimeout(idle)
    const ending = thread
    thread = undefined
    await ending?.terminate()
  }

  return {
    run: async (stage, event) => {
      clearTimeout(idle)
      const running = (thread ??= start())
      try {
        return await new Promise<StageOutcome>((resolve, reject) => {
          settle = { resolve, reject }
          const message: RunMessage = { stage, event }
          running.postMessage(message)
        })
      } finally {
        settle = undefined
        idle = setTimeout(() => void end(), IDLE_MS).unref()
      }
    },
    stop: end,
  }
}
