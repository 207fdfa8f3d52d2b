// The record walker (../record-walker.ts) for WebAssembly, in AssemblyScript: the same road, step by step, under the same
// names. It reads strings 16 bytes at a time. README.md beside it says how it is built and what holds the two equal.

const QUOTE: u32 = 0x22
const BACKSLASH: u32 = 0x5c
const MAX_MESSAGES: i32 = 1024
const MAX_LABELS: i32 = 64
const MAX_DEPTH: i32 = 32

// TEXT in ../record-walker.ts
const NOT_ASCII: i32 = 1
const ESCAPE: i32 = 2
const ODD_ESCAPE: i32 = 4
const ESCAPED_SPACE: i32 = 8
const DOUBLE_SPACE: i32 = 16

// KIND in ../record-shape.ts
const STRING: i32 = 1
const NON_EMPTY: i32 = 2
const TEXT: i32 = 3
const STRINGS: i32 = 4
const BOOLEAN: i32 = 5
const NUMBER: i32 = 6
const INTEGER: i32 = 7
const ONE_OF: i32 = 8
const OBJECT: i32 = 9
const MESSAGES: i32 = 10

// A field as ./walker-kernel.ts lays it out: 12 words.
@inline function kindOf(field: usize): i32 { return load<i32>(field) }
@inline function slotOf(field: usize): i32 { return load<i32>(field, 4) }
@inline function bitOf(field: usize): i32 { return load<i32>(field, 8) }
@inline function nameOf(field: usize): usize { return load<u32>(field, 12) }
@inline function valuesOf(field: usize): usize { return load<u32>(field, 16) }
@inline function valueCountOf(field: usize): i32 { return load<i32>(field, 20) }
@inline function shapeOf(field: usize): usize { return load<u32>(field, 24) }
@inline function leastOf(field: usize): i32 { return load<i32>(field, 28) }
@inline function mostOf(field: usize): i32 { return load<i32>(field, 32) }
@inline function isStamp(field: usize): i32 { return load<i32>(field, 36) }
@inline function followerOf(field: usize): usize { return load<u32>(field, 40) }
@inline function setFollower(field: usize, follower: usize): void { store<u32>(field, <u32>follower, 40) }

// A shape: required bits, whether it is listed, and a table of 64 fields.
@inline function requiredOf(shape: usize): i32 { return load<i32>(shape) }
@inline function isListed(shape: usize): i32 { return load<i32>(shape, 4) }

let dialogueShape: usize = 0
let messageShape: usize = 0
let spans: usize = 0
let codes: usize = 0
let textFlags: usize = 0
let textCharacters: usize = 0
let labels: usize = 0
let labelIsStamp: usize = 0
let dialogueSlots: i32 = 0
let messageSlots: i32 = 0
let wholeSlot: i32 = 0

let messages: i32 = 0
let labelCount: i32 = 0
let flags: i32 = 0
let characters: i32 = 0

export function init(
  dialogueShapeAt: usize, messageShapeAt: usize, spansAt: usize, codesAt: usize, textFlagsAt: usize,
  textCharactersAt: usize, labelsAt: usize, labelIsStampAt: usize,
  slotsOfDialogue: i32, slotsOfMessage: i32, slotOfWhole: i32,
): void {
  dialogueShape = dialogueShapeAt
  messageShape = messageShapeAt
  spans = spansAt
  codes = codesAt
  textFlags = textFlagsAt
  textCharacters = textCharactersAt
  labels = labelsAt
  labelIsStamp = labelIsStampAt
  dialogueSlots = slotsOfDialogue
  messageSlots = slotsOfMessage
  wholeSlot = slotOfWhole
}

export function messageCount(): i32 { return messages }
export function labelsFound(): i32 { return labelCount }

// Whether the bytes from `start` to `end` are one plain record. `base` is taken off every position that is noted.
let origin: i32 = 0
export function walk(start: i32, end: i32, base: i32): i32 {
  const used: i32 = dialogueSlots + messages * messageSlots
  memory.fill(spans, 0xff, used * 8)
  memory.fill(codes, 0xff, used)
  messages = 0
  labelCount = 0
  origin = base
  if (load<u8>(start) !== 0x7b) return 0
  return i32(walkObject(start, dialogueShape, 0) === end)
}

@inline function isSpace(byte: u32): bool {
  return byte === 0x20 || byte === 10 || byte === 13 || byte === 9
}

