import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StageName } from '../../core/pipeline/stages.ts'
import type { BatchSummary } from '../../review-api/contract.ts'
import { launchChromium } from '../browser/chromium.ts'
import { judge } from '../browser/open-page.ts'
import { until } from '../integration/home-process.ts'
import { aReviewer, type Reviewer } from '../integration/reviewer.ts'
import { keysIn, textAt } from './bucket.ts'
import { describeCloudCommands } from './cloud-commands.ts'
import { deployProduct, type DeployedProduct } from './deployed-product.ts'
import { hostedSignIn, type Tokens } from './hosted-sign-in.ts'
import { destroy, deploy } from './ministack/cdk.ts'
import { fetchLocalHost } from './ministack/fetch-local-host.ts'
import { runLogged } from './ministack/logged-command.ts'
import { ensurePythonEnvironment, repositoryRoot } from './ministack/python-environment.ts'
import { trainOnOneMachine } from './one-machine-twin.ts'
import { poolToken, type Claims } from './pool-tokens.ts'
import { rootCalls } from './root-calls.ts'
import { emptyBucket, stageRole, roleWithout, type StageRole } from './roles.ts'

/** The hosted product, deployed once onto a local AWS with IAM enforced, and used as its people use it. */

const SEED_KEY = 'seeds/team a/first seeds.json'
let seeds: Buffer
let product: DeployedProduct
const passwords = new Map<string, string>()
const tokens = new Map<string, Tokens>()
let clinician: Reviewer
let lead: Reviewer

const person = (name: string): Reviewer =>
  aReviewer(product.siteUrl, tokens.get(name)?.access_token ?? '', fetchLocalHost)
const batchNamed = (title: string, status: BatchSummary['status']): Promise<BatchSummary> =>
  until(`batch ${title} is ${status}`, async () =>
    (await lead.batches()).find((batch) => batch.title === title && batch.status === status),
  )
const reportOn = (part: string): Promise<string> =>
  until(`an error report on ${part}`, async () => {
    const key = (await keysIn(product.s3, product.datasets, 'errors/')).find((found) => found.includes(part))
    return key === undefined ? undefined : textAt(product.s3, product.datasets, key)
  })

beforeAll(async () => {
  seeds = await readFile(join(repositoryRoot, 'examples', 'seed-dialogues.json'))
  product = await deployProduct({ folder: join(repositoryRoot, '.cache', 'hosted-test') })
  console.log(`synth ${Math.round(product.took.synth)} ms, deploy ${Math.round(product.took.deploy)} ms`)
  for (const [name, group] of [
    ['clinician-1', 'clinicians'],
    ['lead', 'leads'],
    ['stranger', 'others'],
  ] as const) {
    passwords.set(name, await product.addAccount(name, group))
    tokens.set(name, await hostedSignIn(product, name, passwords.get(name) ?? ''))
  }
  clinician = person('clinician-1')
  lead = person('lead')
})
afterAll(() => product.close())

