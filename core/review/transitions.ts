import { countersOf, difference } from './counters.ts'
import { requiredReviews } from './overlap.ts'
import type { BatchRules } from './overlap.ts'
import type { Review, ReviewForm } from './review.ts'
import { standingReviewOf, standingReviews, standingSettlement, statusOf } from './standing.ts'
import type { Claim, HistoryEntry, ItemBody, ItemChange, ItemRecord } from './store.ts'

/**
 * What each act does to an item, as pure functions: the item as it is and the act in, one {@link ItemChange} for the
 * store out. The service commits the change by compare-and-swap, and asks again with the fresh item when it was stale.
 */

/** What the reviewer had before them when they judged. */
export interface Judged {
  /** Revision of their own review that this one builds on; 0 for the first. */
  base_revision: number
  version: number
  content_sha256: string
}

/** Who acts, and when (ms since the epoch). */
export interface Act {
  by: string
  now: number
}

export type Reviewed =
  | { outcome: 'changed'; change: ItemChange; review: Review }
  /** The same save once more, after its answer got lost: nothing to write. */
  | { outcome: 'unchanged'; review: Review }
  /** Somebody (or they themselves, in another tab) was faster, or the text changed. */
  | { outcome: 'conflict' }

/** A review saved. With a verdict it gives back the claim and forgets that the reviewer skipped the dialogue. */
export function saveReview(
  item: ItemRecord,
  rules: BatchRules & { guidelines_version: string },
  act: Act,
  judged: Judged,
  form: ReviewForm,
): Reviewed {
  const current = reviewOf(item, act.by)
  const met = meets(item, current, judged, form)
  if (met !== 'fits') return met
  const review = newReview(item, rules, act, judged, form)
  const next = withReview(item, review)
  return changed(
    item,
    evaluated(form.status === null ? next : withoutReviewer(next, act.by), rules, act),
    act,
    'review',
    review,
  )
}

/** A lead's decision on a disagreement; without a verdict it takes an earlier settlement back. */
export function settle(
  item: ItemRecord,
  rules: BatchRules & { guidelines_version: string },
  act: Act,
  judged: Judged,
  form: ReviewForm,
): Reviewed | { outcome: 'not_disputed' } {
  const met = meets(item, item.settlement, judged, form)
  if (met !== 'fits') return met
  if (item.status !== 'disputed' && standingSettlement(item) === undefined) return { outcome: 'not_disputed' }
  const settlement: Review = { ...newReview(item, rules, act, judged, form), settlement: true }
  return changed(item, evaluated({ ...item, settlement }, rules, act), act, 'settlement', settlement)
}

/**
 * Takes the reviewer's last act on this version back: the state before it becomes a new revision, and so does the one
 * before that when it is undone again. Nothing is erased. The reviewer holds the dialogue again until `until` (ms).
 *
 * @param history of the item, oldest first
 */
export function undoReview(
  item: ItemRecord,
  history: readonly HistoryEntry[],
  rules: BatchRules & { guidelines_version: string },
  act: Act,
  revision: number,
  until: number,
): Reviewed | { outcome: 'nothing_to_undo' } {
  const current = reviewOf(item, act.by)
  if (current === undefined) return { outcome: 'nothing_to_undo' }
  const mine = ownEntries(item, history, act.by)
  const last = mine.at(-1)
  if (current.revision === revision + 1 && last?.kind === 'undo') return { outcome: 'unchanged', review: current }
  if (current.revision !== revision) return { outcome: 'conflict' }
  if (current.version !== item.version) return { outcome: 'nothing_to_undo' }
  const states = statesOf(mine)
  if (states.length === 0) return { outcome: 'nothing_to_undo' }
  const before = states.at(-2)
  const review: Review =
    before === undefined
      ? newReview(item, rules, act, { ...item, base_revision: revision }, BLANK_FORM)
      : { ...before, revision: revision + 1 }
  const next = evaluated(withReview(item, review), rules, act)
  const held = review.status === null ? (claimItem(next, act, until) ?? next) : next
  return changed(item, held, act, 'undo', review)
}

/** A new version of the dialogue. All verdicts were given for other words, so none stands any more. */
export function reviseDialogue(
  item: ItemRecord,
  body: ItemBody,
  about: Pick<
    ItemRecord,
    'session_type' | 'concern' | 'concern_group' | 'max_risk_level' | 'turns' | 'finding_counts' | 'priority'
  >,
  rules: BatchRules,
  act: Act,
): ItemChange {
  const { version, content_sha256 } = body
  const next = evaluated({ ...item, ...about, version, content_sha256 }, rules, act)
  return { ...itemChange(item, next, { ...entry(item, act, 'revision'), version, content_sha256 }), new_body: body }
}

/** Sets the dialogue aside for this reviewer alone: it comes back at the end of their queue. */
export function skipItem(item: ItemRecord, act: Act): ItemChange | undefined {
  if (item.status !== 'pending' || standingReviewOf(item, act.by) !== undefined) return undefined
  const change = itemChange(item, { ...releasedBy(item, act), skips: { ...item.skips, [act.by]: act.now } })
  return { ...change, counters: change.counters ?? {} } // like a verdict, it must meet an open batch
}

/** The item with a claim of this reviewer until `until` (ms); undefined when there is none to be had. */
export function claimItem(item: ItemRecord, act: Act, until: number): ItemRecord | undefined {
  const state = claimable(item, act)
  if (state === 'no') return undefined
  const others = activeClaims(item, act.now).filter((claim) => claim.reviewer !== act.by)
  return { ...item, claims: [...others, { reviewer: act.by, until }] }
}