@inline function skipSpace(from: i32): i32 {
  let at = from
  while (isSpace(load<u8>(at))) at++
  return at
}

function walkObject(from: i32, shape: usize, base: i32): i32 {
  let at = skipSpace(from + 1)
  let seen: i32 = 0
  let previous: usize = 0
  if (load<u8>(at) === 0x7d) return requiredOf(shape) === 0 ? at + 1 : -1
  while (true) {
    if (load<u8>(at) !== QUOTE) return -1
    const keyStart = at + 1
    let field: usize = previous === 0 ? 0 : followerOf(previous)
    if (field !== 0 && isLiteral(keyStart, nameOf(field))) {
      at = keyStart + <i32>load<u32>(nameOf(field))
    } else {
      at = skipString(keyStart - 1) - 1
      if (at < 0 || holdsBackslash(keyStart, at)) return -1
      field = findField(keyStart, at, shape)
      if (previous !== 0) setFollower(previous, field)
    }
    previous = field
    const keyEnd = at
    at = skipSpace(at + 1)
    if (load<u8>(at) !== 0x3a) return -1
    at = skipSpace(at + 1)
    const valueStart = at
    if (field === 0) {
      if (load<u8>(keyStart) === 0x5f && load<u8>(keyStart + 1) === 0x5f) return -1
      at = skipAny(at, 0)
    } else {
      const bit = bitOf(field)
      if ((seen & bit) !== 0) return -1
      seen |= bit
      at = walkField(at, field, base)
    }
    if (at < 0) return -1
    if (isListed(shape) !== 0 && !list(keyStart, keyEnd, valueStart, at, field)) return -1
    at = skipSpace(at)
    if (load<u8>(at) === 0x2c) {
      at = skipSpace(at + 1)
      continue
    }
    if (load<u8>(at) !== 0x7d) return -1
    const required = requiredOf(shape)
    return (seen & required) === required ? at + 1 : -1
  }
  return -1
}

function list(keyStart: i32, keyEnd: i32, valueStart: i32, valueEnd: i32, field: usize): bool {
  if (labelCount === MAX_LABELS) return false
  for (let at = keyStart; at < keyEnd; at++) if (load<u8>(at) >= 0x80) return false
  if (field === 0) {
    for (let label = 0; label < labelCount; label++) {
      const from = load<i32>(labels + label * 16) + origin
      const length = load<i32>(labels + label * 16, 4) + origin - from
      if (length === keyEnd - keyStart && memory.compare(from, keyStart, length) === 0) return false
    }
  }
  const entry = labels + labelCount * 16
  store<i32>(entry, keyStart - origin)
  store<i32>(entry, keyEnd - origin, 4)
  store<i32>(entry, valueStart - origin, 8)
  store<i32>(entry, valueEnd - origin, 12)
  store<u8>(labelIsStamp + labelCount, field === 0 ? 0 : isStamp(field))
  labelCount++
  return true
}

@inline function note(slot: i32, start: i32, end: i32): void {
  store<i32>(spans + slot * 8, start - origin)
  store<i32>(spans + slot * 8, end - origin, 4)
}

function walkField(from: i32, field: usize, base: i32): i32 {
  const own = slotOf(field)
  const slot = own === -1 ? -1 : base + own
  let end: i32 = -1
  switch (kindOf(field)) {
    case TEXT: {
      end = readString(from)
      if (end < 0 || !startsVisibly(from)) return -1
      const message = (base - dialogueSlots) / messageSlots
      store<u8>(textFlags + message, flags)
      store<u32>(textCharacters + message * 4, characters)
      break
    }
    case STRING:
      end = skipString(from)
      break
    case NON_EMPTY:
      end = skipString(from)
      if (end - from <= 2 || holdsBackslash(from, end)) return -1
      break
    case ONE_OF: {
      end = skipString(from)
      if (end < 0) return -1
      const code = valueIn(from + 1, end - from - 2, field)
      if (code === -1) return -1
      if (slot !== -1) store<i8>(codes + slot, <i8>code)
      break
    }
    case STRINGS:
      end = skipStrings(from)
      break
    case BOOLEAN: {
      const first: u32 = load<u8>(from)
      if (first !== 0x74 && first !== 0x66) return -1
      end = skipAny(from, 0)
      if (slot !== -1) store<i8>(codes + slot, i8(first === 0x74))
      break
    }
    case NUMBER:
      end = skipNumber(from)
      if (end - from > 300 || (end > 0 && hasExponent(from, end))) return -1
      break
    case INTEGER: {
      end = skipNumber(from)
      if (end < 0 || end - from > 15 || !isWhole(from, end)) return -1
      if (mostOf(field) !== -1) {
        const value = wholeAt(from, end)
        if (value < leastOf(field) || value > mostOf(field)) return -1
      }
      break
    }
    case OBJECT:
      if (load<u8>(from) !== 0x7b) return -1
      end = walkObject(from, shapeOf(field), base)
      break
    case MESSAGES:
      end = walkMessages(from)
      break
    default:
      end = skipAny(from, 0)
      break
  }
  if (slot !== -1 && end >= 0) note(slot, from, end)
  return end
}

