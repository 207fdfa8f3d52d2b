import { open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { InputError } from '../core/errors.ts'
import { describeSystemError, isSystemError, UsageError } from './failure.ts'
import { nearestName } from '../core/nearest-name.ts'

export interface Input {
  /** As the person wrote it. */
  path: string
  /** bytes; undefined for a pipe. */
  size: number | undefined
  /** Device and inode, to tell that an output is the same file. */
  identity: string
  /** The file from its beginning; each call opens it anew. */
  read(): AsyncIterable<Uint8Array>
}

/** Larger pieces than Node's 64 KB: fewer turns of the event loop per gigabyte. */
const PIECE_BYTES = 256 * 1024

/** Throws UsageError for a path that is no readable file, InputError for an empty one, before anything else is done. */
export async function openInput(path: string): Promise<Input> {
  const handle = await open(path, 'r').catch(async (error: unknown) => {
    throw await cannotRead(path, error)
  })
  try {
    const info = await handle.stat()
    if (info.isDirectory())
      throw new UsageError(`${path} is a folder, and a file is needed`, await filesToSuggest(path))
    if (info.isFile() && info.size === 0)
      throw new InputError('the file is empty (0 bytes)', {
        where: path,
        fix: 'It may be the rest of a program that was stopped while it wrote. Make it again, or take another file.',
      })
    return {
      path,
      size: info.isFile() ? info.size : undefined,
      identity: `${info.dev}:${info.ino}`,
      read: () => readPieces(path),
    }
  } finally {
    await handle.close()
  }
}

/**
 * Two buffers in turn: a piece holds until the next but one is asked for. Fresh ones would be 50 MB of garbage at any
 * moment, and every reader here is done with a piece (or has copied it) when it asks for the next.
 */
async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    let [next, other] = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)]
    for (;;) {
      const { bytesRead } = await handle.read(next, 0, PIECE_BYTES, null)
      if (bytesRead === 0) return
      yield next.subarray(0, bytesRead)
      ;[next, other] = [other, next]
    }
  } finally {
    await handle.close()
  }
}

/** Device and inode of what is there now; undefined when nothing is. */
export async function identityOf(path: string): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined)
  return info === undefined ? undefined : `${info.dev}:${info.ino}`
}

async function cannotRead(path: string, error: unknown): Promise<unknown> {
  if (!isSystemError(error)) return error
  if (error.code !== 'ENOENT') return new UsageError(`cannot read ${describeSystemError({ ...error, path })}`)
  const names = await readdir(dirname(path)).catch(() => undefined)
  if (names === undefined) return new UsageError(`there is no folder ${dirname(path)}, so no file ${path}`)
  const similar = nearestName(basename(path), names)
  return new UsageError(
    `there is no file ${path}`,
    similar === undefined
      ? 'Check the spelling, and the folder that you are in.'
      : `Did you mean ${join(dirname(path), similar)}?`,
  )
}

async function filesToSuggest(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [])
  const datasets = names.filter((name) => /\.jsonl?(\.gz)?$/.test(name)).sort()
  const [first] = datasets
  return first === undefined ? 'Name a file in it.' : `Name a file in it, such as ${join(folder, first)}.`
}
