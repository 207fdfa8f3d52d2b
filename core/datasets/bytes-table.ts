/**
 * A set of byte strings (ids, names) that gives each a number in the order of arrival. Exact: it compares the bytes,
 * not only their hash. About 20 bytes beside each string, so that a million ids do not fill the heap.
 */
export interface BytesTable {
  /** How many there are. */
  readonly size: number
  /** The number of `bytes[start, end)`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number
  /** The number of `bytes[start, end)`; a new one when it was not there. */
  intern(bytes: Uint8Array, start: number, end: number): number
  text(index: number): string
}

export function createBytesTable(expected = 1024): BytesTable {
  let slots = new Int32Array(powerOfTwo(expected * 2)).fill(-1)
  let hashes = new Int32Array(expected)
  let ends = new Uint32Array(expected)
  let arena = Buffer.allocUnsafeSlow(expected * 24)
  let size = 0

  const startOf = (index: number): number => (index === 0 ? 0 : (ends[index - 1] ?? 0))

  /** Where it stands in the slots, or the free slot where it belongs. */
  function slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot] ?? -1
      if (index === -1) return slot
      if (hashes[index] === hash && holds(index, bytes, start, end)) return slot
    }
  }

  function holds(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = startOf(index)
    if ((ends[index] ?? 0) - from !== end - start) return false
    for (let at = start, own = from; at < end; at++, own++) if (arena[own] !== bytes[at]) return false
    return true
  }

  function grow(): void {
    slots = new Int32Array(slots.length * 2).fill(-1)
    const mask = slots.length - 1
    for (let index = 0; index < size; index++) {
      let slot = (hashes[index] ?? 0) & mask
      while (slots[slot] !== -1) slot = (slot + 1) & mask
      slots[slot] = index
    }
  }

  return {
    get size() {
      return size
    },
    find(bytes, start, end) {
      return slots[slotOf(hashOf(bytes, start, end), bytes, start, end)] ?? -1
    },
    intern(bytes, start, end) {
      const hash = hashOf(bytes, start, end)
      const slot = slotOf(hash, bytes, start, end)
      const known = slots[slot] ?? -1
      if (known !== -1) return known
      const index = size
      const from = startOf(index)
      if (index === hashes.length) {
        hashes = enlarged(hashes, new Int32Array(index * 2))
        ends = enlarged(ends, new Uint32Array(index * 2))
      }
      if (from + end - start > arena.length)
        arena = enlarged(arena, Buffer.allocUnsafeSlow(Math.max(arena.length * 2, from + end - start)))
      arena.set(bytes.subarray(start, end), from)
      hashes[index] = hash
      ends[index] = from + end - start
      slots[slot] = index
      size += 1
      if (size * 2 > slots.length) grow()
      return index
    },
    text: (index) => arena.toString('utf8', startOf(index), ends[index]),
  }
}

/** FNV-1a with a last mix, so that the low bits depend on all of it. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d)
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(least, 16)))
}

export function enlarged<T extends { set(values: T): void }>(old: T, larger: T): T {
  larger.set(old)
  return larger
}