function walkMessages(from: i32): i32 {
  if (load<u8>(from) !== 0x5b) return -1
  let at = from + 1
  while (true) {
    at = skipSpace(at)
    if (load<u8>(at) !== 0x7b || messages === MAX_MESSAGES) return -1
    const base = dialogueSlots + messages * messageSlots
    messages++
    const start = at
    at = walkObject(at, messageShape, base)
    if (at < 0) return -1
    note(base + wholeSlot, start, at)
    at = skipSpace(at)
    const byte: u32 = load<u8>(at)
    if (byte === 0x2c) at++
    else if (byte === 0x5d) return messages >= 2 ? at + 1 : -1
    else return -1
  }
  return -1
}

// Bit n for each of the 16 bytes that is a quote, a backslash or a control character.
@inline function stopsIn(bytes: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    ),
  )
}

// Sets `flags` and `characters`.
function readString(from: i32): i32 {
  if (load<u8>(from) !== QUOTE) return -1
  let at = from + 1
  let high: i32 = 0
  let pairs: i32 = 0
  let continuations: i32 = 0
  let removed: i32 = 0
  flags = 0
  while (true) {
    const bytes = v128.load(at)
    const stops = stopsIn(bytes)
    const taken = stops === 0 ? 16 : <i32>ctz<u32>(stops)
    const mask = (1 << taken) - 1
    high |= i8x16.bitmask(bytes) & mask
    // 10xxxxxx, as signed bytes below -64: all of a UTF-8 character but its first.
    continuations += popcnt<i32>(i8x16.bitmask(i8x16.lt_s(bytes, i8x16.splat(-64))) & mask)
    const space = i8x16.splat(0x20)
    pairs |= i8x16.bitmask(v128.and(i8x16.eq(bytes, space), i8x16.eq(v128.load(at + 1), space))) & mask
    at += taken
    if (stops === 0) continue
    const stop: u32 = load<u8>(at)
    if (stop === QUOTE) break
    if (stop !== BACKSLASH) return -1
    const escape = escapeLength(at)
    if (escape === 0) return -1
    const letter: u32 = load<u8>(at + 1)
    flags |= letter === 0x75 || letter === 0x2f ? ODD_ESCAPE : ESCAPE
    if (letter === 0x6e || letter === 0x72 || letter === 0x74) flags |= ESCAPED_SPACE
    removed += escape - 1
    // Two escapes that make one character: \ud800..\udbff and \udc00..\udfff.
    if (escape === 6 && isSurrogate(at, 0x38, 0x62) && escapeLength(at + 6) === 6 && isSurrogate(at + 6, 0x63, 0x66))
      removed++
    at += escape
  }
  if (pairs !== 0) flags |= DOUBLE_SPACE
  if (high !== 0) flags |= NOT_ASCII
  characters = at - from - 1 - removed - continuations
  return at + 1
}

// Whether the \u escape begins with d or D and a digit from `least` to `most` ('8'..'b' or 'c'..'f', in lower case).
function isSurrogate(at: i32, least: u32, most: u32): bool {
  if (load<u8>(at) !== BACKSLASH || load<u8>(at + 1) !== 0x75 || (load<u8>(at + 2) | 0x20) !== 0x64) return false
  const digit: u32 = load<u8>(at + 3) | 0x20
  return digit >= least && digit <= most
}

function skipString(from: i32): i32 {
  if (load<u8>(from) !== QUOTE) return -1
  let at = from + 1
  while (true) {
    const stops = stopsIn(v128.load(at))
    if (stops === 0) {
      at += 16
      continue
    }
    at += <i32>ctz<u32>(stops)
    const stop: u32 = load<u8>(at)
    if (stop === QUOTE) return at + 1
    if (stop !== BACKSLASH) return -1
    const escape = escapeLength(at)
    if (escape === 0) return -1
    at += escape
  }
  return -1
}

