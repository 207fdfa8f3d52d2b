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
  let capacity = pieceBytes + 64 * 1024
  let piece = Buffer.allocUnsafeSlow(capacity)
  let used = 0
  const reserve = (bytes: number): void => {
    if (used + bytes <= piece.length) return
    capacity = Math.max(capacity * 2, used + bytes)
    const larger = Buffer.allocUnsafeSlow(capacity)
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
      // As large as was needed so far, within reason, so that the next piece need not grow.
      capacity = Math.min(capacity, 4 * 1024 * 1024)
      piece = Buffer.allocUnsafeSlow(capacity)
      used = 0
      return taken
    },
  }
}
