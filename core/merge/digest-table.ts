import { enlarged } from '../datasets/bytes-table.ts'

/** 128 bits as four 32-bit words. */
export type Digest = Int32Array

/**
 * A map from 128-bit digests to whole numbers, in typed arrays: about 30 bytes an entry. The digests must be evenly
 * spread (cut from SHA-256); two different texts then share one with a chance of 2^-90 among a million.
 */
export interface DigestTable {
  readonly size: number
  /** The number kept for the digest, or -1. */
  get(digest: Digest): number
  /** For a digest that is not in it. */
  add(digest: Digest, value: number): void
}

export function createDigestTable(expected = 1024): DigestTable {
  let capacity = expected
  let slots = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2))).fill(-1)
  let keys = new Int32Array(capacity * 4)
  let values = new Int32Array(capacity)
  let size = 0

  function slotOf(digest: Digest): number {
    const mask = slots.length - 1
    for (let slot = (digest[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] ?? -1
      if (entry === -1) return slot
      const key = entry * 4
      if (
        keys[key] === digest[0] &&
        keys[key + 1] === digest[1] &&
        keys[key + 2] === digest[2] &&
        keys[key + 3] === digest[3]
      )
        return slot
    }
  }

  function grow(): void {
    capacity *= 2
    keys = enlarged(keys, new Int32Array(capacity * 4))
    values = enlarged(values, new Int32Array(capacity))
    slots = new Int32Array(slots.length * 2).fill(-1)
    const mask = slots.length - 1
    for (let entry = 0; entry < size; entry++) {
      let slot = (keys[entry * 4] ?? 0) & mask
      while (slots[slot] !== -1) slot = (slot + 1) & mask
      slots[slot] = entry
    }
  }

  return {
    get size() {
      return size
    },
    get(digest) {
      const entry = slots[slotOf(digest)] ?? -1
      return entry === -1 ? -1 : (values[entry] ?? -1)
    },
    add(digest, value) {
      if (size === capacity) grow()
      slots[slotOf(digest)] = size
      keys.set(digest, size * 4)
      values[size] = value
      size += 1
    },
  }
}

/** The first 128 bits of 64 hex digits, or of 32 bytes as a binary (Latin-1) string. */
export function digestOf(sha256: string, into: Digest = new Int32Array(4)): Digest {
  if (sha256.length === 64) {
    for (let word = 0; word < 4; word++) into[word] = Number.parseInt(sha256.slice(word * 8, word * 8 + 8), 16) | 0
    return into
  }
  for (let word = 0; word < 4; word++) {
    const at = word * 4
    into[word] =
      (sha256.charCodeAt(at) << 24) |
      (sha256.charCodeAt(at + 1) << 16) |
      (sha256.charCodeAt(at + 2) << 8) |
      sha256.charCodeAt(at + 3)
  }
  return into
}

/** 32 hex digits. */
export function digestHex(digest: Digest): string {
  let hex = ''
  for (const word of digest) hex += (word >>> 0).toString(16).padStart(8, '0')
  return hex
}
