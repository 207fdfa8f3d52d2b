import { contentSha256 } from '../dialogue/content-hash.ts'
import { DialogueSchema, type Dialogue } from '../dialogue/schema.ts'
import { InputError, type Problem } from '../errors.ts'
import type { TargetDistribution } from '../generate/target.ts'
import { pieceWriter } from '../datasets/piece-writer.ts'
import { DIALOGUE_KEYS, idOf } from '../datasets/read-dialogues.ts'
import { readRecords, type RecordPlace } from '../datasets/read-records.ts'
import { PADDING, createRecordWalker } from '../datasets/record-walker.ts'
import { acquireWalker } from '../datasets/walker-kernel/kernel-walker.ts'
import { SLOT } from '../datasets/record-shape.ts'
import { schemaProblem } from '../datasets/schema-problem.ts'
import { edited, walkable } from '../datasets/splice-record.ts'
import { createStatisticsCounter } from '../datasets/statistics.ts'
import { createContentHasher } from '../datasets/walked-content.ts'
import { datasetClosing, datasetOpening, onOneLine } from '../datasets/write-dialogues.ts'
import { applyNotes, createOutcomes, type ApplyReport } from './apply-report.ts'
import { relabelled, stamped } from './parsed-edits.ts'
import { labelsOf, relabelling, type Relabelling } from './relabel.ts'
import type { Stamps } from './stamps.ts'
import { readVerdicts, type ReviewsSource, type VerdictTable, type Verdicted } from './verdict-table.ts'
import { relabelEdits, walkedLabels, writeStamped } from './walked-edits.ts'

export interface ApplyOptions {
  dataset: { file: string; source: AsyncIterable<Uint8Array> }
  reviews: readonly ReviewsSource[]
  /** Also keep what needs revision, marked so by `labels.review_status`. @default false */
  includeRevision?: boolean
  /** A dataset file, or JSONL. @default 'dataset' */
  format?: 'dataset' | 'lines'
  onProblem: (problem: Problem) => void
  /** @default the team's target distribution */
  target?: TargetDistribution
  /** A longer record is a problem. @default 16 MiB */
  maxRecordBytes?: number
}

export interface ApplyRun {
  /** The dataset of what was approved, in pieces of some 200 KB. Throws InputError when no verdict matches. */
  body: AsyncIterable<Uint8Array>
  /** Once `body` has been read to its end. */
  report(): ApplyReport
}

/**
 * Keeps exactly the dialogues that were approved, in the order of the dataset, each in its own bytes with the stamps of
 * the review spliced in (`labels.clinician_reviewed`, `clinician_approved`, `review_status`, `reviewed_at`, `reviewer`,
 * `content_sha256` of what was judged; and the dialogue's `content_sha256` as it is written). Labels that a reviewer
 * corrected are corrected.
 *
 * Several verdicts on one dialogue: a later review of the same reviewer supersedes the earlier; a verdict that names
 * another content hash is void; then a lead's settlement decides; without one all must agree, else the dialogue is left
 * out as a disagreement. Of several records with one id the first that the verdict holds for is taken.
 *
 * The output depends on the inputs alone: no clock. Memory is flat in the dataset; about 100 bytes a verdict.
 */
export function applyReviews(options: ApplyOptions): ApplyRun {
  let report: ApplyReport | undefined
  return {
    body: applied(options, (done) => (report = done)),
    report() {
      if (report === undefined) throw new Error('the body of an apply run must be read to its end before its report')
      return report
    },
  }
}

