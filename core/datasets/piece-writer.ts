import { borrowBuffer, lendPiece } from '../recycled-buffers.ts'

/**
 * Collects output and hands it over in pieces of about 256 KB: a file fed 2 KB at a time is written five times slower.
 */
export interface PieceWriter {
  text(text: string): void
  bytes(source: Buffer, start: number, end: number): void
  full(): boolean
  empty(): boolean
  /** What has been collected, as a piece that the taker may give back (`giveBackPiece`); the writer is empty then. */
  take(): Uint8Array
}

/** Room for what comes after a piece is full: the reader fills 512 KB before anybody asks. */
const ROOM = 4

export function pieceWriter(pieceBytes = 256 * 1024): PieceWriter {
  let piece = borrowBuffer(pieceBytes * ROOM)
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
    full: () => used >= pieceBytes,
    empty: () => used === 0,
    take() {
      const taken = lendPiece(piece, used)
      piece = borrowBuffer(pieceBytes * ROOM)
      used = 0
      return taken
    },
  }
}
