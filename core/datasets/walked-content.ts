import { hash } from 'node:crypto'
import { CONTENT_OPENING, sorted } from '../dialogue/content-hash.ts'
import { MESSAGE_SLOT, SLOT } from './record-shape.ts'
import { messageSlot, TEXT, type RecordWalker } from './record-walker.ts'

/**
 * {@link contentSha256} of a record that the walker accepted, from its bytes: most of the canonical form stands in
 * the record as it is and is only copied. A property test holds the two equal.
 */
export interface ContentHasher {
  /** 64 hex digits. */
  sha256(walker: RecordWalker, bytes: Buffer): string
  /** For tests: the canonical form itself. */
  canonical(walker: RecordWalker, bytes: Buffer): string
}

const OPENING = Buffer.from(CONTENT_OPENING)
const NULL = Buffer.from('null')
const MESSAGE_VALUES = [
  MESSAGE_SLOT.intent,
  MESSAGE_SLOT.sentiment,
  MESSAGE_SLOT.risk_level,
  MESSAGE_SLOT.stage,
  MESSAGE_SLOT.techniques,
] as const

const COMMA = 0x2c
const OPEN = 0x5b
const CLOSE = 0x5d
const QUOTE = 0x22
const BACKSLASH = 0x5c

export function createContentHasher(): ContentHasher {
  let scratch = Buffer.allocUnsafeSlow(64 * 1024)
  let used = 0

  function byte(value: number): void {
    scratch[used] = value
    used += 1
  }

  /** A loop for a few bytes: a call of copy costs more than they do. */
  function copy(bytes: Buffer, start: number, end: number): void {
    if (end - start < 32) for (let at = start; at < end; at++) scratch[used++] = bytes[at] ?? 0
    else used += bytes.copy(scratch, used, start, end)
  }

  function room(least: number): void {
    if (used + least <= scratch.length) return
    const larger = Buffer.allocUnsafeSlow((used + least) * 2)
    scratch.copy(larger, 0, 0, used)
    scratch = larger
  }

  /** The value as JSON.stringify would write it, the long way. */
  function rewritten(bytes: Buffer, start: number, end: number): void {
    const json = JSON.stringify(sorted(JSON.parse(bytes.toString('utf8', start, end))))
    room(json.length * 3 + 4096)
    used += scratch.write(json, used)
  }

  /** An array of strings without white space in or between them is as JSON.stringify writes it. */
  function strings(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const value = bytes[at] ?? 0
      if (value <= 0x20 || value === BACKSLASH) {
        rewritten(bytes, start, end)
        return
      }
    }
    copy(bytes, start, end)
  }

  function labelValue(bytes: Buffer, start: number, end: number): void {
    const first = bytes[start]
    const plain =
      first === QUOTE
        ? !bytes.subarray(start, end).includes(BACKSLASH)
        : first === 0x74 || first === 0x66 || first === 0x6e
    if (plain) copy(bytes, start, end)
    else rewritten(bytes, start, end)
  }

  function build(walker: RecordWalker, bytes: Buffer): void {
    const { spans, labels, labelCount, labelIsStamp, textFlags } = walker
    used = 0
    // Everything but rewritten values is copied from the record; separators are at most 12 bytes a message.
    const whole = (spans[SLOT.messages * 2 + 1] ?? 0) - (spans[SLOT.messages * 2] ?? 0)
    const labelBytes = (spans[SLOT.labels * 2 + 1] ?? 0) - (spans[SLOT.labels * 2] ?? 0)
    room(whole + labelBytes * 2 + walker.messages * 32 + 4096)
    copy(OPENING, 0, OPENING.length)
    copy(bytes, spans[SLOT.session_type * 2] ?? 0, spans[SLOT.session_type * 2 + 1] ?? 0)
    byte(COMMA)
    copy(bytes, spans[SLOT.concern * 2] ?? 0, spans[SLOT.concern * 2 + 1] ?? 0)
    byte(COMMA)
    byte(OPEN)
    for (let message = 0; message < walker.messages; message++) {
      const slot = messageSlot(message)
      if (message > 0) byte(COMMA)
      byte(OPEN)
      copy(bytes, spans[slot * 2] ?? 0, spans[slot * 2 + 1] ?? 0)
      byte(COMMA)
      const text = (slot + MESSAGE_SLOT.text) * 2
      if (((textFlags[message] ?? 0) & TEXT.oddEscape) === 0) copy(bytes, spans[text] ?? 0, spans[text + 1] ?? 0)
      else rewritten(bytes, spans[text] ?? 0, spans[text + 1] ?? 0)
      for (const name of MESSAGE_VALUES) {
        byte(COMMA)
        const at = (slot + name) * 2
        const start = spans[at] ?? -1
        if (start === -1) copy(NULL, 0, 4)
        else if (name === MESSAGE_SLOT.techniques) strings(bytes, start, spans[at + 1] ?? 0)
        else copy(bytes, start, spans[at + 1] ?? 0)
      }
      byte(CLOSE)
    }
    byte(CLOSE)
    byte(COMMA)
    byte(OPEN)
    sortLabels()
    for (let place = 0; place < ordered; place++) {
      const entry = (order[place] ?? 0) * 4
      if (place > 0) byte(COMMA)
      byte(OPEN)
      byte(QUOTE)
      copy(bytes, labels[entry] ?? 0, labels[entry + 1] ?? 0)
      byte(QUOTE)
      byte(COMMA)
      labelValue(bytes, labels[entry + 2] ?? 0, labels[entry + 3] ?? 0)
      byte(CLOSE)
    }
    byte(CLOSE)
    byte(CLOSE)

    /** Insertion sort by name: half a dozen labels, mostly in the same order. */
    function sortLabels(): void {
      ordered = 0
      for (let label = 0; label < labelCount; label++) {
        if (labelIsStamp[label] === 1) continue
        let place = ordered
        while (place > 0 && comesBefore(label, order[place - 1] ?? 0)) {
          order[place] = order[place - 1] ?? 0
          place -= 1
        }
        order[place] = label
        ordered += 1
      }
    }

    function comesBefore(a: number, b: number): boolean {
      let left = labels[a * 4] ?? 0
      let right = labels[b * 4] ?? 0
      const leftEnd = labels[a * 4 + 1] ?? 0
      const rightEnd = labels[b * 4 + 1] ?? 0
      while (left < leftEnd && right < rightEnd && bytes[left] === bytes[right]) {
        left += 1
        right += 1
      }
      if (left === leftEnd || right === rightEnd) return left === leftEnd && right < rightEnd
      return (bytes[left] ?? 0) < (bytes[right] ?? 0)
    }
  }

  const order = new Uint8Array(64)
  let ordered = 0

  return {
    sha256(walker, bytes) {
      const quick = walker.quickContent?.()
      if (quick === undefined) build(walker, bytes)
      // As text: node makes a Buffer for a digest at twice the price of the digest itself.
      return hash('sha256', quick ?? scratch.subarray(0, used), 'hex')
    },
    canonical(walker, bytes) {
      build(walker, bytes)
      return scratch.toString('utf8', 0, used)
    },
  }
}