function skipStrings(from: i32): i32 {
  if (load<u8>(from) !== 0x5b) return -1
  let at = skipSpace(from + 1)
  if (load<u8>(at) === 0x5d) return at + 1
  while (true) {
    at = skipString(at)
    if (at < 0) return -1
    at = skipSpace(at)
    const byte: u32 = load<u8>(at)
    if (byte === 0x5d) return at + 1
    if (byte !== 0x2c) return -1
    at = skipSpace(at + 1)
  }
  return -1
}

// A literal: its length without the quote, the number of its pieces, then words and masks by turns.
function isLiteral(start: i32, wanted: usize): bool {
  const pieces = load<i32>(wanted, 4)
  let piece = wanted + 8
  for (let index = 0; index < pieces; index++) {
    if ((load<u32>(start) & load<u32>(piece, 4)) !== load<u32>(piece)) return false
    start += 4
    piece += 8
  }
  return true
}

function findField(start: i32, end: i32, shape: usize): usize {
  let at: u32 = keyHash(start, end) & 63
  while (true) {
    const field: usize = load<u32>(shape + 8 + at * 4)
    if (field === 0 || isLiteral(start, nameOf(field))) return field
    at = (at + 1) & 63
  }
  return 0
}

function keyHash(start: i32, end: i32): u32 {
  // The byte "before" an empty key is 0 in ../record-shape.ts only by accident of position; no field has an empty name.
  return (
    (end - start) * 7 + <i32>load<u8>(start) * 3 + <i32>load<u8>((start + end) >> 1) * 5 + <i32>load<u8>(end - 1)
  )
}

function valueIn(start: i32, length: i32, field: usize): i32 {
  const values = valuesOf(field)
  const count = valueCountOf(field)
  for (let code = 0; code < count; code++) {
    const value: usize = load<u32>(values + code * 4)
    if (load<i32>(value) === length && isLiteral(start, value)) return code
  }
  return -1
}

function holdsBackslash(start: i32, end: i32): bool {
  for (let at = start; at < end; at++) if (load<u8>(at) === BACKSLASH) return true
  return false
}

function startsVisibly(from: i32): bool {
  let at = from + 1
  while (true) {
    const byte: u32 = load<u8>(at)
    if (byte > 0x20 && byte < 0x7f)
      return byte !== QUOTE && (byte !== BACKSLASH || load<u8>(at + 1) === QUOTE)
    if (byte !== 0x20) {
      const third: u32 = load<u8>(at + 2)
      return (byte === 0xe2 && load<u8>(at + 1) === 0x80 && third >= 0x90 && third <= 0xa6) || byte >= 0xf0
    }
    at++
  }
  return false
}

function escapeLength(at: i32): i32 {
  switch (<i32>load<u8>(at + 1)) {
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
      for (let digit = 2; digit < 6; digit++) if (!isHex(load<u8>(at + digit))) return 0
      return 6
    default:
      return 0
  }
}

