import type { Clock, Log } from '../ports.ts'
import { batchLife } from './batch-life.ts'
import { claims } from './claims.ts'
import { bodyOfItem } from './item-body.ts'
import type { DialogueRecord } from './new-item.ts'
import { MEDIAN_OF, medianTime } from './queue.ts'
import { reviewing } from './reviewing.ts'
import type { Review, ReviewForm } from './review.ts'
import type { BatchRecord, HistoryEntry, ItemStatus, ReviewStore } from './store.ts'
import { rowOf, viewOf } from './views.ts'
import type { DialogueRow, ReviewItemView, Role } from './views.ts'

/**
 * Everything that people and stages do with batches and reviews: the rules of `transitions.ts`, `queue.ts`,
 * `overlap.ts` and `counters.ts`, carried out on a {@link ReviewStore} by compare-and-swap. What may happen in good use
 * comes back as an outcome; what is thrown is a defect or a fault that a retry may cure.
 *
 * It does not ask who may do what: `settle`, `history` and `close` are for leads, and the caller has checked that.
 */
export interface ReviewService {
  /** Creates the batch in state `opening`; `exists` (with the batch as it is) for an upload that came before. */
  openBatch(batch: NewBatch): Promise<{ outcome: 'created' | 'exists'; batch: BatchRecord }>
  /**
   * Adds dialogues to a batch that is opening; in any other state, and for an id that is in the batch already, it adds
   * nothing. Returns how many were added.
   */
  addDialogues(batch_id: string, records: readonly DialogueRecord[]): Promise<number>
  /** From `opening` to `open`. Done before: the batch as it is. */
  finishOpening(batch_id: string): Promise<BatchRecord>
  /** From `opening` to `failed`, with the reason in words for the person who uploaded it. Any other state stays. */
  failBatch(batch_id: string, failure: string): Promise<BatchRecord>

  /** Newest first. */
  batches(page?: { after?: string; limit?: number }): Promise<{ batches: BatchRecord[]; next?: string }>
  batch(batch_id: string): Promise<BatchRecord | undefined>
  detail(batch_id: string, reviewer: string): Promise<BatchDetailView | undefined>
  /** In the order of the dataset; undefined for a batch that is not there. */
  list(request: ListRequest): Promise<{ dialogues: DialogueRow[]; next?: number } | undefined>
  item(request: Target & { reviewer: string; roles: readonly Role[] }): Promise<ReviewItemView | undefined>
  /** What I judged, newest first. */
  mine(request: { batch: string; reviewer: string; limit: number }): Promise<DialogueRow[] | undefined>
  /** Oldest first. */
  history(request: Target): Promise<HistoryEntry[] | undefined>

  /**
   * Gives out dialogues until the reviewer holds `count` in all. Those named in `except` are on the page already: they
   * count as long as they are held, and are not given again. No items: nothing is left for this reviewer.
   */
  claim(request: ClaimRequest): Promise<Claimed>
  /** Holds a dialogue for longer. `lost`: somebody else has it, or it needs no review of mine any more. */
  renew(request: Target & { reviewer: string }): Promise<Renewed>
  /** Gives a dialogue back; nothing to do when it is not held. */
  release(request: Target & { reviewer: string }): Promise<void>

  save(request: SaveRequest): Promise<Saved>
  /** Takes my last act on the dialogue back (`revision` is that of my current review) and holds it for me again. */
  undo(
    request: Target & { reviewer: string; roles: readonly Role[]; revision: number },
  ): Promise<Saved | { outcome: 'nothing_to_undo' }>
  /** Sets the dialogue aside, for this reviewer alone. */
  skip(request: Target & { reviewer: string }): Promise<{ outcome: 'skipped' | 'closed' | 'not_found' }>
  /** A lead's decision on a dispute; `base_revision` is that of the settlement. Without a verdict it takes one back. */
  settle(request: SaveRequest): Promise<Saved | { outcome: 'not_disputed' }>
  /** A new version of the dialogue: same id, new words or labels. Verdicts on the old one are void. */
  revise(request: ReviseRequest): Promise<{ outcome: 'revised'; version: number } | Refused>
  /** Undefined removes it. */
  saveDraft(
    request: Target & {
      reviewer: string
      draft: { base_revision: number; version: number; form: ReviewForm } | undefined
    },
  ): Promise<void>

  /**
   * First half of closing: no review gets in any more. The caller then writes the reviews file (`reviewsOfBatch`) under
   * the returned `closed.reviews_key` and calls `finishClosing`. After a crash in between, closing again goes on.
   */
  close(request: CloseRequest): Promise<Closing>
  /** Second half: the reviews file is written. */
  finishClosing(batch_id: string): Promise<BatchRecord>
  /**
   * What goes into the reviews file, in order of the dataset: for each decided dialogue the standing reviews and, last,
   * the settlement where there is one (marked `settlement: true`). A dialogue that is pending or disputed gives none,
   * so that no single review of an undecided dialogue passes for an approval.
   */
  reviewsOfBatch(batch_id: string): AsyncIterable<Review>
}