describe('From a seed file to a training set', () => {
  let browser: Browser
  let batch: BatchSummary
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  it('an uploaded seed file becomes a batch', async () => {
    await product.upload(SEED_KEY, seeds)
    batch = await batchNamed('team a/first seeds.json', 'open')
    expect(batch.total).toBe(50)
  })

  it('a clinician signs in at the hosted page in Chromium, and reviews by keyboard', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    context.setDefaultTimeout(20_000)
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      // The hosted page is Cognito's (here without the icon that browsers ask for); what is ours must be silent.
      if (message.type() === 'error' && message.location().url.startsWith(product.siteUrl)) errors.push(message.text())
    })

    await page.goto(`${product.siteUrl}/batches/${batch.batch_id}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('input[name=username]').fill('clinician-1')
    await page.locator('input[name=password]').fill(passwords.get('clinician-1') ?? '')
    await page.locator('input[name=password]').press('Enter')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/batches/${batch.batch_id}`)
    for (let reviewed = 0; reviewed < 3; reviewed++) await judge(page, 'a')
    await until('three verdicts are saved', async () => (await lead.batch(batch.batch_id)).approved === 3)

    expect(errors).toEqual([])
    await context.close()
  })

  it('the rest is reviewed through the API, and a lead closes the batch', async () => {
    const reviewed = await clinician.reviewAll(batch.batch_id, (item) =>
      item.row.ordinal % 5 === 0 ? { status: 'rejected', reasons: ['unrealistic'] } : {},
    )
    expect(reviewed).toBe(47)

    const byClinician = await clinician.ask(`/batches/${batch.batch_id}/close`, { method: 'POST', body: {} })
    expect(byClinician.status).toBe(403)
    const byLead = await lead.ask(`/batches/${batch.batch_id}/close`, { method: 'POST', body: {} })
    expect(byLead.status, await byLead.clone().text()).toBe(200)
  })

  it('the training set is, byte for byte, what the one machine makes of the same seeds and verdicts', async () => {
    const latest = await until('a training set', () => textAt(product.s3, product.datasets, 'training/latest.json'))
    const { version } = JSON.parse(latest) as { version: string }
    const prefix = `training/${version}/`
    const keys = await keysIn(product.s3, product.datasets, prefix)
    const hosted = new Map<string, string | undefined>()
    for (const key of keys) hosted.set(key, await textAt(product.s3, product.datasets, key))
    expect(keys.length).toBeGreaterThan(1)

    const reviews = await textAt(product.s3, product.datasets, `reviews/${batch.batch_id}.json`)
    const twin = await trainOnOneMachine({ seedKey: SEED_KEY, seeds, batch_id: batch.batch_id, reviews: reviews ?? '' })
    expect(twin.dataset).toBe(await textAt(product.s3, product.datasets, `synthetic/${batch.batch_id}.jsonl`))
    expect(twin.approved).toBe(await textAt(product.s3, product.datasets, `approved/${batch.batch_id}.jsonl`))
    expect([...twin.training.keys()]).toEqual(keys)
    for (const [key, text] of twin.training) expect(text, key).toBe(hosted.get(key))
  })

  it('a warm upload is ready for review within three seconds', async () => {
    const started = performance.now()
    await product.upload('seeds/warm.json', seeds)
    await batchNamed('warm.json', 'open')
    const ms = performance.now() - started
    console.log(`upload to batch ready, warm: ${Math.round(ms)} ms`)
    expect(ms).toBeLessThan(10_000) // 3 s on an idle machine; a shared one may take longer
  })
})

describe('From the command line', () => describeCloudCommands(() => product))

