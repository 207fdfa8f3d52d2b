import { isUtf8 } from 'node:buffer'
import type { Problem } from '../errors.ts'
import { decompressed } from './decompress.ts'
import { detectFormat, type FileFormat } from './file-format.ts'
import { INCOMPLETE, isSpace, scanValue, skipSpace, startScan } from './json-scanner.ts'
import { openSlab, type Slab } from './slab.ts'
import { syntaxProblem } from './syntax-problem.ts'

/**
 * Takes `bytes[start, end)` as one record. Returns false when that is not one complete JSON value, and must have done
 * nothing then: the reader may offer the same bytes again with another end, or reports them. The bytes are
 * well-formed UTF-8 and are valid only during the call.
 */
export type VisitRecord = (bytes: Buffer, start: number, end: number, place: RecordPlace) => boolean

export interface RecordPlace {
  /** 0-based position among the records of the file, bad ones included. */
  readonly index: number
  /** 1-based line where the record starts. */
  line(): number
}

export interface ReadRecordsOptions {
  /** The file as the person knows it. */
  file: string
  /** Under which key of the file's object the records stand. */
  arrayKey: 'dialogues' | 'reviews' | 'labels'
  /** An object with one of these keys at its top level is a record itself. */
  recordKeys: readonly string[]
  visit: VisitRecord
  /** Called for each record that had to be left out, and for a file that breaks off. */
  onProblem: (problem: Problem) => void
  /** The fields that stand before the records; called before the first record is visited. */
  onHeader?: (header: Record<string, unknown>) => void
  /** A longer record is a problem, and is skipped without being held in memory. @default 16 MiB */
  maxRecordBytes?: number
  /** @default 256 KiB */
  slabBytes?: number
  /** To read into, instead of a buffer of `slabBytes`: that of a walker which has one of its own. */
  slab?: Buffer
}

export interface RecordsRead {
  format: FileFormat
  /** The fields of the file's object before and after the records; empty for the other formats. */
  header: Record<string, unknown>
  /** All that were met, bad ones included. */
  records: number
  /** How many of them the reader itself had to leave out (each was given to onProblem). */
  unreadable: number
}

/**
 * Reads a file of records (an object that holds an array of them, a bare array, or JSONL; gzipped or not; with or
 * without a byte order mark; told apart by content) and hands each record's own bytes to `visit`, synchronously.
 * Yields after each piece of the file, so that the consumer can pass on what it made of the records and memory stays
 * flat. Throws InputError when the file is none of these.
 */
export async function* readRecords(
  source: AsyncIterable<Uint8Array>,
  options: ReadRecordsOptions,
): AsyncGenerator<void, RecordsRead, undefined> {
  let damage: string | undefined
  const slab = openSlab(
    decompressed(source, (what) => (damage = what)),
    options.slabBytes ?? 256 * 1024,
    options.slab,
  )
  try {
    const max = options.maxRecordBytes ?? 16 * 1024 * 1024
    const detected = await detectFormat(slab, { ...options, maxBytes: max })
    const state: ReadState = { slab, options, max, index: 0, unreadable: 0 }
    options.onHeader?.(detected.header)
    if (detected.format === 'lines') yield* readLines(state)
    else yield* readElements(state, detected.format)
    const header = { ...detected.header }
    if (damage !== undefined) {
      report(state, slab.start, {
        message: `${damage}; what could be unpacked was read`,
        fix: 'Copy or download the file again.',
      })
    } else if (detected.format === 'object' && state.cut !== true) {
      Object.assign(header, await readTrailer(state))
    }
    return { format: detected.format, header, records: state.index, unreadable: state.unreadable }
  } finally {
    await slab.close()
  }
}

interface ReadState {
  slab: Slab
  options: ReadRecordsOptions
  max: number
  index: number
  unreadable: number
  /** The file ended where it must not; said so already. */
  cut?: boolean
}

function report(state: ReadState, at: number, problem: Omit<Problem, 'file' | 'line'>, line?: number): void {
  state.options.onProblem({ file: state.options.file, line: line ?? state.slab.lineAt(at), ...problem })
}

/** Reports the record that is next, and counts it. */
function reject(state: ReadState, at: number, problem: Omit<Problem, 'file' | 'line'>, line?: number): void {
  report(state, at, { record: state.index, ...problem }, line)
  state.index += 1
  state.unreadable += 1
}

