import { isUtf8 } from 'node:buffer'

export interface SyntaxProblem {
  message: string
  expected: string
  fix: string
  /** Line feeds between the start of the bytes and the fault. */
  linesIn: number
}

/**
 * Why these bytes are not one JSON value, in words that quote nothing of them: a report must not carry dialogue text
 * into a log.
 */
export function syntaxProblem(bytes: Buffer): SyntaxProblem {
  if (!isUtf8(bytes)) {
    const at = firstInvalidByte(bytes)
    return {
      message: `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')} at ${at + 1} of the record is not UTF-8`,
      expected: 'text in UTF-8',
      fix: 'The file looks like Latin-1 or Windows-1252: convert it with `iconv -f latin1 -t utf-8`.',
      linesIn: lineFeedsBefore(bytes, at),
    }
  }
  const text = bytes.toString('utf8')
  const { at, cut } = syntaxFault(text)
  return {
    message: cut ? 'the record ends in the middle' : `not valid JSON at character ${at + 1} of the record`,
    expected: 'one JSON object',
    fix: cut
      ? 'A bracket, a quote or the rest of the line is missing: restore it, or remove the record.'
      : 'Put the record right (a JSON editor shows the place), or remove it.',
    linesIn: cut ? 0 : lineFeedsBefore(Buffer.from(text.slice(0, at)), Infinity),
  }
}

/** Where a text that is not JSON goes wrong, and whether it would have been right so far: then it was cut there. */
export function syntaxFault(text: string): { at: number; cut: boolean } {
  const fault = faultOf(text)
  if (fault === undefined || fault === 'end') return { at: text.trimEnd().length, cut: true }
  const at = fault === 'unknown' ? faultByHalving(text) : fault
  return { at, cut: at >= text.length }
}

/** For some faults the parser gives no place: the longest beginning that only lacks its end reaches up to it. */
function faultByHalving(text: string): number {
  let good = 0
  let bad = text.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const fault = faultOf(text.slice(0, middle))
    if (fault === undefined || fault === 'end' || fault === middle) good = middle
    else bad = middle
  }
  return good
}

function faultOf(text: string): number | 'end' | 'unknown' | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (message.startsWith('Unexpected end')) return 'end'
    const position = / at position (\d+)/.exec(message)?.[1]
    return position === undefined ? 'unknown' : Number(position)
  }
}

/** Halving on whole prefixes: a prefix is well-formed up to the byte that spoils it, its last three bytes aside. */
function firstInvalidByte(bytes: Buffer): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 8) {
    const middle = (good + bad) >> 1
    let trimmed = middle
    while (trimmed > good && ((bytes[trimmed] ?? 0) & 0xc0) === 0x80) trimmed--
    if (trimmed === good) break
    if (isUtf8(bytes.subarray(0, trimmed))) good = trimmed
    else bad = trimmed
  }
  while (good < bad) {
    const length = sequenceLength(bytes[good] ?? 0)
    if (!isUtf8(bytes.subarray(good, good + length))) return good
    good += length
  }
  return good
}

function sequenceLength(lead: number): number {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
}

function lineFeedsBefore(bytes: Buffer, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(10); at !== -1 && at < end; at = bytes.indexOf(10, at + 1)) count += 1
  return count
}