describe('What an upload may be', () => {
  const refused = async (key: string, part: string): Promise<string> => {
    const report = await reportOn(part)
    expect(report).toContain(key.slice(key.lastIndexOf('/') + 1).replaceAll('"', '\\"'))
    return report
  }

  it.each([
    ['not JSON', 'seeds/not-json.json', 'this is no dataset'],
    ['empty', 'seeds/empty.json', ''],
    ['without a usable dialogue', 'seeds/no-dialogue.json', '{"version":"1.0","dialogues":[{"dialogue_id":"x"}]}'],
  ])('one that is %s gets an error report and a failed batch, and is not tried again', async (_what, key, body) => {
    await product.upload(key, body)
    const name = key.slice('seeds/'.length)
    await refused(key, name.replace('.json', ''))
    const batch = await batchNamed(name, 'failed')
    expect(batch.failure).toContain(name)
  })

  it('one that is too large is refused by its size, before a byte of it is read', async () => {
    await product.upload('seeds/too-large.json', Buffer.alloc(21 * 1024 * 1024, ' '))
    expect(await refused('seeds/too-large.json', 'too-large')).toContain('the file has 22020096 bytes')
    expect((await batchNamed('too-large.json', 'failed')).failure).toContain('bytes')
  })

  it('one whose metadata say count=abc is told so', async () => {
    await product.upload('seeds/count-abc.json', seeds, { count: 'abc' })
    expect(await refused('seeds/count-abc.json', 'count-abc')).toContain('count=abc')
  })

  it('metadata set the count', async () => {
    await product.upload('seeds/count-7.json', seeds, { count: '7' })
    expect((await batchNamed('count-7.json', 'open')).total).toBe(7)
  })

  it('a request that names a seed file which is not there is told which are', async () => {
    await product.upload('requests/missing.json', JSON.stringify({ count: 5, seed: 'nowhere.json' }))
    const report = await refused('requests/missing.json', 'missing')
    expect(report).toContain('there is no seed file nowhere.json')
    const there = await keysIn(product.s3, product.inbox, 'seeds/')
    expect(there.some((key) => report.includes(key.slice('seeds/'.length)))).toBe(true) // the first ten are named
  })

  it.each(['seeds/a b+c%20d.json', 'seeds/größe-名前.json', 'seeds/..%2f..%2fpasswd.json'])(
    'a key may hold %j',
    async (key) => {
      await product.upload(key, seeds, { count: '3' })
      expect((await batchNamed(key.slice('seeds/'.length), 'open')).total).toBe(3)
    },
  )

  it('the same event a hundred times leaves one batch and one dataset', async () => {
    await product.upload('seeds/again.json', seeds, { count: '4' })
    const batch = await batchNamed('again.json', 'open')
    const role = stageRole(product, 'generate')
    await role.sendEvents('seeds/again.json', 100)
    await role.untilQueueIsEmpty()
    const batches = (await lead.batches()).filter(({ title }) => title === 'again.json')
    expect(batches.map(({ batch_id, total }) => ({ batch_id, total }))).toEqual([
      { batch_id: batch.batch_id, total: 4 },
    ])
    expect(await keysIn(product.s3, product.datasets, 'synthetic/again-')).toHaveLength(2) // and its manifest
  })
})