function rejectBytes(state: ReadState, start: number, end: number): void {
  const problem = syntaxProblem(state.slab.filled.subarray(start, end))
  const line = state.slab.lineAt(start) + problem.linesIn
  reject(state, start, { message: problem.message, expected: problem.expected, fix: problem.fix }, line)
}

/** Offers a slice; false when it is no JSON value. Counts it when it was taken. */
function offer(state: ReadState, place: RecordPlace, start: number, end: number): boolean {
  const { slab } = state
  if (!slab.utf8 && !isUtf8(slab.filled.subarray(start, end))) return false
  if (!state.options.visit(slab.buffer, start, end, place)) return false
  state.index += 1
  return true
}

async function* readLines(state: ReadState): AsyncGenerator<void, void, undefined> {
  const { slab, max } = state
  let start = slab.start
  const place: RecordPlace = {
    get index() {
      return state.index
    },
    line: () => slab.lineAt(start),
  }
  for (;;) {
    for (;;) {
      start = slab.start
      const feed = slab.filled.indexOf(10, start)
      if (feed === -1) break
      oneLine(state, place, feed)
      slab.start = feed + 1
    }
    if (slab.ended) {
      start = slab.start
      oneLine(state, place, slab.filled.length)
      slab.start = slab.filled.length
      return
    }
    if (slab.filled.length - slab.start >= max) {
      yield* skipLongLine(state)
      continue
    }
    yield
    await slab.fill()
  }
}

function oneLine(state: ReadState, place: RecordPlace, lineEnd: number): void {
  const { slab } = state
  const start = skipSpace(slab.filled.subarray(0, lineEnd), slab.start)
  let end = lineEnd
  while (end > start && isSpace(slab.filled[end - 1])) end--
  if (start === end) return
  if (end - start > state.max) rejectLong(state, start)
  else if (!offer(state, place, start, end)) rejectBytes(state, start, end)
}

function rejectLong(state: ReadState, start: number, line?: number): void {
  const mib = Math.round((state.max / 1024 / 1024) * 10) / 10
  reject(
    state,
    start,
    {
      message: `this record is longer than ${mib} MiB and was skipped`,
      expected: `records of up to ${mib} MiB`,
      fix: 'Split it into dialogues of their own, or take out what is not part of the dialogue.',
    },
    line,
  )
}

async function* skipLongLine(state: ReadState): AsyncGenerator<void, void, undefined> {
  const { slab } = state
  const line = slab.lineAt(slab.start)
  for (;;) {
    const feed = slab.filled.indexOf(10, slab.start)
    slab.start = feed === -1 ? slab.filled.length : feed + 1
    if (feed !== -1 || slab.ended) break
    yield
    await slab.fill()
  }
  rejectLong(state, slab.start, line)
}

/** What stands between two elements, learned from a pair that was split the slow way. */
interface Separator {
  /** From the last byte of one element to the first key of the next. */
  pattern: Buffer
  hits: number
  misses: number
}

/**
 * Array elements. Two ways to find the end of one: look for the separator learned from its predecessors and let the
 * visitor confirm that the slice is one JSON value (a JSON object is no prefix of another, so a confirmed slice is
 * exact); or walk its brackets and strings byte by byte. Anything odd takes the second way.
 */
