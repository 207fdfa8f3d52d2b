import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are missing, one by one: on a file system that takes no folders (`/proc`) the
 * system's own way of making them all at once tries for ever.
 * @throws the system's error for the first that cannot be made
 */
export function makeFolder(path: string, mode?: number): void {
  if (existsSync(path)) return void mkdirSync(path, { recursive: true }) // throws for a file
  const above = dirname(path)
  if (above !== path) makeFolder(above)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
