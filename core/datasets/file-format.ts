import { InputError } from '../errors.ts'
import { BROKEN_STRING, INCOMPLETE, isSpace, scanValue, skipSpace, startScan } from './json-scanner.ts'
import type { Slab } from './slab.ts'

/**
 * `object`: the records stand under a key of one object · `array`: a bare array · `lines`: JSONL · `sequence`: objects
 * one after the other that are not one a line (what `jq .` prints), or a single pretty-printed record.
 */
export type FileFormat = 'object' | 'array' | 'lines' | 'sequence'

interface DetectOptions {
  file: string
  arrayKey: string
  recordKeys: readonly string[]
  maxBytes: number
}

/**
 * Tells the format by content and moves `slab.start` to the first record. Throws InputError when there is no record to
 * be expected: an empty file, no JSON, an object without the array.
 */
export async function detectFormat(
  slab: Slab,
  options: DetectOptions,
): Promise<{ format: FileFormat; header: Record<string, unknown> }> {
  await slab.fill()
  if (slab.filled[0] === 0xef && slab.filled[1] === 0xbb && slab.filled[2] === 0xbf) slab.start = 3
  for (;;) {
    slab.start = skipSpace(slab.filled, slab.start)
    if (slab.start < slab.filled.length || slab.ended) break
    await slab.fill()
  }
  const wanted = `a JSON object with \`${options.arrayKey}\`, a JSON array, or one JSON object a line`
  const refuse = (what: string, fix?: string, at?: number): InputError =>
    new InputError(what, {
      where: at === undefined ? options.file : `${options.file}:${slab.lineAt(at)}`,
      expected: wanted,
      fix,
    })

  const first = slab.filled[slab.start]
  if (first === undefined) throw refuse('the file is empty')
  if (first === 0x5b) {
    slab.start += 1
    return { format: 'array', header: {} }
  }
  if (first !== 0x7b) {
    if (laterLineOpensObject(slab)) return { format: 'lines', header: {} }
    throw refuse(notJson(slab), undefined, slab.start)
  }
  if (firstLinesAreRecords(slab)) return { format: 'lines', header: {} }

  for (;;) {
    const members = readMembers(slab.filled, slab.start, options.arrayKey)
    if (members.outcome === 'array') {
      const header = parseMembers(slab.filled, members.found)
      if (header === undefined) throw refuse('the fields before the records are not valid JSON', undefined, slab.start)
      slab.start = members.at + 1
      return { format: 'object', header }
    }
    if (members.outcome === 'incomplete' && !slab.ended && slab.filled.length - slab.start < options.maxBytes) {
      await slab.fill()
      continue
    }
    if (members.outcome === 'not an array')
      throw refuse(`\`${options.arrayKey}\` is not an array`, undefined, members.at)
    const oneLine = firstLineEnd(slab) >= members.at
    if (members.outcome === 'closed') {
      const keys = members.found.map((member) => member.key)
      const isRecord = keys.some((key) => options.recordKeys.includes(key))
      const follows = skipSpace(slab.filled, members.at)
      const more = slab.filled[follows] === 0x7b
      if (isRecord || (more && oneLine)) return { format: oneLine ? 'lines' : 'sequence', header: {} }
      throw refuse(`there are no \`${options.arrayKey}\` in it`, hintFor(keys, options.arrayKey))
    }
    // Broken or cut before the first record. If other lines stand on their own, only this one is bad.
    if (laterLineOpensObject(slab)) return { format: 'lines', header: {} }
    if (members.outcome === 'incomplete')
      throw refuse(
        slab.ended
          ? 'the file ends in the middle, before the first record is complete'
          : `no \`${options.arrayKey}\` within the first ${Math.round(options.maxBytes / 1024 / 1024)} MiB`,
        slab.ended ? 'The file was cut off: copy or download it again.' : undefined,
      )
    throw refuse('this is not valid JSON', undefined, members.at)
  }
}

interface Member {
  key: string
  start: number
  end: number
}

interface Members {
  outcome: 'array' | 'not an array' | 'closed' | 'incomplete' | 'malformed'
  /** Of the array's bracket, of the value that is no array, after the closing brace, or of the fault. */
  at: number
  /** Members before that, with the places of their values. */
  found: Member[]
}

