import { PADDING } from './record-walker.ts'

/**
 * Changes to a record in its own bytes: values are replaced where they stand, new members are put before the closing
 * brace, and everything else stays as it was, character for character.
 */

/** `text` in the place of `bytes[at, until)`; `at === until` inserts. */
export interface Edit {
  at: number
  until: number
  text: string
}

/**
 * Adds members to the object whose closing brace is at `brace`. `members` begins with a comma, which an empty object
 * must not have. White space before the brace stays behind.
 */
export function insertion(bytes: Buffer, brace: number, members: string): Edit {
  let at = brace
  while (bytes[at - 1] === 0x20 || bytes[at - 1] === 0x0a || bytes[at - 1] === 0x0d || bytes[at - 1] === 0x09) at--
  return { at, until: at, text: bytes[at - 1] === 0x7b ? members.slice(1) : members }
}

/** The record with the edits made, in a buffer of its own that the walker can read (PADDING zeros follow it). */
export function edited(bytes: Buffer, start: number, end: number, edits: readonly Edit[]): Buffer {
  const pieces: Buffer[] = []
  let from = start
  for (const edit of [...edits].sort((a, b) => a.at - b.at)) {
    pieces.push(bytes.subarray(from, edit.at), Buffer.from(edit.text))
    from = edit.until
  }
  return Buffer.concat([...pieces, bytes.subarray(from, end), Buffer.alloc(PADDING)])
}

/** A text in a buffer that the walker can read. */
export function walkable(text: string): { bytes: Buffer; end: number } {
  const end = Buffer.byteLength(text)
  const bytes = Buffer.alloc(end + PADDING)
  bytes.write(text)
  return { bytes, end }
}
