import type { Criterion, Reason, Verdict } from '../../core/dialogue/vocabulary.ts'
import { criteriaWith } from '../../core/review/criteria.ts'
import type { LabelAdjustments, Review, ReviewForm } from '../../core/review/review.ts'

/**
 * One reviewer going through one file: what they judged, where they are, what they can take back. Pure: the screen and
 * the plain prompt both drive it, and write down the reviews that come back.
 */
export interface Session {
  items: readonly SessionItem[]
  reviewer: string
  guidelines_version: string
  /** Index into `items`. */
  position: number
  /** This reviewer's current review of each dialogue that is in the file. */
  reviews: ReadonlyMap<string, Review>
  /** Positions set aside; they come back when nothing else is left. */
  skipped: ReadonlySet<number>
  /** Newest last. */
  undo: readonly UndoStep[]
  timing: Timing
}

export interface SessionItem {
  dialogue_id: string
  content_sha256: string
}

export interface UndoStep {
  position: number
  act: 'verdict' | 'note' | 'labels'
  /** The review as it was; undefined when there was none. */
  before: Review | undefined
}

export interface Timing {
  /** ms since the epoch of the last sign of life. */
  seen: number
  /** Time the dialogue that is on screen has had the reviewer's attention, ms. */
  active: number
}

/** What an act leaves behind: the session after it and the review to write down. */
export interface Saved {
  session: Session
  review: Review
}

/** A step taken back: `took` says which, for the reviewer. */
export interface Undone extends Saved {
  took: string
}

/** A longer silence is a coffee, not a reading: it counts as this much. */
const LONGEST_GAP_MS = 2 * 60_000

export interface VerdictDetails {
  reasons?: readonly Reason[]
  failed?: readonly Criterion[]
  feedback?: string
  labels?: LabelAdjustments
}

/**
 * Opens at the dialogue after the one judged last, so that a restart goes on where the reviewer was.
 *
 * @param reviews of this reviewer, for dialogues of the file
 */
export function openSession(start: {
  items: readonly SessionItem[]
  reviewer: string
  guidelines_version: string
  reviews: readonly Review[]
  now: number
}): Session {
  const places = new Map(start.items.map((item, position) => [item.dialogue_id, position]))
  const known = start.reviews.filter((review) => places.has(review.dialogue_id))
  const byTime = known
    .filter((review) => review.status !== null)
    .sort((a, b) => Date.parse(a.reviewed_at) - Date.parse(b.reviewed_at))
  // What came before these is not known any more; taking one back keeps its notes and drops its verdict.
  const undo = byTime.map((review) => ({
    position: places.get(review.dialogue_id) ?? 0,
    act: 'verdict' as const,
    before: withoutVerdict(review),
  }))
  const session: Session = {
    items: start.items,
    reviewer: start.reviewer,
    guidelines_version: start.guidelines_version,
    position: 0,
    reviews: new Map(known.map((review) => [review.dialogue_id, review])),
    skipped: new Set(),
    undo,
    timing: { seen: start.now, active: 0 },
  }
  const last = undo.at(-1)?.position
  return { ...session, position: nextOpen(session, last === undefined ? 0 : last + 1) ?? 0 }
}

export function currentItem(session: Session): SessionItem {
  const item = session.items[session.position]
  if (item === undefined) throw new RangeError(`no dialogue at position ${session.position}`)
  return item
}

/** The standing review of the dialogue on screen, or of another. */
export function reviewAt(session: Session, position: number = session.position): Review | undefined {
  const item = session.items[position]
  return item === undefined ? undefined : session.reviews.get(item.dialogue_id)
}

/** A verdict stands for the very words that it was given for, and for no others. */
export function verdictAt(session: Session, position: number = session.position): Verdict | undefined {
  const review = reviewAt(session, position)
  if (review === undefined || review.content_sha256 !== session.items[position]?.content_sha256) return undefined
  return review.status ?? undefined
}

/** Lets time pass: called at every key, so that `active` leaves out the pauses. */
export function attended(session: Session, now: number): Session {
  const gap = Math.min(Math.max(0, now - session.timing.seen), LONGEST_GAP_MS)
  return { ...session, timing: { seen: now, active: session.timing.active + gap } }
}

/** Gives a verdict and goes on to the next open dialogue. */
export function judge(session: Session, verdict: Verdict, details: VerdictDetails, now: number): Saved {
  const timed = attended(session, now)
  const form: ReviewForm = {
    ...formAt(timed),
    status: verdict,
    criteria: criteriaWith(verdict, failing(details.failed ?? [])),
    reasons: verdict === 'approved' ? [] : [...(details.reasons ?? [])],
    feedback: details.feedback ?? formAt(timed).feedback,
    labels: details.labels ?? formAt(timed).labels,
  }
  const saved = save(timed, form, 'verdict', now)
  const skipped = new Set(saved.session.skipped)
  skipped.delete(session.position)
  const judged = { ...saved.session, skipped }
  return {
    session: goTo(judged, nextOpen(judged, session.position + 1) ?? session.position, now),
    review: saved.review,
  }
}

/** Adds a note; the verdict, if there is one, stays as it is, and so does the place. */
export function addNote(session: Session, note: string, now: number): Saved {
  const form = formAt(session)
  const noted = { ...form, notes: [...form.notes, { note, timestamp: new Date(now).toISOString() }] }
  return save(attended(session, now), noted, 'note', now)
}

/** Writes down corrected labels; no verdict comes of it. */
export function correctLabels(session: Session, labels: LabelAdjustments, now: number): Saved {
  return save(attended(session, now), { ...formAt(session), labels }, 'labels', now)
}

