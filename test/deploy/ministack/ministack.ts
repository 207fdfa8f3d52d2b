import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { HarnessError, systemErrorCode } from './harness-error.ts'
import { runLogged, signalGroup } from './logged-command.ts'
import { ensurePythonEnvironment, repositoryRoot, type PythonEnvironment, type Report } from './python-environment.ts'

const HOST = '127.0.0.1' // by number, so that the SDK uses path-style S3 addresses by itself
const REGION = 'us-east-1'
const START_TIMEOUT_MS = 60_000 // 2 s here; the first start after an install also compiles the packages
const STOP_TIMEOUT_MS = 15_000 // then it is killed, and unsaved state with it
const AWS_CLI_TIMEOUT_MS = 60_000

export type MiniStackOptions = {
  /** Enforce IAM: roles, bucket and queue policies. Without, every request is allowed. */
  auth: boolean
  /** @default the one recorded in `persistDir`, or any free one */
  port?: number
  /**
   * Keep state over restarts in this folder, and with it the port: deployed functions carry queue addresses.
   * @default state is lost at the end
   */
  persistDir?: string
  /** @default a file that is gone after stop() */
  logFile?: string
  report?: Report
}

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

export type MiniStack = {
  /** http://127.0.0.1:<port> */
  endpoint: string
  port: number
  /** The server's, and the group's that every function belongs to. */
  processId: number
  region: string
  accountId: string
  /** Where it keeps what must outlive its process, among it the keys that user pools sign with. */
  stateFolder: string
  /** For the constructor of any SDK client. The account's root: everything is allowed to it. */
  clientConfig: { endpoint: string; region: string; credentials: Credentials }
  /** For SDK clients, the `aws` and the `cdk` command line: what to set on top of a child process's environment. */
  environment: Record<string, string>
  /** This process's environment without any AWS or CDK setting of the user's, plus `environment`. */
  childEnvironment: (more?: Record<string, string>) => NodeJS.ProcessEnv
  /** Runs the `aws` command line and returns what it printed (JSON unless told otherwise). As root unless told whom. */
  aws: (commandLine: string[], as?: Credentials) => Promise<string>
  /** Wipes all state of every account, and ends all functions. */
  reset: () => Promise<void>
  /** MiniStack's own log so far; still there after stop(). Functions' logs are in CloudWatch Logs. */
  logs: () => Promise<string>
  /** Ends the server and every function it started; saves state first if it is to be kept. Idempotent. */
  stop: () => Promise<void>
}

/**
 * Starts a local AWS (MiniStack) on the loopback interface and waits until it answers. The first time ever it also
 * makes the Python environment, about a minute. Several may run side by side.
 *
 * It ends with stop(), and also when this process ends in any way (serve.py notices), a second or two later.
 * @throws HarnessError when it cannot start: Python missing, port taken, or no answer in time.
 */
export async function startMiniStack(options: MiniStackOptions): Promise<MiniStack> {
  const python = await ensurePythonEnvironment(options.report)
  const scratch = await mkdtemp(join(tmpdir(), 'ministack-'))
  const logFile = options.logFile ?? join(scratch, 'ministack.log')
  const portFile = options.persistDir === undefined ? undefined : join(options.persistDir, 'port')
  if (options.persistDir !== undefined) await mkdir(options.persistDir, { recursive: true })
  const wantedPort = options.port ?? (portFile === undefined ? 0 : await recordedPort(portFile))

  await offerAwsSdkToFunctions(scratch)
  const log = await open(logFile, 'w')
  const server = spawn(python.python, [join(import.meta.dirname, 'serve.py')], {
    cwd: scratch,
    env: serverEnvironment(python, scratch, wantedPort, options),
    // The log is a file, not a pipe: a test that blocks this process for long must not block the server.
    stdio: ['pipe', 'pipe', log.fd],
    detached: true, // a group of its own, so that functions are ended with it, and by id
  })
  await log.close()

  let port: number
  try {
    port = await portOf(server)
    await waitUntilReady(`http://${HOST}:${port}`, server)
    if (portFile !== undefined) await writeFile(portFile, String(port))
  } catch (cause) {
    await endServer(server)
    const lastLines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-10)
    await rm(scratch, { recursive: true, force: true })
    throw new HarnessError(['MiniStack did not start:', ...lastLines].join('\n'), { cause })
  }
  if (server.pid === undefined) throw new HarnessError('MiniStack has no process id')
  // It must not keep this process alive: whoever forgets stop() still ends, and the server with it.
  server.unref()

  const endpoint = `http://${HOST}:${port}`
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const environment = clientEnvironment(python, endpoint, credentials)
  const childEnvironment = (more: Record<string, string> = {}) => ({
    ...withoutAwsSettings(process.env),
    ...environment,
    ...more,
  })
  let logAtStop: string | undefined
  let stopped: Promise<void> | undefined

  return {
    endpoint,
    port,
    processId: server.pid,
    region: REGION,
    accountId: '000000000000',
    stateFolder: stateFolder(scratch, options),
    clientConfig: { endpoint, region: REGION, credentials },
    environment,
    childEnvironment,
    aws: (commandLine, as = credentials) =>
      runLogged({
        command: python.aws,
        // By option too: for SQS, `aws` version 1 does not look at AWS_ENDPOINT_URL.
        arguments: ['--endpoint-url', endpoint, '--output', 'json', ...commandLine],
        cwd: scratch,
        environment: childEnvironment(credentialVariables(as)),
        timeoutMs: AWS_CLI_TIMEOUT_MS,
      }),
    reset: async () => {
      const answer = await fetch(`${endpoint}/_ministack/reset`, { method: 'POST' })
      if (!answer.ok) throw new HarnessError(`MiniStack could not be reset: ${answer.status} ${await answer.text()}`)
    },
    logs: async () => logAtStop ?? readFile(logFile, 'utf8'),
    stop: () => {
      stopped ??= endServer(server).then(async () => {
        logAtStop = await readFile(logFile, 'utf8').catch(() => '')
        await rm(scratch, { recursive: true, force: true })
      })
      return stopped
    },
  }
}