function isHex(byte: u32): bool {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

@inline function isDigit(byte: u32): bool {
  return byte >= 0x30 && byte <= 0x39
}

function skipNumber(from: i32): i32 {
  let at = load<u8>(from) === 0x2d ? from + 1 : from
  const first = at
  while (isDigit(load<u8>(at))) at++
  if (at === first || (load<u8>(first) === 0x30 && at > first + 1)) return -1
  if (load<u8>(at) === 0x2e) {
    const fraction = at + 1
    at = fraction
    while (isDigit(load<u8>(at))) at++
    if (at === fraction) return -1
  }
  if ((load<u8>(at) | 0x20) === 0x65) {
    at += load<u8>(at + 1) === 0x2b || load<u8>(at + 1) === 0x2d ? 2 : 1
    const exponent = at
    while (isDigit(load<u8>(at))) at++
    if (at === exponent) return -1
  }
  return at
}

function isWhole(start: i32, end: i32): bool {
  for (let at = load<u8>(start) === 0x2d ? start + 1 : start; at < end; at++) if (!isDigit(load<u8>(at))) return false
  return true
}

function wholeAt(start: i32, end: i32): i64 {
  const negative = load<u8>(start) === 0x2d
  let value: i64 = 0
  for (let at = negative ? start + 1 : start; at < end; at++) value = value * 10 + <i64>(load<u8>(at) - 0x30)
  return negative ? -value : value
}

function hasExponent(start: i32, end: i32): bool {
  for (let at = start; at < end; at++) if ((load<u8>(at) | 0x20) === 0x65) return true
  return false
}

function skipAny(from: i32, depth: i32): i32 {
  switch (<i32>load<u8>(from)) {
    case 0x22:
      return skipString(from)
    case 0x74:
      return load<u32>(from) === 0x65757274 ? from + 4 : -1
    case 0x66:
      return load<u32>(from, 1) === 0x65736c61 ? from + 5 : -1
    case 0x6e:
      return load<u32>(from) === 0x6c6c756e ? from + 4 : -1
    case 0x5b:
    case 0x7b:
      return skipContainer(from, depth)
    default:
      return skipNumber(from)
  }
}

function skipContainer(from: i32, depth: i32): i32 {
  if (depth === MAX_DEPTH) return -1
  const keyed = load<u8>(from) === 0x7b
  const close: u32 = keyed ? 0x7d : 0x5d
  let at = skipSpace(from + 1)
  if (load<u8>(at) === close) return at + 1
  while (true) {
    if (keyed) {
      at = skipString(at)
      if (at < 0) return -1
      at = skipSpace(at)
      if (load<u8>(at) !== 0x3a) return -1
      at = skipSpace(at + 1)
    }
    at = skipAny(at, depth + 1)
    if (at < 0) return -1
    at = skipSpace(at)
    const byte: u32 = load<u8>(at)
    if (byte === close) return at + 1
    if (byte !== 0x2c) return -1
    at = skipSpace(at + 1)
  }
  return -1
}

// ---- What is made of the record that was walked last: its canonical content and its text, for hashing. Both are copies
// of parts of it, and both give -1 when some part has to be rewritten first, which is left to TypeScript.

let scratch: usize = 0
let scratchEnd: usize = 0
let to: usize = 0

export function initScratch(at: usize, length: usize): void {
  scratch = at
  scratchEnd = at + length
}

@inline function startOf(slot: i32): i32 { return load<i32>(spans + slot * 8) }
@inline function endOf(slot: i32): i32 { return load<i32>(spans + slot * 8, 4) }

@inline function put(byte: u32): void {
  store<u8>(to, byte)
  to++
}

// Whole pieces of 16 bytes: what is copied too much is overwritten by what follows.
@inline function copy(start: usize, length: i32): void {
  for (let at = 0; at < length; at += 16) v128.store(to + at, v128.load(start + at))
  to += length
}

@inline function copySpan(slot: i32): void {
  const start = startOf(slot)
  copy(origin + start, endOf(slot) - start)
}

// `["synthetic-dialogues/content/1",` is at `prefix`; the slots are those of ../record-shape.ts.
export function content(
  prefix: usize, prefixLength: i32, sessionType: i32, concern: i32, text: i32, firstLabel: i32, lastLabel: i32, techniques: i32,
): i32 {
  to = scratch
  if (endOf(concern) - startOf(concern) > 4096) return -1
  copy(prefix, prefixLength)
  copySpan(sessionType)
  put(0x2c)
  copySpan(concern)
  put(0x2c)
  put(0x5b)
  for (let message = 0; message < messages; message++) {
    const slot = dialogueSlots + message * messageSlots
    if ((load<u8>(textFlags + message) & ODD_ESCAPE) !== 0) return -1
    const length = endOf(slot + text) - startOf(slot + text)
    if (to + length + 1024 > scratchEnd) return -1
    if (message > 0) put(0x2c)
    put(0x5b)
    copySpan(slot)
    put(0x2c)
    copySpan(slot + text)
    for (let label = firstLabel; label <= lastLabel; label++) {
      put(0x2c)
      const start = startOf(slot + label)
      if (start === -1) {
        store<u32>(to, 0x6c6c756e)
        to += 4
        continue
      }
      if (label === techniques && !isCompact(start, endOf(slot + label))) return -1
      if (to + (endOf(slot + label) - start) + 1024 > scratchEnd) return -1
      copySpan(slot + label)
    }
    put(0x5d)
  }
  put(0x5d)
  put(0x2c)
  put(0x5b)
  let written: i32 = -1
  for (let count = 0; ; count++) {
    const label = nextLabel(written)
    if (label === -1) break
    written = label
    const entry = labels + label * 16
    const keyStart = load<i32>(entry)
    const keyLength = load<i32>(entry, 4) - keyStart
    const valueStart = load<i32>(entry, 8)
    const valueLength = load<i32>(entry, 12) - valueStart
    if (to + keyLength + valueLength + 1024 > scratchEnd) return -1
    if (!isPlainValue(origin + valueStart, origin + valueStart + valueLength)) return -1
    if (count > 0) put(0x2c)
    put(0x5b)
    put(0x22)
    copy(origin + keyStart, keyLength)
    put(0x22)
    put(0x2c)
    copy(origin + valueStart, valueLength)
    put(0x5d)
  }
  put(0x5d)
  put(0x5d)
  return <i32>(to - scratch)
}

// The label (no stamp) that comes next by name after `last`, or the first for -1. Half a dozen labels: looking through all
// each time is as quick as sorting them.
function nextLabel(last: i32): i32 {
  let next: i32 = -1
  for (let label = 0; label < labelCount; label++) {
    if (load<u8>(labelIsStamp + label) !== 0) continue
    if (last !== -1 && (label === last || !comesBefore(last, label))) continue
    if (next === -1 || comesBefore(label, next)) next = label
  }
  return next
}

function comesBefore(a: i32, b: i32): bool {
  let left = load<i32>(labels + a * 16) + origin
  let right = load<i32>(labels + b * 16) + origin
  const leftEnd = load<i32>(labels + a * 16, 4) + origin
  const rightEnd = load<i32>(labels + b * 16, 4) + origin
  while (left < leftEnd && right < rightEnd && load<u8>(left) === load<u8>(right)) {
    left++
    right++
  }
  if (left === leftEnd || right === rightEnd) return left === leftEnd && right < rightEnd
  return load<u8>(left) < load<u8>(right)
}

// An array of strings as JSON.stringify writes it: no white space and no backslash anywhere.
function isCompact(start: i32, end: i32): bool {
  for (let at = origin + start; at < origin + end; at++) {
    const byte: u32 = load<u8>(at)
    if (byte <= 0x20 || byte === BACKSLASH) return false
  }
  return true
}

function isPlainValue(start: i32, end: i32): bool {
  const first: u32 = load<u8>(start)
  if (first === QUOTE) return !holdsBackslash(start, end)
  return first === 0x74 || first === 0x66 || first === 0x6e
}

// For each message `u` or `a` and the literal of its text, as ../../merge/text-key.ts has it.
export function texts(role: i32, text: i32): i32 {
  to = scratch
  for (let message = 0; message < messages; message++) {
    const slot = dialogueSlots + message * messageSlots
    const start = origin + startOf(slot + text)
    const end = origin + endOf(slot + text)
    if (to + (end - start) + 1024 > scratchEnd) return -1
    if (!isNormal(load<u8>(textFlags + message), start, end)) return -1
    put(load<i8>(codes + slot + role) === 0 ? 0x75 : 0x61)
    copy(start, end - start)
  }
  return <i32>(to - scratch)
}

function isNormal(flags: i32, start: i32, end: i32): bool {
  if ((flags & (ODD_ESCAPE | ESCAPED_SPACE | DOUBLE_SPACE)) !== 0) return false
  if (load<u8>(start + 1) === 0x20 || load<u8>(end - 2) === 0x20) return false
  if ((flags & ESCAPE) !== 0 && !onlyQuotesEscaped(start, end)) return false
  return (flags & NOT_ASCII) === 0 || inertBeyondAscii(start, end)
}

function onlyQuotesEscaped(start: i32, end: i32): bool {
  for (let at = start; at < end; at++) {
    if (load<u8>(at) !== BACKSLASH) continue
    at++
    const letter: u32 = load<u8>(at)
    if (letter !== QUOTE && letter !== BACKSLASH) return false
  }
  return true
}

function inertBeyondAscii(start: i32, end: i32): bool {
  let at = start
  while (at < end) {
    // On to the next byte beyond ASCII.
    const high = i8x16.bitmask(v128.load(at))
    if (high === 0) {
      at += 16
      continue
    }
    at += <i32>ctz<u32>(high)
    if (at >= end) return true
    const byte: u32 = load<u8>(at)
    const second: u32 = load<u8>(at + 1)
    const third: u32 = load<u8>(at + 2)
    if (byte >= 0xc2 && byte <= 0xcb && !(byte === 0xc2 && second <= 0xa0)) at += 2
    else if (byte === 0xe2 && second === 0x80 && third >= 0x90 && third <= 0xa7) at += 3
    else if (byte === 0xf0 && second === 0x9f && third >= 0x8c && third <= 0xab) at += 4
    else return false
  }
  return true
}
