import { createHash } from 'node:crypto'

/** Passes the bytes on and takes their SHA-256 and number on the way; both are of the file as it is, packed or not. */
export function hashedSource(source: AsyncIterable<Uint8Array>): {
  bytes: AsyncIterable<Uint8Array>
  /** 64 hex digits, once all has been read. */
  sha256(): string
  length(): number
} {
  const hash = createHash('sha256')
  let length = 0
  let digest: string | undefined
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of source) {
      hash.update(chunk)
      length += chunk.length
      yield chunk
    }
  }
  return { bytes: bytes(), sha256: () => (digest ??= hash.digest('hex')), length: () => length }
}