export function skip(session: Session, now: number): Session {
  const skipped = new Set(session.skipped).add(session.position)
  const aside = { ...session, skipped }
  return goTo(aside, nextOpen(aside, session.position + 1) ?? session.position, now)
}

/** Takes the last saved act back, as a new revision, and goes to its dialogue; undefined when there is none. */
export function undo(session: Session, now: number): Undone | undefined {
  const step = session.undo.at(-1)
  if (step === undefined) return undefined
  const there = { ...goTo(session, step.position, now), undo: session.undo.slice(0, -1) }
  const review = reviewOf(there, step.before === undefined ? BLANK_FORM : step.before, now)
  return { session: withReview(there, review), review, took: taken(step, reviewAt(session, step.position), review) }
}

/** `the note on d7`, or `the verdict on d7 (approved), which is open again`. */
function taken({ act }: UndoStep, undone: Review | undefined, review: Review): string {
  const { dialogue_id } = review
  if (act === 'note') return `the note on ${dialogue_id}`
  if (act === 'labels') return `the labels corrected on ${dialogue_id}`
  const was = undone === undefined || undone.status === null ? '' : ` (${plain(undone.status)})`
  return `the verdict on ${dialogue_id}${was}, which is ${review.status === null ? 'open' : plain(review.status)} again`
}

function plain(verdict: Verdict): string {
  return verdict === 'needs_revision' ? 'needs revision' : verdict
}

export function goTo(session: Session, position: number, now: number): Session {
  const within = Math.max(0, Math.min(session.items.length - 1, position))
  return { ...session, position: within, timing: { seen: now, active: 0 } }
}

export interface Tally {
  total: number
  judged: number
  approved: number
  needs_revision: number
  rejected: number
  skipped: number
  open: number
  /** Median attention per judged dialogue, ms; undefined before the first. */
  median_ms: number | undefined
  /** Median times what is open, ms. */
  left_ms: number | undefined
}

export function tally(session: Session): Tally {
  const counts = tallies.get(session.reviews) ?? counted(session)
  tallies.set(session.reviews, counts)
  return { ...counts, skipped: session.skipped.size }
}

/** At 10,000 dialogues a count takes 10 ms, and a screen asks for it at every key; it only changes with the reviews. */
const tallies = new WeakMap<Session['reviews'], Omit<Tally, 'skipped'>>()

function counted(session: Session): Omit<Tally, 'skipped'> {
  const counts = { approved: 0, needs_revision: 0, rejected: 0 }
  const times: number[] = []
  for (let position = 0; position < session.items.length; position++) {
    const verdict = verdictAt(session, position)
    if (verdict === undefined) continue
    counts[verdict] += 1
    const active = reviewAt(session, position)?.active_ms ?? 0
    if (active > 0) times.push(active)
  }
  const judged = counts.approved + counts.needs_revision + counts.rejected
  const total = session.items.length
  const median_ms = median(times)
  const left_ms = median_ms === undefined ? undefined : median_ms * (total - judged)
  return { total, judged, ...counts, open: total - judged, median_ms, left_ms }
}

/** Whether every dialogue has a verdict. */
export function isComplete(session: Session): boolean {
  return nextOpen(session, 0) === undefined
}

/** The next dialogue without a verdict from `from` on, round the end; those set aside only when there are no others. */
export function nextOpen(session: Session, from: number): number | undefined {
  const total = session.items.length
  let setAside: number | undefined
  for (let step = 0; step < total; step++) {
    const position = (from + step) % total
    if (verdictAt(session, position) !== undefined) continue
    if (!session.skipped.has(position)) return position
    setAside ??= position
  }
  return setAside
}

const BLANK_FORM: ReviewForm = {
  status: null,
  criteria: {},
  reasons: [],
  labels: {},
  feedback: '',
  notes: [],
  turn_comments: [],
  active_ms: 0,
}

/** What the reviewer has said so far about the dialogue on screen; what was said of other words is forgotten but for the notes. */
function formAt(session: Session): ReviewForm {
  const review = reviewAt(session)
  if (review === undefined) return BLANK_FORM
  const same = review.content_sha256 === currentItem(session).content_sha256
  return same ? review : { ...withoutVerdict(review), labels: {} }
}

function withoutVerdict(review: Review): Review {
  return { ...review, status: null, criteria: {}, reasons: [] }
}

function failing(criteria: readonly Criterion[]): ReviewForm['criteria'] {
  return Object.fromEntries(criteria.map((criterion) => [criterion, 'fail']))
}

function save(session: Session, form: ReviewForm, act: UndoStep['act'], now: number): Saved {
  const step: UndoStep = { act, position: session.position, before: reviewAt(session) }
  const review = reviewOf(session, { ...form, active_ms: form.active_ms + Math.round(session.timing.active) }, now)
  // The time is in the review now; were it kept here too, the next save would count it twice.
  const spent = { ...session, undo: [...session.undo, step], timing: { seen: now, active: 0 } }
  return { session: withReview(spent, review), review }
}

function reviewOf(session: Session, form: ReviewForm, now: number): Review {
  const item = currentItem(session)
  return {
    dialogue_id: item.dialogue_id,
    status: form.status,
    reviewed_at: new Date(now).toISOString(),
    reviewer: session.reviewer,
    feedback: form.feedback,
    notes: form.notes,
    criteria: form.criteria,
    reasons: form.reasons,
    labels: form.labels,
    turn_comments: form.turn_comments,
    active_ms: form.active_ms,
    content_sha256: item.content_sha256,
    version: 1,
    guidelines_version: session.guidelines_version,
    revision: (reviewAt(session)?.revision ?? 0) + 1,
  }
}

function withReview(session: Session, review: Review): Session {
  return { ...session, reviews: new Map(session.reviews).set(review.dialogue_id, review) }
}

function median(values: number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return (upper + lower) / 2
}