/** Whether this reviewer holds the item, could claim it, or neither. Whether they hold it is asked first. */
export function claimable(item: ItemRecord, act: Act): 'held' | 'free' | 'no' {
  const judges = standingReviews(item)
  if (item.status !== 'pending' || judges.some((review) => review.reviewer === act.by)) return 'no'
  const claims = activeClaims(item, act.now)
  if (claims.some((claim) => claim.reviewer === act.by)) return 'held'
  return claims.length < item.required_reviews - judges.length ? 'free' : 'no'
}

export function releasedBy(item: ItemRecord, act: Act): ItemRecord {
  return { ...item, claims: activeClaims(item, act.now).filter((claim) => claim.reviewer !== act.by) }
}

export function activeClaims(item: Pick<ItemRecord, 'claims'>, now: number): Claim[] {
  return item.claims.filter((claim) => now < claim.until)
}

/** The change of one item into another, with what it means for the batch. */
export function itemChange(before: ItemRecord, after: ItemRecord, history?: HistoryEntry): ItemChange {
  const counters = difference(countersOf(before), countersOf(after))
  return {
    expected_revision: before.revision,
    item: { ...after, revision: before.revision + 1 },
    ...(history === undefined ? {} : { history }),
    // An act with a history must meet an open batch even when it moves no counter; a claim need not.
    ...(history !== undefined || Object.keys(counters).length > 0 ? { counters } : {}),
  }
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

/** The form of a review, without what the server put around it. */
export function formOf(review: Review): ReviewForm {
  const { status, criteria, reasons, labels, feedback, notes, turn_comments, active_ms } = review
  return { status, criteria, reasons, labels, feedback, notes, turn_comments, active_ms }
}

function meets(
  item: ItemRecord,
  current: Review | undefined,
  judged: Judged,
  form: ReviewForm,
): 'fits' | { outcome: 'conflict' } | { outcome: 'unchanged'; review: Review } {
  if (judged.version !== item.version || judged.content_sha256 !== item.content_sha256) return { outcome: 'conflict' }
  const revision = current?.revision ?? 0
  if (judged.base_revision === revision) return 'fits'
  if (
    current !== undefined &&
    judged.base_revision === revision - 1 &&
    current.version === item.version &&
    sameForm(current, form)
  )
    return { outcome: 'unchanged', review: current }
  return { outcome: 'conflict' }
}

function sameForm(review: Review, form: ReviewForm): boolean {
  return canonical(formOf(review)) === canonical(form)
}

/** JSON with sorted names and nothing that is undefined, so that two equal forms are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

function newReview(
  item: ItemRecord,
  rules: { guidelines_version: string },
  act: Act,
  judged: Judged,
  form: ReviewForm,
): Review {
  return {
    ...form,
    dialogue_id: item.dialogue_id,
    reviewer: act.by,
    revision: judged.base_revision + 1,
    version: judged.version,
    content_sha256: judged.content_sha256,
    guidelines_version: rules.guidelines_version,
    reviewed_at: new Date(act.now).toISOString(),
  }
}

function reviewOf(item: ItemRecord, reviewer: string): Review | undefined {
  return item.reviews.find((review) => review.reviewer === reviewer)
}

/** In the order in which the reviewers came, so that a new revision does not move a review. */
function withReview(item: ItemRecord, review: Review): ItemRecord {
  const place = item.reviews.findIndex((other) => other.reviewer === review.reviewer)
  return { ...item, reviews: place < 0 ? [...item.reviews, review] : item.reviews.with(place, review) }
}

function withoutReviewer(item: ItemRecord, reviewer: string): ItemRecord {
  const { [reviewer]: _, ...skips } = item.skips
  return { ...item, skips, claims: item.claims.filter((claim) => claim.reviewer !== reviewer) }
}

/** Works out again what follows from the reviews. A dialogue that is decided keeps nobody busy. */
function evaluated(item: ItemRecord, rules: BatchRules, act: Act): ItemRecord {
  const required_reviews = requiredReviews(item, rules)
  const status = statusOf({ ...item, required_reviews })
  return { ...item, required_reviews, status, claims: status === 'pending' ? activeClaims(item, act.now) : [] }
}

function changed(
  before: ItemRecord,
  after: ItemRecord,
  act: Act,
  kind: HistoryEntry['kind'],
  review: Review,
): { outcome: 'changed'; change: ItemChange; review: Review } {
  return { outcome: 'changed', change: itemChange(before, after, { ...entry(before, act, kind), review }), review }
}

function entry(before: ItemRecord, act: Act, kind: HistoryEntry['kind']): HistoryEntry {
  const { batch_id, dialogue_id, revision } = before
  return { batch_id, dialogue_id, sequence: revision + 1, at: new Date(act.now).toISOString(), by: act.by, kind }
}

function ownEntries(item: ItemRecord, history: readonly HistoryEntry[], reviewer: string): HistoryEntry[] {
  return history.filter(
    (one) =>
      one.by === reviewer && (one.kind === 'review' || one.kind === 'undo') && one.review?.version === item.version,
  )
}

/** The reviews that an undo would walk back through: a review goes on top, an undo takes the top away. */
function statesOf(entries: readonly HistoryEntry[]): Review[] {
  const states: Review[] = []
  for (const one of entries) {
    if (one.kind === 'undo') states.pop()
    else if (one.review !== undefined) states.push(one.review)
  }
  return states
}
