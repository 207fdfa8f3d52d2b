import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The command as a user starts it, in a process of its own. */
export const PROGRAM = fileURLToPath(new URL('../../bin/dialogues.js', import.meta.url))
export const EXAMPLE_SEEDS = fileURLToPath(new URL('../../examples/seed-dialogues.json', import.meta.url))

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  pid: number
  kill(signal: NodeJS.Signals): void
  /** Resolves when standard output (or error) has shown this text. */
  shown(text: string): Promise<void>
  type(text: string): void
  ended: Promise<Ended>
}

export interface RunOptions {
  cwd?: string
  input?: string
  env?: Record<string, string>
}

/** Runs it to its end. */
export function dialogues(words: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const running = startProcess(process.execPath, [PROGRAM, ...words], options)
  running.end(options.input ?? '')
  return running.ended
}

/** Starts it and leaves its standard input open. */
export function startDialogues(words: readonly string[], options: RunOptions = {}): Running {
  return startProcess(process.execPath, [PROGRAM, ...words], options)
}

/** In a pseudo-terminal of 80 by 24, by util-linux's `script`. */
export function startInTerminal(words: readonly string[], options: RunOptions = {}): Running {
  const command = [process.execPath, PROGRAM, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  return startProcess('script', ['-qefc', `stty cols 80 rows 24; exec ${command}`, '/dev/null'], options)
}

export function aFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'dialogues-'))
}

function startProcess(program: string, words: readonly string[], options: RunOptions) {
  const { NO_COLOR: _no, FORCE_COLOR: _force, SOURCE_DATE_EPOCH: _epoch, ...environment } = process.env
  const child = spawn(program, words, {
    cwd: options.cwd,
    env: { ...environment, TERM: 'xterm-256color', ...options.env },
  })
  let stdout = ''
  let stderr = ''
  let waiting: { text: string; resolve: () => void }[] = []
  const look = () => {
    waiting = waiting.filter(({ text, resolve }) => {
      if (!`${stdout}${stderr}`.includes(text)) return true
      resolve()
      return false
    })
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    look()
  })
  // The program may end before it has read all that it is told.
  child.stdin.on('error', () => {})
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    pid: child.pid ?? 0,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    type: (text: string) => void child.stdin.write(text),
    end: (text: string) => void child.stdin.end(text),
    shown: (text: string) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ text, resolve })
        look()
        void ended.then((end) => reject(new Error(`ended without showing "${text}":\n${end.stdout}\n${end.stderr}`)))
      }),
    ended,
  }
}
