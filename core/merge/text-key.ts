import { hash } from 'node:crypto'
import { MESSAGE_SLOT } from '../datasets/record-shape.ts'
import { TEXT, messageSlot, type RecordWalker } from '../datasets/record-walker.ts'
import type { Dialogue } from '../dialogue/schema.ts'
import { digestOf, type Digest } from './digest-table.ts'

/**
 * What makes two dialogues the same text: roles and texts of their messages, in order, with the texts in normal form.
 * Labels, ids, times and everything else do not count.
 *
 * Key, version 1: the first 128 bits of the SHA-256 of, for each message, `u` or `a` and the JSON literal of the text.
 */
export interface TextKeys {
  ofDialogue(dialogue: Pick<Dialogue, 'messages'>): Digest
  /** The same from the bytes of a record that the walker accepted. The digest is reused by the next call. */
  ofWalked(walker: RecordWalker, bytes: Buffer): Digest
}

/**
 * Unicode normal form C, white space at the ends dropped, each run of it within made one space. Letter case and
 * punctuation stay: `I'm fine.` and `I'm fine!` are two things to say.
 */
export function normalText(text: string): string {
  return text.normalize('NFC').trim().replace(/\s+/g, ' ')
}

const USER = 0x75
const ASSISTANT = 0x61
const QUOTE = 0x22
const SPACE = 0x20

export function createTextKeys(): TextKeys {
  let scratch = Buffer.allocUnsafeSlow(64 * 1024)
  let used = 0
  const digest = new Int32Array(4)

  function room(least: number): void {
    if (used + least <= scratch.length) return
    const larger = Buffer.allocUnsafeSlow((used + least) * 2)
    scratch.copy(larger, 0, 0, used)
    scratch = larger
  }

  function addText(role: number, text: string): void {
    const literal = JSON.stringify(normalText(text))
    room(literal.length * 3 + 1)
    scratch[used] = role
    used += 1 + scratch.write(literal, used + 1)
  }

  const finish = (): Digest => digestOf(hash('sha256', scratch.subarray(0, used), 'binary'), digest)

  return {
    ofDialogue(dialogue) {
      used = 0
      for (const message of dialogue.messages) addText(message.role === 'user' ? USER : ASSISTANT, message.text)
      return finish()
    },
    ofWalked(walker, bytes) {
      const quick = walker.quickTexts?.()
      if (quick !== undefined) return digestOf(hash('sha256', quick, 'binary'), digest)
      used = 0
      for (let message = 0; message < walker.messages; message++) {
        const slot = messageSlot(message)
        const role = walker.codes[slot + MESSAGE_SLOT.role] === 0 ? USER : ASSISTANT
        const start = walker.spans[(slot + MESSAGE_SLOT.text) * 2] ?? 0
        const end = walker.spans[(slot + MESSAGE_SLOT.text) * 2 + 1] ?? 0
        if (isNormal(walker.textFlags[message] ?? 0, bytes, start, end)) {
          room(end - start + 1)
          scratch[used] = role
          used += 1 + bytes.copy(scratch, used + 1, start, end)
        } else {
          const text: unknown = JSON.parse(bytes.toString('utf8', start, end))
          addText(role, typeof text === 'string' ? text : '')
        }
      }
      return finish()
    },
  }
}

/** Whether the literal is in normal form for certain, by what is known of it. False sends it the long way. */
function isNormal(flags: number, bytes: Buffer, start: number, end: number): boolean {
  if ((flags & (TEXT.oddEscape | TEXT.escapedSpace | TEXT.doubleSpace)) !== 0) return false
  if (bytes[start + 1] === SPACE || bytes[end - 2] === SPACE) return false
  // `\f` is white space too, and rare: any short escape but `\"` and `\\` is left to the long way.
  if ((flags & TEXT.escape) !== 0 && !onlyQuotesEscaped(bytes, start, end)) return false
  return (flags & TEXT.notAscii) === 0 || inertBeyondAscii(bytes, start, end)
}

function onlyQuotesEscaped(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++)
    if (bytes[at] === 0x5c) {
      at += 1
      if (bytes[at] !== QUOTE && bytes[at] !== 0x5c) return false
    }
  return true
}

/**
 * Whether NFC leaves every character beyond ASCII alone and none is white space, by UTF-8 bytes: U+00A1..U+02FF (below
 * the first combining mark), U+2010..U+2027 (dashes, quotes, ellipsis), and U+1F300..U+1FAFF (emoji).
 */
function inertBeyondAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte < 0x80) continue
    const second = bytes[at + 1] ?? 0
    const third = bytes[at + 2] ?? 0
    if (byte >= 0xc2 && byte <= 0xcb && !(byte === 0xc2 && second <= 0xa0)) at += 1
    else if (byte === 0xe2 && second === 0x80 && third >= 0x90 && third <= 0xa7) at += 2
    else if (byte === 0xf0 && second === 0x9f && third >= 0x8c && third <= 0xab) at += 3
    else return false
  }
  return true
}
