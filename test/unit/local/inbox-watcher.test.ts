import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StageName, UploadEvent } from '../../../core/pipeline/stages.ts'
import type { StageOutcome } from '../../../core/pipeline/upload.ts'
import { openFolderObjectStore, type FolderObjectStore } from '../../../local/folder-object-store.ts'
import { watchInbox, type InboxWatcher, type WatcherOptions } from '../../../local/inbox-watcher.ts'
import { systemClock } from '../../../local/system-clock.ts'
import { openUploadLedger, type UploadLedger } from '../../../local/upload-ledger.ts'
import { aRecordingLog, type RecordingLog } from '../../builders/a-recording-log.ts'

let folder: string
let stores: { inbox: FolderObjectStore; datasets: FolderObjectStore }
let ledger: UploadLedger
let watcher: InboxWatcher | undefined
let log: RecordingLog
let runs: { stage: StageName; event: UploadEvent }[]

const done: StageOutcome = { outcome: 'done', outputs: [] }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-'))
  stores = {
    inbox: openFolderObjectStore(join(folder, 'inbox')),
    datasets: openFolderObjectStore(join(folder, 'datasets')),
  }
  ledger = openUploadLedger(join(folder, 'uploads.db'))
  log = aRecordingLog()
  runs = []
})
afterEach(async () => {
  await watcher?.stop()
  watcher = undefined
  ledger.close()
  stores.inbox.close()
  stores.datasets.close()
  rmSync(folder, { recursive: true })
})

function watch(options: Partial<WatcherOptions> = {}): void {
  watcher = watchInbox({
    stores,
    ledger,
    clock: systemClock,
    log,
    everyMs: 5,
    settleMs: 40,
    retryMs: [5, 5],
    run: async (stage, event) => {
      runs.push({ stage, event })
      return done
    },
    ...options,
  })
}

async function put(path: string, text: string): Promise<string> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

/** So many turns of the watcher that whatever it was going to do is done: seen by a marker it must come to last. */
async function afterAllElse(): Promise<void> {
  const count = runs.length
  await put(`inbox/seeds/zzz-${count}.json`, `marker ${count}`)
  await vi.waitFor(() => expect(runs.some(({ event }) => event.key === `seeds/zzz-${count}.json`)).toBe(true), 5000)
}
const keys = () => runs.map(({ event }) => event.key).filter((key) => !key.includes('zzz-'))

describe('A file in a place that starts a stage', () => {
  it.each([
    ['inbox/seeds/a.json', 'generate'],
    ['inbox/seeds/team b/ä.jsonl.gz', 'generate'],
    ['inbox/requests/r.json', 'generate'],
    ['inbox/synthetic/s.jsonl', 'open-review'],
    ['inbox/reviews/v.json', 'apply'],
    ['datasets/synthetic/b.jsonl', 'open-review'],
    ['datasets/reviews/b.json', 'apply'],
    ['datasets/approved/b.jsonl', 'merge'],
  ])('starts it: %s → %s', async (path, stage) => {
    await put(path, '{}')
    watch()
    await vi.waitFor(() => expect(runs.map((run) => run.stage)).toEqual([stage]), 5000)
    expect(runs[0]?.event).toMatchObject({ key: path.slice(path.indexOf('/') + 1) })
    expect(runs[0]?.event.etag).toMatch(/^[0-9a-f]{64}$/)
  })

  it('starts it once, however often it is looked at, and once more when its content changes', async () => {
    const file = await put('inbox/seeds/a.json', 'one')
    watch()
    await afterAllElse()
    expect(keys()).toEqual(['seeds/a.json'])
    await utimes(file, new Date(1000), new Date(1000)) // touched, not changed
    await afterAllElse()
    expect(keys()).toEqual(['seeds/a.json'])
    await writeFile(file, 'two')
    await afterAllElse()
    expect(keys()).toEqual(['seeds/a.json', 'seeds/a.json'])
  })

  it('starts nothing more after a restart, even when it was restored from a backup meanwhile', async () => {
    const file = await put('inbox/seeds/a.json', 'one')
    watch()
    await afterAllElse()
    await watcher?.stop()
    ledger.close()
    await rename(file, `${file}.bak`)
    await writeFile(file, 'one')
    ledger = openUploadLedger(join(folder, 'uploads.db'))
    watch()
    await afterAllElse()
    expect(keys()).toEqual(['seeds/a.json'])
  })

  it('that could not be used is looked at again when it is saved again, and not before', async () => {
    const file = await put('inbox/requests/r.json', '{"seed": "later.json"}')
    watch({
      run: async (stage, event) => {
        runs.push({ stage, event })
        return event.key === 'requests/r.json'
          ? { outcome: 'failed', report: 'errors/x.json', message: 'no seed' }
          : done
      },
    })
    await afterAllElse()
    expect(keys()).toEqual(['requests/r.json'])
    await utimes(file, new Date(1000), new Date(1000))
    await afterAllElse()
    expect(keys()).toEqual(['requests/r.json', 'requests/r.json'])
  })

  it('is waited for as long as it grows', async () => {
    const file = await put('inbox/seeds/a.json', 'x')
    watch({ settleMs: 200 })
    for (let size = 2; size < 12; size++) {
      const before = Date.now()
      await writeFile(file, 'x'.repeat(size))
      await vi.waitUntil(() => Date.now() - before > 30)
      expect(runs).toEqual([])
    }
    await vi.waitFor(() => expect(keys()).toEqual(['seeds/a.json']), 5000)
  })
})

