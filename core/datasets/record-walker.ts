import {
  DIALOGUE_SHAPE,
  DIALOGUE_SLOTS,
  KIND,
  MESSAGE_SHAPE,
  MESSAGE_SLOT,
  MESSAGE_SLOTS,
  NO_BOUND,
  keyHash,
  type Field,
  type Literal,
  type Shape,
} from './record-shape.ts'

/**
 * One pass over the bytes of a dialogue that checks JSON grammar and schema and notes where everything stands, without
 * making a string or an object. It takes the plain road only:
 * on anything unusual (an escaped key, a key given twice, a number with an exponent …) it says false, and the caller
 * goes the strict way with JSON.parse and the schema. What it accepts, the strict way accepts with the same answers;
 * a property test holds them to it. This is the plain one, in TypeScript; `walker-kernel/` is its twin in WebAssembly.
 */
export interface RecordWalker {
  /** False: not plain, or not valid, or not one whole value. The fields below mean nothing then. */
  walk(bytes: Buffer, start: number, end: number): boolean
  messages: number
  /** Start and end (exclusive) of the value of each slot, quotes included, as `[2 * slot]` and `[2 * slot + 1]`; -1 when absent. */
  spans: Int32Array
  /** For `oneOf` slots the index in the vocabulary; for booleans 1 or 0; -1 when absent. */
  codes: Int8Array
  /** For each message the union of the {@link TEXT} flags that hold for its text. */
  textFlags: Uint8Array
  /** For each message the length of its text in Unicode code points. */
  textCharacters: Uint32Array
  /** Members of `labels`: for each four numbers, start and end of the name without quotes, start and end of the value. */
  labels: Int32Array
  labelCount: number
  /** For each member of `labels`, whether it is a stamp. */
  labelIsStamp: Uint8Array
  /**
   * Of the record that was walked last, where the walker has it at hand: its canonical content, and its texts as
   * core/merge/text-key.ts joins them. Valid until the next call.
   */
  quickContent?: () => Buffer | undefined
  quickTexts?: () => Buffer | undefined
}

/** The walker needs this many bytes after the record in the buffer, and the buffer's own last ones to be zero. */
export const PADDING = 8

/** What is known of a text after one look at its bytes. */
export const TEXT = {
  notAscii: 1,
  /** `\"`, `\\`, `\n` and the like, as JSON.stringify writes them too. */
  escape: 2,
  /** `\/` or `\u`: JSON.stringify may write it otherwise. */
  oddEscape: 4,
  /** `\t`, `\n` or `\r` (each sets `escape` too). */
  escapedSpace: 8,
  /** Two spaces in a row. */
  doubleSpace: 16,
} as const

const QUOTE = 0x22
const MAX_MESSAGES = 1024
const MAX_LABELS = 64
/** Deeper nesting in an unknown field goes the strict way. */
const MAX_DEPTH = 32

/** The first slot of a message. */
export function messageSlot(message: number): number {
  return DIALOGUE_SLOTS + message * MESSAGE_SLOTS
}

/** What a walker notes: the fields of {@link RecordWalker} of the same names. */
export type WalkerNotes = Pick<
  RecordWalker,
  'spans' | 'codes' | 'textFlags' | 'textCharacters' | 'labels' | 'labelIsStamp'
>

/** How long each array is. */
export const NOTE_LENGTHS: Readonly<Record<keyof WalkerNotes, number>> = {
  spans: messageSlot(MAX_MESSAGES) * 2,
  codes: messageSlot(MAX_MESSAGES),
  textFlags: MAX_MESSAGES,
  textCharacters: MAX_MESSAGES,
  labels: MAX_LABELS * 4,
  labelIsStamp: MAX_LABELS,
}