describe('Who asks the API', () => {
  const ask = (url: string, token?: string, more: { method?: string; body?: string; path?: string } = {}) =>
    fetchLocalHost(`${url}${more.path ?? '/api/me'}`, {
      method: more.method ?? 'GET',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(more.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(more.body === undefined ? {} : { body: more.body }),
    })
  const good = () => tokens.get('clinician-1')?.access_token ?? ''

  it('is let in with an access token of the page, by name and roles', async () => {
    const answer = await ask(product.siteUrl, good())
    expect(await answer.json()).toMatchObject({ reviewer: 'clinician-1', roles: ['clinicians'] })
  })

  it('is refused without a token, with an unsigned, a forged or a cut one', async () => {
    const [header = '', payload = ''] = good().split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    for (const token of [undefined, 'x', `${none}.${payload}.`, `${header}.${payload}.AAAA`, good().slice(0, -9)])
      expect((await ask(product.siteUrl, token)).status).toBe(401)
  })

  it('is let in with any token that the pool has signed and that says the right things', async () => {
    const answer = await ask(product.siteUrl, await poolToken(product))
    expect(await answer.json()).toMatchObject({ reviewer: 'clinician-1', roles: ['clinicians'] })
  })

  const anHourAgo = () => Math.floor(Date.now() / 1000) - 3600
  it.each<[string, () => Claims]>([
    ['has ended', () => ({ exp: anHourAgo() })],
    ['does not say when it ends', () => ({ exp: undefined })],
    ['another pool has made', () => ({ iss: `https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Another00` })],
    ['was made for another client', () => ({ client_id: 'another-client' })],
    ['is meant for another audience', () => ({ aud: 'https://elsewhere.example' })],
    ['names nobody', () => ({ sub: undefined, username: undefined })],
  ])('is refused with a token that %s', async (_what, claims) => {
    expect((await ask(product.siteUrl, await poolToken(product, claims()))).status).toBe(401)
  })

  it('is refused with an ID token, by the gateway for want of a scope', async () => {
    const { status } = await ask(product.siteUrl, tokens.get('clinician-1')?.id_token)
    expect(status).toBe(403)
  })

  it('is refused with an ID token that the gateway lets through, by the app', async () => {
    const idToken = await poolToken(product, {
      token_use: 'id',
      aud: product.clientId,
      'cognito:username': 'clinician-1',
    })
    const answer = await ask(product.siteUrl, idToken)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ error: 'unauthenticated' })
  })

  it.each([
    ['none', undefined],
    ['another, which has one of ours in its name', ['clinicians-former', 'not-leads']],
    ['ours, but as text that only looks like a list', '[clinicians-former leads2]'],
  ])('is refused in these groups: %s', async (_what, groups) => {
    const answer = await ask(product.siteUrl, await poolToken(product, { 'cognito:groups': groups }))
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ error: 'forbidden' })
  })

  it('may not do what is for leads as a clinician', async () => {
    const path = '/api/batches/any/close'
    const answer = await ask(product.siteUrl, await poolToken(product), { method: 'POST', path, body: '{}' })
    expect(answer.status).toBe(403)
  })

  it('is refused with an access token that lacks the scope of reviewing', async () => {
    const narrow = await hostedSignIn(product, 'clinician-1', passwords.get('clinician-1') ?? '', 'openid profile')
    expect([401, 403]).toContain((await ask(product.siteUrl, narrow.access_token)).status)
  })

  it('is refused when in no group of ours', async () => {
    expect((await ask(product.siteUrl, tokens.get('stranger')?.access_token)).status).toBe(403)
  })

  it("is refused at the API's own address, past CloudFront", async () => {
    const answer = await ask(product.apiUrl, good())
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ error: 'forbidden' })
  })

  it('is refused with more than a review can hold', async () => {
    const path = '/api/batches/b/dialogues/d/review'
    const body = JSON.stringify({ text: 'x'.repeat(300_000) })
    expect((await ask(product.siteUrl, good(), { method: 'PUT', path, body })).status).toBe(413)
  })

  it("gets the API's own 404, and the page at any other address", async () => {
    const missing = await ask(product.siteUrl, good(), { path: '/api/batches/none' })
    expect(missing.status).toBe(404)
    expect(await missing.json()).toMatchObject({ error: 'not_found' })
    const page = await fetchLocalHost(`${product.siteUrl}/batches/b/settle/d.1`)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<div id="page">')
  })

  it('gets the page with a strict content security policy', async () => {
    const policy = (await fetchLocalHost(`${product.siteUrl}/`)).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
  })
})

