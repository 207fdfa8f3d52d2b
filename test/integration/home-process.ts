import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { signInOverHttp } from './sign-in-over-http.ts'

/** `npm start` as a process of its own, on a workspace of its own, driven from outside as people drive it. */
export interface HomeProcess {
  origin: string
  /** What it has printed so far. */
  output(): string
  /** Waits until it has printed a line with this in it, from now on. */
  printed(text: string): Promise<void>
  /** kill -9 */
  kill(): Promise<void>
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>
}

export interface TestWorkspace {
  path: string
  start(...flags: string[]): Promise<HomeProcess>
  /** Signs in with the password that the first start printed. */
  token(home: HomeProcess, username: string): Promise<string>
  file(path: string): string
  json<Value>(path: string): Promise<Value>
  /** Ends what still runs, and removes the folder. */
  remove(): Promise<void>
}

const ROOT = join(import.meta.dirname, '..', '..')
/** Generous: two cores may be shared by many tests. A failure shows what was printed up to then. */
export const DEADLINE_MS = 180_000

export function aWorkspace(): TestWorkspace {
  const path = mkdtempSync(join(tmpdir(), 'one-machine-'))
  const running = new Set<HomeProcess>()
  const passwords = new Map<string, string>()
  return {
    path,
    async start(...flags) {
      const home = await startHome(['--port', '0', '--workspace', path, ...flags])
      running.add(home)
      for (const [, username, password] of home
        .output()
        .matchAll(/^ +([\w.-]+) +(?:lead|clinician) +password (\S+)$/gm))
        if (username !== undefined && password !== undefined) passwords.set(username, password)
      return home
    },
    async token(home, username) {
      const { access_token } = await signInOverHttp({
        origin: home.origin,
        username,
        password: passwords.get(username) ?? '',
      })
      return access_token
    },
    file: (name) => join(path, name),
    json: async (name) => JSON.parse(await readFile(join(path, name), 'utf8')) as never,
    async remove() {
      await Promise.all([...running].map((home) => home.kill()))
      rmSync(path, { recursive: true, force: true })
    },
  }
}

async function startHome(flags: string[]): Promise<HomeProcess> {
  const child: ChildProcess = spawn(process.execPath, [join(ROOT, 'bin', 'start.ts'), ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let ended = false
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      ended = true
      resolve(code)
    })
  })
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()))

  const find = async (what: string, from: number) => {
    await until(`it prints ${what}`, async () => {
      if (text.indexOf(what, from) >= 0) return true
      if (ended) throw new Error(`it ended before it printed ${what}:\n${text}`)
      return false
    })
  }
  await find('Ctrl-C stops it', 0)
  const origin = /http:\/\/localhost:\d+/.exec(text)?.[0]
  if (origin === undefined) throw new Error(`it printed no address:\n${text}`)
  return {
    origin,
    output: () => text,
    printed: (what) => find(what, text.length),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.kill('SIGINT')
      return exited
    },
  }
}

/** Looks until it holds. An error it throws with `stop` set in it is final; others are "not yet". */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined | false>,
  deadlineMs = DEADLINE_MS,
): Promise<Value> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const value = await look()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs / 1000} s: ${what}`)
    await pause(20)
  }
}
