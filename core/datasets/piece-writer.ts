/**
 * Collects output and hands it over in pieces of about 256 KB: a file fed 2 KB at a time is written five times slower.
 */
export interface PieceWriter {
  text(text: string): void
  bytes(source: Buffer, start: number, end: number): void
  full(): boolean
  empty(): boolean
  /** What has been collected, as a buffer of its own; the writer is empty then. */
  take(): Uint8Array
}

export function pieceWriter(pieceBytes = 256 * 1024): PieceWriter {
  let piece = Buffer.allocUnsafeSlow(pieceBytes + 64 * 1024)
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
      const taken = piece.subarray(0, used)
      piece = Buffer.allocUnsafeSlow(pieceBytes + 64 * 1024)
      used = 0
      return taken
    },
  }
}
