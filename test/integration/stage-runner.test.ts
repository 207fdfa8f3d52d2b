import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openFolderObjectStore } from '../../local/folder-object-store.ts'
import { openSqliteReviewStore } from '../../local/sqlite-review-store.ts'
import { createStageRunner, type StageRunner } from '../../local/stage-runner.ts'
import { someDialogues } from '../builders/a-dialogue.ts'
import { aRecordingLog, type RecordingLog } from '../builders/a-recording-log.ts'

let folder: string
let runner: StageRunner
let log: RecordingLog

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stage-runner-'))
  log = aRecordingLog()
  const paths = {
    inbox: join(folder, 'inbox'),
    datasets: join(folder, 'datasets'),
    reviews: join(folder, 'reviews.db'),
  }
  runner = createStageRunner({ paths, guidelinesVersion: 'g1' }, log)
})
afterEach(async () => {
  await runner.stop()
  rmSync(folder, { recursive: true })
})

async function upload(key: string, text: string) {
  const inbox = openFolderObjectStore(join(folder, 'inbox'))
  await inbox.put(key, [Buffer.from(text)], { condition: { if: 'always' } })
  const head = await inbox.head(key)
  inbox.close()
  return { store: 'inbox' as const, key, etag: head?.etag ?? '' }
}

it('A stage runs in a thread, its log is heard here, and what it wrote is on the disk', async () => {
  const text = someDialogues(3)
    .map((one) => JSON.stringify(one))
    .join('\n')
  const outcome = await runner.run('open-review', await upload('synthetic/a.jsonl', text))
  expect(outcome.outcome).toBe('done')
  expect(log.events.map((one) => one.event)).toContain('batch.opened')
  const reviews = openSqliteReviewStore(join(folder, 'reviews.db'))
  expect((await reviews.batches()).batches).toMatchObject([{ status: 'open', counters: { total: 3 } }])
  reviews.close()
})

it('A fault in the thread is told without a word of what it was reading', async () => {
  await upload('synthetic/a.jsonl', '{}')
  const event = { store: 'nowhere' as never, key: 'synthetic/I feel empty.jsonl', etag: 'e' }
  const fault = await runner.run('open-review', event).catch((error: unknown) => error)
  expect(fault).toMatchObject({ name: 'StageFault', fault: 'TypeError' })
  expect(JSON.stringify(fault)).not.toContain('empty')
})

it('A thread that is stopped in the middle of its work leaves nothing half done, and the next one does it', async () => {
  const event = await upload('requests/r.json', JSON.stringify({ count: 200, random_seed: 1 }))
  const cut = runner.run('generate', event).catch((error: unknown) => error)
  await runner.stop()
  expect(await cut).toMatchObject({ name: 'StageFault' })
  expect(await readdir(join(folder, 'datasets', 'synthetic')).catch(() => [])).toEqual([])
  const small = await upload('requests/small.json', JSON.stringify({ count: 3, random_seed: 1 }))
  expect(await runner.run('generate', small)).toMatchObject({ outcome: 'done' })
})