export function createRecordWalker(
  notes: WalkerNotes = {
    spans: new Int32Array(NOTE_LENGTHS.spans),
    codes: new Int8Array(NOTE_LENGTHS.codes),
    textFlags: new Uint8Array(NOTE_LENGTHS.textFlags),
    textCharacters: new Uint32Array(NOTE_LENGTHS.textCharacters),
    labels: new Int32Array(NOTE_LENGTHS.labels),
    labelIsStamp: new Uint8Array(NOTE_LENGTHS.labelIsStamp),
  },
): RecordWalker {
  const { spans, codes, textFlags, textCharacters, labels, labelIsStamp } = notes
  spans.fill(-1)
  codes.fill(-1)
  let messages = 0
  let labelCount = 0
  // Set by readString for the string that it read last.
  let flags = 0
  let characters = 0
  let view: DataView = new DataView(new ArrayBuffer(0))
  let viewed: Buffer | undefined

  const walker: RecordWalker = {
    messages: 0,
    spans,
    codes,
    textFlags,
    textCharacters,
    labels,
    labelCount: 0,
    labelIsStamp,
    walk(bytes, start, end) {
      const used = messageSlot(messages)
      spans.fill(-1, 0, used * 2)
      codes.fill(-1, 0, used)
      messages = 0
      labelCount = 0
      // Strings are read some bytes at a time without looking where the buffer ends: a zero before its end stops them.
      if (bytes.length - end < PADDING || bytes[bytes.length - PADDING] !== 0) return false
      if (viewed !== bytes) {
        view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        viewed = bytes
      }
      if (bytes[start] !== 0x7b) return false
      const stop = walkObject(bytes, start, DIALOGUE_SHAPE, 0)
      walker.messages = messages
      walker.labelCount = labelCount
      return stop === end
    },
  }
  return walker

  /** The position after the object's closing brace, or -1. */
  function walkObject(bytes: Buffer, from: number, shape: Shape, base: number): number {
    let at = from + 1
    let seen = 0
    let previous: Field | undefined
    while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
    if (bytes[at] === 0x7d) return shape.required === 0 ? at + 1 : -1
    for (;;) {
      if (bytes[at] !== QUOTE) return -1
      const keyStart: number = at + 1
      let field: Field | undefined = previous?.follower
      if (field !== undefined && isLiteral(keyStart, field.name)) {
        at = keyStart + field.name.length
      } else {
        at = skipString(bytes, keyStart - 1) - 1
        if (at < 0 || bytes.subarray(keyStart, at).includes(0x5c)) return -1
        field = findField(bytes, keyStart, at, shape)
        if (previous !== undefined) previous.follower = field
      }
      previous = field
      const keyEnd = at
      at += 1
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
      if (bytes[at] !== 0x3a) return -1
      at += 1
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
      const valueStart = at
      if (field === undefined) {
        // `__proto__` is not like other keys once it is an object's.
        if (bytes[keyStart] === 0x5f && bytes[keyStart + 1] === 0x5f) return -1
        at = skipAny(bytes, at, 0)
      } else {
        if ((seen & field.bit) !== 0) return -1
        seen |= field.bit
        at = walkField(bytes, at, field, base)
      }
      if (at < 0) return -1
      if (shape.listed) {
        if (labelCount === MAX_LABELS) return -1
        const entry = labelCount * 4
        for (let byte = keyStart; byte < keyEnd; byte++) if ((bytes[byte] ?? 0) >= 0x80) return -1
        // A name that comes twice: JSON.parse takes the last.
        if (field === undefined && hasLabel(bytes, keyStart, keyEnd)) return -1
        labels[entry] = keyStart
        labels[entry + 1] = keyEnd
        labels[entry + 2] = valueStart
        labels[entry + 3] = at
        labelIsStamp[labelCount] = field?.stamp === true ? 1 : 0
        labelCount += 1
      }
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
      if (bytes[at] === 0x2c) {
        at += 1
        while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
        continue
      }
      if (bytes[at] !== 0x7d) return -1
      return (seen & shape.required) === shape.required ? at + 1 : -1
    }
  }

  function hasLabel(bytes: Buffer, start: number, end: number): boolean {
    for (let entry = 0; entry < labelCount * 4; entry += 4) {
      const from = labels[entry] ?? 0
      if ((labels[entry + 1] ?? 0) - from !== end - start) continue
      let at = 0
      while (at < end - start && bytes[from + at] === bytes[start + at]) at++
      if (at === end - start) return true
    }
    return false
  }

  function walkField(bytes: Buffer, from: number, field: Field, base: number): number {
    const slot = field.slot === -1 ? -1 : base + field.slot
    let end = -1
    switch (field.kind) {
      case KIND.text: {
        end = readString(bytes, from)
        if (end < 0 || !startsVisibly(bytes, from)) return -1
        const message = (base - DIALOGUE_SLOTS) / MESSAGE_SLOTS
        textFlags[message] = flags
        textCharacters[message] = characters
        break
      }
      case KIND.string:
        end = skipString(bytes, from)
        break
      case KIND.nonEmpty:
        end = skipString(bytes, from)
        // An id or a concern with an escape in it is compared by its meaning, not by its bytes.
        if (end - from <= 2 || bytes.subarray(from, end).includes(0x5c)) return -1
        break
      case KIND.oneOf: {
        end = skipString(bytes, from)
        if (end < 0) return -1
        const length = end - from - 2
        for (let code = 0; code < field.values.length; code++) {
          const value = field.values[code]
          if (value !== undefined && value.length === length && isLiteral(from + 1, value)) {
            if (slot !== -1) codes[slot] = code
            break
          }
          if (code === field.values.length - 1) return -1
        }
        break
      }
      case KIND.strings:
        end = skipStrings(bytes, from)
        break
      case KIND.boolean:
        end = skipAny(bytes, from, 0)
        if (bytes[from] === 0x74 || bytes[from] === 0x66) {
          if (slot !== -1) codes[slot] = bytes[from] === 0x74 ? 1 : 0
        } else return -1
        break
      case KIND.number:
        end = skipNumber(bytes, from)
        // A finite one, says the schema; that takes 309 digits or an exponent to miss.
        if (end - from > 300 || (end > 0 && hasExponent(bytes, from, end))) return -1
        break
      case KIND.integer: {
        end = skipNumber(bytes, from)
        // Up to 15 digits, which JavaScript holds exactly.
        if (end < 0 || end - from > 15 || !isWhole(bytes, from, end)) return -1
        if (field.most !== NO_BOUND) {
          const value = Number(bytes.toString('latin1', from, end))
          if (value < field.least || value > field.most) return -1
        }
        break
      }
      case KIND.object:
        if (bytes[from] !== 0x7b || field.shape === undefined) return -1
        end = walkObject(bytes, from, field.shape, base)
        break
      case KIND.messages:
        end = walkMessages(bytes, from)
        break
      case KIND.any:
        end = skipAny(bytes, from, 0)
        break
    }
    if (slot !== -1) {
      spans[slot * 2] = from
      spans[slot * 2 + 1] = end
    }
    return end
  }

  function walkMessages(bytes: Buffer, from: number): number {
    if (bytes[from] !== 0x5b) return -1
    let at = from + 1
    for (;;) {
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
      if (bytes[at] !== 0x7b || messages === MAX_MESSAGES) return -1
      const base = messageSlot(messages)
      messages += 1
      const start = at
      at = walkObject(bytes, at, MESSAGE_SHAPE, base)
      if (at < 0) return -1
      spans[(base + MESSAGE_SLOT.whole) * 2] = start
      spans[(base + MESSAGE_SLOT.whole) * 2 + 1] = at
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
      if (bytes[at] === 0x2c) at += 1
      else if (bytes[at] === 0x5d) return messages >= 2 ? at + 1 : -1
      else return -1
    }
  }

  /** Reads the string at `from` and sets `flags` and `characters`. */
  function readString(bytes: Buffer, from: number): number {
    if (bytes[from] !== QUOTE) return -1
    const data = view
    let at = from + 1
    let high = 0
    let pairs = 0
    let escapes = 0
    flags = 0
    for (;;) {
      const word = data.getInt32(at, true)
      const stops = stopsIn(word)
      // A zero byte in `pair` is a space followed by a space.
      const pair = (word ^ 0x20202020) | (data.getInt32(at + 1, true) ^ 0x20202020)
      const paired = (pair - 0x01010101) & ~pair
      if (stops === 0) {
        high |= word
        pairs |= paired
        at += 4
        continue
      }
      const before = firstByte(stops)
      // Shifts by 32 are shifts by 0 in JavaScript, hence the case of its own.
      if (before > 0) {
        const mask = -1 >>> (32 - before * 8)
        high |= word & mask
        pairs |= paired & mask
      }
      at += before
      const stop = bytes[at]
      if (stop === QUOTE) break
      if (stop !== 0x5c) return -1
      const escape = escapeLength(bytes, at)
      if (escape === 0) return -1
      const letter = bytes[at + 1]
      flags |= letter === 0x75 || letter === 0x2f ? TEXT.oddEscape : TEXT.escape
      if (letter === 0x6e || letter === 0x72 || letter === 0x74) flags |= TEXT.escapedSpace
      escapes += 1
      at += escape
    }
    if ((pairs & 0x80808080) !== 0) flags |= TEXT.doubleSpace
    characters = at - from - 1 - escapes
    if ((high & 0x80808080) !== 0) {
      flags |= TEXT.notAscii
      characters -= continuationBytes(bytes, from, at)
    }
    if ((flags & TEXT.oddEscape) !== 0) characters = characterCount(JSON.parse(bytes.toString('utf8', from, at + 1)))
    return at + 1
  }

  /** Bytes 10xxxxxx: all of a UTF-8 character but its first. */
  function continuationBytes(bytes: Buffer, start: number, end: number): number {
    const data = view
    let count = 0
    let at = start
    for (; at + 4 <= end; at += 4) {
      const word = data.getInt32(at, true)
      count += Math.imul(((word & ~(word << 1)) >>> 7) & 0x01010101, 0x01010101) >>> 24
    }
    for (; at < end; at++) if (((bytes[at] ?? 0) & 0xc0) === 0x80) count += 1
    return count
  }

  /** Whether the characters at `start` are these, their closing quote included. */
  function isLiteral(start: number, wanted: Literal): boolean {
    const data = view
    const { words, masks } = wanted
    for (let piece = 0, at = start; piece < words.length; piece++, at += 4)
      if ((data.getInt32(at, true) & (masks[piece] ?? 0)) !== words[piece]) return false
    return true
  }

  function findField(bytes: Buffer, start: number, end: number, shape: Shape): Field | undefined {
    const { table } = shape
    const mask = table.length - 1
    for (let at = keyHash(bytes, start, end) & mask; ; at = (at + 1) & mask) {
      const field = table[at]
      if (field === undefined || isLiteral(start, field.name)) return field
    }
  }

  /** The position after the string at `from`, or -1. */
  function skipString(bytes: Buffer, from: number): number {
    if (bytes[from] !== QUOTE) return -1
    let at = from + 1
    const data = view
    for (;;) {
      const stops = stopsIn(data.getInt32(at, true))
      if (stops === 0) {
        at += 4
        continue
      }
      at += firstByte(stops)
      const stop = bytes[at]
      if (stop === QUOTE) return at + 1
      if (stop !== 0x5c) return -1
      const escape = escapeLength(bytes, at)
      if (escape === 0) return -1
      at += escape
    }
  }

  function skipStrings(bytes: Buffer, from: number): number {
    if (bytes[from] !== 0x5b) return -1
    let at = from + 1
    while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
    if (bytes[at] === 0x5d) return at + 1
    for (;;) {
      at = skipString(bytes, at)
      if (at < 0) return -1
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
      if (bytes[at] === 0x5d) return at + 1
      if (bytes[at] !== 0x2c) return -1
      at += 1
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
    }
  }

  /** The position after the value at `from`, grammar checked, or -1. */
  function skipAny(bytes: Buffer, from: number, depth: number): number {
    switch (bytes[from]) {
      case QUOTE:
        return skipString(bytes, from)
      case 0x74:
        return bytes[from + 1] === 0x72 && bytes[from + 2] === 0x75 && bytes[from + 3] === 0x65 ? from + 4 : -1
      case 0x66:
        return bytes[from + 1] === 0x61 &&
          bytes[from + 2] === 0x6c &&
          bytes[from + 3] === 0x73 &&
          bytes[from + 4] === 0x65
          ? from + 5
          : -1
      case 0x6e:
        return bytes[from + 1] === 0x75 && bytes[from + 2] === 0x6c && bytes[from + 3] === 0x6c ? from + 4 : -1
      case 0x5b:
      case 0x7b:
        return skipContainer(bytes, from, depth)
      default:
        return skipNumber(bytes, from)
    }
  }

  function skipContainer(bytes: Buffer, from: number, depth: number): number {
    if (depth === MAX_DEPTH) return -1
    const keyed = bytes[from] === 0x7b
    const close = keyed ? 0x7d : 0x5d
    let at = from + 1
    while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
    if (bytes[at] === close) return at + 1
    for (;;) {
      if (keyed) {
        at = skipString(bytes, at)
        if (at < 0) return -1
        while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
        if (bytes[at] !== 0x3a) return -1
        at += 1
        while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
      }
      at = skipAny(bytes, at, depth + 1)
      if (at < 0) return -1
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
      if (bytes[at] === close) return at + 1
      if (bytes[at] !== 0x2c) return -1
      at += 1
      while (bytes[at] === 0x20 || isLineSpace(bytes[at])) at++
    }
  }
}

