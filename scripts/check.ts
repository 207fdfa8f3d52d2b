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

function run(command: string, args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', shell: process.platform === 'win32' })
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

async function step(name: string, command: string, args: string[]): Promise<void> {
  const started = performance.now()
  console.log(`\n── ${name}`)
  const code = await run(command, args)
  console.log(
    `── ${name}: ${code === 0 ? 'passed' : `FAILED (exit ${code})`} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  )
  if (code === 0) passed++
  else failed++
}

async function tests(name: string, projects: string[]): Promise<void> {
  const started = performance.now()
  const summaryFile = join(scratch, `${name}.json`)
  console.log(`\n── tests: ${name}`)
  const code = await run('vitest', [
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${summaryFile}`,
  ])
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
await tests('one-machine', ['integration', 'browser'])
if (!fast) await tests('aws', ['deploy'])

await rm(scratch, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