async function* applied(
  options: ApplyOptions,
  onDone: (report: ApplyReport) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { file } = options.dataset
  const asLines = options.format === 'lines'
  const verdicts = await readVerdicts(options.reviews, options.onProblem)
  const outcomes = createOutcomes()
  const counter = createStatisticsCounter(options.target)
  const walker = acquireWalker()
  const relabelledWalker = createRecordWalker()
  const hasher = createContentHasher()
  const out = pieceWriter()
  let relabelledCount = 0
  let written = 0
  let before: Record<string, unknown> = {}

  const pieces = readRecords(options.dataset.source, {
    maxRecordBytes: options.maxRecordBytes,
    onProblem: options.onProblem,
    slab: walker.slab,
    file,
    arrayKey: 'dialogues',
    recordKeys: DIALOGUE_KEYS,
    onHeader(header) {
      before = withoutCounts(header)
      if (!asLines) out.text(datasetOpening(before))
    },
    visit(bytes, start, end, place) {
      if (asLines && bytes.subarray(start, end).includes(10)) {
        const line = walkable(onOneLine(bytes.toString('utf8', start, end)))
        return visitRecord(line.bytes, 0, line.end, place)
      }
      return visitRecord(bytes, start, end, place)
    },
  })

  function visitRecord(bytes: Buffer, start: number, end: number, place: RecordPlace): boolean {
    if (!walker.walk(bytes, start, end)) return visitParsed(bytes.toString('utf8', start, end), place)
    const id = walker.spans[SLOT.dialogue_id * 2] ?? 0
    const idEnd = walker.spans[SLOT.dialogue_id * 2 + 1] ?? 0
    const about = (detail?: string) => ({
      dialogue_id: bytes.toString('utf8', id + 1, idEnd - 1),
      line: place.line(),
      ...(detail === undefined ? {} : { detail }),
    })
    const found = verdicts.find(bytes, id + 1, idEnd - 1)
    if (found === -1) {
      outcomes.count('unreviewed')
      return true
    }
    let judged = verdicts.hashed(found) ? hasher.sha256(walker, bytes) : undefined
    const taken = take(found, judged, about)
    if (taken === undefined) return true
    const { set, mismatch } =
      taken.changes.length === 0 ? UNCHANGED : relabelling(taken.changes, walkedLabels(walker, bytes), !taken.hashed)
    if (mismatch !== undefined) {
      outcomes.leaveOut('void', () => about(`${mismatch} is not what the reviewer saw`))
      return true
    }
    judged ??= hasher.sha256(walker, bytes)
    startRecord(taken, found)
    if (set.length === 0) {
      counter.addWalked(walker, bytes)
      writeStamped(walker, bytes, start, end, stampsOf(taken, judged, judged), out)
      return true
    }
    relabelledCount += 1
    const changed = edited(bytes, start, end, relabelEdits(walker, bytes, set))
    if (!relabelledWalker.walk(changed, 0, changed.length - PADDING))
      throw new Error(`${file}: labels of record ${place.index} could not be spliced in`)
    const final = hasher.sha256(relabelledWalker, changed)
    counter.addWalked(relabelledWalker, changed)
    writeStamped(relabelledWalker, changed, 0, changed.length - PADDING, stampsOf(taken, judged, final), out)
    return true
  }

  /** The strict way, for what the walker does not take: the same answers from a parsed object. */
  function visitParsed(json: string, place: RecordPlace): boolean {
    let value: unknown
    try {
      value = JSON.parse(json)
    } catch {
      return false
    }
    const result = DialogueSchema.safeParse(value)
    if (!result.success) {
      const problem = schemaProblem(result.error.issues, value)
      const dialogue_id = idOf(value)
      options.onProblem({ file, line: place.line(), record: place.index, dialogue_id, ...problem })
      outcomes.leaveOut('failed', () => ({
        dialogue_id: dialogue_id ?? null,
        line: place.line(),
        detail: problem.message,
      }))
      return true
    }
    const dialogue = result.data
    const about = (detail?: string) => ({
      dialogue_id: dialogue.dialogue_id,
      line: place.line(),
      ...(detail === undefined ? {} : { detail }),
    })
    const id = Buffer.from(dialogue.dialogue_id)
    const found = verdicts.find(id, 0, id.length)
    if (found === -1) {
      outcomes.count('unreviewed')
      return true
    }
    const judged = contentSha256(dialogue)
    const taken = take(found, judged, about)
    if (taken === undefined) return true
    const { set, mismatch } = relabelling(taken.changes, labelsOf(dialogue), !taken.hashed)
    if (mismatch !== undefined) {
      outcomes.leaveOut('void', () => about(`${mismatch} is not what the reviewer saw`))
      return true
    }
    startRecord(taken, found)
    const changed = set.length === 0 ? json : relabelled(json, set)
    const final: Dialogue = set.length === 0 ? dialogue : DialogueSchema.parse(JSON.parse(changed))
    if (set.length > 0) relabelledCount += 1
    counter.add(final)
    out.text(stamped(changed, stampsOf(taken, judged, set.length === 0 ? judged : contentSha256(final))))
    return true
  }

  /** The decision when the record is to be written; undefined (and counted) when it is not. */
  function take(
    id: number,
    judged: string | undefined,
    about: (detail?: string) => { dialogue_id: string; line: number; detail?: string },
  ): Verdicted | undefined {
    verdicts.meet(id)
    if (verdicts.isClosed(id)) {
      outcomes.leaveOut('duplicate', about)
      return undefined
    }
    const decision = verdicts.decide(id, judged)
    switch (decision.outcome) {
      case 'void':
        outcomes.leaveOut('void', () => about('the verdict was given for other text or labels'))
        return undefined
      case 'disagreement':
        outcomes.leaveOut('disagreement', about)
        verdicts.close(id)
        return undefined
      case 'approved':
        return decision
      case 'needs_revision':
        if (options.includeRevision === true) return decision
        outcomes.count('needs_revision')
        verdicts.close(id)
        return undefined
      case 'rejected':
        outcomes.count('rejected')
        verdicts.close(id)
        return undefined
    }
  }

  function startRecord(taken: Verdicted, id: number): void {
    outcomes.count(taken.outcome === 'approved' ? 'approved' : 'needs_revision_included')
    verdicts.close(id)
    if (asLines) {
      if (written > 0) out.text('\n')
    } else out.text(written === 0 ? '\n' : ',\n')
    written += 1
  }

  try {
    for (;;) {
      const { done, value } = await pieces.next()
      if (out.full()) yield out.take()
      if (done !== true) continue
      for (let unreadable = 0; unreadable < value.unreadable; unreadable++) outcomes.count('failed')
      const report = summary(value.records)
      refuseOtherReviews(verdicts, file, options.reviews, report)
      finishFile(value.header, report)
      if (!out.empty()) yield out.take()
      onDone(report)
      return
    }
  } finally {
    await pieces.return({ format: 'lines', header: {}, records: 0, unreadable: 0 })
    walker.release()
  }

  function finishFile(header: Readonly<Record<string, unknown>>, { statistics }: ApplyReport): void {
    if (asLines) {
      if (written > 0) out.text('\n')
      return
    }
    const after = Object.entries(withoutCounts(header)).filter(([name]) => !(name in before))
    out.text(datasetClosing({ ...Object.fromEntries(after), total_dialogues: written, statistics }))
  }

  function summary(read: number): ApplyReport {
    const report = {
      dataset: file,
      reviews_files: options.reviews.map((reviews) => reviews.file),
      read,
      written,
      records: outcomes.records,
      reviews: verdicts.counts(),
      relabelled: relabelledCount,
      left_out: outcomes.leftOut,
      statistics: counter.statistics(),
    }
    return { ...report, notes: applyNotes(report) }
  }
}

