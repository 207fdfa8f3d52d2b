import { createHash } from 'node:crypto'
import type { ObjectHead, ObjectStore, Ports } from '../ports.ts'
import type { UploadEvent } from './stages.ts'

/** What a stage came to. What is thrown instead is a fault that a retry may cure. */
export type StageOutcome =
  | { outcome: 'done'; batch_id?: string; outputs: readonly string[] }
  /** Workers ask a language model for it; when they are through, the stage is started again. */
  | { outcome: 'asking'; batch_id: string; parts: number }
  /** The same upload was dealt with before. */
  | { outcome: 'already_done'; batch_id?: string }
  /** The upload cannot be used; `report` is the key of the error report in the datasets store. */
  | { outcome: 'failed'; report: string; message: string; batch_id?: string }
  /** The object is gone, or a newer upload took its place: that one has an event of its own. */
  | { outcome: 'overtaken' }

export interface Upload {
  event: UploadEvent
  store: ObjectStore
  head: ObjectHead
  /** How the person knows it: its key without the folder. */
  name: string
}

/** The object that the event speaks of; undefined when what is there now is not what was uploaded then. */
export async function findUpload(event: UploadEvent, ports: Ports): Promise<Upload | undefined> {
  const store = ports[event.store]
  const head = await store.head(event.key)
  if (head === undefined || head.etag !== event.etag) {
    ports.log.info('upload.overtaken', { store: event.store, key: event.key, gone: head === undefined })
    return undefined
  }
  return { event, store, head, name: nameOf(event.key) }
}

/** The key without its first folder: `seeds/team a/SEED.json` is `team a/SEED.json` to the person who uploaded it. */
export function nameOf(key: string): string {
  return key.slice(key.indexOf('/') + 1)
}

/**
 * The bytes of an upload as they were when the event was sent.
 * @throws Error when it is replaced meanwhile; the retry finds it overtaken
 */
export async function* readUpload({ event, store, head }: Upload): AsyncGenerator<Uint8Array, void, undefined> {
  const object = await store.get(head.key)
  if (object === undefined || object.head.etag !== event.etag)
    throw new Error(`${store.locate(head.key)} was replaced while it was being read.`)
  yield* object.body
}

/** SHA-256 of an upload, in hex: one pass at 1 GB/s, so that a batch is known by what is in the file. */
export async function hashUpload(upload: Upload): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readUpload(upload)) hash.update(chunk)
  return hash.digest('hex')
}

/**
 * A batch is known by what was uploaded where, and what was asked for: the same in both homes, whatever versions or
 * etags they give their objects. The same file uploaded twice is one batch; another `random_seed` makes it another.
 *
 * Readable (`SEED_DIALOGUES-3f9a2c1b`), and safe in a key, in an address and in a file name.
 */
export function batchIdFor(key: string, ...identity: readonly string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['synthetic-dialogues/batch/1', key, ...identity]))
    .digest('hex')
  return `${stemOf(key)}-${hash.slice(0, 8)}`
}

/** The file's name without folder and suffixes, other characters than letters, digits, `_` and `-` made to one `-`. */
function stemOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1).replace(/(\.jsonl?)?(\.gz)?$/i, '')
  const safe = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '')
  return safe === '' ? 'batch' : safe.slice(0, 60)
}

/** The batch that an object of the datasets store belongs to: its key without folder and suffixes. */
export function batchOfKey(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1).replace(/(\.[a-z]+)+$/, '')
}
