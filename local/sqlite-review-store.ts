import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { countersOf, sum } from '../core/review/counters.ts'
import type { Counters } from '../core/review/counters.ts'
import { readBatch, readDraft, readFindings, readHistoryEntry, readItem } from '../core/review/records.ts'
import { standingReviews } from '../core/review/standing.ts'
import type { BatchRecord, ItemBody, ItemRecord, ReviewStore } from '../core/review/store.ts'
import { openSqlite, transaction } from './sqlite-file.ts'
import { MIGRATIONS } from './sqlite-schema.ts'

type Row = Record<string, SQLOutputValue>

export interface SqliteReviewStore extends ReviewStore {
  close(): void
}

const PAGE = 200

/**
 * The review store in one SQLite file, which several processes on one machine may share. A call that has returned is on
 * the disk. Every act is one transaction under the write lock, so a kill at any moment leaves all of it or nothing.
 *
 * @throws InputError when the file cannot be used
 */
export function openSqliteReviewStore(path: string): SqliteReviewStore {
  const database = openSqlite(path, MIGRATIONS)
  const sql = statements(database)

  function batchOf(row: Row | undefined): BatchRecord | undefined {
    if (row === undefined) return undefined
    const batch = readBatch(text(row, 'record'))
    const counters = sql.counters.all(batch.batch_id).map((one) => [text(one, 'name'), number(one, 'value')] as const)
    return { ...batch, revision: number(row, 'revision'), counters: Object.fromEntries(counters) }
  }

  function addToCounters(batch_id: string, counters: Counters): void {
    for (const [name, value] of Object.entries(counters)) sql.count.run(batch_id, name, value)
    sql.raiseBatch.run(batch_id)
  }

  function putBody(batch_id: string, body: ItemBody): void {
    const { dialogue_id, version, content_sha256, dialogue_json, findings, rules_version } = body
    sql.putBody.run(
      batch_id,
      dialogue_id,
      version,
      content_sha256,
      dialogue_json,
      JSON.stringify(findings),
      rules_version,
    )
  }

  return {
    async createBatch(batch) {
      return transaction(database, () => {
        const { counters, ...record } = batch
        const { changes } = sql.createBatch.run(
          batch.batch_id,
          batch.revision,
          batch.status,
          batch.opened_at,
          JSON.stringify({ ...record, counters: {} }),
        )
        if (Number(changes) === 0) return 'exists'
        for (const [name, value] of Object.entries(counters)) sql.count.run(batch.batch_id, name, value)
        return 'created'
      })
    },

    async batch(batch_id) {
      return batchOf(sql.batch.get(batch_id))
    },

    async batches({ after, limit = PAGE } = {}) {
      const space = after?.indexOf(' ') ?? -1 // a time holds none, an id may
      const rows =
        after === undefined
          ? sql.newestBatches.all(limit + 1)
          : sql.olderBatches.all(after.slice(0, space), after.slice(space + 1), limit + 1)
      const batches = rows.slice(0, limit).flatMap((row) => batchOf(row) ?? [])
      const last = batches.at(-1)
      if (rows.length <= limit || last === undefined) return { batches }
      return { batches, next: `${last.opened_at} ${last.batch_id}` }
    },

    async commitBatch({ batch_id, expected_revision, set }) {
      return transaction(database, () => {
        const row = sql.batch.get(batch_id)
        if (row === undefined || number(row, 'revision') !== expected_revision) return 'stale'
        const batch = { ...readBatch(text(row, 'record')), ...set, revision: expected_revision + 1 }
        sql.putBatch.run(batch.revision, batch.status, JSON.stringify(batch), batch_id)
        return 'committed'
      })
    },

    async addItems(batch_id, items) {
      return transaction(database, () => {
        let added = 0
        let counters: Counters = {}
        for (const { item, body } of items) {
          if (Number(sql.addItem.run(...columnsOf(item)).changes) === 0) continue
          putBody(batch_id, body)
          counters = sum(counters, countersOf(item))
          added++
        }
        if (added > 0) addToCounters(batch_id, counters)
        return added
      })
    },

    async item(batch_id, dialogue_id) {
      const row = sql.item.get(batch_id, dialogue_id)
      return row && itemOf(row)
    },

    async items(batch_id, dialogue_ids) {
      return dialogue_ids.flatMap((dialogue_id) => {
        const row = sql.item.get(batch_id, dialogue_id)
        return row === undefined ? [] : itemOf(row)
      })
    },

    async body(batch_id, dialogue_id, version) {
      const row =
        version === undefined ? sql.newestBody.get(batch_id, dialogue_id) : sql.body.get(batch_id, dialogue_id, version)
      return row && bodyOf(row)
    },

    async list(batch_id, { after = -1, limit = PAGE, status } = {}) {
      const rows =
        status === undefined
          ? sql.list.all(batch_id, after, limit + 1)
          : sql.listStatus.all(batch_id, status, after, limit + 1)
      const items = rows.slice(0, limit).map(itemOf)
      const last = items.at(-1)
      return rows.length <= limit || last === undefined ? { items } : { items, next: last.ordinal }
    },

    async pending(batch_id, { priority, from, to = AFTER_ALL, not_judged_by = NOBODY, limit }) {
      return sql.pending.all(batch_id, priority, from, to, not_judged_by, limit).map(itemOf)
    },

    async reviewedBy(batch_id, reviewer, limit) {
      return sql.reviewedBy.all(batch_id, reviewer, limit).map(itemOf)
    },

    async commitItem({ expected_revision, item, new_body, history, counters }) {
      const { batch_id, dialogue_id } = item
      return transaction(database, () => {
        if (counters !== undefined && sql.batchStatus.get(batch_id)?.['status'] !== 'open') return 'batch_closed'
        const { revision, ordinal, ring, priority, status } = item
        const { changes } = sql.putItem.run(
          revision,
          ordinal,
          ring,
          priority,
          status,
          JSON.stringify(item),
          batch_id,
          dialogue_id,
          expected_revision,
        )
        if (Number(changes) === 0) return 'stale'
        if (new_body !== undefined) putBody(batch_id, new_body)
        if (history !== undefined) {
          sql.putHistory.run(batch_id, dialogue_id, history.sequence, JSON.stringify(history))
          sql.dropVerdicts.run(batch_id, dialogue_id)
          for (const { reviewer, reviewed_at } of standingReviews(item))
            sql.putVerdict.run(batch_id, dialogue_id, reviewer, reviewed_at)
        }
        if (counters !== undefined) addToCounters(batch_id, counters)
        return 'committed'
      })
    },

    async history(batch_id, dialogue_id) {
      return sql.history.all(batch_id, dialogue_id).map((row) => readHistoryEntry(text(row, 'record')))
    },

    async saveDraft(batch_id, dialogue_id, reviewer, draft) {
      if (draft === undefined) sql.dropDraft.run(batch_id, dialogue_id, reviewer)
      else sql.putDraft.run(batch_id, dialogue_id, reviewer, JSON.stringify(draft))
    },

    async draft(batch_id, dialogue_id, reviewer) {
      const row = sql.draft.get(batch_id, dialogue_id, reviewer)
      return row && readDraft(text(row, 'record'))
    },

    close() {
      database.close()
    },
  }
}

