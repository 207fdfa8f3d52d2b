import { dirname, join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { InputError } from '../core/errors.ts'
import type { StageName, UploadEvent } from '../core/pipeline/stages.ts'
import type { StageOutcome } from '../core/pipeline/upload.ts'
import type { Log } from '../core/ports.ts'
import type { RunMessage, ThreadMessage, ThreadSettings } from './stage-messages.ts'
import { openWorld, stageSettings, type StageWorld } from './stage-world.ts'

/**
 * The thread that the stages run in. Writing and checking dialogues is seconds of nothing but computing, and a
 * clinician's click must not wait for it. Started by `stage-runner.ts`.
 */
const port = parentPort
if (port === null) throw new Error('This module is run as a thread, by stage-runner.ts.')

const say = (message: ThreadMessage) => port.postMessage(message)
const logAt =
  (level: 'info' | 'warn' | 'error'): Log['info'] =>
  (event, data = {}) =>
    say({ kind: 'log', level, event, data })
const log: Log = { info: logAt('info'), warn: logAt('warn'), error: logAt('error') }

// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the other half of this program started us
const { paths, guidelinesVersion }: ThreadSettings = workerData
const settings = stageSettings(guidelinesVersion)
let world: StageWorld | undefined

port.on('message', ({ stage, event }: RunMessage) => {
  run(stage, event).then(
    (outcome) => say({ kind: 'ended', outcome }),
    (error: unknown) => {
      if (error instanceof InputError) say({ kind: 'refused', message: error.message })
      else if (error instanceof Error) say({ kind: 'faulted', name: error.name, at: placeOf(error) })
      else say({ kind: 'faulted', name: 'unknown', at: undefined })
    },
  )
})

async function run(stage: StageName, event: UploadEvent): Promise<StageOutcome> {
  const { ports } = (world ??= openWorld(paths, log))
  switch (stage) {
    case 'generate': {
      const [{ runGenerate }, { modelOfHome }] = await Promise.all([
        import('../core/pipeline/generate-stage.ts'),
        import('./model-service.ts'),
      ])
      const answers = join(dirname(paths.reviews), 'answers')
      return runGenerate(event, ports, { ...settings, model: modelOfHome(process.env, answers, log) })
    }
    case 'ask-model':
      throw new Error('on one machine the stage that generates asks by itself')
    case 'open-review':
      return (await import('../core/pipeline/open-review-stage.ts')).runOpenReview(event, ports, settings)
    case 'apply':
      return (await import('../core/pipeline/apply-stage.ts')).runApply(event, ports, settings)
    case 'merge':
      return (await import('../core/pipeline/merge-stage.ts')).runMerge(event, ports, settings)
  }
}

function placeOf(error: Error): string | undefined {
  return error.stack
    ?.split('\n')
    .find((line) => line.startsWith('    at '))
    ?.trim()
}
