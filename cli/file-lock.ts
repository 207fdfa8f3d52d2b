import { readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import * as z from 'zod'
import { isSystemError, type UsageError } from './failure.ts'
import { isRunning } from './output.ts'

const HolderSchema = z.object({ pid: z.number().int(), host: z.string() })
export type LockHolder = z.infer<typeof HolderSchema>

export interface LockMessages {
  /** Somebody else holds it. */
  held(holder: LockHolder): UsageError
  /** The folder is not there. */
  noFolder(): UsageError
  /** It comes and goes. */
  busy(): UsageError
}

/** A file that one process at a time can hold; one that a killed process left behind is taken over. */
export function takeLock(path: string, say: LockMessages): { release(): void } {
  const mine = JSON.stringify({ pid: process.pid, host: hostname() })
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, mine, { flag: 'wx' })
      return { release: () => unlinkSync(path) }
    } catch (error) {
      if (!isSystemError(error)) throw error
      if (error.code === 'ENOENT') throw say.noFolder()
      if (error.code !== 'EEXIST') throw error
    }
    const holder = readHolder(path)
    if (holder !== undefined && (holder.host !== hostname() || isRunning(holder.pid))) throw say.held(holder)
    unlinkSync(path)
  }
  throw say.busy()
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const parsed = HolderSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
