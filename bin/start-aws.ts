import { parseArgs } from 'node:util'
import { deployProduct, uploadExampleSeeds } from '../test/deploy/deployed-product.ts'
import { HarnessError } from '../test/deploy/ministack/harness-error.ts'

const USAGE = `The hosted product on this machine: the real stacks, deployed onto a local AWS.

Usage: npm run start:aws -- [options]

  --port <n>         port of the local AWS (default any free one)
  --keep <folder>    keep uploads, reviews and accounts in this folder over restarts
  --no-first-batch   begin empty, without the example seeds
  --help             this text
`

const ACCOUNTS = [
  { username: 'clinician-1', group: 'clinicians', role: 'clinician' },
  { username: 'clinician-2', group: 'clinicians', role: 'clinician' },
  { username: 'lead', group: 'leads', role: 'lead     ' },
] as const

const out = (line: string) => void process.stdout.write(`${line}\n`)

try {
  const options = optionsOf(process.argv.slice(2))
  if (options === undefined) out(USAGE)
  else await serve(options)
} catch (error) {
  if (!(error instanceof HarnessError) && !(error instanceof RangeError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error instanceof RangeError ? 2 : 1
}

interface Options {
  port: number | undefined
  keep: string | undefined
  firstBatch: boolean
}

/** Undefined: only the usage was asked for. */
function optionsOf(args: string[]): Options | undefined {
  const { values } = parse(args)
  if (values.help) return undefined
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && (!Number.isInteger(port) || port < 1 || port > 65_535))
    throw new RangeError(`--port ${values.port} is no port; it is a number from 1 to 65535.\n\n${USAGE}`)
  return { port, keep: values.keep, firstBatch: !values['no-first-batch'] }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        keep: { type: 'string' },
        'no-first-batch': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new RangeError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error })
  }
}

async function serve({ port, keep, firstBatch }: Options): Promise<void> {
  const product = await deployProduct({
    report: out,
    ...(port === undefined ? {} : { port }),
    ...(keep === undefined ? {} : { persistDir: keep }),
  })
  const passwords = new Map<string, string>()
  for (const { username, group } of ACCOUNTS) passwords.set(username, await product.addAccount(username, group))
  if (firstBatch) await uploadExampleSeeds(product)
  out(
    [
      '',
      `  Review page    ${product.siteUrl}`,
      `  Local AWS      ${product.ministack.endpoint}   for the command line of AWS:`,
      `                 AWS_ENDPOINT_URL=${product.ministack.endpoint} AWS_REGION=${product.ministack.region} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
      `  Seed files     s3://${product.inbox}/seeds/`,
      `  Training sets  s3://${product.datasets}/training/`,
      '',
      '  Who can sign in',
      ...ACCOUNTS.map(
        ({ username, role }) => `    ${username.padEnd(11)}   ${role}   password ${passwords.get(username) ?? ''}`,
      ),
      '',
      keep === undefined
        ? '  Ctrl-C ends it, and nothing is kept.'
        : `  Ctrl-C ends it; everything is kept in ${keep}.`,
      '',
    ].join('\n'),
  )
  const ended = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  const alive = setInterval(() => undefined, 60_000) // the local AWS itself does not keep this process
  await ended
  clearInterval(alive)
  out('\nStopping ...')
  await product.close()
}
