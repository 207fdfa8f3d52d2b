import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundleFunctions, type FunctionBundle } from '../scripts/function-bundles.ts'

/**
 * How long each function's bundle takes to load, against a bundle with the two AWS clients alone, measured in turn in one
 * run: `node bench/lambda-imports.ts [rounds]`. Prints sizes, medians (ms) and ratios; the goal is 1.3.
 */
const rounds = Number(process.argv[2] ?? 15)
const folder = await mkdtemp(join(tmpdir(), 'lambda-imports-'))

/** As anybody would bundle the two clients, with nothing of ours. */
async function bundleOfClients(): Promise<FunctionBundle & { file: string }> {
  const file = join(folder, 'clients.mjs')
  const { metafile } = await build({
    stdin: {
      contents: `
        import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
        import { S3Client, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
        export const handler = [new DynamoDBClient({}), new S3Client({}), GetItemCommand, GetObjectCommand, PutObjectCommand]`,
      resolveDir: join(import.meta.dirname, '..'),
    },
    outfile: file,
    metafile: true,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    legalComments: 'none',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  return { name: 'two clients', start: Object.values(metafile.outputs)[0]?.bytes ?? 0, later: 0, file }
}

const ours = await bundleFunctions(folder)
for (const { name } of ours) await writeFile(join(folder, name, 'guidelines.md'), 'guidelines_version: 1\n\nx\n')
const bundles = [
  await bundleOfClients(),
  ...ours.map((bundle) => ({ ...bundle, file: join(folder, bundle.name, 'index.mjs') })),
]

const times = new Map<string, number[]>(bundles.map(({ name }) => [name, []]))
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
  for (const { name, file } of bundles) {
    const code = `const t=performance.now();await import(${JSON.stringify(file)});console.log(performance.now()-t)`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], { env: environment, encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`${name}: ${run.stderr}`)
    times.get(name)?.push(Number(run.stdout.trim().split('\n').at(-1)))
  }
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const base = median(times.get('two clients') ?? [])
console.log('               at start  when needed   import')
for (const { name, start, later } of bundles) {
  const ms = median(times.get(name) ?? [])
  const kilobytes = (bytes: number, width: number) => `${Math.round(bytes / 1000)}`.padStart(width)
  console.log(
    `${name.padEnd(12)} ${kilobytes(start, 7)} KB ${kilobytes(later, 9)} KB ${ms.toFixed(0).padStart(5)} ms  ${(ms / base).toFixed(2)} x`,
  )
}
await rm(folder, { recursive: true, force: true })
