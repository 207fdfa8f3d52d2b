import { parseArgs } from 'node:util'
import { S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod'
import { findDeployment, orUsage } from '../cli/cloud/deployment.ts'
import { createS3ObjectStore } from '../lambdas/shared/s3-object-store.ts'
import { fetchLocalHost } from '../test/deploy/ministack/fetch-local-host.ts'

/**
 * Whether a deployment does its work, asked from outside, with the rights of the deploy role.
 *
 * `node scripts/verify-deployment.ts --environment dev --smoke`: the page is there, names its sign-in, and the API lets
 * nobody in without a token. `--integration`: also, an uploaded seed file becomes a dataset.
 */
const WAIT_MS = 120_000

const { values } = parseArgs({
  options: { environment: { type: 'string' }, smoke: { type: 'boolean' }, integration: { type: 'boolean' } },
})
if (values.environment === undefined || (values.smoke !== true && values.integration !== true)) {
  console.error('Usage: node scripts/verify-deployment.ts --environment <name> --smoke | --integration')
  process.exit(2)
}

try {
  const deployment = await findDeployment(values.environment)
  if (deployment.siteUrl === undefined) throw new Error('the web stack has no output SiteUrl')
  await smoke(deployment.siteUrl)
  if (values.integration === true) await integration(deployment.inboxBucket, deployment.datasetsBucket)
} catch (error) {
  const told = orUsage(error)
  console.error(`not verified: ${told instanceof Error ? told.message : String(told)}`)
  process.exitCode = 1
}

async function smoke(siteUrl: string): Promise<void> {
  const page = await answerOf(`${siteUrl}/`, 200)
  if (!(await page.text()).includes('<script')) throw new Error(`${siteUrl}/ is not the review page`)
  passed('the page is there')
  const config = await answerOf(`${siteUrl}/config.json`, 200)
  z.object({ oidc: z.looseObject({ client_id: z.string().min(1) }) }).parse(await config.json())
  passed('its configuration names the sign-in')
  await answerOf(`${siteUrl}/api/me`, 401)
  passed('the API lets nobody in without a token')
  const unknown = await answerOf(`${siteUrl}/batches/unknown`, 200)
  if (!(await unknown.text()).includes('<script')) throw new Error('an unknown path does not lead to the page')
  passed('unknown paths lead to the page')
}

async function integration(inboxBucket: string, datasetsBucket: string): Promise<void> {
  const client = new S3Client({})
  const inbox = createS3ObjectStore({ client, bucket: inboxBucket })
  const datasets = createS3ObjectStore({ client, bucket: datasetsBucket })
  const name = `verify-${Date.now()}`
  const request = Buffer.from(JSON.stringify({ count: 5, random_seed: 1 }))
  await inbox.put(`requests/${name}.json`, [request], { condition: { if: 'always' } })
  const deadline = Date.now() + WAIT_MS
  for (;;) {
    for await (const { key } of datasets.list(`synthetic/${name}-`))
      if (key.endsWith('.jsonl')) return passed(`a request became ${key}`)
    if (Date.now() > deadline) throw new Error(`requests/${name}.json has become nothing within ${WAIT_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }
}

async function answerOf(url: string, status: number): Promise<Response> {
  const answer = await ask(url).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new Error(`${url} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status}, expected ${status}`)
  return answer
}

/** The page of a local AWS is below `localhost`, which browsers find by themselves and Node does not. */
function ask(url: string): Promise<Response> {
  return new URL(url).hostname.endsWith('.localhost') ? fetchLocalHost(url) : fetch(url, { redirect: 'follow' })
}

function passed(what: string): void {
  console.log(`verified: ${what}`)
}
