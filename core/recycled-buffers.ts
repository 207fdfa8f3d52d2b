/**
 * Buffers for pieces of files that are used again, because a gigabyte in fresh ones makes the collector run all the
 * time and keeps 60 MB of dead ones around. It is voluntary: a piece that nobody gives back is collected as any other.
 */

/** A merge writes eight files at once, each with a piece on its way and one in the making. */
const MOST_IDLE = 16
const idle = new Map<number, Buffer[]>()
const lent = new WeakMap<Uint8Array, Buffer>()

/** A buffer of this size with whatever it held before. */
export function borrowBuffer(bytes: number): Buffer {
  return idle.get(bytes)?.pop() ?? Buffer.allocUnsafeSlow(bytes)
}

/** The first `used` bytes of a borrowed buffer, as a piece that may be given back. */
export function lendPiece(buffer: Buffer, used: number): Buffer {
  const piece = buffer.subarray(0, used)
  lent.set(piece, buffer)
  return piece
}

/**
 * Only for whoever is the last to hold the piece: it has been copied or written, and nothing upstream kept it. The bytes
 * change afterwards. Pieces that were not lent are left alone.
 */
export function giveBackPiece(piece: Uint8Array): void {
  const buffer = lent.get(piece)
  if (buffer === undefined) return
  lent.delete(piece)
  const free = idle.get(buffer.length)
  if (free === undefined) idle.set(buffer.length, [buffer])
  else if (free.length < MOST_IDLE) free.push(buffer)
}
