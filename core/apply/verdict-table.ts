import { createBytesTable, enlarged, type BytesTable } from '../datasets/bytes-table.ts'
import { FileReviewSchema, REVIEW_KEYS } from '../datasets/reviews-file.ts'
import { idOf } from '../datasets/read-dialogues.ts'
import { readRecords } from '../datasets/read-records.ts'
import { schemaProblem } from '../datasets/schema-problem.ts'
import { VERDICTS, type Verdict } from '../dialogue/vocabulary.ts'
import type { Problem } from '../errors.ts'
import { jointChanges, labelChanges, type LabelChange } from './label-changes.ts'

/**
 * All verdicts of the reviews files, by dialogue id: typed arrays of about 100 bytes a verdict, so that half a million
 * of them do not fill the memory that the dataset is streamed through.
 */
export interface VerdictTable {
  /** The number of the id in `bytes[start, end)`, or -1 when nobody reviewed it. */
  find(bytes: Uint8Array, start: number, end: number): number
  /** Whether any verdict on it names the hash of what was judged. */
  hashed(id: number): boolean
  /**
   * What the verdicts on a dialogue come to, given the hash of the record at hand (64 hex digits; needed only
   * when `hashed`). A verdict for other content is void. A settlement decides; else all must agree: on the verdict and, for
   * an approval, on every label that two of them settled, because the approved dialogue can carry only one.
   */
  decide(id: number, contentSha256: string | undefined): Decision
  /** A record with this id is in the dataset. */
  meet(id: number): void
  /** The verdict has been used up: another record with this id is a duplicate. */
  close(id: number): void
  isClosed(id: number): boolean
  counts(): VerdictCounts
}

export type Decision = { outcome: 'void' | 'disagreement' } | Verdicted

export interface Verdicted {
  outcome: Verdict
  /** As in the reviews file; of several reviews the latest. */
  reviewed_at: string | undefined
  /** Several, in alphabetical order, are joined by a comma. */
  reviewer: string | undefined
  changes: readonly LabelChange[]
  /** Whether the verdict names the hash of what was judged. */
  hashed: boolean
}

export interface VerdictCounts {
  /** Records in the files. */
  read: number
  /** Taken back or never given: a status of null. */
  without_verdict: number
  /** A later review of the same dialogue by the same reviewer took its place. */
  superseded: number
  failed: number
  /** Verdicts that count, after that. */
  verdicts: number
  settlements: number
  /** They hold for the dialogue id alone. */
  without_hash: number
  /** Of `verdicts`, those for a dialogue that is in the dataset. */
  matched: number
}

export interface ReviewsSource {
  file: string
  source: AsyncIterable<Uint8Array>
}

/** Bytes of a content hash that are kept: 128 bits are beyond chance and beyond forging a second text. */
const KEPT = 16
const HASHED = 1
const SETTLEMENT = 2
const NONE: readonly LabelChange[] = []

