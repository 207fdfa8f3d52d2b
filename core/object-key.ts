import { InputError } from './errors.ts'

/** S3's limit, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024

/**
 * What every object store asks of a key, so that what one home accepts the other does too.
 *
 * @throws InputError for a key that would lead out of a folder, or that S3 advises against or refuses
 */
export function checkKey(key: string): void {
  const problem = problemOfKey(key)
  if (problem !== undefined)
    throw new InputError(problem, { where: JSON.stringify(key), expected: 'a key such as seeds/my seeds.json' })
}

/** @throws InputError for a prefix that no valid key could have */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkKey(prefix.endsWith('/') ? `${prefix}x` : prefix)
}

/** What is wrong with the key; undefined when nothing is. */
export function problemOfKey(key: string): string | undefined {
  if (key === '') return 'the key is empty'
  if (!key.isWellFormed()) return 'the key holds half a character'
  if (/\p{Cc}/u.test(key)) return 'the key holds a control character' // which S3 cannot list in XML
  if (key.includes('\\')) return 'the key holds a backslash, which separates folders on some systems'
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `the key is longer than ${MAX_KEY_BYTES} bytes`
  const names = key.split('/')
  if (names.includes('')) return 'the key starts or ends with a slash, or has two in a row'
  if (names.includes('.') || names.includes('..')) return 'the key leads out of the store'
  return undefined
}