describe('The grants', () => {
  it.each([
    [
      'generate',
      ['synthetic/x', 'seeds/x', 'errors/generate/x'],
      ['reviews/x', 'approved/x', 'training/x', 'errors/merge/x'],
    ],
    ['open-review', ['errors/open-review/x'], ['synthetic/x', 'reviews/x', 'approved/x', 'training/x']],
    ['apply', ['approved/x', 'errors/apply/x'], ['reviews/x', 'synthetic/x', 'training/x', 'seeds/x']],
    ['merge', ['training/x', 'errors/merge/x'], ['approved/x', 'seeds/x', 'reviews/x', 'synthetic/x']],
  ] as const)('of %s let it write its own places and no others', async (stage, own, others) => {
    const role = stageRole(product, stage)
    const s3 = await role.client()
    for (const key of own) expect(await role.put(s3, product.datasets, key), key).toBe('written')
    for (const key of others) expect(await role.put(s3, product.datasets, key), key).toBe('AccessDenied')
    for (const key of ['seeds/x.json', 'requests/x.json', 'reviews/x.json', 'synthetic/x.json'])
      expect(await role.put(s3, product.inbox, key), key).toBe('AccessDenied')
    s3.destroy()
  })

  /** Uploads under a role that lacks one action, until the upload is a dead letter; then gives the action back and redrives. */
  const crash = async (
    stage: StageName,
    action: string,
    upload: () => Promise<void>,
    meanwhile: () => Promise<void>,
  ) => {
    const role: StageRole = stageRole(product, stage)
    const restore = await roleWithout(role, action)
    await role.retryAtOnce()
    await upload()
    await until('the upload is a dead letter', async () => (await role.deadLetters()) === 1)
    expect(await role.logsOf('AccessDenied')).toContain(action)
    await meanwhile()
    await restore()
    await role.redrive()
    await role.retryAsDeployed()
  }
  const batchesNamed = async (title: string) => (await lead.batches()).filter((batch) => batch.title === title)

  it('are needed: without one the stage fails with AccessDenied, five times, and a redrive cures it', async () => {
    await crash(
      'generate',
      's3:PutObject',
      () => product.upload('seeds/denied.json', seeds, { count: '3' }),
      async () => expect(await batchesNamed('denied.json')).toEqual([]),
    )
    expect((await batchNamed('denied.json', 'open')).total).toBe(3)
  })

  it('lost between "dataset written" and "table updated" leave, in the end, one batch with every dialogue once', async () => {
    const written = () => keysIn(product.s3, product.datasets, 'synthetic/half-way-')
    let before: string[] = []
    await crash(
      'open-review',
      'dynamodb:UpdateItem',
      () => product.upload('seeds/half-way.json', seeds, { count: '6' }),
      async () => {
        before = await written()
        expect(before).toHaveLength(2) // the dataset and its manifest are there
        for (const { status } of await batchesNamed('half-way.json')) expect(status).toBe('opening')
      },
    )
    const batch = await batchNamed('half-way.json', 'open')
    expect(batch.total).toBe(6)
    expect(await written()).toEqual(before)
    expect(await batchesNamed('half-way.json')).toHaveLength(1)
    expect(await clinician.reviewAll(batch.batch_id)).toBe(6)
  })

  it('lost between "error report written" and "table updated" leave one report and one failed batch', async () => {
    const reports = () => keysIn(product.s3, product.datasets, 'errors/generate/half-refused-')
    await crash(
      'generate',
      'dynamodb:PutItem',
      () => product.upload('seeds/half-refused.json', 'this is no dataset'),
      async () => {
        expect(await reports()).toHaveLength(1)
        expect(await batchesNamed('half-refused.json')).toEqual([])
      },
    )
    await batchNamed('half-refused.json', 'failed')
    expect(await reports()).toHaveLength(1)
    expect(await batchesNamed('half-refused.json')).toHaveLength(1)
  })
})

/** A script of the repository, as a person runs it. */
const runScript = (words: string[]): Promise<string> =>
  runLogged({
    command: process.execPath,
    arguments: words,
    cwd: repositoryRoot,
    environment: product.ministack.childEnvironment(),
    timeoutMs: 120_000,
  })

describe('The templates', () => {
  it('are as CloudFormation wants them, in the eyes of cfn-lint', async () => {
    const { bin } = await ensurePythonEnvironment()
    const templates = globSync(join(product.app.outputDirectory ?? '', '*', '*.template.json'))
    const lint = runLogged({
      command: join(bin, 'cfn-lint'),
      // W3005: the CDK names dependencies that follow from references anyway.
      arguments: ['--ignore-checks', 'W3005', '--', ...templates],
      cwd: repositoryRoot,
      environment: process.env,
      timeoutMs: 120_000,
    })
    expect(templates.length).toBeGreaterThan(3)
    expect(await lint).toBe('')
  })
})

