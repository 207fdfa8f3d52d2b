import { InputError } from '../core/errors.ts'

/** Folder in the root for what the store keeps to itself; no key leads into it, and no list shows it. */
export const STORE_FOLDER = '.store'

/** S3's limit on a key, and the limit of the usual file systems on one name; both in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024
const MAX_NAME_BYTES = 255

/** @throws InputError for a key that would leave the folder or that a file system cannot hold */
export function checkKey(key: string): void {
  const problem = problemOf(key)
  if (problem !== undefined)
    throw new InputError(problem, { where: JSON.stringify(key), expected: 'a key such as seeds/my seeds.json' })
}

/** @throws InputError for a prefix that no valid key could have */
export function checkPrefix(prefix: string): void {
  if (prefix === '') return
  checkKey(prefix.endsWith('/') ? `${prefix}x` : prefix)
}

function problemOf(key: string): string | undefined {
  if (key === '') return 'the key is empty'
  if (!key.isWellFormed()) return 'the key holds half a character'
  if (key.includes('\0')) return 'the key holds a NUL character'
  if (key.includes('\\')) return 'the key holds a backslash, which separates folders on some systems'
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `the key is longer than ${MAX_KEY_BYTES} bytes`
  const names = key.split('/')
  if (names.includes('')) return 'the key starts or ends with a slash, or has two in a row'
  if (names.includes('.') || names.includes('..')) return 'the key leads out of the store'
  if (names[0]?.toLowerCase() === STORE_FOLDER) return `the folder ${STORE_FOLDER} belongs to the store itself`
  if (names.some((name) => Buffer.byteLength(name) > MAX_NAME_BYTES))
    return `a name in the key is longer than ${MAX_NAME_BYTES} bytes`
  return undefined
}
