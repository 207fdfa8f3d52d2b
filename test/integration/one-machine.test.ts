import { createHash } from 'node:crypto'
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import type { BatchSummary } from '../../review-api/contract.ts'
import { someDialogues } from '../builders/a-dialogue.ts'
import { aWorkspace, until, type HomeProcess, type TestWorkspace } from './home-process.ts'
import { aReviewer, type Reviewer } from './reviewer.ts'

/** The whole job as its users meet it: `npm start`, a folder to drop files into, and the page's API with real tokens. */

let workspace: TestWorkspace
beforeEach(() => {
  workspace = aWorkspace()
})
afterEach(() => workspace.remove())

async function signedIn(home: HomeProcess, username: string): Promise<Reviewer> {
  return aReviewer(home.origin, await workspace.token(home, username))
}

const openBatch = (reviewer: Reviewer, title: string): Promise<BatchSummary> =>
  until(`batch ${title} is open`, async () => {
    const batch = (await reviewer.batches()).find((one) => one.title === title)
    if (batch?.status === 'failed') throw new Error(`batch ${title} failed: ${batch.failure}`)
    return batch?.status === 'open' && batch
  })

interface Latest {
  version: string
  approved: readonly { batch_id: string }[]
}

/** The newest training set, once it is made of so many approved sets. */
const latestOf = (sets: number): Promise<Latest> =>
  until(`a training set of ${sets} batches`, async () => {
    const latest = await workspace.json<Latest>('datasets/training/latest.json').catch(() => undefined)
    return latest !== undefined && latest.approved.length === sets ? latest : undefined
  })

async function linesOf(path: string): Promise<Dialogue[]> {
  const text = await readFile(workspace.file(path), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Dialogue)
}

const idsOf = (dialogues: readonly Dialogue[]) => dialogues.map((dialogue) => dialogue.dialogue_id).sort()

async function close(lead: Reviewer, batch_id: string): Promise<void> {
  const closed = await lead.ask(`/batches/${batch_id}/close`, { method: 'POST', body: {} })
  expect(closed.status, await closed.clone().text()).toBe(200)
}

describe('A first start', () => {
  it('leads from the example seeds to a training set of what was approved and the seeds', async () => {
    const home = await workspace.start()
    expect((await fetch(home.origin)).headers.get('content-type')).toContain('text/html')
    const clinician = await signedIn(home, 'clinician-1')
    const lead = await signedIn(home, 'lead')
    const batch = await openBatch(clinician, 'example-seed-dialogues.json')
    expect(batch.total).toBe(50)

    const refused = await clinician.ask(`/batches/${batch.batch_id}/close`, { method: 'POST', body: {} })
    expect(refused.status).toBe(403)
    const tooEarly = await lead.ask(`/batches/${batch.batch_id}/close`, { method: 'POST', body: {} })
    expect(tooEarly.status).toBe(409)

    const reviewed = await clinician.reviewAll(batch.batch_id, (item) =>
      item.row.ordinal % 5 === 0 ? { status: 'rejected', reasons: ['unrealistic'] } : {},
    )
    expect(reviewed).toBe(50)
    await close(lead, batch.batch_id)

    const latest = await latestOf(1)
    const approved = await linesOf(`datasets/approved/${batch.batch_id}.jsonl`)
    expect(approved).toHaveLength(40)
    const seeds = (await workspace.json<{ dialogues: Dialogue[] }>('inbox/seeds/example-seed-dialogues.json')).dialogues
    const training = await linesOf(`datasets/training/${latest.version}/combined.jsonl`)
    expect(idsOf(training)).toEqual(idsOf([...approved, ...seeds]))
    expect(await home.stop()).toBe(0)
    expect(home.output()).toContain('Everything is kept')
  })

  it('takes a second seed file that is dropped into the inbox, with the concerns of its seeds', async () => {
    const home = await workspace.start()
    const clinician = await signedIn(home, 'clinician-1')
    await openBatch(clinician, 'example-seed-dialogues.json')
    const seeds = someDialogues(6, (index) => ({
      user_profile: { concern: ['sleep', 'panic', 'loneliness'][index % 3] ?? 'sleep', mood_score: 4 },
    }))
    await writeFile(workspace.file('inbox/seeds/own.json'), JSON.stringify({ version: '1.0', dialogues: seeds }))
    const batch = await openBatch(clinician, 'own.json')
    expect(batch.total).toBe(50)
    const dialogues = await linesOf(`datasets/synthetic/${batch.batch_id}.jsonl`)
    const concerns = new Set(dialogues.map((dialogue) => dialogue.user_profile.concern))
    for (const concern of ['sleep', 'panic', 'loneliness']) expect(concerns).toContain(concern)
  })

  it('of an empty workspace begins without a batch when that is asked for, and stays so', async () => {
    const home = await workspace.start('--no-first-batch')
    await home.stop()
    const again = await workspace.start()
    expect(await (await signedIn(again, 'lead')).batches()).toEqual([])
    expect(await readdir(workspace.file('inbox/seeds'))).toEqual([])
  })
})

