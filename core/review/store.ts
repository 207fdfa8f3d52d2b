import type { ConcernGroup, RiskLevel, SessionType, Verdict } from '../dialogue/vocabulary.ts'
import type { StoreName } from '../pipeline/stages.ts'
import type { Finding } from '../quality/finding.ts'
import type { Review } from './review.ts'

/**
 * The review store keeps batches, the dialogues in them and what reviewers said of them. It knows no rules: who may
 * claim what, what a verdict does to an item and when a batch may close is decided by pure functions in
 * `core/review/`, which hand the store one {@link ItemChange} or {@link BatchChange} to carry out whole or not at all.
 *
 * Two adapters: SQLite (`local/`) and DynamoDB (`lambdas/shared/`); the contract is `test/contract/review-store.ts`.
 */
export interface ReviewStore {
  /** Creates the batch in state `opening`; `exists` when the id is taken, and then changes nothing. */
  createBatch(batch: BatchRecord): Promise<'created' | 'exists'>
  batch(batch_id: string): Promise<BatchRecord | undefined>
  /** Newest first. No dialogue is read for it. */
  batches(page?: { after?: string; limit?: number }): Promise<{ batches: BatchRecord[]; next?: string }>
  /** Compare-and-swap on `expected_revision`; `stale` when somebody was faster, and then changes nothing. */
  commitBatch(change: BatchChange): Promise<'committed' | 'stale'>

  /**
   * Adds items; one whose dialogue id is in the batch already is left as it is (a repeated event adds nothing). Each item
   * comes with its body and its share of the batch's counters (`countersOf` in `core/review/counters.ts`), or not at
   * all; many items may take several transactions. Raises the batch's revision. Returns how many were really added.
   */
  addItems(batch_id: string, items: NewItem[]): Promise<number>
  /** Without the body. */
  item(batch_id: string, dialogue_id: string): Promise<ItemRecord | undefined>
  items(batch_id: string, dialogue_ids: readonly string[]): Promise<ItemRecord[]>
  /** The dialogue (its JSON as it stands) and its findings, of one version; the newest without `version`. */
  body(batch_id: string, dialogue_id: string, version?: number): Promise<ItemBody | undefined>
  /** In order of `ordinal`, without bodies. */
  list(
    batch_id: string,
    page?: { after?: number; limit?: number; status?: ItemStatus },
  ): Promise<{ items: ItemRecord[]; next?: number }>
  /**
   * Items with status `pending` of one priority in order of `ring`, from `from` (inclusive) to `to` (exclusive; the end
   * of the ring without it), without those that `not_judged_by` has a standing verdict on; at most `limit`, and fewer only when
   * there are no more. The queue turns this ring from a place of each reviewer's own (see `core/review/queue.ts`).
   * May lag behind the last writes: whoever acts on an item is stopped by `commitItem` then.
   */
  pending(batch_id: string, query: PendingQuery): Promise<ItemRecord[]>
  /** The items that the reviewer has a standing verdict on (see {@link ItemRecord.reviews}), newest verdict first. */
  reviewedBy(batch_id: string, reviewer: string, limit: number): Promise<ItemRecord[]>
  /**
   * One transaction: the item if its revision is still `expected_revision`, its new body, the history entry, and the
   * counters of the batch. `stale` when the item moved, `batch_closed` when the batch is not open any more; nothing is
   * written then. A change with counters (an empty set of them too) raises the batch's revision, so that a lead who
   * closes on what the counters said is stopped when one moved. Claims carry neither history nor counters and need
   * not touch the batch.
   */
  commitItem(change: ItemChange): Promise<'committed' | 'stale' | 'batch_closed'>
  /** Oldest first; append-only. */
  history(batch_id: string, dialogue_id: string): Promise<HistoryEntry[]>

  /** A draft is the reviewer's own, unversioned and never history. `undefined` removes it. */
  saveDraft(batch_id: string, dialogue_id: string, reviewer: string, draft: Draft | undefined): Promise<void>
  draft(batch_id: string, dialogue_id: string, reviewer: string): Promise<Draft | undefined>
}

export type BatchStatus = 'opening' | 'open' | 'closing' | 'closed' | 'failed'
export type ItemStatus = 'pending' | 'disputed' | Verdict

/** 0: medium or high risk, or a finding about a crisis. A clinician sees risk before anything else. */
export type Priority = 0 | 1