async function* readElements(
  state: ReadState,
  format: Exclude<FileFormat, 'lines'>,
): AsyncGenerator<void, void, undefined> {
  const { slab, max } = state
  const closed = format !== 'sequence'
  let separator: Separator | undefined
  let relearned = 0
  let previousEnd = -1
  let start = 0
  const place: RecordPlace = {
    get index() {
      return state.index
    },
    line: () => slab.lineAt(start),
  }

  for (;;) {
    const step = readWhatIsThere()
    if (step === 'closed') return
    if (step === 'more' && !slab.ended) {
      yield
      await slab.fill()
      previousEnd = -1
    } else if (step === 'too long') {
      yield* skipLongElement()
    } else {
      endOfFile()
      return
    }
  }

  function readWhatIsThere(): 'closed' | 'more' | 'too long' {
    for (;;) {
      const { filled } = slab
      let at = slab.start
      while (at < filled.length && (isSpace(filled[at]) || (closed && filled[at] === 0x2c))) at++
      slab.start = at
      if (at === filled.length) return 'more'
      if (closed && filled[at] === 0x5d) {
        slab.start = at + 1
        return 'closed'
      }
      start = at
      const end = readElement()
      if (end === INCOMPLETE) return filled.length - at >= max ? 'too long' : 'more'
      previousEnd = end
      slab.start = end
    }
  }

  /** The position after the element at `start`, or INCOMPLETE when there is not enough of it yet. */
  function readElement(): number {
    const { filled } = slab
    if (separator === undefined && previousEnd !== -1 && relearned < 8) learn()
    const proposed = proposeEnd()
    if (proposed !== undefined && offer(state, place, start, proposed)) {
      if (separator !== undefined) separator.hits += 1
      return proposed
    }
    let end = scanValue(filled, start, filled.length, startScan())
    if (end === INCOMPLETE && slab.ended && filled[start] !== 0x7b && filled[start] !== 0x5b) end = filled.length
    if (end === start) end = start + 1
    if (end > start && offer(state, place, start, end)) {
      if (separator !== undefined && (separator.misses += 1) > 4 && separator.misses > separator.hits) {
        separator = undefined
        relearned += 1
      }
      return end
    }
    if (end === INCOMPLETE && !slab.ended && filled.length - start < max) return INCOMPLETE
    // It is broken. If a bracket or a quote is missing, `end` may be far behind it: go on at the next separator.
    const next = proposed ?? nextAtSameIndent()
    if (next === undefined && end < 0) return INCOMPLETE
    const broken = next === undefined ? end : end < 0 ? next : Math.min(end, next)
    rejectBytes(state, start, broken)
    return broken
  }

  function proposeEnd(): number | undefined {
    if (separator === undefined) return undefined
    const found = slab.filled.indexOf(separator.pattern, start)
    return found === -1 ? undefined : found + 1
  }

  function learn(): void {
    const { filled } = slab
    const key = skipSpace(filled, start + 1)
    if (filled[start] !== 0x7b || filled[key] !== 0x22) return
    const afterKey = scanValue(filled, key, filled.length, startScan())
    if (afterKey < 0 || afterKey - previousEnd > 4096) return
    separator = { pattern: Buffer.from(filled.subarray(previousEnd - 1, afterKey)), hits: 0, misses: 0 }
  }

  /** The end of a broken element by the layout of the file: where the next brace opens at the same indentation. */
  function nextAtSameIndent(): number | undefined {
    const { filled } = slab
    let lineStart = start
    while (lineStart > 0 && (filled[lineStart - 1] === 0x20 || filled[lineStart - 1] === 0x09)) lineStart--
    if (lineStart === 0 || filled[lineStart - 1] !== 10) return undefined
    const opening = filled.subarray(lineStart - 1, start + 1)
    const found = filled.indexOf(opening, start + 1)
    if (found === -1) return undefined
    let end = found
    while (end > start + 1 && (isSpace(filled[end - 1]) || filled[end - 1] === 0x2c)) end--
    return end
  }

  async function* skipLongElement(): AsyncGenerator<void, void, undefined> {
    const line = slab.lineAt(start)
    const scan = startScan()
    let end = scanValue(slab.filled, start, slab.filled.length, scan)
    while (end === INCOMPLETE && !slab.ended) {
      slab.start = slab.filled.length
      yield
      await slab.fill()
      end = scanValue(slab.filled, 0, slab.filled.length, scan)
    }
    slab.start = end < 0 ? slab.filled.length : end
    previousEnd = -1
    rejectLong(state, slab.start, line)
  }

  function endOfFile(): void {
    const partial = slab.filled.length - slab.start > 0
    if (!closed && !partial) return
    state.cut = true
    const what = partial ? 'the file ends in the middle of this record' : 'the file ends before the list is closed'
    const problem = { message: what, expected: closed ? 'a closing ] at the end' : 'a closing } at the end', fix: CUT }
    if (partial) reject(state, slab.start, problem)
    else report(state, slab.start, problem)
    slab.start = slab.filled.length
  }
}

const CUT = 'The file was cut off: copy or download it again. The records before this place were kept.'

/** The fields after the records, up to the end of the file. */
async function readTrailer(state: ReadState): Promise<Record<string, unknown>> {
  const { slab, max } = state
  while (!slab.ended) {
    if (slab.filled.length - slab.start > max) {
      report(state, slab.start, { message: 'the fields after the records are too long and were not read' })
      return {}
    }
    await slab.fill()
  }
  const text = slab.filled.subarray(slab.start).toString('utf8').trim().replace(/^,/, '')
  slab.start = slab.filled.length
  try {
    const parsed: unknown = JSON.parse(`{${text}`)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    report(state, slab.start, {
      message: text === '' ? 'the file ends before its closing }' : 'what follows the records is not valid JSON',
      expected: 'further fields and a closing }',
      fix: CUT,
    })
    return {}
  }
}