/** Nothing of the user's environment reaches the server: functions inherit whatever it has. */
function serverEnvironment(
  python: PythonEnvironment,
  scratch: string,
  port: number,
  { auth, persistDir }: MiniStackOptions,
): NodeJS.ProcessEnv {
  return {
    PATH: commandPath(python),
    HOME: scratch, // away from ~/.aws
    TMPDIR: scratch, // functions' code is unpacked there
    NODE_PATH: join(scratch, 'node-path'),
    LANG: 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1', // pip compiled the packages; nothing is written beside our own two files
    PYTHONWARNINGS: 'ignore', // `aws` version 1 prints a note on every call
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    MINISTACK_REGION: REGION,
    GATEWAY_PORT: String(port),
    AUTH: String(auth),
    IOT_MTLS_ENABLED: '0', // it would open port 8883, one for all
    SFTP_ENABLED: '0',
    LAMBDA_EXECUTOR: 'local',
    STATE_DIR: stateFolder(scratch, { persistDir }),
    DOCKER_HOST: `unix://${join(scratch, 'no-docker.sock')}`, // it sweeps containers at start: never the user's
    ...(persistDir === undefined
      ? { PERSIST_STATE: '0', S3_DATA_DIR: join(scratch, 's3') }
      : {
          PERSIST_STATE: '1',
          S3_PERSIST: '1',
          S3_DATA_DIR: join(resolve(persistDir), 's3'),
        }),
  }
}

const stateFolder = (scratch: string, { persistDir }: Pick<MiniStackOptions, 'persistDir'>): string =>
  join(persistDir === undefined ? scratch : resolve(persistDir), 'state')

/**
 * AWS's Node runtime brings the SDK; MiniStack's brings stand-ins for some of it, and none for S3. CDK's own functions
 * rely on it: without, `autoDeleteObjects` fails at its first line, and the deployment waits for it for an hour.
 * Only the SDK is offered, so that a function of ours with a module left out of its bundle still fails here.
 */
async function offerAwsSdkToFunctions(scratch: string): Promise<void> {
  const folder = join(scratch, 'node-path')
  await mkdir(folder)
  await symlink(join(repositoryRoot, 'node_modules', '@aws-sdk'), join(folder, '@aws-sdk'))
}

function clientEnvironment(
  python: PythonEnvironment,
  endpoint: string,
  credentials: Credentials,
): Record<string, string> {
  return {
    PATH: commandPath(python),
    ...credentialVariables(credentials),
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    // Profiles could send a deployment to a real account.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PAGER: '',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    PYTHONWARNINGS: 'ignore',
    CI: '1',
  }
}

const credentialVariables = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
})

/** node_modules/.bin first: MiniStack runs functions on the first `node` it finds, and they are Node 24's. */
const commandPath = (python: PythonEnvironment) =>
  [join(repositoryRoot, 'node_modules', '.bin'), python.bin, process.env['PATH'] ?? ''].join(delimiter)

const withoutAwsSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(AWS|CDK)_/.test(name)))

async function recordedPort(portFile: string): Promise<number> {
  const recorded = Number(await readFile(portFile, 'utf8').catch(() => ''))
  return Number.isInteger(recorded) ? recorded : 0
}

/** The first line that serve.py prints. */
async function portOf(server: ChildProcess): Promise<number> {
  if (server.stdout === null) throw new HarnessError('serve.py has no output to read the port from')
  const lines = createInterface({ input: server.stdout })
  const outcome = await Promise.race([
    once(lines, 'line').then(([line]) => Number(line)),
    once(server, 'exit').then(() => undefined),
  ])
  if (outcome === undefined || !Number.isInteger(outcome)) throw new HarnessError('serve.py ended before it had a port')
  return outcome
}

async function waitUntilReady(endpoint: string, server: ChildProcess): Promise<void> {
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS)
  while (hasNotEnded(server)) {
    const status = await fetch(`${endpoint}/_ministack/ready`, { signal: deadline }).then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.status
      },
      (error: unknown) => {
        if (deadline.aborted) throw new HarnessError(`no answer within ${START_TIMEOUT_MS / 1000} s`, { cause: error })
        return undefined
      },
    )
    if (status === 200) return
    await pause(50)
  }
  throw new HarnessError('the server ended')
}

const hasNotEnded = (child: ChildProcess) => child.exitCode === null && child.signalCode === null

/** Asks the server to end, waits, and then makes sure of it and of every process it started, by their group's id. */
async function endServer(server: ChildProcess): Promise<void> {
  if (server.pid === undefined) return
  if (hasNotEnded(server)) {
    const ended = once(server, 'exit')
    server.ref()
    server.kill('SIGTERM')
    await Promise.race([ended, pause(STOP_TIMEOUT_MS, undefined, { ref: false })])
  }
  signalGroup(server.pid, 'SIGKILL')
  if (hasNotEnded(server)) await once(server, 'exit')
  for (let waited = 0; groupIsAlive(server.pid) && waited < 2_000; waited += 20) await pause(20)
}

function groupIsAlive(leader: number): boolean {
  try {
    process.kill(-leader, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH'
  }
}