/** Characters of a text: Unicode code points. */
export function characterCount(text: unknown): number {
  if (typeof text !== 'string') return 0
  let count = text.length
  for (let at = 0; at < text.length; at++) if (isLeadOfPair(text, at)) count -= 1
  return count
}

function isLeadOfPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
}

/** 0x80 in the byte where a quote, a backslash or a control character is; exact up to the first of them. */
function stopsIn(word: number): number {
  const quote = word ^ 0x22222222
  const backslash = word ^ 0x5c5c5c5c
  return (
    (((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((word - 0x20202020) & ~word)) &
    0x80808080
  )
}

/** Index (0..3) of the lowest byte that is marked. */
function firstByte(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3
}

/** The schema wants a text that is not blank; one that starts with a letter is not. Others go the strict way. */
function startsVisibly(bytes: Buffer, from: number): boolean {
  for (let at = from + 1; ; at++) {
    const byte = bytes[at] ?? 0
    if (byte > 0x20 && byte < 0x7f) return byte !== QUOTE && (byte !== 0x5c || bytes[at + 1] === QUOTE)
    if (byte === 0x20) continue
    // “ ” ‘ ’ — … and the like (U+2010..U+2026) are no white space, nor is anything of four bytes (emoji).
    return (byte === 0xe2 && bytes[at + 1] === 0x80 && inDashesAndQuotes(bytes[at + 2] ?? 0)) || byte >= 0xf0
  }
}

function inDashesAndQuotes(byte: number): boolean {
  return byte >= 0x90 && byte <= 0xa6
}

function isLineSpace(byte: number | undefined): boolean {
  return byte === 10 || byte === 13 || byte === 9
}

/** Two or six characters; 0 when it is none of JSON's. */
function escapeLength(bytes: Buffer, at: number): 0 | 2 | 6 {
  switch (bytes[at + 1]) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return 2
    case 0x75:
      for (let digit = 2; digit < 6; digit++) if (!isHex(bytes[at + digit] ?? 0)) return 0
      return 6
    default:
      return 0
  }
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

/** The position after the number at `from` by JSON's grammar, or -1. */
function skipNumber(bytes: Buffer, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from
  const first = at
  while (isDigit(bytes[at])) at++
  if (at === first || (bytes[first] === 0x30 && at > first + 1)) return -1
  if (bytes[at] === 0x2e) {
    const fraction = at + 1
    at = fraction
    while (isDigit(bytes[at])) at++
    if (at === fraction) return -1
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at += bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? 2 : 1
    const exponent = at
    while (isDigit(bytes[at])) at++
    if (at === exponent) return -1
  }
  return at
}

function isWhole(bytes: Buffer, start: number, end: number): boolean {
  for (let at = bytes[start] === 0x2d ? start + 1 : start; at < end; at++) if (!isDigit(bytes[at])) return false
  return true
}

function hasExponent(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === 0x65 || bytes[at] === 0x45) return true
  return false
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}
