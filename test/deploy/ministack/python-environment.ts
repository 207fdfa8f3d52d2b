import { createHash } from 'node:crypto'
import { access, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { HarnessError, systemErrorCode } from './harness-error.ts'
import { runLogged } from './logged-command.ts'

export const repositoryRoot = join(import.meta.dirname, '..', '..', '..')
const requirementsFile = join(import.meta.dirname, 'requirements.txt')
const directory = join(repositoryRoot, '.venv-aws')
/** Written last: an environment without it, or with another content, is half made or out of date. */
const stampFile = join(directory, 'requirements.sha256')
const cache = join(repositoryRoot, '.cache')
const lockFile = join(cache, 'venv-aws.lock')
const logFile = join(cache, 'venv-aws.log')

const MAKE_TIMEOUT_MS = 10 * 60_000 // 45 s here; ten minutes for a slow line to the package index
const OLDEST_PYTHON = { major: 3, minor: 10 } // MiniStack's own floor

export type PythonEnvironment = { directory: string; bin: string; python: string; aws: string }
export type Report = (line: string) => void

const environment: PythonEnvironment = {
  directory,
  bin: join(directory, 'bin'),
  python: join(directory, 'bin', 'python3'),
  aws: join(directory, 'bin', 'aws'),
}

/**
 * The project's own Python environment (`.venv-aws`), made on first use and again whenever requirements.txt changes.
 * Two processes that ask at once get one environment: the second waits for the first.
 * `PYTHON` names another interpreter than `python3`.
 * @throws HarnessError when Python is missing or too old, has no venv, or pip fails.
 */
export async function ensurePythonEnvironment(report: Report = reportToTerminal): Promise<PythonEnvironment> {
  if (await isReady()) return environment
  return withLock(report, async () => {
    if (await isReady()) return environment // made by whoever held the lock
    await make(report)
    return environment
  })
}

const reportToTerminal: Report = (line) => void process.stderr.write(`${line}\n`)

async function isReady(): Promise<boolean> {
  const [stamp, wanted] = await Promise.all([readOrUndefined(stampFile), wantedStamp()])
  // A stamp is not enough: the interpreter it was made with may have been removed, and bin/python3 is a link to it.
  return stamp === wanted && (await exists(environment.python))
}

const wantedStamp = async () =>
  createHash('sha256')
    .update(await readFile(requirementsFile))
    .digest('hex')

async function make(report: Report): Promise<void> {
  const startedAt = performance.now()
  const python = process.env['PYTHON'] ?? 'python3'
  await checkPython(python)
  report(`Making the Python environment of the local AWS in .venv-aws (once; about a minute, 420 MB).`)
  // Retries: the pip of a run that was killed may still be writing into it.
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  await rm(logFile, { force: true })
  await makeVenv(python)

  const packages = (await readFile(requirementsFile, 'utf8')).split('\n').filter((line) => line.includes('==')).length
  let collected = 0
  await runLogged({
    command: environment.python,
    arguments: [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '--no-input',
      '--progress-bar=off',
      '-r',
      requirementsFile,
    ],
    cwd: repositoryRoot,
    environment: process.env,
    logFile,
    timeoutMs: MAKE_TIMEOUT_MS,
    onLine: (line) => {
      if (line.startsWith('Collecting ') && ++collected % 10 === 0)
        report(`  ${collected} of ${packages} packages fetched`)
      if (line.startsWith('Installing collected packages')) report('  installing them')
    },
  })
  await writeFile(stampFile, await wantedStamp())
  report(`Python environment ready after ${Math.round((performance.now() - startedAt) / 1000)} s.`)
}

async function checkPython(python: string): Promise<void> {
  const needed = `Python ${OLDEST_PYTHON.major}.${OLDEST_PYTHON.minor} or newer`
  const elsewhere = 'or name another with PYTHON=/path/to/python3'
  const version = await runLogged({
    command: python,
    arguments: ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
    cwd: repositoryRoot,
    environment: process.env,
    timeoutMs: 30_000,
  }).catch((cause: unknown) => {
    throw new HarnessError(
      `The local AWS needs ${needed}, and \`${python}\` does not run.\nInstall it, ${elsewhere}.`,
      { cause },
    )
  })
  const [major = 0, minor = 0] = version.trim().split('.').map(Number)
  if (major < OLDEST_PYTHON.major || (major === OLDEST_PYTHON.major && minor < OLDEST_PYTHON.minor)) {
    throw new HarnessError(
      `The local AWS needs ${needed}; \`${python}\` is ${version.trim()}.\nInstall a newer one, ${elsewhere}.`,
    )
  }
}

async function makeVenv(python: string): Promise<void> {
  await runLogged({
    command: python,
    arguments: ['-m', 'venv', directory],
    cwd: repositoryRoot,
    environment: process.env,
    logFile,
    timeoutMs: MAKE_TIMEOUT_MS,
  }).catch((cause: unknown) => {
    // Debian and Ubuntu ship python3 without ensurepip, and venv fails for want of it.
    const debian = cause instanceof Error && cause.message.includes('ensurepip')
    throw new HarnessError(
      debian
        ? `\`${python}\` came without its venv module.\nInstall it (Debian, Ubuntu: apt-get install python3-venv), or name another Python with PYTHON=/path/to/python3.`
        : `\`${python} -m venv\` failed; log: ${logFile}`,
      { cause },
    )
  })
}

async function withLock<T>(report: Report, work: () => Promise<T>): Promise<T> {
  await mkdir(cache, { recursive: true })
  const deadline = Date.now() + MAKE_TIMEOUT_MS
  let told = false
  while (!(await takeLock())) {
    if (await lockIsStale()) {
      await rm(lockFile, { force: true })
      continue
    }
    if (Date.now() > deadline)
      throw new HarnessError(`Another process is still making .venv-aws. If none is, delete ${lockFile}.`)
    if (!told) report('Another process is making .venv-aws; waiting for it.')
    told = true
    await pause(500)
  }
  try {
    return await work()
  } finally {
    await rm(lockFile, { force: true })
  }
}

async function takeLock(): Promise<boolean> {
  try {
    const file = await open(lockFile, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Whether the lock's owner has ended without removing it (a run that was killed). */
async function lockIsStale(): Promise<boolean> {
  const owner = Number(await readOrUndefined(lockFile))
  if (owner > 0) return !isRunning(owner)
  // No id in it: its owner is between making the file and writing it, unless that was long ago.
  const made = await stat(lockFile).catch(() => undefined)
  return made !== undefined && Date.now() - made.mtimeMs > 10_000
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) === 'EPERM' // there, but someone else's
  }
}

const readOrUndefined = (path: string) => readFile(path, 'utf8').catch(() => undefined)
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
