import { rmSync } from 'node:fs'
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { UsageError } from './failure.ts'
import type { Input } from './input.ts'
import { onInterrupt } from './interrupt.ts'
import { cannotWrite, isRunning, openOutput, writeOutput } from './output.ts'

/** A folder of files that is there whole or not at all: filled beside its place, then renamed. */
export interface OutputFolder {
  /** Writes one file of it, from its beginning when it is written again. */
  write(name: string, body: AsyncIterable<Uint8Array>): Promise<void>
  /** Puts the folder in its place; what it replaces is removed after that. */
  commit(): Promise<void>
  abandon(): Promise<void>
}

/**
 * Throws UsageError for a place that cannot be written, and for a folder with anything in it but files called `names`:
 * those an earlier run may have made, anything else is somebody's.
 */
export async function openOutputFolder(
  path: string,
  names: readonly string[],
  inputs: readonly Input[],
): Promise<OutputFolder> {
  const target = await placeFor(path, names, inputs)
  await removeStale(target)
  const partial = beside(target, 'partial')
  const forget = onInterrupt(() => rmSync(partial, { recursive: true, force: true }))
  await mkdir(partial).catch((error: unknown) => {
    forget()
    throw cannotWrite(path, error)
  })
  return {
    async write(name, body) {
      await writeOutput(await openOutput(join(partial, name)), body)
    },
    async commit() {
      try {
        await putInPlace(partial, target)
      } catch (error) {
        throw cannotWrite(path, error)
      }
      forget()
    },
    async abandon() {
      await rm(partial, { recursive: true, force: true })
      forget()
    },
  }
}

async function placeFor(path: string, names: readonly string[], inputs: readonly Input[]): Promise<string> {
  const wanted = resolve(path)
  const info = await stat(wanted).catch(() => undefined)
  if (info === undefined) {
    if ((await stat(dirname(wanted)).catch(() => undefined)) === undefined)
      throw new UsageError(
        `cannot write ${path}: there is no folder ${dirname(path)}`,
        `Make it first: mkdir -p ${dirname(path)}`,
      )
    return wanted
  }
  if (!info.isDirectory()) throw new UsageError(`the output folder ${path} is a file`, 'Give --output another name.')
  const target = await realpath(wanted)
  for (const input of inputs)
    if ((await realpath(input.path)).startsWith(target + sep))
      throw new UsageError(
        `the output folder ${path} holds the input ${input.path}`,
        'Give --output another name; an input is never overwritten.',
      )
  const foreign = (await readdir(target)).find((name) => !names.includes(name))
  if (foreign !== undefined)
    throw new UsageError(
      `the folder ${path} holds ${foreign}, which is no part of a training set`,
      'Give --output a new or an empty folder.',
    )
  return target
}

/** Between the two renames there is no folder of that name; what was there stands beside it until the new one is. */
async function putInPlace(partial: string, target: string): Promise<void> {
  const before = beside(target, 'before')
  const there = (await stat(target).catch(() => undefined)) !== undefined
  if (there) await rename(target, before)
  await rename(partial, target)
  if (there) await rm(before, { recursive: true })
}

function beside(target: string, suffix: 'partial' | 'before'): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}.${suffix}`)
}

/** What killed runs left: half-filled folders go; a folder moved aside comes back when nothing took its place. */
async function removeStale(target: string): Promise<void> {
  const names = await readdir(dirname(target)).catch(() => [])
  for (const name of names) {
    const [, pid, suffix] = name.startsWith(`.${basename(target)}.`)
      ? (/\.(\d+)\.(partial|before)$/.exec(name) ?? [])
      : []
    if (pid === undefined || isRunning(Number(pid))) continue
    const stale = join(dirname(target), name)
    const needed = suffix === 'before' && (await stat(target).catch(() => undefined)) === undefined
    if (needed) await rename(stale, target)
    else await rm(stale, { recursive: true, force: true })
  }
}