/** Walks the members of the object at `start` up to the wanted array. */
function readMembers(bytes: Buffer, start: number, arrayKey: string): Members {
  const found: Member[] = []
  let at = start + 1
  const stop = (outcome: Members['outcome']): Members => ({ outcome, at, found })
  for (;;) {
    at = skipSpace(bytes, at)
    if (bytes[at] === 0x7d) {
      at += 1
      return stop('closed')
    }
    if (found.length > 0) {
      if (at < bytes.length && bytes[at] !== 0x2c) return stop('malformed')
      at = skipSpace(bytes, at + 1)
    }
    if (at >= bytes.length) return stop('incomplete')
    if (bytes[at] !== 0x22) return stop('malformed')
    const keyEnd = scanValue(bytes, at, bytes.length, startScan())
    if (keyEnd < 0) return stop(keyEnd === BROKEN_STRING ? 'malformed' : 'incomplete')
    const key = parseKey(bytes.toString('utf8', at, keyEnd))
    if (key === undefined) return stop('malformed')
    at = skipSpace(bytes, keyEnd)
    if (at < bytes.length && bytes[at] !== 0x3a) return stop('malformed')
    at = skipSpace(bytes, at + 1)
    if (at >= bytes.length) return stop('incomplete')
    if (key === arrayKey) return stop(bytes[at] === 0x5b ? 'array' : 'not an array')
    const end = scanValue(bytes, at, bytes.length, startScan())
    if (end === at) return stop('malformed')
    if (end < 0) return stop(end === INCOMPLETE ? 'incomplete' : 'malformed')
    found.push({ key, start: at, end })
    at = end
  }
}

function parseKey(literal: string): string | undefined {
  try {
    const key: unknown = JSON.parse(literal)
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}

function parseMembers(bytes: Buffer, members: readonly Member[]): Record<string, unknown> | undefined {
  const header: Record<string, unknown> = {}
  try {
    for (const { key, start, end } of members) header[key] = JSON.parse(bytes.toString('utf8', start, end))
    return header
  } catch {
    return undefined
  }
}

function firstLineEnd(slab: Slab): number {
  const feed = slab.filled.indexOf(10, slab.start)
  return feed === -1 ? slab.filled.length : feed
}

/**
 * `{…}` on the first line and `{` at the start of the second is JSONL, even when the first line is cut: within one JSON
 * value an object can only begin a line after a bracket, a comma or a colon.
 */
function firstLinesAreRecords(slab: Slab): boolean {
  const { filled } = slab
  const feed = firstLineEnd(slab)
  let last = feed - 1
  while (last > slab.start && isSpace(filled[last])) last--
  const goesOn = [0x5b, 0x7b, 0x2c, 0x3a].includes(filled[last] ?? 0)
  const second = skipSpace(filled, feed)
  return !goesOn && filled[second] === 0x7b && filled[second - 1] === 10
}

/** A first line that is no JSON does not condemn the lines after it. */
function laterLineOpensObject(slab: Slab): boolean {
  const found = slab.filled.indexOf('\n{"', slab.start)
  return found !== -1
}

function notJson(slab: Slab): string {
  const [first, second] = [slab.filled[slab.start], slab.filled[slab.start + 1]]
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return 'the file is in UTF-16; save it as UTF-8'
  if (first === 0x50 && second === 0x4b) return 'this is a zip archive; unpack it first'
  if (first === 0x3c) return 'this is HTML or XML, not JSON'
  return 'this is not JSON'
}

function hintFor(keys: readonly string[], arrayKey: string): string | undefined {
  const other: Readonly<Record<string, string>> = {
    dialogues: 'a dataset',
    reviews: 'a reviews file',
    labels: 'a labels file',
    count: 'a generation request',
  }
  for (const key of keys)
    if (key !== arrayKey && other[key] !== undefined) return `It holds \`${key}\`: that is ${other[key]}.`
  return keys.length === 0 ? undefined : `Its fields are: ${keys.slice(0, 8).join(', ')}.`
}
