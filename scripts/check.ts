import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'

/**
 * Everything that must hold before a change lands, in rising order of cost, ending in one line that a machine can
 * read: `N passed, N failed`. Every step is run even when an earlier one fails, so that one run shows all there is.
 *
 * `node scripts/check.ts [--fast]`: --fast leaves out the local AWS.
 */
const VitestSummarySchema = z.object({ numPassedTests: z.number(), numFailedTests: z.number() })

const fast = process.argv.includes('--fast')
const scratch = await mkdtemp(join(tmpdir(), 'check-'))
let passed = 0
let failed = 0

interface Ended {
  code: number
  /** What was printed, when it was held back. */
  output: string
}

/** `held`: printed by the caller when it is over, so that two runs beside each other do not mix their lines. */
function run(command: string, args: string[], held = false): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: held ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      shell: process.platform === 'win32',
    })
    let output = ''
    child.stdout?.on('data', (data: Buffer) => (output += data.toString()))
    child.stderr?.on('data', (data: Buffer) => (output += data.toString()))
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

async function step(name: string, command: string, args: string[]): Promise<void> {
  const started = performance.now()
  console.log(`\n── ${name}`)
  const { code } = await run(command, args)
  console.log(
    `── ${name}: ${code === 0 ? 'passed' : `FAILED (exit ${code})`} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  )
  if (code === 0) passed++
  else failed++
}

async function tests(name: string, projects: string[], held = false): Promise<void> {
  const started = performance.now()
  const summaryFile = join(scratch, `${name}.json`)
  console.log(`\n── tests: ${name}${held ? ' (meanwhile; what it prints follows)' : ''}`)
  const { code, output } = await run(
    'vitest',
    [
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${summaryFile}`,
    ],
    held,
  )
  process.stdout.write(output)
  const summary = await readFile(summaryFile, 'utf8').then(parseSummary, () => undefined)
  passed += summary?.numPassedTests ?? 0
  failed += summary?.numFailedTests ?? 0
  // A suite that could not even be loaded fails no test: it must not pass for that.
  if (code !== 0 && (summary?.numFailedTests ?? 0) === 0) failed++
  console.log(`── tests: ${name}: exit ${code} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

function parseSummary(text: string): z.infer<typeof VitestSummarySchema> {
  return VitestSummarySchema.parse(JSON.parse(text))
}

await step('chromium', process.execPath, ['scripts/install-chromium.ts'])
await step('types', 'npm', ['run', '--silent', 'typecheck'])
await step('lint', 'eslint', ['.'])
await step('format', 'prettier', ['--check', '--log-level=warn', '.'])
await tests('core', ['unit', 'contract', 'infra'])
// These wait more than they compute: side by side they take the time of the longest.
await Promise.all([
  tests('browser', ['browser']),
  tests('integration', ['integration'], true),
  ...(fast ? [] : [tests('aws', ['deploy'], true)]),
])

await rm(scratch, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
