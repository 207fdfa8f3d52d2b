import { InputError } from '../core/errors.ts'
import { checkKey, problemOfKey } from '../core/object-key.ts'

/** Folder in the root for what the store keeps to itself; no key leads into it, and no list shows it. */
export const STORE_FOLDER = '.store'

/** The limit of the usual file systems on one name, in bytes of UTF-8. */
const MAX_NAME_BYTES = 255

/** @throws InputError for a key that no store accepts, or that a folder cannot hold */
export function checkFileKey(key: string): void {
  checkKey(key)
  const problem = problemOfFileKey(key)
  if (problem !== undefined) throw new InputError(problem, { where: JSON.stringify(key) })
}

/** Whether a file that a person dropped under this name can be an object. */
export function isFileKey(key: string): boolean {
  return problemOfKey(key) === undefined && problemOfFileKey(key) === undefined
}

function problemOfFileKey(key: string): string | undefined {
  const names = key.split('/')
  if (names[0]?.toLowerCase() === STORE_FOLDER) return `the folder ${STORE_FOLDER} belongs to the store itself`
  if (names.some((name) => Buffer.byteLength(name) > MAX_NAME_BYTES))
    return `a name in the key is longer than ${MAX_NAME_BYTES} bytes`
  return undefined
}
