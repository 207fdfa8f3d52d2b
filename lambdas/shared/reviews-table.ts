/**
 * The one table of the review store: keys and indexes, for the stack that makes it and the adapter that uses it.
 *
 * | row | pk | sk | in an index |
 * |---|---|---|---|
 * | batch | `BATCH#<batch>` | `BATCH` | in-order: `BATCHES`, time and id |
 * | item | `ITEM#<batch>#<dialogue>` | `ITEM` | in-order: `ORDER#<batch>`, ordinal · by-status: `STATUS#<batch>#<status>`, ordinal · pending (only while it is): `PENDING#<batch>#<priority>`, place on the ring |
 * | body | as its item | `BODY#<version>` | |
 * | history | as its item | `HISTORY#<sequence>` | |
 * | standing verdict | as its item | `VERDICT#<reviewer>` | in-order: `JUDGED#<batch>#<reviewer>`, time and dialogue |
 * | draft | as its item | `DRAFT#<reviewer>` | |
 *
 * Each dialogue is a partition of its own, so fifty reviewers write to fifty places. Indexes hold keys alone: what is
 * shown comes from a consistent read of the rows, so an index that lags can hide a change for a moment but never show an
 * old record; and a claim, which changes no key, costs one write and touches no index.
 */
export const REVIEWS_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** All keys are strings. `attributes` beside the keys are projected, no others. */
  indexes: {
    inOrder: { name: 'in-order', partitionKey: 'order_pk', sortKey: 'order_sk', attributes: [] },
    byStatus: { name: 'by-status', partitionKey: 'status_pk', sortKey: 'status_sk', attributes: [] },
    // With who has judged it, so that their own dialogues are passed over without reading them.
    pending: { name: 'pending', partitionKey: 'pending_pk', sortKey: 'pending_sk', attributes: ['judged_by'] },
  },
} as const satisfies TableDescription

export interface TableDescription {
  partitionKey: string
  sortKey: string
  indexes: Record<string, IndexDescription>
}

export interface IndexDescription {
  name: string
  partitionKey: string
  sortKey: string
  attributes: readonly string[]
}
