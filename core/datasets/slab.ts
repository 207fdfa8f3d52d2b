import { isUtf8 } from 'node:buffer'
import { giveBackPiece } from '../recycled-buffers.ts'
import { PADDING } from './record-walker.ts'

/**
 * One reused buffer between a stream of chunks and the code that looks for records in it. What lies before `start` is
 * done with and is dropped on the next {@link Slab.fill}; a record that is longer than the buffer makes it grow.
 */
export interface Slab {
  /** What is in it: `[start, filled.length)` has not been consumed yet. A new view after each fill. */
  filled: Buffer
  /** The same bytes with room after them (PADDING zeros at the very end): for code that must not meet the end. */
  buffer: Buffer
  start: number
  /** Nothing more will come. */
  ended: boolean
  /** Everything from `start` on is well-formed UTF-8, a character cut off at the very end aside. */
  utf8: boolean
  /** Drops what is consumed and reads until the buffer is full or the source ends. Positions change. */
  fill(): Promise<void>
  /** 1-based line of a position; cheapest when asked for rising positions. */
  lineAt(position: number): number
}

/** `given`, PADDING zeros at its end, is used as long as it is large enough; it must not be touched meanwhile. */
export function openSlab(
  source: AsyncIterable<Uint8Array>,
  slabBytes: number,
  given?: Buffer,
): Slab & { close(): Promise<void> } {
  const chunks = source[Symbol.asyncIterator]()
  let capacity = given === undefined ? slabBytes : given.length - PADDING
  let buffer = given ?? padded(capacity)
  let chunk: Uint8Array = new Uint8Array(0)
  let rest = chunk
  // `line` is the line of position `counted`; `nextFeed` is the first line feed from there on.
  let counted = 0
  let nextFeed = 0
  let line = 1

  const slab: Slab & { close(): Promise<void> } = {
    filled: buffer.subarray(0, 0),
    buffer,
    start: 0,
    ended: false,
    utf8: true,
    async fill() {
      slab.lineAt(slab.start)
      let end = slab.filled.length - slab.start
      if (end === capacity) {
        capacity *= 2
        buffer = padded(capacity)
      }
      buffer.set(slab.filled.subarray(slab.start), 0)
      slab.buffer = buffer
      counted -= slab.start
      slab.start = 0
      while (end < capacity) {
        if (rest.length === 0) {
          const next = await chunks.next()
          if (next.done === true) {
            slab.ended = true
            break
          }
          chunk = next.value
          rest = chunk
        }
        const taken = Math.min(rest.length, capacity - end)
        buffer.set(rest.subarray(0, taken), end)
        rest = rest.subarray(taken)
        end += taken
        if (rest.length === 0) giveBackPiece(chunk)
      }
      slab.filled = buffer.subarray(0, end)
      nextFeed = nextLineFeed(slab.filled, counted)
      slab.utf8 = isUtf8(slab.filled.subarray(0, slab.ended ? end : endOfLastCharacter(slab.filled)))
    },
    lineAt(position) {
      let at = line
      for (let back = position; back < counted; back++) if (slab.filled[back] === 10) at -= 1
      if (position <= counted) return at
      while (nextFeed < position) {
        line += 1
        nextFeed = nextLineFeed(slab.filled, nextFeed + 1)
      }
      counted = position
      return line
    },
    async close() {
      await chunks.return?.()
    },
  }
  return slab
}

function padded(capacity: number): Buffer {
  return Buffer.allocUnsafeSlow(capacity + PADDING).fill(0, capacity)
}

/** Where the last whole UTF-8 character ends: at most three bytes before the end. */
function endOfLastCharacter(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= 0 && at >= bytes.length - 4; at--) {
    const byte = bytes[at] ?? 0
    if (byte < 0x80) return at + 1
    if (byte >= 0xc0) return at
  }
  return bytes.length
}

/**
 * Position of the next line feed at or after `from`, or the end. A short loop first: in pretty-printed JSON a call of
 * indexOf (memchr) costs more than the 40 bytes of a line.
 */
function nextLineFeed(bytes: Buffer, from: number): number {
  const near = Math.min(from + 64, bytes.length)
  for (let at = from; at < near; at++) if (bytes[at] === 10) return at
  const found = bytes.indexOf(10, near)
  return found === -1 ? bytes.length : found
}