const UNCHANGED: Relabelling = { set: [], mismatch: undefined }

function stampsOf(taken: Verdicted, judged: string, final: string): Stamps {
  return {
    labels: {
      clinician_reviewed: true,
      clinician_approved: taken.outcome === 'approved',
      review_status: taken.outcome,
      reviewed_at: taken.reviewed_at,
      reviewer: taken.reviewer,
      content_sha256: judged,
    },
    content_sha256: final,
  }
}

/** What a file says of its own numbers is about what it held before, and may be wrong: it is counted anew. */
function withoutCounts(header: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { statistics: _statistics, total_dialogues: _total, ...rest } = header
  return rest
}

function refuseOtherReviews(
  verdicts: VerdictTable,
  file: string,
  reviews: readonly ReviewsSource[],
  report: ApplyReport,
): void {
  const counts = verdicts.counts()
  if (counts.verdicts === 0 || counts.matched > 0) return
  const names = reviews.map((source) => source.file).join(', ')
  throw new InputError(
    `none of the ${counts.verdicts} verdicts is for one of the ${report.read} dialogues of ${file} (0 matched)`,
    {
      where: names,
      expected: 'reviews of these dialogues, by dialogue_id',
      fix: 'Give the dataset that was reviewed, or the reviews of this one.',
    },
  )
}
