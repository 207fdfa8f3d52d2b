import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { HarnessError } from './harness-error.ts'
import { runLogged } from './logged-command.ts'
import type { MiniStack } from './ministack.ts'
import { repositoryRoot } from './python-environment.ts'

const COMMAND_TIMEOUT_MS = 5 * 60_000 // a deployment takes 15 s; a custom resource that dies silently, an hour

export type CdkApp = {
  /** What makes the assembly, as in cdk.json (`node bin/app.ts`), or the folder of an assembly made before. */
  app: string
  /** @default the repository's root */
  cwd?: string
  /** Where the assembly is written: two runs at once need two. @default cdk.out in `cwd` */
  outputDirectory?: string
  context?: Record<string, string>
  environment?: Record<string, string>
  /** Everything that cdk prints, appended. */
  logFile: string
}

/** Output values by name, by stack name. */
export type StackOutputs = Record<string, Record<string, string>>
const StackOutputsSchema = z.record(z.string(), z.record(z.string(), z.string()))

/** Makes the cloud assembly; asks the server nothing. `stacks`: names or patterns, all by default. */
export async function synthesize(ministack: MiniStack, app: CdkApp, stacks: string[] = []): Promise<void> {
  await runInApp(ministack, app, ['synth', '--quiet', ...stacks])
}

/** Makes CDK's own bucket and roles; once after each start or reset. */
export async function bootstrap(ministack: MiniStack, { logFile }: Pick<CdkApp, 'logFile'>): Promise<void> {
  // From a folder without cdk.json: cdk would run the app that it names, only to bootstrap the account named here.
  await runCdk(ministack, ['bootstrap', `aws://${ministack.accountId}/${ministack.region}`], {
    cwd: import.meta.dirname,
    logFile,
  })
}

/** Deploys the stacks (names or patterns, all by default) with what they depend on; returns their outputs. */
export async function deploy(ministack: MiniStack, app: CdkApp, stacks: string[] = []): Promise<StackOutputs> {
  const outputsFile = resolve(`${app.logFile}.outputs.json`) // cdk may run in another folder than this process
  await runInApp(ministack, app, [
    'deploy',
    '--require-approval=never',
    '--progress=events',
    '--outputs-file',
    outputsFile,
    ...(stacks.length === 0 ? ['--all'] : stacks),
  ])
  const outputs = StackOutputsSchema.safeParse(JSON.parse(await readFile(outputsFile, 'utf8')))
  if (!outputs.success) throw new HarnessError(`${outputsFile} is not what cdk writes: ${outputs.error.message}`)
  return outputs.data
}

export async function destroy(ministack: MiniStack, app: CdkApp, stacks: string[] = []): Promise<void> {
  await runInApp(ministack, app, ['destroy', '--force', ...(stacks.length === 0 ? ['--all'] : stacks)])
}

async function runInApp(ministack: MiniStack, app: CdkApp, commandLine: string[]): Promise<void> {
  const cwd = app.cwd ?? repositoryRoot
  const output = app.outputDirectory ?? join(cwd, 'cdk.out')
  const context = Object.entries(app.context ?? {}).flatMap(([name, value]) => ['--context', `${name}=${value}`])
  await runCdk(ministack, [...commandLine, '--app', app.app, '--output', output, ...context], { ...app, cwd })
}

/** @throws HarnessError with the command and the last lines that cdk printed. */
async function runCdk(
  ministack: MiniStack,
  commandLine: string[],
  { cwd, logFile, environment }: { cwd: string; logFile: string; environment?: Record<string, string> },
): Promise<void> {
  await runLogged({
    command: join(repositoryRoot, 'node_modules', '.bin', 'cdk'),
    // Notices are fetched from the net, version reports sent there.
    arguments: [...commandLine, '--no-notices', '--no-version-reporting'],
    cwd,
    environment: ministack.childEnvironment(environment),
    logFile,
    timeoutMs: COMMAND_TIMEOUT_MS,
  })
}
