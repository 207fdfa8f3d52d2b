import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp, Dialogues } from '../lib/application.ts'
import { ENVIRONMENT_NAMES, ENVIRONMENTS, isEnvironmentName, type Environment } from '../lib/environments.ts'
import { addSecurityChecks } from '../lib/security-checks.ts'
import { builtSite } from '../local/review-site.ts'
import { bundleFunctions } from '../scripts/function-bundles.ts'

/**
 * The CDK app: the stacks of dev, staging and prod; of one environment with `--context environment=dev`. `local` is made
 * only when asked for, with the port of the local AWS: `--context environment=local --context emulatorPort=4566`.
 */
const app = createApp()
const bundlesFolder = mkdtempSync(join(tmpdir(), 'functions-'))
process.once('exit', () => rmSync(bundlesFolder, { recursive: true, force: true }))
const [{ folder: siteFolder }] = await Promise.all([builtSite(), bundleFunctions(bundlesFolder)])
for (const environment of chosen()) new Dialogues(app, { environment, siteFolder, bundlesFolder })
addSecurityChecks(app)

function chosen(): Environment[] {
  const name: unknown = app.node.tryGetContext('environment')
  if (name === undefined) return [ENVIRONMENTS.dev, ENVIRONMENTS.staging, ENVIRONMENTS.prod]
  if (!isEnvironmentName(name))
    throw new Error(`There is no environment ${JSON.stringify(name)}; there are ${ENVIRONMENT_NAMES.join(', ')}.`)
  const { emulator, ...environment } = ENVIRONMENTS[name]
  const port = Number(app.node.tryGetContext('emulatorPort'))
  const modelBaseUrl: unknown = app.node.tryGetContext('modelBaseUrl')
  const guidelinesFile: unknown = app.node.tryGetContext('guidelinesFile')
  return [
    {
      ...environment,
      ...(typeof modelBaseUrl === 'string' ? { model: { ...environment.model, baseUrl: modelBaseUrl } } : {}),
      emulator: emulator === null || !Number.isInteger(port) ? emulator : { ...emulator, port },
      ...(typeof guidelinesFile === 'string' ? { guidelinesFile } : {}),
    },
  ]
}
