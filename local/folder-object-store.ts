import { randomUUID } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { InputError } from '../core/errors.ts'
import { checkPrefix } from '../core/object-key.ts'
import type { ObjectHead, ObjectStore, PutCondition } from '../core/ports.ts'
import {
  contentOf,
  identity,
  identityNow,
  keysUnder,
  makeFolder,
  place,
  placeIfAbsent,
  sha256Of,
  statsOf,
  sweep,
  syncFolder,
  writeNewFile,
} from './object-files.ts'
import { openObjectIndex } from './object-index.ts'
import type { Metadata } from './object-index.ts'
import { STORE_FOLDER, checkFileKey } from './object-key.ts'

export interface FolderObjectStore extends ObjectStore {
  /** What a watcher asks while a file is still growing: size and time of change, without reading the content. */
  peek(prefix: string): AsyncIterable<{ key: string; size: number; modified_ms: number }>
  close(): void
}

/** An object, and which state of which file it was read from. */
interface Examined {
  head: ObjectHead
  file: string
}

/**
 * An object store in a folder: an object is a file, its key the path. People may put files there by hand; those have no
 * metadata. The etag is the SHA-256 of the content in hex, so that the same content is the same upload however it came.
 * What the store has to remember stands in the hidden folder `.store`; without it only user metadata is lost.
 *
 * Content types are not kept: a folder has nobody to tell them to.
 *
 * @throws InputError when the folder cannot be used
 */
export function openFolderObjectStore(root: string): FolderObjectStore {
  const folder = resolve(root)
  const index = openObjectIndex(join(folder, STORE_FOLDER, 'objects.db'))
  const writing = join(folder, STORE_FOLDER, 'writing') // in the same file system, or the rename would be a copy
  mkdirSync(writing, { recursive: true })
  sweep(writing)

  const pathOf = (key: string) => join(folder, ...key.split('/'))

  async function examine(key: string): Promise<Examined | undefined> {
    const path = pathOf(key)
    const stats = await statsOf(path)
    if (stats === undefined) return undefined
    const file = identity(stats)
    const noted = index.find(key, file)
    if (noted !== undefined) return { head: headOf(key, stats, noted.etag, noted.metadata), file }
    const etag = await sha256Of(path)
    if (etag === undefined) return undefined
    const metadata = index.metadataOf(key, etag) ?? {}
    if (settled(stats) && identityNow(path) === file) index.note(key, file, { etag, metadata })
    return { head: headOf(key, stats, etag, metadata), file }
  }

  async function meets(condition: PutCondition, key: string): Promise<boolean> {
    if (condition.if === 'always') return true
    if (condition.if === 'absent') return (await statsOf(pathOf(key))) === undefined
    return (await examine(key))?.head.etag === condition.etag
  }

  return {
    async head(key) {
      checkFileKey(key)
      return (await examine(key))?.head
    },

    async get(key, options) {
      checkFileKey(key)
      const found = await examine(key)
      return found && { head: found.head, body: contentOf(pathOf(key), found.file, options?.range) }
    },

    async put(key, body, { condition, metadata = {} }) {
      checkFileKey(key)
      const path = pathOf(key)
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
        throw new InputError('there is a folder of that name', { where: path })
      // Asked first so that a gigabyte is not written only to be thrown away; decided below, under the lock.
      if (!(await meets(condition, key))) return { outcome: 'precondition_failed' }
      const written = join(writing, randomUUID())
      try {
        const { sha256, size } = await writeNewFile(written, body)
        const file = identity(statSync(written, { bigint: true }))
        const noted = { etag: sha256, metadata: lowerCased(metadata) }
        // Noted before it is in its place, so that after a crash in between the object still has its metadata.
        index.note(key, file, noted)
        await makeFolder(dirname(path))
        const current = condition.if === 'unchanged' ? await examine(key) : undefined
        const published = index.alone(() => {
          if (!publish(written, path, condition, current)) return false
          index.forgetOthers(key, file)
          index.note(key, file, noted) // again: another writer who was faster has just forgotten it
          return true
        })
        if (!published) {
          index.forget(key, file)
          return { outcome: 'precondition_failed' }
        }
        await syncFolder(dirname(path))
        return { outcome: 'written', etag: sha256, size, sha256 }
      } finally {
        await rm(written, { force: true })
      }
    },

    async *list(prefix) {
      checkPrefix(prefix)
      for await (const key of keysUnder(folder, prefix)) {
        const found = await examine(key)
        if (found !== undefined) yield { ...found.head, metadata: {} }
      }
    },

    async *peek(prefix) {
      checkPrefix(prefix)
      for await (const key of keysUnder(folder, prefix)) {
        const stats = await statsOf(pathOf(key))
        if (stats !== undefined) yield { key, size: Number(stats.size), modified_ms: Number(stats.mtimeMs) }
      }
    },

    locate: pathOf,
    close: () => index.close(),
  }
}

/** Under the lock: no other writer of this store comes between the comparison and the new name. */
function publish(written: string, path: string, condition: PutCondition, current: Examined | undefined): boolean {
  if (condition.if === 'absent') return placeIfAbsent(written, path)
  if (condition.if === 'unchanged') {
    if (current?.head.etag !== condition.etag || identityNow(path) !== current.file) return false
  }
  place(written, path)
  return true
}

/**
 * Whether the file could not change any more without its time of change showing it. File systems' clocks tick in
 * milliseconds to 2 s (FAT): an etag of a file younger than that is not noted, but worked out again the next time.
 */
function settled(stats: BigIntStats): boolean {
  return Number(stats.mtimeMs) < Date.now() - 2000
}

function headOf(key: string, stats: BigIntStats, etag: string, metadata: Metadata): ObjectHead {
  const last_modified = new Date(Number(stats.mtimeMs)).toISOString()
  return { key, size: Number(stats.size), etag, metadata, last_modified }
}

function lowerCased(metadata: Readonly<Metadata>): Metadata {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]))
}
