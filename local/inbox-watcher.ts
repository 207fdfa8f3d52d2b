import { holds, STAGES, type Place, type StageName, type StoreName, type UploadEvent } from '../core/pipeline/stages.ts'
import type { StageOutcome } from '../core/pipeline/upload.ts'
import type { Clock, Log } from '../core/ports.ts'
import { InputError } from '../core/errors.ts'
import { StageFault } from './stage-runner.ts'
import type { FolderObjectStore } from './folder-object-store.ts'
import type { SeenFile, UploadLedger } from './upload-ledger.ts'

/**
 * Stands in for S3 → EventBridge → SQS: a file that has appeared and stopped growing, in any place that starts a
 * stage, starts it once. It looks rather than listens: file events are lost on network drives, in containers and
 * while the program is down, and looking at four folders three times a second costs less than a thousandth of a core.
 */
export interface InboxWatcher {
  /** Looks now, instead of at the next turn: something was just written. */
  look: () => void
  /** Starts no further stage, and resolves when the one under way has ended. */
  stop(): Promise<void>
}

export interface WatcherOptions {
  stores: Readonly<Record<StoreName, FolderObjectStore>>
  ledger: UploadLedger
  run: (stage: StageName, event: UploadEvent) => Promise<StageOutcome>
  clock: Clock
  log: Log
  /** @default 300 */
  everyMs?: number
  /** How long an inbox file must have kept its size and time before it counts as complete. @default 500 */
  settleMs?: number
  /** Waits before each new try after a fault. @default 1 s, 5 s, 30 s, 2 min */
  retryMs?: readonly number[]
}

interface Waiting {
  tries: number
  notBefore: number
}

const RETRY_MS = [1_000, 5_000, 30_000, 120_000]

export function watchInbox(options: WatcherOptions): InboxWatcher {
  const { ledger, clock, log, everyMs = 300, settleMs = 500, retryMs = RETRY_MS } = options
  const seen = new Map<string, { state: string; since: number }>()
  const waiting = new Map<string, Waiting>()
  let stopped = false
  let wake: () => void = () => undefined

  /** One look at every place; true when a stage was run, so that what it wrote is looked at without a wait. */
  async function lookOnce(): Promise<boolean> {
    let ran = false
    for (const stage of Object.values(STAGES))
      for (const place of stage.triggers) {
        const files = await filesIn(place)
        for (const file of files) {
          if (stopped) return false
          if (await deal(stage.name, file)) ran = true
        }
      }
    return ran
  }

  async function filesIn(place: Place): Promise<SeenFile[]> {
    const files: SeenFile[] = []
    for await (const file of options.stores[place.store].peek(place.prefix))
      if (holds(place, { store: place.store, key: file.key }) && !isHidden(file.key))
        files.push({ store: place.store, ...file })
    return files
  }

  async function deal(stage: StageName, file: SeenFile): Promise<boolean> {
    if (ledger.knows(file)) return false
    const name = `${file.store}/${file.key}`
    if (!settled(name, file)) return false
    const content = `${name} ${file.size} ${file.modified_ms}`
    const wait = waiting.get(content)
    if (wait !== undefined && (clock.now() < wait.notBefore || wait.tries > retryMs.length)) return false
    try {
      const head = await options.stores[file.store].head(file.key)
      if (head === undefined) return false
      const event: UploadEvent = { store: file.store, key: file.key, etag: head.etag }
      if (ledger.isDone(event)) {
        ledger.same(file, head.etag)
        return false
      }
      log.info('stage.started', { stage, key: file.key })
      const ended = await options.run(stage, event)
      waiting.delete(content)
      // Overtaken: the file as it is now comes at the next look, as an upload of its own.
      if (ended.outcome === 'overtaken') return true
      ledger.done(file, head.etag, { stage, outcome: ended.outcome, at: new Date(clock.now()).toISOString() })
      log.info('stage.ended', { stage, key: file.key, ...ended })
      return true
    } catch (error) {
      if (stopped) return false // cut off by the stop itself; the next start does it again
      fault(stage, content, file, error)
      return false
    }
  }

  /** Small files come whole; a large one that is still being copied changes its size or its time between two looks. */
  function settled(name: string, file: SeenFile): boolean {
    if (file.store === 'datasets') return true // the stages put their outputs there whole
    const state = `${file.size} ${file.modified_ms}`
    const before = seen.get(name)
    if (before?.state !== state) seen.set(name, { state, since: clock.now() })
    const since = before?.state === state ? before.since : clock.now()
    return clock.now() - Math.min(since, file.modified_ms) >= settleMs
  }

  function fault(stage: StageName, content: string, file: SeenFile, error: unknown): void {
    const tries = (waiting.get(content)?.tries ?? 0) + 1
    const retry = retryMs[tries - 1]
    waiting.set(content, { tries, notBefore: clock.now() + (retry ?? 0) })
    const about = { stage, key: file.key, tries, ...describe(error) }
    if (retry === undefined) log.error('stage.given_up', { ...about, advice: 'It is tried again at the next start.' })
    else log.warn('stage.faulted', { ...about, next_try_in_ms: retry })
  }

  async function turn(): Promise<void> {
    while (!stopped) {
      const ran = await lookOnce().catch((error: unknown) => {
        log.error('inbox.unreadable', describe(error))
        return false
      })
      if (ran || stopped) continue
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  const turning = turn()
  return {
    look: () => wake(),
    async stop() {
      stopped = true
      wake()
      await turning
    },
  }
}

/** Where editors, `rsync` and file managers keep what is not complete yet. */
function isHidden(key: string): boolean {
  return /(^|\/)[.~]/.test(key)
}

/** An InputError is ours and fit to show; the message of another may quote what it choked on. */
function describe(error: unknown): Record<string, unknown> {
  if (error instanceof InputError) return { message: error.message }
  if (error instanceof StageFault) return { error: error.fault, at: error.at }
  if (!(error instanceof Error)) return { error: 'unknown' }
  return {
    error: error.name,
    at: error.stack
      ?.split('\n')
      .find((line) => line.startsWith('    at '))
      ?.trim(),
  }
}