describe('Who has no good token', () => {
  it('gets 401, whatever is wrong with it', async () => {
    const home = await workspace.start('--no-first-batch')
    const good = await workspace.token(home, 'lead')
    const [header = '', payload = '', signature = ''] = good.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    const changed = Buffer.from(JSON.stringify({ ...claims, username: 'somebody-else' })).toString('base64url')
    const tokens = ['', 'x', `${header}.${changed}.${signature}`, `${header}.${payload}.`, good.slice(0, -4)]
    for (const token of tokens) expect((await aReviewer(home.origin, token).ask('/me')).status).toBe(401)
    expect((await aReviewer(home.origin, good).ask('/me')).status).toBe(200)
  })
})

describe('A restart', () => {
  it('does nothing twice, and the same input gives the same bytes in another workspace', async () => {
    const home = await workspace.start()
    const clinician = await signedIn(home, 'clinician-1')
    const batch = await openBatch(clinician, 'example-seed-dialogues.json')
    await home.stop()
    const again = await workspace.start()
    await copyFile(workspace.file('inbox/seeds/example-seed-dialogues.json'), workspace.file('inbox/seeds/second.json'))
    const after = await signedIn(again, 'clinician-1')
    await openBatch(after, 'second.json')
    expect((await after.batches()).map((one) => one.title).sort()).toEqual([
      'example-seed-dialogues.json',
      'second.json',
    ])

    const other = aWorkspace()
    try {
      const elsewhere = await other.start()
      const reviewer = aReviewer(elsewhere.origin, await other.token(elsewhere, 'lead'))
      const same = await openBatch(reviewer, 'example-seed-dialogues.json')
      expect(same.batch_id).toBe(batch.batch_id)
      for (const name of [`${batch.batch_id}.jsonl`, `${batch.batch_id}.manifest.json`]) {
        const [here, there] = await Promise.all(
          [workspace, other].map((one) => readFile(one.file(join('datasets/synthetic', name)))),
        )
        expect(there?.equals(here ?? Buffer.alloc(0)), name).toBe(true)
      }
    } finally {
      await other.remove()
    }
  })

  it('is refused while the first one runs, with the address of that one', async () => {
    const home = await workspace.start('--no-first-batch')
    await expect(workspace.start()).rejects.toThrow(home.origin)
  })
})