export interface Target {
  batch: string
  dialogue: string
}

export type NewBatch = Pick<
  BatchRecord,
  'batch_id' | 'title' | 'source' | 'dataset' | 'reviews_per_dialogue' | 'overlap' | 'guidelines_version'
>

export interface BatchDetailView {
  batch: BatchRecord
  mine: {
    reviewed: number
    /** Skipped and still open. */
    skipped: number
    /** Of my latest {@link MEDIAN_OF} verdicts; null before the first that was timed. */
    median_ms: number | null
  }
}

export interface ListRequest {
  batch: string
  reviewer: string
  after?: number
  limit?: number
  status?: ItemStatus
}

export interface ClaimRequest {
  batch: string
  reviewer: string
  roles: readonly Role[]
  count: number
  except: readonly string[]
}
export type Claimed = { outcome: 'claimed'; items: ReviewItemView[] } | { outcome: 'closed' | 'not_found' }
export type Renewed =
  /** RFC 3339 */
  { outcome: 'renewed'; lease_until: string } | { outcome: 'lost' | 'closed' | 'not_found' }

export interface SaveRequest extends Target {
  reviewer: string
  roles: readonly Role[]
  base_revision: number
  version: number
  content_sha256: string
  form: ReviewForm
}
/** Nothing was written. `current` is what the reviewer would see now. */
export type Refused =
  { outcome: 'conflict'; current: ReviewItemView } | { outcome: 'closed' } | { outcome: 'not_found' }
/** `batch` carries the counters with this act in them. */
export type Saved = { outcome: 'saved'; review: Review; batch: BatchRecord } | Refused

export interface ReviseRequest extends Target, Omit<DialogueRecord, 'index' | 'dialogue'> {
  reviewer: string
  roles: readonly Role[]
  /** The version that it builds on. */
  base_version: number
  revised: DialogueRecord['dialogue']
}

export interface CloseRequest {
  batch: string
  by: string
  /** Where the caller will write the reviews file. */
  reviews_key: string
  /** Close although some dialogues are undecided; those are not approved. */
  leave_unreviewed: boolean
}
export type Closing =
  | { outcome: 'closing'; batch: BatchRecord; closed: NonNullable<BatchRecord['closed']> }
  | { outcome: 'closed'; batch: BatchRecord }
  | { outcome: 'undecided'; pending: number; disputed: number }
  /** Still opening, or failed. */
  | { outcome: 'not_open'; batch: BatchRecord }
  | { outcome: 'not_found' }

export interface ReviewServiceOptions {
  store: ReviewStore
  clock: Clock
  log: Log
  /** How long a claim lasts, ms. @default by the reviewer's own pace, see `leaseFor` */
  leaseMs?: number
}

export function createReviewService(options: ReviewServiceOptions): ReviewService {
  const { store, clock } = options
  return {
    ...batchLife(options),
    ...claims(options),
    ...reviewing(options),

    batches: (page) => store.batches(page),
    batch: (batch_id) => store.batch(batch_id),

    async detail(batch_id, reviewer) {
      const [batch, judged] = await Promise.all([
        store.batch(batch_id),
        store.reviewedBy(batch_id, reviewer, MEDIAN_OF),
      ])
      if (batch === undefined) return undefined
      const mine = {
        reviewed: batch.counters[`judged_by.${reviewer}`] ?? 0,
        skipped: batch.counters[`skipped_by.${reviewer}`] ?? 0,
        median_ms: medianTime(judged, reviewer),
      }
      return { batch, mine }
    },

    async list({ batch, reviewer, ...page }) {
      const { items, next } = await store.list(batch, page)
      if (items.length === 0 && (await store.batch(batch)) === undefined) return undefined
      const now = clock.now()
      return { dialogues: items.map((item) => rowOf(item, reviewer, now)), ...(next === undefined ? {} : { next }) }
    },

    async item({ batch, dialogue, reviewer, roles }) {
      const [item, draft] = await Promise.all([store.item(batch, dialogue), store.draft(batch, dialogue, reviewer)])
      if (item === undefined) return undefined
      return viewOf(item, await bodyOfItem(store, item), draft, { reviewer, roles, now: clock.now() })
    },

    async mine({ batch, reviewer, limit }) {
      const items = await store.reviewedBy(batch, reviewer, limit)
      if (items.length === 0 && (await store.batch(batch)) === undefined) return undefined
      const now = clock.now()
      return items.map((item) => rowOf(item, reviewer, now))
    },

    async history({ batch, dialogue }) {
      if ((await store.item(batch, dialogue)) === undefined) return undefined
      return store.history(batch, dialogue)
    },

    async saveDraft({ batch, dialogue, reviewer, draft }) {
      const stored = draft && {
        base_revision: draft.base_revision,
        version: draft.version,
        form_json: JSON.stringify(draft.form),
        saved_at: new Date(clock.now()).toISOString(),
      }
      await store.saveDraft(batch, dialogue, reviewer, stored)
    },
  }
}
