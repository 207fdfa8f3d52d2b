/**
 * Finds where a JSON value ends, byte by byte, and can go on where one piece of the file ends and the next begins. It
 * knows strings and brackets, not grammar: what it delimits still has to be parsed.
 */
export interface ValueScan {
  kind: 'unknown' | 'container' | 'string' | 'bare'
  depth: number
  inString: boolean
  escaped: boolean
}

export const INCOMPLETE = -1
/** A line feed within a string: no JSON, and a sure sign that a quote is missing. */
export const BROKEN_STRING = -2

const QUOTE = 0x22
const BACKSLASH = 0x5c

export function startScan(): ValueScan {
  return { kind: 'unknown', depth: 0, inString: false, escaped: false }
}

/**
 * The position just past the value that starts at `from`, INCOMPLETE when it goes on beyond `to` (call again with the
 * next piece and the same `scan`), or BROKEN_STRING.
 */
export function scanValue(bytes: Uint8Array, from: number, to: number, scan: ValueScan): number {
  let at = from
  if (scan.kind === 'unknown') {
    if (at >= to) return INCOMPLETE
    const first = bytes[at]
    if (first === QUOTE) {
      scan.kind = 'string'
      scan.inString = true
      at += 1
    } else if (first === 0x7b || first === 0x5b) {
      scan.kind = 'container'
    } else {
      scan.kind = 'bare'
    }
  }
  if (scan.kind === 'bare') {
    while (at < to && !endsBareValue(bytes[at])) at++
    return at < to ? at : INCOMPLETE
  }
  while (at < to) {
    if (scan.inString) {
      if (scan.escaped) {
        scan.escaped = false
        at += 1
        continue
      }
      let byte = bytes[at]
      while (byte !== QUOTE && byte !== BACKSLASH && byte !== 10) {
        at += 1
        if (at >= to) return INCOMPLETE
        byte = bytes[at]
      }
      if (byte === 10) return BROKEN_STRING
      at += 1
      if (byte === BACKSLASH) {
        scan.escaped = true
      } else {
        scan.inString = false
        if (scan.kind === 'string') return at
      }
      continue
    }
    const byte = bytes[at]
    at += 1
    if (byte === QUOTE) scan.inString = true
    else if (byte === 0x7b || byte === 0x5b) scan.depth += 1
    else if (byte === 0x7d || byte === 0x5d) {
      scan.depth -= 1
      if (scan.depth === 0) return at
    }
  }
  return INCOMPLETE
}

function endsBareValue(byte: number | undefined): boolean {
  return byte === 0x2c || byte === 0x5d || byte === 0x7d || isSpace(byte)
}

/** JSON's four white space characters. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && isSpace(bytes[at])) at++
  return at
}