/** Reads all of the files. A review that is none goes to `onProblem`. */
export async function readVerdicts(
  files: readonly ReviewsSource[],
  onProblem: (problem: Problem) => void,
): Promise<VerdictTable> {
  const ids = createBytesTable()
  const reviewers = createBytesTable(16)
  const times = createBytesTable()
  let capacity = 1024
  // By id.
  let heads = new Int32Array(capacity).fill(-1)
  let states = new Uint8Array(capacity)
  // By verdict; verdicts on one dialogue are chained.
  let next = new Int32Array(capacity)
  let statuses = new Uint8Array(capacity)
  let flags = new Uint8Array(capacity)
  let by = new Int32Array(capacity)
  let at = new Int32Array(capacity)
  let digests = Buffer.alloc(capacity * KEPT)
  let revisions = new Uint32Array(capacity)
  const changes = new Map<number, LabelChange[]>()
  const names: string[] = []
  const counts = { read: 0, without_verdict: 0, superseded: 0, failed: 0 }
  let size = 0

  let scratch = Buffer.allocUnsafeSlow(4096)
  function intern(table: BytesTable, text: string): number {
    if (text.length * 3 > scratch.length) scratch = Buffer.allocUnsafeSlow(text.length * 3)
    return table.intern(scratch, 0, scratch.write(text))
  }

  // The reviews of one file are mostly one reviewer's.
  let lastReviewer = { name: '', index: intern(reviewers, '') }
  function add(verdict: FoundVerdict, status: Verdict, fileIndex: number): void {
    if (Math.max(size, ids.size) + 1 >= capacity) grow()
    const id = intern(ids, verdict.dialogue_id)
    // Nameless reviews of one file are one reviewer's; those of two files may be two reviewers'.
    const reviewer = verdict.reviewer ?? `\0${fileIndex}`
    if (reviewer !== lastReviewer.name) lastReviewer = { name: reviewer, index: intern(reviewers, reviewer) }
    const name = lastReviewer.index
    const settlement = verdict.settlement === true ? SETTLEMENT : 0
    let entry = heads[id] ?? -1
    while (entry !== -1 && (by[entry] !== name || ((flags[entry] ?? 0) & SETTLEMENT) !== settlement))
      entry = next[entry] ?? -1
    const revision = verdict.revision ?? 0
    if (entry === -1) {
      entry = size
      size += 1
      next[entry] = heads[id] ?? -1
      heads[id] = entry
    } else {
      counts.superseded += 1
      if (revision < (revisions[entry] ?? 0)) return
      changes.delete(entry)
    }
    statuses[entry] = VERDICTS.indexOf(status)
    by[entry] = name
    revisions[entry] = revision
    flags[entry] = settlement
    const time = verdict.reviewed_at ?? ''
    at[entry] = time === '' ? -1 : intern(times, time)
    if (verdict.content_sha256 !== undefined) {
      flags[entry] = settlement | HASHED
      digests.write(verdict.content_sha256.slice(0, KEPT * 2), entry * KEPT, 'hex')
    }
    if (verdict.changes.length > 0) changes.set(entry, verdict.changes)
  }

  for (const [fileIndex, { file, source }] of files.entries()) {
    const pieces = readRecords(source, {
      file,
      arrayKey: 'reviews',
      recordKeys: REVIEW_KEYS,
      onProblem,
      visit(bytes, start, end, place) {
        let value: unknown
        try {
          value = JSON.parse(bytes.toString('utf8', start, end))
        } catch {
          return false
        }
        counts.read += 1
        const verdict = plainVerdict(value) ?? checkedVerdict(value)
        if ('problem' in verdict) {
          counts.failed += 1
          onProblem({ file, line: place.line(), record: place.index, dialogue_id: idOf(value), ...verdict.problem })
        } else if (verdict.status === null) counts.without_verdict += 1
        else add(verdict, verdict.status, fileIndex)
        return true
      },
    })
    for (;;) {
      const { done, value } = await pieces.next()
      if (done !== true) continue
      counts.read += value.unreadable
      counts.failed += value.unreadable
      break
    }
  }

  function grow(): void {
    capacity *= 2
    heads = enlarged(heads, new Int32Array(capacity).fill(-1))
    states = enlarged(states, new Uint8Array(capacity))
    next = enlarged(next, new Int32Array(capacity))
    statuses = enlarged(statuses, new Uint8Array(capacity))
    flags = enlarged(flags, new Uint8Array(capacity))
    by = enlarged(by, new Int32Array(capacity))
    at = enlarged(at, new Int32Array(capacity))
    digests = enlarged(digests, Buffer.alloc(capacity * KEPT))
    revisions = enlarged(revisions, new Uint32Array(capacity))
  }

  function stands(entry: number, content: string | undefined): boolean {
    if (((flags[entry] ?? 0) & HASHED) === 0) return true
    if (content === undefined) return false
    for (let byte = 0; byte < KEPT; byte++) {
      const value = (nibble(content.charCodeAt(byte * 2)) << 4) | nibble(content.charCodeAt(byte * 2 + 1))
      if (digests[entry * KEPT + byte] !== value) return false
    }
    return true
  }

  /** Undefined for a nameless reviewer. Names are few: each is decoded once. */
  function nameOf(entry: number): string | undefined {
    const index = by[entry] ?? 0
    const known = names[index] ?? reviewers.text(index)
    names[index] = known
    return known.startsWith('\0') ? undefined : known
  }

  function timeOf(entry: number): string | undefined {
    const time = at[entry] ?? -1
    return time === -1 ? undefined : times.text(time)
  }

  function single(entry: number): Verdicted {
    return {
      outcome: VERDICTS[statuses[entry] ?? 0] ?? 'rejected',
      reviewed_at: timeOf(entry),
      reviewer: nameOf(entry),
      changes: changes.get(entry) ?? NONE,
      hashed: ((flags[entry] ?? 0) & HASHED) !== 0,
    }
  }

  function several(entries: readonly number[], joint: readonly LabelChange[]): Verdicted {
    const signed = new Set(entries.flatMap((entry) => nameOf(entry) ?? []))
    return {
      ...single(entries[0] ?? 0),
      reviewed_at: entries
        .flatMap((entry) => timeOf(entry) ?? [])
        .sort()
        .at(-1),
      reviewer: signed.size === 0 ? undefined : [...signed].sort().join(', '),
      changes: joint,
      hashed: entries.every((entry) => ((flags[entry] ?? 0) & HASHED) !== 0),
    }
  }

  const FOUND = 1
  const CLOSED = 2
  return {
    find: (bytes, start, end) => ids.find(bytes, start, end),
    hashed(id) {
      for (let entry = heads[id] ?? -1; entry !== -1; entry = next[entry] ?? -1)
        if (((flags[entry] ?? 0) & HASHED) !== 0) return true
      return false
    },
    decide(id, content) {
      const head = heads[id] ?? -1
      if (next[head] === -1 && ((flags[head] ?? 0) & SETTLEMENT) === 0)
        return stands(head, content) ? single(head) : { outcome: 'void' }
      const standing: number[] = []
      for (let entry = head; entry !== -1; entry = next[entry] ?? -1) if (stands(entry, content)) standing.push(entry)
      // The chain runs from the last to the first: this is the last settlement of the files.
      const settlement = standing.find((entry) => ((flags[entry] ?? 0) & SETTLEMENT) !== 0)
      if (settlement !== undefined) return single(settlement)
      if (standing.length === 0) return { outcome: 'void' }
      if (standing.some((entry) => statuses[entry] !== statuses[standing[0] ?? 0])) return { outcome: 'disagreement' }
      const joint = jointChanges(standing.map((entry) => changes.get(entry) ?? []))
      if (joint === undefined && VERDICTS[statuses[standing[0] ?? 0] ?? 0] === 'approved')
        return { outcome: 'disagreement' }
      return several(standing, joint ?? NONE)
    },
    meet(id) {
      states[id] = (states[id] ?? 0) | FOUND
    },
    close(id) {
      states[id] = (states[id] ?? 0) | CLOSED
    },
    isClosed: (id) => ((states[id] ?? 0) & CLOSED) !== 0,
    counts() {
      let settlements = 0
      let without_hash = 0
      let matched = 0
      for (let id = 0; id < ids.size; id++)
        for (let entry = heads[id] ?? -1; entry !== -1; entry = next[entry] ?? -1) {
          if (((flags[entry] ?? 0) & SETTLEMENT) !== 0) settlements += 1
          if (((flags[entry] ?? 0) & HASHED) === 0) without_hash += 1
          if (((states[id] ?? 0) & FOUND) !== 0) matched += 1
        }
      return { ...counts, verdicts: size, settlements, without_hash, matched }
    },
  }
}

