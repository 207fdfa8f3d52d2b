import { createGunzip } from 'node:zlib'

/**
 * The bytes of a file that may be gzipped (by its first two bytes, whatever its name says). When the compressed data
 * breaks off or is damaged, everything that could be unpacked before that point comes out first and then `onDamage` is
 * called once, so that the good records of a cut file are not lost.
 */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  onDamage: (what: string) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let decided: 'plain' | 'gzip' | undefined
  let head: Uint8Array = new Uint8Array(0)
  let gunzip: ReturnType<typeof startGunzip> | undefined
  for await (let chunk of source) {
    if (decided === undefined) {
      chunk = head.length === 0 ? chunk : Buffer.concat([head, chunk])
      if (chunk.length < 2) {
        head = chunk
        continue
      }
      decided = chunk[0] === 0x1f && chunk[1] === 0x8b ? 'gzip' : 'plain'
      if (decided === 'gzip') gunzip = startGunzip()
    }
    if (gunzip === undefined) {
      yield chunk
      continue
    }
    yield* gunzip.unpack(chunk)
    if (gunzip.damage() !== undefined) break
  }
  if (decided === undefined && head.length > 0) yield head
  if (gunzip === undefined) return
  yield* gunzip.finish()
  const damage = gunzip.damage()
  if (damage !== undefined) onDamage(damage)
}

/** A stream that errors drops what it still has buffered; collecting in a list of our own keeps it. */
function startGunzip() {
  const stream = createGunzip({ chunkSize: 256 * 1024 })
  const unpacked: Uint8Array[] = []
  let damage: string | undefined
  let settle: (() => void) | undefined
  stream.on('data', (data: Uint8Array) => unpacked.push(data))
  stream.on('error', (error: NodeJS.ErrnoException) => {
    damage = error.code === 'Z_BUF_ERROR' ? 'the gzip data ends in the middle' : 'the gzip data is damaged'
    settle?.()
  })
  stream.on('end', () => settle?.())
  return {
    damage: () => damage,
    async *unpack(chunk: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
      await new Promise<void>((resolve) => {
        settle = resolve
        stream.write(chunk, () => resolve())
      })
      yield* unpacked.splice(0)
    },
    async *finish(): AsyncGenerator<Uint8Array, void, undefined> {
      if (damage === undefined)
        await new Promise<void>((resolve) => {
          settle = resolve
          stream.end()
        })
      yield* unpacked.splice(0)
    },
  }
}
