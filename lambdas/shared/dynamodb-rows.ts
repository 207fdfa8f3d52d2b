import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { Counters } from '../../core/review/counters.ts'
import { readBatch, readFindings, readItem } from '../../core/review/records.ts'
import type { Review } from '../../core/review/review.ts'
import { standingReviews } from '../../core/review/standing.ts'
import type { BatchRecord, ItemBody, ItemRecord, ItemStatus, Priority } from '../../core/review/store.ts'

/** The records of the review store as rows of its table, and back: see `reviews-table.ts`. */

export type Row = Record<string, AttributeValue>
export type RowKey = { pk: { S: string }; sk: { S: string } }

export const batchKey = (batch_id: string): RowKey => key(`BATCH#${part(batch_id)}`, 'BATCH')
export const itemKey = (batch_id: string, dialogue_id: string): RowKey => key(collection(batch_id, dialogue_id), 'ITEM')
export const draftKey = (batch_id: string, dialogue_id: string, reviewer: string): RowKey =>
  key(collection(batch_id, dialogue_id), `DRAFT#${reviewer}`)
export const verdictKey = (batch_id: string, dialogue_id: string, reviewer: string): RowKey =>
  key(collection(batch_id, dialogue_id), `VERDICT#${reviewer}`)
export const bodyKey = (batch_id: string, dialogue_id: string, version: number): RowKey =>
  key(collection(batch_id, dialogue_id), `${BODIES}${padded(version)}`)
export const historyKey = (batch_id: string, dialogue_id: string, sequence: number): RowKey =>
  key(collection(batch_id, dialogue_id), `${HISTORY}${padded(sequence)}`)

/** Starts of the sort keys of the bodies and the history of one item. */
export const BODIES = 'BODY#'
export const HISTORY = 'HISTORY#'

/** Partitions of the indexes. */
export const BATCHES = 'BATCHES'
export const orderOf = (batch_id: string): string => `ORDER#${part(batch_id)}`
export const judgedBy = (batch_id: string, reviewer: string): string => `JUDGED#${part(batch_id)}#${part(reviewer)}`
export const withStatus = (batch_id: string, status: ItemStatus): string => `STATUS#${part(batch_id)}#${status}`
export const pendingOf = (batch_id: string, priority: Priority): string => `PENDING#${part(batch_id)}#${priority}`

/** Sort key of a batch among the batches, and the cursor of their list. */
export const batchPlace = (batch: Pick<BatchRecord, 'opened_at' | 'batch_id'>): string =>
  `${batch.opened_at} ${batch.batch_id}`
export const ordinalPlace = (ordinal: number): string => padded(ordinal)
/** With a letter before it, because no part of a key may be empty. */
export const ringSortKey = (place: string): string => `r${place}`

export function batchRow(batch: BatchRecord): Row {
  const { counters, revision, status, title: _title, closed: _closed, failure: _failure, ...record } = batch
  return {
    ...batchKey(batch.batch_id),
    order_pk: { S: BATCHES },
    order_sk: { S: batchPlace(batch) },
    revision: { N: String(revision) },
    status: { S: status },
    set: { S: batchSet(batch) },
    record: { S: JSON.stringify(record) },
    ...Object.fromEntries(
      Object.entries(counters).map(([name, value]) => [counterAttribute(name), { N: String(value) }]),
    ),
  }
}

export function batchOf(row: Row): BatchRecord {
  const counters = Object.entries(row).flatMap(([name, value]) =>
    name.startsWith(COUNTER) && value.N !== '0' ? [[name.slice(COUNTER.length), Number(value.N)] as const] : [],
  )
  return readBatch(
    JSON.stringify({
      ...JsonObject.parse(text(row, 'record')),
      ...JsonObject.parse(text(row, 'set')),
      revision: number(row, 'revision'),
      counters: Object.fromEntries(counters),
    }),
  )
}

/** What `commitBatch` may change, as one small text; the rest of the record is written once. */
export function batchSet({ status, title, closed, failure }: BatchRecord): string {
  return JSON.stringify({ status, title, closed, failure })
}

const COUNTER = 'count.'
export const counterAttribute = (name: string): string => `${COUNTER}${name}`
export const nonZero = (counters: Counters): [name: string, value: number][] =>
  Object.entries(counters).filter(([, value]) => value !== 0)

export function itemRow(item: ItemRecord): Row {
  const { batch_id, dialogue_id, status, ordinal } = item
  const judges = standingReviews(item).map((review) => review.reviewer)
  return {
    ...itemKey(batch_id, dialogue_id),
    order_pk: { S: orderOf(batch_id) },
    order_sk: { S: ordinalPlace(ordinal) },
    status_pk: { S: withStatus(batch_id, status) },
    status_sk: { S: ordinalPlace(ordinal) },
    // Sparse: a decided dialogue leaves the queue's ring.
    ...(status === 'pending'
      ? { pending_pk: { S: pendingOf(batch_id, item.priority) }, pending_sk: { S: ringSortKey(item.ring) } }
      : {}),
    ...(judges.length > 0 ? { judged_by: { SS: judges } } : {}), // a set may not be empty
    revision: { N: String(item.revision) },
    record: { S: JSON.stringify(item) },
  }
}

export function itemOf(row: Row): ItemRecord {
  return readItem(text(row, 'record'))
}

export function verdictRow(item: ItemRecord, review: Review): Row {
  const { batch_id, dialogue_id } = item
  return {
    ...verdictKey(batch_id, dialogue_id, review.reviewer),
    order_pk: { S: judgedBy(batch_id, review.reviewer) },
    order_sk: { S: `${review.reviewed_at}#${dialogue_id}` },
  }
}

export function bodyRow(batch_id: string, body: ItemBody): Row {
  const { dialogue_id, version, content_sha256, dialogue_json, findings, rules_version } = body
  return {
    ...bodyKey(batch_id, dialogue_id, version),
    dialogue_id: { S: dialogue_id },
    version: { N: String(version) },
    content_sha256: { S: content_sha256 },
    dialogue_json: { S: dialogue_json }, // one text, passed through: ten times as fast as a map
    findings: { S: JSON.stringify(findings) },
    rules_version: { S: rules_version },
  }
}

export function bodyOf(row: Row): ItemBody {
  return {
    dialogue_id: text(row, 'dialogue_id'),
    version: number(row, 'version'),
    content_sha256: text(row, 'content_sha256'),
    dialogue_json: text(row, 'dialogue_json'),
    findings: readFindings(text(row, 'findings')),
    rules_version: text(row, 'rules_version'),
  }
}

export function text(row: Row, attribute: string): string {
  const value = row[attribute]?.S
  if (value === undefined) throw new Error(`A row of the reviews table has no text ${attribute}`)
  return value
}

function number(row: Row, attribute: string): number {
  const value = row[attribute]?.N
  if (value === undefined) throw new Error(`A row of the reviews table has no number ${attribute}`)
  return Number(value)
}

const JsonObject = z
  .string()
  .transform((json): unknown => JSON.parse(json))
  .pipe(z.record(z.string(), z.unknown()))

function collection(batch_id: string, dialogue_id: string): string {
  return `ITEM#${part(batch_id)}#${part(dialogue_id)}`
}

/** Ids are anybody's: the sign that separates them may be in them. */
function part(id: string): string {
  return id.replaceAll('%', '%25').replaceAll('#', '%23')
}

/** Numbers as keys sort as texts: 12 digits hold any ordinal, version and sequence. */
function padded(value: number): string {
  return String(value).padStart(12, '0')
}

function key(pk: string, sk: string): RowKey {
  return { pk: { S: pk }, sk: { S: sk } }
}
