import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialogues, EXAMPLE_SEEDS, type Ended } from '../integration/dialogues-process.ts'
import { until } from '../integration/home-process.ts'
import { keysIn, textAt } from './bucket.ts'
import type { DeployedProduct } from './deployed-product.ts'
import { hostedSignIn } from './hosted-sign-in.ts'

interface Status {
  batches: { batch_id: string; title: string; status: string; counters: Record<string, number> }[]
  error_reports: { location: string }[]
  training?: { version: string; location: string }
}
interface Account {
  username: string
  email?: string
  enabled: boolean
  groups: string[]
}

/**
 * The commands that speak to a deployment, each started as a person starts it: a process of its own, which finds the
 * stacks by itself. Wants a deployment that has a training set already.
 */
export function describeCloudCommands(product: () => DeployedProduct): void {
  const run = (...words: string[]): Promise<Ended> => runWith({}, ...words)
  const runWith = (environment: Record<string, string>, ...words: string[]): Promise<Ended> =>
    dialogues([...words, '-e', 'local'], { env: { ...product().ministack.environment, ...environment } })
  const good = async <Answer>(...words: string[]): Promise<Answer> => {
    const { code, stdout, stderr } = await run(...words, '--json')
    expect(code, stderr).toBe(0)
    return JSON.parse(stdout) as Answer
  }
  /** One or two lines for a person, and the exit code of wrong usage unless it is another. */
  const refused = ({ code, stdout, stderr }: Ended, message: string | RegExp, exitCode = 2): void => {
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/) // no stack trace
    expect(stdout).toBe('')
    expect(code).toBe(exitCode)
  }
  const status = (): Promise<Status> => good<Status>('status')
  const batchNamed = (title: string) =>
    until(`batch ${title}`, async () =>
      (await status()).batches.find((batch) => batch.title === title && batch.status === 'open'),
    )
  let folder: string
  const file = (name: string) => join(folder, name)
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloud-commands-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  describe('dialogues upload', () => {
    it('puts a seed file where it becomes a batch, as the options say', async () => {
      const put = await good<{ location: string; bytes: number; metadata: unknown }>(
        ...[
          'upload',
          EXAMPLE_SEEDS,
          '--name',
          'by command.json',
          '-n',
          '4',
          '--random-seed',
          '7',
          '-c',
          'anxiety,grief',
        ],
      )
      const { length } = await readFile(EXAMPLE_SEEDS)
      expect(put).toMatchObject({
        location: `s3://${product().inbox}/seeds/by command.json`,
        bytes: length,
        metadata: { count: '4', random_seed: '7', concerns: 'anxiety,grief' },
      })
      expect((await batchNamed('by command.json')).counters['total']).toBe(4)
    })

    it('twice, is the same batch', async () => {
      await good(
        'upload',
        EXAMPLE_SEEDS,
        '--name',
        'by command.json',
        '-n',
        '4',
        '--random-seed',
        '7',
        '-c',
        'anxiety,grief',
      )
      await good('upload', EXAMPLE_SEEDS, '--name', 'after it.json', '-n', '3')
      await batchNamed('after it.json')
      expect((await status()).batches.filter(({ title }) => title === 'by command.json')).toHaveLength(1)
    })

    it('says where the upload is and what to do next', async () => {
      const { code, stdout } = await run('upload', EXAMPLE_SEEDS, '--name', 'after it.json', '-n', '3')
      expect(code).toBe(0)
      expect(stdout).toMatch(/^s3:\/\/\S+\/seeds\/after it\.json: uploaded, [\d,]+ bytes\.$/m)
      expect(stdout).toContain('dialogues status -e local')
    })

    it('uploads nothing of a file that no dialogue can be read from', async () => {
      await writeFile(file('broken.json'), 'no dataset')
      refused(await run('upload', file('broken.json')), 'broken.json', 1)
      expect(await keysIn(product().s3, product().inbox, 'seeds/broken')).toEqual([])
    })

    it('names the bad records of a file and uploads it for the good ones', async () => {
      const { dialogues: seeds } = JSON.parse(await readFile(EXAMPLE_SEEDS, 'utf8')) as { dialogues: unknown[] }
      await writeFile(file('partly.json'), JSON.stringify([...seeds.slice(0, 5), { dialogue_id: 'x' }]))
      const { code, stderr, stdout } = await run('upload', file('partly.json'), '-n', '2')
      expect(code).toBe(1)
      expect(stderr).toContain('partly.json')
      expect(stdout).toContain('uploaded')
      expect((await batchNamed('partly.json')).counters['total']).toBe(2)
    })

    it.concurrent.each([
      ['a file that is not there', ['nowhere.json'], /nowhere\.json/, 2],
      ['a count that is no number', [EXAMPLE_SEEDS, '-n', 'many'], /many/, 2],
      ['a kind that does not exist', [EXAMPLE_SEEDS, '--as', 'poems'], /poems/, 2],
      ['what is about seeds, with reviews', [EXAMPLE_SEEDS, '--as', 'reviews', '-n', '3'], /--count is about seeds/, 2],
      ['a concern that nobody knows', [EXAMPLE_SEEDS, '-c', 'dragons'], /dragons/, 1],
      ['a name that leads out of the inbox', [EXAMPLE_SEEDS, '--name', '../x.json'], /\.\./, 1],
    ])('refuses %s in a line', async (_what, words, message, exitCode) => {
      refused(await run('upload', ...words), message, exitCode)
    })
  })

  describe('dialogues status', () => {
    it('shows page, training set, batches and refused uploads', async () => {
      const { training, batches, error_reports } = await status()
      expect(batches.length).toBeGreaterThan(2)
      expect(training?.location).toBe(`s3://${product().datasets}/training/${training?.version}/`)
      const { code, stdout, stderr } = await run('status')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain(product().siteUrl)
      expect(stdout).toContain(training?.version)
      expect(stdout).toMatch(/open {2}0 of 4 decided {2}by command\.json/)
      for (const { location } of error_reports) expect(stdout).toContain(location)
    })

    it('says so when there is no such deployment', async () => {
      const ended = await dialogues(['status', '-e', 'nowhere'], { env: product().ministack.environment })
      refused(ended, /there is no deployment of the environment nowhere/)
      expect(ended.stderr).toContain('dialogues-nowhere-data')
    })

    it.concurrent.each([
      [
        'nobody is signed in to AWS',
        { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
        /AWS does not know who you are/,
      ],
      ['AWS cannot be reached', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /AWS cannot be reached/],
      ['no region is set', { AWS_REGION: '', AWS_DEFAULT_REGION: '' }, /no AWS region is set/],
    ])('says so when %s', async (_what, environment, message) => {
      refused(await runWith(environment, 'status'), message)
    })
  })

  describe('dialogues fetch', () => {
    it('brings the newest training set, byte for byte, and again over what is there', async () => {
      const { training } = await status()
      const prefix = `training/${training?.version}/`
      for (let time = 0; time < 2; time++) {
        const { files } = await good<{ files: { path: string; sha256: string }[] }>('fetch', '-o', file('training'))
        expect(files.map(({ path }) => path.slice(file('training').length + 1)).sort()).toEqual(
          (await keysIn(product().s3, product().datasets, prefix)).map((key) => key.slice(prefix.length)).sort(),
        )
        for (const { path, sha256 } of files) {
          const bytes = await readFile(path)
          expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
          const key = `${prefix}${path.slice(file('training').length + 1)}`
          expect(bytes.toString('utf8')).toBe(await textAt(product().s3, product().datasets, key))
        }
      }
    })

    it('brings one output of one batch', async () => {
      const { batch_id } = await batchNamed('by command.json')
      const { code, stdout } = await run('fetch', `synthetic/${batch_id}.jsonl`, '-o', file('one'))
      expect(code).toBe(0)
      expect(stdout).toContain(`${batch_id}.jsonl`)
      expect((await readFile(file(`one/${batch_id}.jsonl`), 'utf8')).trim().split('\n')).toHaveLength(4)
    })

    it.concurrent.each([
      ['a version that never was', ['1999-01-01', '-o', 'x'], /there is no training set 1999-01-01/],
      [
        'an output that is not there',
        ['approved/none.jsonl', '-o', 'x'],
        /there is no s3:\/\/\S+approved\/none\.jsonl/,
      ],
      ['no folder to put it in', [], /--output/],
    ])('refuses %s in a line', async (_what, words, message) => {
      refused(await run('fetch', ...words), message)
    })
  })

  describe('dialogues users', () => {
    const accounts = async () => (await good<{ users: Account[] }>('users', 'list')).users
    const account = async (name: string) => (await accounts()).find(({ username }) => username === name)

    it('invites a clinician and a lead, who are in their groups then', async () => {
      await good('users', 'add', 'm.okafor', '--email', 'm.okafor@clinic.example')
      await good('users', 'add', 'r.lindt', '--email', 'r.lindt@clinic.example', '--lead')
      expect(await account('m.okafor')).toMatchObject({
        email: 'm.okafor@clinic.example',
        enabled: true,
        groups: ['clinicians'],
      })
      expect((await account('r.lindt'))?.groups.toSorted()).toEqual(['clinicians', 'leads'])
      const { stdout } = await run('users', 'list')
      expect(stdout).toMatch(/^r\.lindt +lead /m)
      expect(stdout).toMatch(/^m\.okafor +clinician /m)
    })

    it('keeps whom it has disabled from signing in, and may be told so twice', async () => {
      const password = await product().addAccount('leaver', 'clinicians')
      await hostedSignIn(product(), 'leaver', password)
      for (let time = 0; time < 2; time++)
        expect(await good('users', 'disable', 'leaver')).toEqual({ username: 'leaver', enabled: false })
      expect((await account('leaver'))?.enabled).toBe(false)
      await expect(hostedSignIn(product(), 'leaver', password)).rejects.toThrow()
    })

    it.concurrent.each([
      ['a name that is taken', ['add', 'm.okafor', '--email', 'other@clinic.example'], /there is a m\.okafor already/],
      ['what is no e-mail address', ['add', 'x', '--email', 'nowhere'], /nowhere is no e-mail address/],
      ['an invitation to nowhere', ['add', 'x'], /--email/],
      ['to disable somebody unknown', ['disable', 'nobody'], /there is no nobody/],
    ])('refuses %s in a line', async (_what, words, message) => {
      refused(await run('users', ...words), message)
      expect(await account('x')).toBeUndefined()
    })
  })
}
