import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import { askingProgress, type AskingProgress } from '../../core/pipeline/asking.ts'
import type { GenerationManifest } from '../../core/pipeline/generation-manifest.ts'
import { createS3ObjectStore } from '../../lambdas/shared/s3-object-store.ts'
import { until } from '../integration/home-process.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../openai/fake-openai.ts'
import { jsonAt, keysIn, textAt } from './bucket.ts'
import { deployProduct, type DeployedProduct } from './deployed-product.ts'
import { repositoryRoot } from './ministack/python-environment.ts'
import { stageRole } from './roles.ts'
import { rootCalls } from './root-calls.ts'

/**
 * A large batch by a language model on a local AWS with IAM enforced: fanned out over a queue, through messages that come
 * twice and in any order, a worker that is killed, and a service that fails now and then. The service is the fake one.
 */

const DIALOGUES = Number(process.env['ASKED_DIALOGUES'] ?? 2_000)
const KEY = 'sk-of-the-secret'
/** Answers are sentences by the template engine, two a millisecond; enough distance between them is acceptance's business. */
const FAULTS = ['server_error%1', 'rate_limited%1', 'truncated_json%1', 'refusal%1']

type Manifest = GenerationManifest & {
  report: {
    sources: {
      by_method: Record<'template' | 'openai', { planned: number; written: number }>
      fallbacks: Record<string, number>
      spent: { cost_usd: number }
    }
  }
}

let server: FakeOpenAi
let product: DeployedProduct
let datasets: ReturnType<typeof createS3ObjectStore>

beforeAll(async () => {
  server = await startFakeOpenAi({ key: KEY, faults: FAULTS, latency_ms: 300, latency_spread: 0.5 })
  product = await deployProduct({
    folder: join(repositoryRoot, '.cache', 'model-test'),
    modelBaseUrl: server.url,
  })
  datasets = createS3ObjectStore({ client: product.s3, bucket: product.datasets })
}, 600_000)
afterAll(async () => {
  await product?.close()
  await server?.stop()
})

/** Ends one process of the function that asks, as the machine under it might. */
async function killWorker(ministack: number): Promise<boolean> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const group = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]
    if (group !== String(ministack)) continue
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
    if (!/_LAMBDA_FUNCTION_ARN=[^\0]*AskModel/.test(environment)) continue
    process.kill(Number(name), 'SIGKILL')
    return true
  }
  return false
}

const progressOf = async (title: string): Promise<AskingProgress | undefined> => {
  for await (const progress of askingProgress(datasets)) if (progress.title === title) return progress
  return undefined
}
const request = (name: string, about: object) =>
  product.upload(`requests/${name}.json`, JSON.stringify({ random_seed: 4, ...about }))
const manifestOf = (batch_id: string) =>
  until(
    `the batch ${batch_id}`,
    async () =>
      (await keysIn(product.s3, product.datasets, `synthetic/${batch_id}.jsonl`)).length === 1
        ? jsonAt<Manifest>(product.s3, product.datasets, `synthetic/${batch_id}.manifest.json`)
        : undefined,
    1_200_000,
  )