/** Of a hex digit in lower case. */
function nibble(digit: number): number {
  return digit < 0x3a ? digit - 0x30 : digit - 0x57
}

interface FoundVerdict {
  dialogue_id: string
  status: Verdict | null
  reviewed_at: string | undefined
  reviewer: string | undefined
  content_sha256: string | undefined
  revision: number | undefined
  settlement: boolean
  changes: LabelChange[]
}

/**
 * The verdict of a review whose every field is of an ordinary kind; undefined sends it through the schema, which costs
 * ten times as much. A property test holds the two equal.
 */
export function plainVerdict(value: unknown): FoundVerdict | undefined {
  if (!isRecord(value)) return undefined
  const found: FoundVerdict = {
    dialogue_id: '',
    status: null,
    reviewed_at: undefined,
    reviewer: undefined,
    content_sha256: undefined,
    revision: undefined,
    settlement: false,
    changes: [],
  }
  let hasStatus = false
  for (const name in value) {
    const field = value[name]
    switch (name) {
      case 'dialogue_id':
      case 'reviewed_at':
      case 'reviewer':
        if (typeof field !== 'string') return undefined
        found[name] = field
        break
      case 'status': {
        const index = VERDICTS.findIndex((verdict) => verdict === field)
        const status = VERDICTS[index]
        if (status === undefined) return undefined
        found.status = status
        hasStatus = true
        break
      }
      case 'content_sha256':
        if (typeof field !== 'string' || !/^[0-9a-f]{64}$/.test(field)) return undefined
        found.content_sha256 = field
        break
      case 'revision':
      case 'version':
        if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 1) return undefined
        if (name === 'revision') found.revision = field
        break
      case 'settlement':
        if (typeof field !== 'boolean') return undefined
        found.settlement = field
        break
      case 'feedback':
      case 'guidelines_version':
        if (typeof field !== 'string') return undefined
        break
      case 'active_ms':
        if (typeof field !== 'number' || !(field >= 0) || !Number.isFinite(field)) return undefined
        break
      case 'notes':
      case 'reasons':
      case 'turn_comments':
        if (!Array.isArray(field) || field.length > 0) return undefined
        break
      case 'labels':
      case 'criteria':
        if (!isEmptyObject(field)) return undefined
        break
      default:
        break
    }
  }
  return found.dialogue_id === '' || !hasStatus ? undefined : found
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmptyObject(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0
}

export function checkedVerdict(
  value: unknown,
): FoundVerdict | { problem: Pick<Problem, 'field' | 'message' | 'expected' | 'fix'> } {
  const result = FileReviewSchema.safeParse(value)
  if (!result.success) return { problem: schemaProblem(result.error.issues, value) }
  const review = result.data
  return {
    dialogue_id: review.dialogue_id,
    status: review.status,
    reviewed_at: review.reviewed_at ?? undefined,
    reviewer: review.reviewer ?? undefined,
    content_sha256: review.content_sha256 ?? undefined,
    revision: review.revision ?? undefined,
    settlement: review.settlement ?? false,
    changes: labelChanges(review.labels ?? {}),
  }
}
