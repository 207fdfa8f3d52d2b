import { borrowBuffer, lendPiece } from '../recycled-buffers.ts'

/**
 * Collects output and hands it over in pieces of some 200 KB: a file fed 2 KB at a time is written five times slower.
 */
export interface PieceWriter {
  text(text: string): void
  bytes(source: Buffer, start: number, end: number): void
  full(): boolean
  empty(): boolean
  /** What has been collected, as a piece that the taker may give back (`giveBackPiece`); the writer is empty then. */
  take(): Uint8Array
}

/** A piece is handed over once it has this much. */
const FULL = 192 * 1024
/** Room for what one slab of the reader (256 KB) makes before anybody asks, mostly. */
const CAPACITY = 512 * 1024

export function pieceWriter(): PieceWriter {
  let piece = borrowBuffer(CAPACITY)
  let used = 0
  const reserve = (bytes: number): void => {
    if (used + bytes <= piece.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(piece.length * 2, used + bytes))
    larger.set(piece.subarray(0, used))
    piece = larger
  }
  return {
    text(text) {
      // UTF-8 takes at most three bytes for a UTF-16 unit.
      reserve(text.length * 3)
      used += piece.write(text, used)
    },
    bytes(source, start, end) {
      reserve(end - start)
      used += source.copy(piece, used, start, end)
    },
    full: () => used >= FULL,
    empty: () => used === 0,
    take() {
      const taken = lendPiece(piece, used)
      piece = borrowBuffer(CAPACITY)
      used = 0
      return taken
    },
  }
}