/** Places on the ring are hex digits, which are all smaller. */
const AFTER_ALL = '~'
/** No reviewer has an empty name. */
const NOBODY = ''

/** Prepared once: SQLite then plans each query once per process. */
function statements(database: DatabaseSync) {
  const item = 'SELECT record FROM items WHERE batch_id = ?'
  return {
    createBatch: database.prepare(
      'INSERT INTO batches (batch_id, revision, status, opened_at, record) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    batch: database.prepare('SELECT revision, record FROM batches WHERE batch_id = ?'),
    batchStatus: database.prepare('SELECT status FROM batches WHERE batch_id = ?'),
    putBatch: database.prepare('UPDATE batches SET revision = ?, status = ?, record = ? WHERE batch_id = ?'),
    raiseBatch: database.prepare('UPDATE batches SET revision = revision + 1 WHERE batch_id = ?'),
    newestBatches: database.prepare(
      'SELECT revision, record FROM batches ORDER BY opened_at DESC, batch_id DESC LIMIT ?',
    ),
    olderBatches: database.prepare(
      'SELECT revision, record FROM batches WHERE (opened_at, batch_id) < (?, ?) ORDER BY opened_at DESC, batch_id DESC LIMIT ?',
    ),

    counters: database.prepare('SELECT name, value FROM counters WHERE batch_id = ? AND value <> 0'),
    count: database.prepare(
      'INSERT INTO counters (batch_id, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value',
    ),

    addItem: database.prepare(
      'INSERT INTO items (batch_id, dialogue_id, revision, ordinal, ring, priority, status, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    putItem: database.prepare(
      'UPDATE items SET revision = ?, ordinal = ?, ring = ?, priority = ?, status = ?, record = ? WHERE batch_id = ? AND dialogue_id = ? AND revision = ?',
    ),
    item: database.prepare(`${item} AND dialogue_id = ?`),
    list: database.prepare(`${item} AND ordinal > ? ORDER BY ordinal LIMIT ?`),
    listStatus: database.prepare(`${item} AND status = ? AND ordinal > ? ORDER BY ordinal LIMIT ?`),
    pending: database.prepare(
      `${item} AND status = 'pending' AND priority = ? AND ring >= ? AND ring < ?
       AND NOT EXISTS (SELECT 1 FROM verdicts WHERE verdicts.batch_id = items.batch_id
                       AND verdicts.dialogue_id = items.dialogue_id AND verdicts.reviewer = ?)
       ORDER BY ring LIMIT ?`,
    ),
    reviewedBy: database.prepare(
      `SELECT items.record FROM verdicts JOIN items USING (batch_id, dialogue_id)
       WHERE verdicts.batch_id = ? AND verdicts.reviewer = ?
       ORDER BY verdicts.reviewed_at DESC, verdicts.dialogue_id DESC LIMIT ?`,
    ),
    putVerdict: database.prepare(
      'INSERT INTO verdicts (batch_id, dialogue_id, reviewer, reviewed_at) VALUES (?, ?, ?, ?)',
    ),
    dropVerdicts: database.prepare('DELETE FROM verdicts WHERE batch_id = ? AND dialogue_id = ?'),

    putBody: database.prepare(
      'INSERT INTO bodies (batch_id, dialogue_id, version, content_sha256, dialogue_json, findings, rules_version) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    body: database.prepare('SELECT * FROM bodies WHERE batch_id = ? AND dialogue_id = ? AND version = ?'),
    newestBody: database.prepare(
      'SELECT * FROM bodies WHERE batch_id = ? AND dialogue_id = ? ORDER BY version DESC LIMIT 1',
    ),

    putHistory: database.prepare('INSERT INTO history (batch_id, dialogue_id, sequence, record) VALUES (?, ?, ?, ?)'),
    history: database.prepare('SELECT record FROM history WHERE batch_id = ? AND dialogue_id = ? ORDER BY sequence'),

    putDraft: database.prepare(
      'INSERT INTO drafts (batch_id, dialogue_id, reviewer, record) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record',
    ),
    dropDraft: database.prepare('DELETE FROM drafts WHERE batch_id = ? AND dialogue_id = ? AND reviewer = ?'),
    draft: database.prepare('SELECT record FROM drafts WHERE batch_id = ? AND dialogue_id = ? AND reviewer = ?'),
  }
}

function columnsOf(item: ItemRecord): [string, string, number, number, string, number, string, string] {
  const { batch_id, dialogue_id, revision, ordinal, ring, priority, status } = item
  return [batch_id, dialogue_id, revision, ordinal, ring, priority, status, JSON.stringify(item)]
}

function itemOf(row: Row): ItemRecord {
  return readItem(text(row, 'record'))
}

function bodyOf(row: Row): ItemBody {
  return {
    dialogue_id: text(row, 'dialogue_id'),
    version: number(row, 'version'),
    content_sha256: text(row, 'content_sha256'),
    dialogue_json: text(row, 'dialogue_json'),
    findings: readFindings(text(row, 'findings')),
    rules_version: text(row, 'rules_version'),
  }
}

function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new Error(`The review database has no text in column ${column}`)
  return value
}

function number(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`The review database has no number in column ${column}`)
  return value
}
