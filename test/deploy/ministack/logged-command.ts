import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { HarnessError, systemErrorCode } from './harness-error.ts'

const LINES_KEPT = 40
const COLUMNS_KEPT = 400 // Node quotes the line that threw, and a minified library is one line of 20,000

export type LoggedCommand = {
  command: string
  arguments: string[]
  cwd: string
  environment: NodeJS.ProcessEnv
  /** Standard output and error, appended. @default none: only what the error message quotes is kept */
  logFile?: string
  timeoutMs: number
  onLine?: (line: string) => void
}

/**
 * Runs a command to its end and returns what it wrote to standard output.
 * @throws HarnessError with the last lines of its output, when it fails, cannot be started, or takes too long.
 */
export async function runLogged(run: LoggedCommand): Promise<string> {
  if (run.logFile !== undefined) await mkdir(dirname(run.logFile), { recursive: true })
  const log = run.logFile === undefined ? undefined : createWriteStream(run.logFile, { flags: 'a' })
  const lastLines: string[] = []
  const output: string[] = []

  // A group of its own: a command that starts others (cdk starts the app) ends with all of them.
  const child = spawn(run.command, run.arguments, {
    cwd: run.cwd,
    env: run.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const endGroup = () => signalGroup(child.pid, 'SIGKILL')
  const keepAfterParent = endWithParent(endGroup)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    endGroup()
  }, run.timeoutMs)

  const readLines = async (stream: NodeJS.ReadableStream, keep?: string[]) => {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      keep?.push(line)
      lastLines.push(line.slice(0, COLUMNS_KEPT))
      if (lastLines.length > LINES_KEPT) lastLines.shift()
      log?.write(`${line}\n`)
      run.onLine?.(line)
    }
  }
  try {
    const closed = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    const [exitCode] = await Promise.all([closed, readLines(child.stdout, output), readLines(child.stderr)])
    if (exitCode === 0) return output.join('\n')
    const outcome = timedOut ? `took longer than ${run.timeoutMs / 1000} s` : `failed (exit ${exitCode ?? 'by signal'})`
    throw new HarnessError(
      [
        `\`${[run.command, ...run.arguments].join(' ')}\` ${outcome}${run.logFile === undefined ? '' : `; log: ${run.logFile}`}`,
        ...lastLines,
      ].join('\n'),
    )
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      throw new HarnessError(`\`${run.command}\` is not there: it could not be started`, { cause: error })
    }
    throw error
  } finally {
    clearTimeout(timer)
    keepAfterParent()
    if (log !== undefined) {
      log.end()
      await finished(log)
    }
  }
}

/**
 * Calls `end` when this process ends, by itself or by a signal. A group of its own does not get the terminal's Ctrl-C.
 * @returns undoes it
 */
function endWithParent(end: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = (signal: NodeJS.Signals) => {
    end()
    undo()
    // Our listener had replaced the default, which is to end; with other listeners it is theirs to decide.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  const undo = () => {
    process.off('exit', end)
    for (const signal of signals) process.off(signal, onSignal)
  }
  process.once('exit', end)
  for (const signal of signals) process.on(signal, onSignal)
  return undo
}

/** Sends a signal to a process group that we started; one that has ended already is no error. */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, signal)
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error
  }
}
