import { createHash } from 'node:crypto'
import { linkSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import type { BigIntStats, Dirent } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../core/errors.ts'
import { borrowBuffer, giveBackPiece, lendPiece } from '../core/recycled-buffers.ts'
import { STORE_FOLDER, isFileKey } from './object-key.ts'

/** What the folder object store does with files. */

/** Pieces in which files are read and written: 2 KB pieces would cost five times as much. */
const PIECE = 256 * 1024

/** Names one state of one file: any change of content gives another. */
export function identity(stats: BigIntStats): string {
  return `${stats.ino}-${stats.size}-${stats.mtimeNs}`
}

/** Undefined when there is no such file, or when it is a folder. */
export async function statsOf(path: string): Promise<BigIntStats | undefined> {
  try {
    const stats = await stat(path, { bigint: true })
    return stats.isFile() ? stats : undefined
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw asInputError(error, path)
  }
}

export function identityNow(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? undefined : identity(stats)
}

/** Undefined when the file has gone meanwhile. */
export async function sha256Of(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    for await (const piece of pieces(path, { start: 0, end: Infinity })) hash.update(piece)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw asInputError(error, path)
  }
  return hash.digest('hex')
}

/**
 * The content of exactly the state that `file` names. Opened when the reading begins, so that a body that nobody reads
 * holds nothing open; when the file was replaced since, it throws and a retry reads the new one from its start.
 */
export async function* contentOf(
  path: string,
  file: string,
  range: { start: number; end: number } = { start: 0, end: Infinity },
): AsyncGenerator<Uint8Array> {
  yield* pieces(path, range, (found) => {
    if (identity(found) !== file) throw new Error(`${path} was replaced while it was being read; try again`)
  })
}

async function* pieces(
  path: string,
  { start, end }: { start: number; end: number },
  check: (stats: BigIntStats) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    check(await handle.stat({ bigint: true }))
    for (let position = start; position < end;) {
      // Who reads may keep a piece, or give it back for the next one.
      const buffer = borrowBuffer(PIECE)
      const { bytesRead } = await handle.read(buffer, 0, Math.min(PIECE, end - position), position)
      if (bytesRead === 0) return
      position += bytesRead
      yield lendPiece(buffer, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** Writes a new file and waits until it is on the disk. */
export async function writeNewFile(
  path: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256')
  let size = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of gathered(body)) {
      hash.update(piece)
      size += piece.length
      yield piece
    }
  }
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(counted())
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { size, sha256: hash.digest('hex') }
}

/** Small pieces copied together into larger ones; large ones as they are. */
async function* gathered(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let slab = Buffer.allocUnsafe(PIECE)
  let filled = 0
  for await (const piece of body) {
    if (filled + piece.length > PIECE && filled > 0) {
      yield slab.subarray(0, filled)
      slab = Buffer.allocUnsafe(PIECE)
      filled = 0
    }
    if (piece.length >= PIECE) yield piece
    else {
      slab.set(piece, filled)
      filled += piece.length
    }
    // Written or copied by now, and nobody else has it.
    giveBackPiece(piece)
  }
  if (filled > 0) yield slab.subarray(0, filled)
}

/** Gives the file its place only if nothing is there; false when something is. */
export function placeIfAbsent(written: string, path: string): boolean {
  try {
    linkSync(written, path) // unlike a rename, it never replaces, not even what a person drops there at this moment
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) throw asInputError(error, path)
    // A file system without hard links (FAT): then only the store's own lock guards the place.
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return false
    place(written, path)
    return true
  }
}

export function place(written: string, path: string): void {
  try {
    renameSync(written, path)
  } catch (error) {
    throw asInputError(error, path)
  }
}

export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw asInputError(error, path)
  }
}

/** So that a power cut does not take the new name back. Some systems cannot; there it is as durable as they make it. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'EACCES'].includes(codeOf(error))) throw error
  }
}

/** Removes what a killed process was writing. A day, because another process may be at a large file right now. */
export function sweep(folder: string): void {
  const yesterday = Date.now() - 24 * 60 * 60 * 1000
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && stats.mtimeMs < yesterday) rmSync(path, { force: true })
  }
}

/** Keys of the files under a folder that start with the prefix, in byte order. */
export async function* keysUnder(folder: string, prefix: string): AsyncGenerator<string> {
  yield* walk(folder, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix)
}

async function* walk(folder: string, parent: string, prefix: string): AsyncGenerator<string> {
  for (const { name, isFolder } of await entries(join(folder, parent))) {
    const key = `${parent}${name}`
    if (key === STORE_FOLDER || !isFileKey(key)) continue // such a name can only have been made by hand
    if (isFolder) {
      const inside = `${key}/`
      if (inside.startsWith(prefix) || prefix.startsWith(inside)) yield* walk(folder, inside, prefix)
    } else if (key.startsWith(prefix)) yield key
  }
}

async function entries(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  let found: Dirent[]
  try {
    found = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (isAbsent(error)) return []
    throw asInputError(error, folder)
  }
  return found
    .map((entry) => ({ name: entry.name, isFolder: leadsToFolder(entry, folder) }))
    .map((entry) => ({ ...entry, order: Buffer.from(entry.isFolder ? `${entry.name}/` : entry.name) }))
    .sort((one, other) => Buffer.compare(one.order, other.order))
}

function leadsToFolder(entry: Dirent, folder: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error))
}

/** What a person can put right, in words; anything else stays what it is. */
function asInputError(error: unknown, path: string): unknown {
  const what = COMPLAINTS[codeOf(error)]
  return what === undefined ? error : new InputError(what, { where: path, cause: error })
}

const COMPLAINTS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EISDIR: 'there is a folder of that name',
  ENOTEMPTY: 'there is a folder of that name',
  EEXIST: 'there is a file where a folder is needed',
  ENOTDIR: 'there is a file where a folder is needed',
  ENAMETOOLONG: 'the name is too long for this disk',
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