describe('A batch that a model writes', () => {
  it('comes from templates while nobody has put a key into the secret, and says so', async () => {
    await request('no key', { count: 6, method: 'openai' })
    const progress = await until('the request is handed out', () => progressOf('no key.json'))
    const { report } = await manifestOf(progress.batch_id)
    expect(report.sources.by_method.openai.written).toBe(0)
    expect(server.requests).toHaveLength(0)
  })

  it(`of ${DIALOGUES} dialogues is complete and exact, and no answer is paid for twice but what was in flight`, async () => {
    const root = rootCalls(product.ministack)
    const secret = product.outputs['dialogues-local-data']?.['ModelKeySecret'] ?? ''
    await root.json('secretsmanager', 'secretsmanager.PutSecretValue', { SecretId: secret, SecretString: KEY })
    const worker = stageRole(product, 'ask-model')
    await worker.retryAfter(20) // and not six minutes; still several tries for a claim of a minute to run out

    const started = performance.now()
    await request('large', { count: DIALOGUES, method: 'openai' })
    const { batch_id, parts } = await until('the request is handed out', () => progressOf('large.json'))
    // Every part once more, last one first, while the first ones are under way.
    const messages = await until('every part is handed out', async () => {
      const keys = await keysIn(product.s3, product.datasets, `asking/${batch_id}/`)
      const handedOut = keys.filter((key) => key.endsWith('.part.json'))
      return handedOut.length === parts.all ? handedOut.reverse() : undefined
    })
    for (const key of messages) await worker.sendDatasetsEvent(key)

    await until('a third is asked for', async () => server.billed.answers > DIALOGUES / 3, 600_000)
    expect(await killWorker(product.ministack.processId)).toBe(true)

    const { dataset, report } = await manifestOf(batch_id)
    const seconds = (performance.now() - started) / 1000
    expect(dataset.dialogues).toBe(DIALOGUES)
    const lines = (await textAt(product.s3, product.datasets, dataset.key))?.trimEnd().split('\n') ?? []
    const dialogues = lines.map((line) => JSON.parse(line) as Dialogue)
    expect(new Set(dialogues.map(({ dialogue_id }) => dialogue_id)).size).toBe(DIALOGUES)

    const { by_method, fallbacks, spent } = report.sources
    const fallen = Object.values(fallbacks).reduce((sum, count) => sum + count, 0)
    expect(by_method.openai).toEqual({ planned: DIALOGUES, written: DIALOGUES - fallen })
    const byModel = dialogues.filter(({ provenance }) => provenance?.method === 'openai')
    expect(byModel).toHaveLength(DIALOGUES - fallen)
    // Answers that are too close to others are the fake's doing: its sentences come from the same banks as the templates'.
    const { near_duplicate = 0, sentence_reuse = 0, opener = 0 } = fallbacks
    expect((fallen - near_duplicate - sentence_reuse - opener) / DIALOGUES).toBeLessThan(0.1)

    // What was paid for: each call of the plan once, but for those in flight with the worker that was killed.
    const answered = server.requests.filter(({ outcome }) => outcome !== 'server_error' && outcome !== 'rate_limited')
    const twice = answered.length - new Set(answered.map(({ id }) => id)).size
    expect(twice).toBeLessThanOrEqual(50)
    const progress = await progressOf('large.json')
    expect(progress?.parts.done).toBe(parts.all)
    expect((progress?.accepted ?? 0) + (progress?.failed ?? 0)).toBe(DIALOGUES)
    expect(spent.cost_usd).toBeCloseTo(progress?.cost_usd ?? 0, 4)
    expect(await worker.deadLetters()).toBe(0)
    console.log(
      `${DIALOGUES} dialogues in ${parts.all} parts, ${seconds.toFixed(0)} s: ${byModel.length} by the model, fallbacks ${JSON.stringify(fallbacks)}, ` +
        `${server.requests.length} requests, ${twice} answers paid for twice, $${spent.cost_usd.toFixed(2)}`,
    )
  }, 1_800_000)

  it('is not written twice, and asks nobody, when its messages come again', async () => {
    const progress = await progressOf('large.json')
    const before = server.requests.length
    const keys = await keysIn(product.s3, product.datasets, 'synthetic/')
    const worker = stageRole(product, 'ask-model')
    await worker.sendDatasetsEvent(`asking/${progress?.batch_id}/000001.part.json`)
    await worker.untilQueueIsEmpty()
    await pause(500)
    expect(server.requests).toHaveLength(before)
    expect(await keysIn(product.s3, product.datasets, 'synthetic/')).toEqual(keys)
  })

  it('gives the key to the function that asks, and to no other', async () => {
    const worker = await stageRole(product, 'ask-model').client()
    const generate = await stageRole(product, 'generate').client()
    expect(await stageRole(product, 'ask-model').put(worker, product.datasets, 'synthetic/x.jsonl')).toBe(
      'AccessDenied',
    )
    expect(await stageRole(product, 'generate').put(generate, product.datasets, 'answers/x/complete.json')).toBe(
      'AccessDenied',
    )
  })
})