export interface PendingQuery {
  priority: Priority
  from: string
  to?: string
  not_judged_by?: string
  limit: number
}

/** Who gets a second review without anybody asking for it. */
export interface OverlapPolicy {
  /** Share (0..1) of the dialogues, drawn by a hash of the dialogue id. */
  share: number
  /** Every dialogue at or above this level. */
  risk_from: RiskLevel | null
  /** Every dialogue that a first review marked so. */
  on_verdicts: Verdict[]
}

export interface BatchRecord {
  batch_id: string
  /** +1 on every `commitBatch`, `addItems` and `commitItem` with counters. */
  revision: number
  status: BatchStatus
  /** For people: the name of the file that it came from. */
  title: string
  /** What was uploaded: location for people, and what makes it the same upload again. */
  source: { key: string; etag: string; location: string }
  /** The dataset under review: where apply will find the records, byte for byte. */
  dataset: { store: StoreName; key: string }
  opened_at: string
  reviews_per_dialogue: number
  overlap: OverlapPolicy
  guidelines_version: string
  /** See `core/review/counters.ts` for the names. Kept on write; absent is 0. */
  counters: Readonly<Record<string, number>>
  /** Set when the batch starts closing, so that a second attempt writes the same bytes under the same key. */
  closed?: { by: string; at: string; reviews_key: string }
  /** Why it failed, in words for the person who uploaded it. */
  failure?: string
}

/** What changes about a batch beside its counters. */
export interface BatchChange {
  batch_id: string
  expected_revision: number
  set: Partial<Pick<BatchRecord, 'status' | 'closed' | 'failure' | 'title'>>
}

export interface Claim {
  reviewer: string
  /** Milliseconds since the epoch; over when now >= until. */
  until: number
}

export interface ItemRecord {
  batch_id: string
  dialogue_id: string
  /** +1 on every change, claims included; what `commitItem` compares. */
  revision: number
  /** 0-based place in the dataset. */
  ordinal: number
  /** Place in the queue's ring: a hash of batch and dialogue id, so neighbours in the file are no neighbours here. */
  ring: string
  priority: Priority
  /** Of the newest version. */
  version: number
  content_sha256: string
  session_type: SessionType
  concern: string
  concern_group: ConcernGroup
  max_risk_level: RiskLevel
  turns: number
  finding_counts: { error: number; warning: number; info: number }
  status: ItemStatus
  /** How many reviews of the newest version it takes. */
  required_reviews: number
  /**
   * The current review of each reviewer who saved one. It stands when it has a verdict and is of the newest version;
   * the verdicts on an older version are void, but keep their place so that the reviewer's revisions go on rising.
   */
  reviews: Review[]
  /** One claim for each review still missing at the most; lapsed ones are dropped on the next change. */
  claims: Claim[]
  /** Reviewer to the time (ms) they skipped it. */
  skips: Readonly<Record<string, number>>
  /** A lead's settlement of a disagreement: a record of its own, which outranks the reviews while it stands. */
  settlement?: Review
}

export interface ItemBody {
  dialogue_id: string
  version: number
  content_sha256: string
  /** The JSON of the dialogue, byte for byte as it stands in the dataset (or as the revision wrote it). */
  dialogue_json: string
  findings: Finding[]
  rules_version: string
}

export type NewItem = { item: ItemRecord; body: ItemBody }

export interface HistoryEntry {
  batch_id: string
  dialogue_id: string
  /** The item revision that this entry came with: unique within the item and rising. */
  sequence: number
  at: string
  by: string
  /** `review` and `undo` change the standing verdict of `by` alone, `revision` voids everybody's, `settlement` none. */
  kind: 'review' | 'undo' | 'settlement' | 'revision'
  /** The review or settlement as it stood after the act. */
  review?: Review
  /** For `revision`: the version and the hash that it made. */
  version?: number
  content_sha256?: string
}

export interface ItemChange {
  expected_revision: number
  /** The item as it shall be; its `revision` is `expected_revision + 1`. */
  item: ItemRecord
  new_body?: ItemBody
  history?: HistoryEntry
  /** Differences to add to the batch's counters; when given, the batch must be open. */
  counters?: Readonly<Record<string, number>>
}

export interface Draft {
  /** The revision of my review that the draft builds on; 0 when there is none yet. */
  base_revision: number
  version: number
  /** A ReviewForm that may be incomplete, as JSON. */
  form_json: string
  saved_at: string
}