describe('kill -9', () => {
  it('while it generates: the batch comes whole after the next start, once', async () => {
    const COUNT = 300 // seconds of work: the kill comes in the middle of it
    const home = await workspace.start('--no-first-batch')
    await writeFile(workspace.file('inbox/requests/many.json'), JSON.stringify({ count: COUNT, random_seed: 7 }))
    // A file without a name yet: the dataset is half written.
    await until('it writes', async () => (await readdir(workspace.file('datasets/.store/writing'))).length > 0)
    await home.kill()
    expect(await readdir(workspace.file('datasets/synthetic'))).toEqual([])

    const again = await workspace.start()
    const lead = await signedIn(again, 'lead')
    const batch = await openBatch(lead, 'many.json')
    expect(batch.total).toBe(COUNT)
    const dialogues = await linesOf(`datasets/synthetic/${batch.batch_id}.jsonl`)
    expect(new Set(idsOf(dialogues)).size).toBe(COUNT)
    expect(await lead.batches()).toHaveLength(1)
  })

  it('while a batch is opened: it opens whole after the next start', async () => {
    const home = await workspace.start('--no-first-batch')
    const lead = await signedIn(home, 'lead')
    const COUNT = 3000 // fifteen chunks
    const dialogues = someDialogues(COUNT)
    await writeFile(
      workspace.file('inbox/synthetic/theirs.jsonl'),
      dialogues.map((one) => JSON.stringify(one)).join('\n'),
    )
    await until('some of it is in', async () =>
      (await lead.batches()).some((batch) => batch.status === 'opening' && batch.total > 0),
    )
    await home.kill()

    const again = await workspace.start()
    const batch = await openBatch(await signedIn(again, 'lead'), 'theirs.jsonl')
    expect(batch).toMatchObject({ total: COUNT, pending: COUNT })
  })

  it('while reviews are saved: every verdict that was acknowledged is there, and none twice', async () => {
    const home = await workspace.start()
    const clinician = await signedIn(home, 'clinician-1')
    const { batch_id } = await openBatch(clinician, 'example-seed-dialogues.json')
    const acknowledged: string[] = []
    const reviewing = (async () => {
      for (;;) {
        const [item] = await clinician.claim(batch_id, 1)
        if (item === undefined) return
        await clinician.save(batch_id, item)
        acknowledged.push(item.row.dialogue_id)
      }
    })().catch(() => undefined) // the server is gone
    await until('some verdicts are in', async () => acknowledged.length >= 10)
    await home.kill()
    await reviewing

    const again = await workspace.start()
    const after = await signedIn(again, 'clinician-1')
    const { mine, approved, pending, total } = await after.batch(batch_id)
    expect(approved + pending).toBe(total)
    expect(mine.reviewed).toBe(approved)
    // The one under way may have been written without our hearing of it.
    expect(approved - acknowledged.length).toBeOneOf([0, 1])
    const answer = await after.ask(`/batches/${batch_id}/dialogues?status=approved&limit=500`)
    const { dialogues } = (await answer.json()) as { dialogues: { dialogue_id: string }[] }
    expect(dialogues.map((row) => row.dialogue_id)).toEqual(expect.arrayContaining(acknowledged))
    expect(await after.reviewAll(batch_id)).toBe(50 - approved)
  })

  it.each(['apply', 'merge'])(
    'while it runs %s: the training set comes after the next start, and no half of it stays',
    async (stage) => {
      const home = await workspace.start()
      const clinician = await signedIn(home, 'clinician-1')
      const { batch_id } = await openBatch(clinician, 'example-seed-dialogues.json')
      await clinician.reviewAll(batch_id)
      const started = home.printed(`stage.started  stage=${stage}`)
      await close(await signedIn(home, 'lead'), batch_id)
      await started
      await home.kill()

      const again = await workspace.start()
      const latest = await latestOf(1)
      const training = await linesOf(`datasets/training/${latest.version}/combined.jsonl`)
      expect(training).toHaveLength(50 + 20)
      expect(new Set(idsOf(training)).size).toBe(70)
      await again.stop()
      const versions = await readdir(workspace.file('datasets/training'))
      expect(versions.sort()).toEqual([latest.version, 'latest.json'].sort())
      const manifest = await workspace.json<{ files: Record<string, { sha256: string }> }>(
        `datasets/training/${latest.version}/manifest.json`,
      )
      for (const [name, { sha256 }] of Object.entries(manifest.files)) {
        const content = await readFile(workspace.file(`datasets/training/${latest.version}/${name}`))
        expect(createHash('sha256').update(content).digest('hex'), name).toBe(sha256)
      }
    },
  )
})