describe('What was lost', () => {
  it('of the reviews comes back out of a restored table, and nothing else is touched', async () => {
    const root = rootCalls(product.ministack)
    const table = (action: string, more: Record<string, unknown>) =>
      root.json('dynamodb', `DynamoDB_20120810.${action}`, more)
    const restored = 'reviews-restored'
    const [{ batch_id = '' } = {}] = await lead.batches()
    await table('RestoreTableToPointInTime', {
      SourceTableName: product.table,
      TargetTableName: restored,
      UseLatestRestorableTime: true,
    })
    const Key = { pk: { S: `BATCH#${batch_id}` }, sk: { S: 'BATCH' } }
    await table('DeleteItem', { TableName: product.table, Key })
    expect((await lead.ask(`/batches/${batch_id}`)).status).toBe(404)

    const script = ['scripts/restore-reviews.ts', '--from', restored, '-e', 'local']
    expect(await runScript(script)).toMatch(/^1 rows copied, \d+ were there already/)
    expect((await lead.ask(`/batches/${batch_id}`)).status).toBe(200)
    expect(await runScript(script)).toMatch(/^0 rows copied/)
    await table('DeleteTable', { TableName: restored })
  })
})

describe('A deployment', () => {
  it('is verified from outside, as the workflow does after each', async () => {
    const said = await runScript(['scripts/verify-deployment.ts', '--environment', 'local', '--integration'])
    expect(said).toContain('verified: the API lets nobody in without a token')
    expect(said).toMatch(/verified: a request became synthetic\/verify-/)
  })

  it('of the same assembly changes nothing', async () => {
    const before = await product.ministack.aws(['cloudformation', 'describe-stacks'])
    await deploy(product.ministack, product.app, product.stacks)
    const after = await product.ministack.aws(['cloudformation', 'describe-stacks'])
    const times = (text: string) =>
      (JSON.parse(text) as { Stacks: { StackName: string; LastUpdatedTime?: string }[] }).Stacks.map(
        ({ StackName, LastUpdatedTime }) => [StackName, LastUpdatedTime],
      )
    expect(times(after)).toEqual(times(before))
  })

  it('of a newer version keeps data and accounts', async () => {
    const before = (await lead.batches()).map(({ batch_id }) => batch_id)
    const guidelinesFile = '.cache/hosted-test/newer-guidelines.md'
    await writeFile(join(repositoryRoot, guidelinesFile), 'guidelines_version: 2099-01\n\nBe kind.\n')
    const newer = { ...product.app, app: 'node bin/app.ts', outputDirectory: `${product.app.outputDirectory}-newer` }
    await deploy(product.ministack, { ...newer, context: { ...product.app.context, guidelinesFile } }, product.stacks)
    expect(await (await lead.ask('/guidelines')).json()).toMatchObject({ version: '2099-01' })
    expect((await lead.batches()).map(({ batch_id }) => batch_id)).toEqual(before)
    expect((await hostedSignIn(product, 'lead', passwords.get('lead') ?? '')).access_token).not.toBe('')
    await product.upload('seeds/after-upgrade.json', seeds, { count: '3' })
    expect((await batchNamed('after-upgrade.json', 'open')).total).toBe(3)
  })

  it('that is destroyed, with its buckets emptied, leaves nothing', async () => {
    for (const bucket of await ourBuckets()) await emptyBucket(product.s3, bucket)
    await destroy(product.ministack, product.app, product.stacks)
    expect(await ourBuckets()).toEqual([])
    const root = rootCalls(product.ministack)
    expect(await root.get('lambda', '/2015-03-31/functions/')).toMatchObject({ Functions: [] })
    expect(await root.json('dynamodb', 'DynamoDB_20120810.ListTables', {})).toMatchObject({ TableNames: [] })
  })

  const ourBuckets = async () => {
    const { Buckets } = JSON.parse(await product.ministack.aws(['s3api', 'list-buckets'])) as {
      Buckets: { Name: string }[]
    }
    return Buckets.map(({ Name }) => Name).filter((name) => name.startsWith('dialogues-'))
  }
})
