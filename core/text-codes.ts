/**
 * The UTF-16 codes of a text in an array that all callers share: it holds them until the next call, so one loop at a time
 * may read it. A text comes in many representations (literal, joined, cut out of another …), and a loop that has met more
 * than four of them asks for `length` and `charCodeAt` by a look-up at every character, which takes several times as long
 * as the copy that this makes. The array is longer than the text: read up to `length`, asked for once.
 */
export function codesOf(text: string): Uint16Array {
  if (text.length > codes.length) codes = roomFor(2 * text.length)
  bytes.write(text, 'utf16le')
  return codes
}

let bytes: Buffer
let codes = roomFor(1 << 13)

function roomFor(length: number): Uint16Array {
  const room = new ArrayBuffer(2 * length)
  bytes = Buffer.from(room)
  return new Uint16Array(room)
}
