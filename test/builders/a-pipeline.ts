import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BASE_TIME, type PipelineSettings } from '../../core/pipeline/settings.ts'
import type { StoreName, UploadEvent } from '../../core/pipeline/stages.ts'
import type { ObjectStore, Ports, PutOptions } from '../../core/ports.ts'
import { NO_OVERLAP } from '../../core/review/overlap.ts'
import { createReviewService, type ReviewService } from '../../core/review/service.ts'
import { CONTENT_FOLDER, readContentFolder } from '../../local/content-folder.ts'
import { openFolderObjectStore } from '../../local/folder-object-store.ts'
import { openSqliteReviewStore } from '../../local/sqlite-review-store.ts'
import { aClock } from './a-batch.ts'
import { all, textOf } from './byte-source.ts'
import { aRecordingLog, type RecordingLog } from './a-recording-log.ts'

/** Real stores in a folder of their own, and the settings of the one-machine home. */
export interface Pipeline {
  ports: Ports
  log: RecordingLog
  service: ReviewService
  settings: PipelineSettings
  /** Puts an object and gives the event that its upload would send. */
  upload(
    store: StoreName,
    key: string,
    content: string | Uint8Array,
    metadata?: Record<string, string>,
  ): Promise<UploadEvent>
  /** The event that what is there would send. */
  eventOf(store: StoreName, key: string): Promise<UploadEvent>
  keys(store: StoreName, prefix?: string): Promise<string[]>
  text(store: StoreName, key: string): Promise<string>
  json<Value>(store: StoreName, key: string): Promise<Value>
  /** Every object of the datasets store with its content, to compare two states of it. */
  snapshot(): Promise<Record<string, string>>
  remove(): void
}

export function aPipeline(overrides: Partial<PipelineSettings> = {}): Pipeline {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
  const stores = {
    inbox: openFolderObjectStore(join(folder, 'inbox')),
    datasets: openFolderObjectStore(join(folder, 'datasets')),
  }
  const reviews = openSqliteReviewStore(join(folder, 'reviews.db'))
  const log = aRecordingLog()
  const clock = aClock()
  const ports: Ports = { ...stores, reviews, clock, log }
  const pipeline: Pipeline = {
    ports,
    log,
    service: createReviewService({ store: reviews, clock, log }),
    settings: {
      mostUploadBytes: 4 * 1024 * 1024,
      mostDialogueBytes: 256 * 1024,
      defaultRequest: { count: 12 },
      reviewsPerDialogue: 1,
      overlap: NO_OVERLAP,
      guidelinesVersion: 'g1',
      baseTime: BASE_TIME,
      banks: theBanks,
      model: { missing: 'Set OPENAI_API_KEY.' },
      ...overrides,
    },
    async upload(store, key, content, metadata = {}) {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      await stores[store].put(key, [bytes], { condition: { if: 'always' }, metadata })
      return pipeline.eventOf(store, key)
    },
    async eventOf(store, key) {
      const head = await stores[store].head(key)
      if (head === undefined) throw new Error(`there is no ${key}`)
      return { store, key, etag: head.etag }
    },
    async keys(store, prefix = '') {
      return (await all(stores[store].list(prefix))).map((head) => head.key)
    },
    async text(store, key) {
      const object = await stores[store].get(key)
      if (object === undefined) throw new Error(`there is no ${key}`)
      return textOf(object.body)
    },
    async json(store, key) {
      return JSON.parse(await pipeline.text(store, key)) as never
    },
    async snapshot() {
      const keys = await pipeline.keys('datasets')
      return Object.fromEntries(
        await Promise.all(keys.map(async (key) => [key, await pipeline.text('datasets', key)] as const)),
      )
    },
    remove() {
      stores.inbox.close()
      stores.datasets.close()
      reviews.close()
      rmSync(folder, { recursive: true })
    },
  }
  return pipeline
}

let banks: ReturnType<PipelineSettings['banks']> | undefined
/** The project's own banks, compiled once for all tests of a file. */
const theBanks: PipelineSettings['banks'] = () =>
  (banks ??= (async () => {
    const { loadBanks } = await import('../../core/generate/templates/load-banks.ts')
    return loadBanks(await readContentFolder(CONTENT_FOLDER))
  })())

/** A process that dies: the calls before number `at` (0-based) work, that one and all after it throw. */
export class Killed extends Error {
  override name = 'Killed'
}

/**
 * Ports that die at the `at`-th write, counted over puts and changes of the review store. `after` decides whether the
 * write that it dies at was still carried out: the process may be gone before it hears that it was.
 */
export function dyingPorts(ports: Ports, at: number, after: boolean): Ports & { died(): boolean } {
  let writes = 0
  let dead = false
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (dead) throw new Killed()
    if (writes++ !== at) return work()
    dead = true
    if (after) await work()
    throw new Killed()
  }
  const dyingStore = (store: ObjectStore): ObjectStore => ({
    get: (key, options) => store.get(key, options),
    head: (key) => store.head(key),
    list: (prefix) => store.list(prefix),
    locate: (key) => store.locate(key),
    put: (key, body, options: PutOptions) => step(() => store.put(key, body, options)),
  })
  const { reviews } = ports
  return {
    ...ports,
    inbox: dyingStore(ports.inbox),
    datasets: dyingStore(ports.datasets),
    reviews: {
      ...reviews,
      createBatch: (batch) => step(() => reviews.createBatch(batch)),
      commitBatch: (change) => step(() => reviews.commitBatch(change)),
      addItems: (batch_id, items) => step(() => reviews.addItems(batch_id, items)),
      commitItem: (change) => step(() => reviews.commitItem(change)),
    },
    died: () => dead,
  }
}
