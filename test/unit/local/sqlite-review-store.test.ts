import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { recount } from '../../../core/review/counters.ts'
import { createReviewService } from '../../../core/review/service.ts'
import { openSqliteReviewStore } from '../../../local/sqlite-review-store.ts'
import { aClock, aNewBatch, silentLog, someRecords } from '../../builders/a-batch.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sqlite-review-store-'))
  path = join(folder, 'workspace', 'reviews.db')
})
afterEach(() => rm(folder, { recursive: true }))

async function openedBatch(count: number): Promise<void> {
  const store = openSqliteReviewStore(path)
  const service = createReviewService({ store, clock: aClock(), log: silentLog })
  await service.openBatch(aNewBatch())
  await service.addDialogues('batch-1', someRecords(count))
  await service.finishOpening('batch-1')
  store.close()
}

/** Another process, which reviews whatever the queue gives it and prints the id of each review that is saved. */
function reviewer(name: string) {
  const at = (file: string) => new URL(`../../../${file}`, import.meta.url).href
  return spawn(process.execPath, ['--input-type=module', '--eval', REVIEWER], {
    env: {
      ...process.env,
      NAME: name,
      DATABASE: path,
      STORE: at('local/sqlite-review-store.ts'),
      SERVICE: at('core/review/service.ts'),
      BUILDERS: at('test/builders/a-review.ts'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

const REVIEWER = `
  const { openSqliteReviewStore } = await import(process.env.STORE)
  const { createReviewService } = await import(process.env.SERVICE)
  const { aReviewForm } = await import(process.env.BUILDERS)
  const log = { info() {}, warn() {}, error() {} }
  const store = openSqliteReviewStore(process.env.DATABASE)
  const service = createReviewService({ store, clock: { now: () => Date.now() }, log })
  const me = { batch: 'batch-1', reviewer: process.env.NAME, roles: [] }
  for (;;) {
    const { items } = await service.claim({ ...me, count: 1, except: [] })
    if (items.length === 0) break
    const [{ row, version, content_sha256 }] = items
    const saved = await service.save({ ...me, dialogue: row.dialogue_id, base_revision: 0, version, content_sha256, form: aReviewForm() })
    if (saved.outcome === 'saved') process.stdout.write(row.dialogue_id + '\\n')
  }
  store.close()
`

it('keeps every review that was acknowledged, and nothing by halves, when the process is killed', async () => {
  await openedBatch(200)
  const child = reviewer('clara')
  const acknowledged: string[] = []
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(line)
    if (acknowledged.length === 25) child.kill('SIGKILL')
  }

  const store = openSqliteReviewStore(path)
  const { items } = await store.list('batch-1', { limit: 1000 })
  const reviewed = items.filter((item) => item.reviews.length > 0).map((item) => item.dialogue_id)
  expect(acknowledged.length).toBeLessThan(200)
  expect(reviewed).toEqual(expect.arrayContaining(acknowledged))
  expect((await store.batch('batch-1'))?.counters).toEqual(recount(items))
  for (const item of items) expect(await store.history('batch-1', item.dialogue_id)).toHaveLength(item.reviews.length)
  store.close()
})

it('serves two processes on one batch: each dialogue is reviewed once, and the counters are right', async () => {
  await openedBatch(60)
  const children = [reviewer('clara'), reviewer('eva')]
  const lines: string[] = []
  await Promise.all(
    children.map(async (child) => {
      const exit = once(child, 'exit')
      for await (const line of createInterface(child.stdout)) lines.push(line)
      expect(await exit).toEqual([0, null])
    }),
  )

  expect(lines).toHaveLength(60)
  expect(new Set(lines).size).toBe(60)
  const store = openSqliteReviewStore(path)
  const { items } = await store.list('batch-1', { limit: 1000 })
  expect((await store.batch('batch-1'))?.counters).toEqual(recount(items))
  store.close()
})

it('may be opened for the first time by several processes at once', async () => {
  await mkdir(join(folder, 'workspace'))
  const children = Array.from({ length: 6 }, () =>
    spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        '(await import(process.env.STORE)).openSqliteReviewStore(process.env.DATABASE).close()',
      ],
      {
        env: {
          ...process.env,
          DATABASE: path,
          STORE: new URL('../../../local/sqlite-review-store.ts', import.meta.url).href,
        },
        stdio: 'inherit',
      },
    ),
  )

  const exits = await Promise.all(children.map((child) => once(child, 'exit')))
  expect(exits).toEqual(children.map(() => [0, null]))
})

it('makes the folders that are missing, and finds everything again after a restart', async () => {
  await openedBatch(3)

  const store = openSqliteReviewStore(path)
  expect((await store.batch('batch-1'))?.status).toBe('open')
  store.close()
})

it('refuses a file of a newer release and says what to do', () => {
  openSqliteReviewStore(path).close()
  const database = new DatabaseSync(path)
  database.exec("INSERT INTO migrations VALUES (99, '2030-01-01T00:00:00Z')")
  database.close()

  expect(() => openSqliteReviewStore(path)).toThrow(InputError)
  expect(() => openSqliteReviewStore(path)).toThrow(/version 99.*\n.*newer release/)
})

it('refuses what is no database, or a folder, naming the path', async () => {
  await mkdir(path, { recursive: true })
  expect(() => openSqliteReviewStore(path)).toThrow(InputError)
  const text = join(folder, 'notes.txt')
  await writeFile(text, 'These are my notes, and long enough that they do not pass for an empty file.'.repeat(20))

  expect(() => openSqliteReviewStore(text)).toThrow(/notes\.txt: cannot open the database \(file is not a database\)/)
})
