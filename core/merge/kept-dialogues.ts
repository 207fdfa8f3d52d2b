import { createBytesTable, enlarged } from '../datasets/bytes-table.ts'
import { createDigestTable, digestHex, type Digest } from './digest-table.ts'
import type { SourceKind } from './merge-report.ts'

/** What has been written so far: ids and texts, numbered in the order of arrival. */
export interface KeptDialogues {
  readonly size: number
  /** The number of the dialogue with this text, or -1. */
  findText(digest: Digest): number
  findId(bytes: Uint8Array, start: number, end: number): number
  add(id: string, digest: Digest, kind: SourceKind): void
  addBytes(bytes: Uint8Array, start: number, end: number, digest: Digest, kind: SourceKind): void
  id(number: number): string
  isSeed(number: number): boolean
  /** `id~<hash>`: as many digits of the text's hash as make it free, eight as a rule. */
  freeId(id: string, digest: Digest): string
}

export function createKeptDialogues(): KeptDialogues {
  const ids = createBytesTable()
  const texts = createDigestTable()
  let seeds = new Uint8Array(1024)

  function addBytes(bytes: Uint8Array, start: number, end: number, digest: Digest, kind: SourceKind): void {
    const number = ids.intern(bytes, start, end)
    texts.add(digest, number)
    if (number >= seeds.length) seeds = enlarged(seeds, new Uint8Array(seeds.length * 2))
    seeds[number] = kind === 'seed' ? 1 : 0
  }

  return {
    get size() {
      return ids.size
    },
    findText: (digest) => texts.get(digest),
    findId: (bytes, start, end) => ids.find(bytes, start, end),
    addBytes,
    add(id, digest, kind) {
      const bytes = Buffer.from(id)
      addBytes(bytes, 0, bytes.length, digest, kind)
    },
    id: (number) => ids.text(number),
    isSeed: (number) => seeds[number] === 1,
    freeId(id, digest) {
      const hex = digestHex(digest)
      for (let digits = 8; ; digits += 8) {
        // 32 digits are the whole key, and no two kept texts share it; a count after them is for ids made to spite us.
        const candidate = `${id}~${hex.slice(0, digits)}${digits > 32 ? `-${digits / 8 - 3}` : ''}`
        const bytes = Buffer.from(candidate)
        if (ids.find(bytes, 0, bytes.length) === -1) return candidate
      }
    },
  }
}