describe('Other files', () => {
  it.each([
    'inbox/seeds/.a.json',
    'inbox/seeds/.hidden/a.json',
    'inbox/seeds/a.json.part',
    'inbox/seeds/a.json.tmp',
    'inbox/seeds/notes.txt',
    'inbox/a.json',
    'inbox/reviews/a.jsonl',
    'datasets/synthetic/b.manifest.json',
    'datasets/approved/b.report.json',
    'datasets/seeds/c.jsonl',
    'datasets/training/latest.json',
  ])('start nothing: %s', async (path) => {
    await put(path, '{}')
    watch()
    await afterAllElse()
    expect(keys()).toEqual([])
  })
})

describe('A stage that faults', () => {
  it('is tried again until it works, and others do not wait for it', async () => {
    await put('inbox/seeds/a.json', 'a')
    await put('inbox/seeds/b.json', 'b')
    let faults = 0
    watch({
      retryMs: [5, 1500], // the last try is long after the other file has settled, however busy the machine
      run: async (stage, event) => {
        if (event.key === 'seeds/a.json' && faults++ < 2) throw new Error('the disk is full')
        runs.push({ stage, event })
        return done
      },
    })
    await vi.waitFor(() => expect(keys()).toEqual(['seeds/b.json', 'seeds/a.json']), 5000)
    expect(log.events.filter((one) => one.event === 'stage.faulted')).toHaveLength(2)
  })

  it('is given up after the last try, until the next start or another content', async () => {
    const file = await put('inbox/seeds/a.json', 'a')
    let tries = 0
    const run = async (stage: StageName, event: UploadEvent) => {
      if (event.key === 'seeds/a.json') {
        tries++
        throw new Error('no')
      }
      runs.push({ stage, event })
      return done
    }
    watch({ run })
    await vi.waitFor(() => expect(log.events.some((one) => one.event === 'stage.given_up')).toBe(true), 5000)
    await afterAllElse()
    expect(tries).toBe(3)
    await watcher?.stop()
    watch({ run })
    await vi.waitFor(() => expect(tries).toBeGreaterThan(3), 5000)
    await vi.waitFor(() => expect(log.events.filter((one) => one.event === 'stage.given_up')).toHaveLength(2), 5000)
    const before = tries
    await writeFile(file, 'another')
    await vi.waitFor(() => expect(tries).toBeGreaterThan(before), 5000)
  })

  it('says nothing of what it choked on', async () => {
    await put('inbox/seeds/a.json', 'a')
    watch({ run: () => Promise.reject(new SyntaxError('Unexpected "I feel empty"')) })
    await vi.waitFor(() => expect(log.events.some((one) => one.event === 'stage.given_up')).toBe(true), 5000)
    expect(JSON.stringify(log.events)).not.toContain('I feel empty')
  })

  it('was overtaken by a newer upload: that one is dealt with next', async () => {
    await put('inbox/seeds/a.json', 'a')
    watch({
      run: async (stage, event) => {
        runs.push({ stage, event })
        return runs.length === 1 ? { outcome: 'overtaken' } : done
      },
    })
    await vi.waitFor(() => expect(keys()).toEqual(['seeds/a.json', 'seeds/a.json']), 5000)
  })
})

it('Stopping waits for the stage under way and starts no other', async () => {
  await put('inbox/seeds/a.json', 'a')
  await put('inbox/seeds/b.json', 'b')
  let end: (outcome: StageOutcome) => void = () => undefined
  watch({
    run: (stage, event) => {
      runs.push({ stage, event })
      return new Promise((resolve) => (end = resolve))
    },
  })
  await vi.waitFor(() => expect(runs).toHaveLength(1), 5000)
  const stopping = watcher?.stop()
  end(done)
  await stopping
  expect(keys()).toEqual(['seeds/a.json'])
})
