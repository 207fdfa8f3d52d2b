import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { InputError } from '../core/errors.ts'
import { openHome, type Home } from '../local/home.ts'
import { systemClock } from '../local/system-clock.ts'
import { createTerminalLog } from '../local/terminal-log.ts'

/** `npm start`: the whole job on this machine, until Ctrl-C. */

const USAGE = `Usage: npm start -- [options]

  --port <number>        where the page is served (default 4780; 0 takes any free port)
  --workspace <folder>   where everything is kept (default workspace)
  --no-first-batch       a new workspace begins empty, without the example seeds
  --help                 this text

Examples:
  npm start
  npm start -- --port 8080 --workspace ~/dialogues
`

/** Wrong use of the command: answered with what is right, and exit code 2. */
class UsageError extends Error {
  override name = 'UsageError'
}

const out = (line: string) => void process.stdout.write(`${line}\n`)

try {
  const options = optionsOf(process.argv.slice(2))
  if (options === undefined) out(USAGE)
  else await serve(options)
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}`)
    process.exitCode = 2
  } else if (error instanceof InputError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  } else throw error
}

interface Options {
  port: number
  workspace: string
  firstBatch: boolean
}

/** Undefined: only the usage was asked for. */
function optionsOf(args: string[]): Options | undefined {
  const { values } = parse(args)
  if (values.help) return undefined
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new UsageError(`--port ${values.port} is no port; it is a number from 0 to 65535.`)
  return { port, workspace: values.workspace, firstBatch: !values['no-first-batch'] }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string', default: '4780' },
        workspace: { type: 'string', default: 'workspace' },
        'no-first-batch': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function serve(options: Options): Promise<void> {
  const log = createTerminalLog(systemClock, out)
  const home = await openHome({ ...options, log })
  out(welcome(home))

  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1) // asked twice: whatever was under way is done again at the next start
    stopping = true
    out('\nStopping …')
    home.close().then(
      () => {
        out('Stopped. Everything is kept; the same command goes on where it was.')
        process.exit(0)
      },
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function welcome(home: Home): string {
  const folder = relative(process.cwd(), home.workspace)
  const workspace = folder === '' || folder.startsWith('..') ? home.workspace : folder
  const width = Math.max(...home.accounts.map((account) => account.username.length))
  const who = home.accounts.map(({ username, groups }) => {
    const password = home.newAccounts.find((account) => account.username === username)?.password
    const role = groups.includes('leads') ? 'lead     ' : 'clinician'
    return `    ${username.padEnd(width)}   ${role}${password === undefined ? '' : `   password ${password}`}`
  })
  return [
    '',
    `  Review page    ${home.origin}`,
    `  Seed files     ${workspace}/inbox/seeds/            put one there, and a batch appears`,
    `  Training sets  ${workspace}/datasets/training/      after a lead has closed a batch`,
    '',
    '  Who can sign in',
    ...who,
    home.newAccounts.length > 0
      ? `  The passwords are shown this once. To set others, see ${workspace}/accounts.json.`
      : `  Password lost? Write "password": "…" for the account in ${workspace}/accounts.json.`,
    '',
    '  Ctrl-C stops it.',
    '',
  ].join('\n')
}
