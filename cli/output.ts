import { unlinkSync } from 'node:fs'
import { giveBackPiece } from '../core/recycled-buffers.ts'
import { open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describeSystemError, isSystemError, UsageError } from './failure.ts'
import type { Input } from './input.ts'
import { onInterrupt } from './interrupt.ts'

/**
 * A file that is there whole or not at all: written beside its place, flushed, then renamed. An error, Ctrl-C or kill -9
 * leaves what was there before; a partial file that a kill left behind is removed by the next run.
 */
export interface Output {
  path: string
  write(bytes: Uint8Array | string): Promise<void>
  /** Puts the file in its place; returns its size in bytes. */
  commit(): Promise<number>
  /** Removes what was written; nothing happens after a commit. */
  abandon(): Promise<void>
}

/** A WriteStream fed 2 KB pieces writes a fifth of what one fed 256 KB pieces does. */
const BUFFER_BYTES = 256 * 1024

/**
 * Opens the partial file at once, so that a place that cannot be written is found out before an hour of work, not after.
 * Throws UsageError for such a place, and for one that is among the `inputs`: those are still being read.
 */
export async function openOutput(path: string, inputs: readonly Input[] = []): Promise<Output> {
  const place = await placeFor(path, inputs)
  const partial = place.direct ? place.path : partialName(place.path)
  if (!place.direct) await removeStalePartials(place.path)
  // Before the file is there: an interrupt between the two would leave it behind.
  const forget = place.direct ? () => {} : onInterrupt(() => unlinkSync(partial))
  const handle = await open(partial, 'w').catch((error: unknown) => {
    forget()
    throw cannotWrite(path, error)
  })
  return bufferedOutput({ path, target: place.direct ? undefined : place.path, partial, handle, forget })
}

/** Writes all of it or nothing; returns the size in bytes. */
export async function writeOutput(
  output: Output,
  source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): Promise<number> {
  try {
    for await (const bytes of source) {
      await output.write(bytes)
      if (typeof bytes !== 'string') giveBackPiece(bytes)
    }
    return await output.commit()
  } catch (error) {
    await output.abandon()
    throw error
  }
}

/** Throws UsageError when the output would overwrite a file that is being read. */
export function refuseInputs(path: string, identity: string | undefined, inputs: readonly Input[]): void {
  const same = inputs.find((input) => input.identity === identity)
  if (same !== undefined)
    throw new UsageError(
      `the output ${path} is the input ${same.path === path ? 'itself' : same.path}`,
      'Give --output another name; an input is never overwritten.',
    )
}

function bufferedOutput(file: {
  path: string
  target: string | undefined
  partial: string
  handle: FileHandle
  forget: () => void
}): Output {
  const { path, target, partial, handle, forget } = file
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let written = 0
  let open = true

  async function put(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten
    written += bytes.length
  }

  async function flush(): Promise<void> {
    if (waitingBytes === 0) return
    const bytes = Buffer.concat(waiting, waitingBytes)
    waiting = []
    waitingBytes = 0
    await put(bytes)
  }

  return {
    path,
    async write(bytes) {
      try {
        if (bytes.length >= BUFFER_BYTES / 2) {
          await flush()
          await put(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
          return
        }
        // A copy: the writer may reuse its buffer as soon as this returns.
        const piece = Buffer.from(bytes)
        waiting.push(piece)
        waitingBytes += piece.length
        if (waitingBytes >= BUFFER_BYTES) await flush()
      } catch (error) {
        throw cannotWrite(path, error)
      }
    },
    async commit() {
      try {
        await flush()
        if (target !== undefined) await handle.sync()
        await handle.close()
        open = false
        if (target !== undefined) await rename(partial, target)
      } catch (error) {
        throw cannotWrite(path, error)
      }
      forget()
      return written
    },
    async abandon() {
      if (!open) return
      open = false
      await handle.close()
      if (target !== undefined) await unlink(partial).catch(() => {})
      forget()
    },
  }
}

/**
 * Where the bytes go. A link is followed, so that the link stays; a device or a pipe is written as it is (renaming a file
 * over /dev/null would be a nasty surprise).
 */
async function placeFor(path: string, inputs: readonly Input[]): Promise<{ path: string; direct: boolean }> {
  const info = await stat(path).catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined
    throw cannotWrite(path, error)
  })
  if (info === undefined) {
    if (path.endsWith('/')) throw new UsageError(`the output ${path} is a folder`, 'Name a file in it.')
    const folder = await stat(dirname(path)).catch(() => undefined)
    if (folder === undefined)
      throw new UsageError(
        `cannot write ${path}: there is no folder ${dirname(path)}`,
        `Make it first: mkdir -p ${dirname(path)}`,
      )
    return { path, direct: false }
  }
  if (info.isDirectory())
    throw new UsageError(`the output ${path} is a folder`, `Name a file in it, such as ${join(path, 'output.json')}.`)
  refuseInputs(path, `${info.dev}:${info.ino}`, inputs)
  if (!info.isFile()) return { path, direct: true }
  return { path: await realpath(path), direct: false }
}

function partialName(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}.partial`)
}

async function removeStalePartials(target: string): Promise<void> {
  const names = await readdir(dirname(target)).catch(() => [])
  const start = `.${basename(target)}.`
  for (const name of names) {
    if (!name.startsWith(start) || !name.endsWith('.partial')) continue
    const pid = Number(name.slice(start.length, -'.partial'.length))
    if (Number.isInteger(pid) && pid > 0 && !isRunning(pid)) await unlink(join(dirname(target), name)).catch(() => {})
  }
}

/** Whether a process of that id runs on this machine; this process itself does not count. */
export function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isSystemError(error) && error.code === 'EPERM'
  }
}

/** The system error as it concerns the person: under the name that they gave. */
export function cannotWrite(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error
  // The name of the partial file would only puzzle.
  return new UsageError(`cannot write ${describeSystemError({ ...error, path })}`)
}
