import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLING, REPOSITORY_ROOT } from '../lib/constructs/bundled-function.ts'

/**
 * How long each function's bundle takes to load, against a bundle with the two AWS clients alone, measured in turn in one
 * run: `node bench/lambda-imports.ts [rounds]`. Prints medians (ms) and ratios; the goal is 1.3.
 */
const rounds = Number(process.argv[2] ?? 15)
const FUNCTIONS = ['review-api', 'generate', 'open-review', 'apply', 'merge']
const folder = await mkdtemp(join(tmpdir(), 'lambda-imports-'))

async function bundle(name: string, stdin: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`)
  const { metafile } = await build({
    stdin: { contents: stdin, resolveDir: REPOSITORY_ROOT, loader: 'ts' },
    outfile,
    metafile: true,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    charset: 'utf8',
    legalComments: 'none',
    target: BUNDLING.target,
    mainFields: BUNDLING.mainFields,
    alias: name === 'clients' ? {} : BUNDLING.alias,
    banner: { js: BUNDLING.banner },
  })
  sizes.set(name, Object.values(metafile.outputs)[0]?.bytes ?? 0)
  return outfile
}

const sizes = new Map<string, number>()
const bundles = new Map<string, string>()
bundles.set(
  'clients',
  await bundle(
    'clients',
    `import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
     import { S3Client, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
     export const handler = [new DynamoDBClient({}), new S3Client({}), GetItemCommand, GetObjectCommand, PutObjectCommand]`,
  ),
)
for (const name of FUNCTIONS)
  bundles.set(name, await bundle(name, `export { handler } from './lambdas/${name}/handler.ts'`))
await writeFile(join(folder, 'guidelines.md'), 'guidelines_version: 1\n\nx\n')

const times = new Map<string, number[]>([...bundles.keys()].map((name) => [name, []]))
const environment = {
  PATH: process.env['PATH'] ?? '',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  ENVIRONMENT: 'bench',
  INBOX_BUCKET: 'i',
  DATASETS_BUCKET: 'd',
  REVIEWS_TABLE: 't',
  MAX_UPLOAD_BYTES: '1',
  REQUEST_COUNT: '1',
  REVIEWS_PER_DIALOGUE: '1',
  SECOND_REVIEWS: 'no',
  GUIDELINES_VERSION: '1',
  TOKEN_ISSUER: 'https://issuer.example/p',
  TOKEN_CLIENT_ID: 'c',
  TOKEN_SCOPE: 's',
  TOKEN_KEYS_URL: 'https://issuer.example/p/keys',
  ORIGIN_SECRET: '0123456789abcdef',
}
for (let round = 0; round < rounds; round++)
  for (const [name, file] of bundles) {
    const code = `const t=performance.now();await import(${JSON.stringify(file)});console.log(performance.now()-t)`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], { env: environment, encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`${name}: ${run.stderr}`)
    times.get(name)?.push(Number(run.stdout.trim().split('\n').at(-1)))
  }
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const base = median(times.get('clients') ?? [])
for (const [name, values] of times)
  console.log(
    `${name.padEnd(12)} ${(sizes.get(name) ?? 0).toString().padStart(8)} B  ${median(values).toFixed(0).padStart(5)} ms  ${(median(values) / base).toFixed(2)} x`,
  )
await rm(folder, { recursive: true, force: true })
