import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { DynamoDBClient, TransactWriteItem, Update } from '@aws-sdk/client-dynamodb'
import { InputError } from '../../core/errors.ts'
import { countersOf, sum } from '../../core/review/counters.ts'
import type { Counters } from '../../core/review/counters.ts'
import { readDraft, readHistoryEntry } from '../../core/review/records.ts'
import { standingReviewOf } from '../../core/review/standing.ts'
import type { BatchRecord, ItemChange, ItemRecord, NewItem, ReviewStore } from '../../core/review/store.ts'
import { getRows, queryIndex, queryTable, transact, write } from './dynamodb-access.ts'
import type { KeyRange } from './dynamodb-access.ts'
import {
  BATCHES,
  BODIES,
  HISTORY,
  batchKey,
  batchOf,
  batchPlace,
  batchRow,
  batchSet,
  bodyKey,
  bodyOf,
  bodyRow,
  counterAttribute,
  draftKey,
  historyKey,
  itemKey,
  itemOf,
  itemRow,
  judgedBy,
  nonZero,
  orderOf,
  ordinalPlace,
  pendingOf,
  ringSortKey,
  text,
  verdictKey,
  verdictRow,
  withStatus,
} from './dynamodb-rows.ts'
import type { Row, RowKey } from './dynamodb-rows.ts'
import { REVIEWS_TABLE } from './reviews-table.ts'
import type { IndexDescription } from './reviews-table.ts'

const PAGE = 200
const { inOrder, byStatus, pending } = REVIEWS_TABLE.indexes

/**
 * DynamoDB takes 100 writes and 4 MB in a transaction: two rows a dialogue and the batch. A third of the bytes, because a
 * local AWS counts a letter beyond ASCII as its escape of six; 45 usual dialogues are 0.2 MB, so nobody waits for it.
 */
const DIALOGUES_AT_ONCE = 45
const BYTES_AT_ONCE = 1_300_000
/** DynamoDB's limit on a row is 400 KB, with keys and findings; on a sort key, 1,024 bytes. */
const MAX_BODY_BYTES = 350_000
const MAX_ID_BYTES = 900

/**
 * The review store in one DynamoDB table. Every act is one conditional write or one transaction; nothing is ever scanned.
 * Lists take keys from an index and then the rows themselves, so what they show is as it stands.
 */
export function createDynamoReviewStore({ client, table }: { client: DynamoDBClient; table: string }): ReviewStore {
  const access = { client, table }

  async function row(key: RowKey): Promise<Row | undefined> {
    return (await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item
  }

  /** Goes along an index until `limit` items fit, reading the rows of a page at a time. */
  async function itemsAlong(
    index: IndexDescription,
    partition: string,
    range: Omit<KeyRange, 'page'>,
    limit: number,
    fits: (item: ItemRecord) => boolean = () => true,
  ): Promise<ItemRecord[]> {
    const items: ItemRecord[] = []
    const flush = async (keys: RowKey[]) => {
      for (const item of (await getRows(access, keys)).map(itemOf)) if (fits(item)) items.push(item)
    }
    let keys: RowKey[] = []
    for await (const { pk } of queryIndex(access, index, partition, { ...range, page: Math.min(limit, 1000) })) {
      // Verdicts stand beside the item they are about: the item's key follows from theirs.
      if (pk?.S !== undefined) keys.push({ pk: { S: pk.S }, sk: { S: 'ITEM' } })
      if (keys.length < limit - items.length) continue
      await flush(keys)
      keys = []
      if (items.length >= limit) return items
    }
    await flush(keys)
    return items
  }

  /** The batch's share of a transaction: counters added, revision raised, under a condition. */
  function batchUpdate(
    batch_id: string,
    counters: Counters,
    condition: Pick<Update, 'ConditionExpression'>,
    open: boolean,
  ): { Update: Update } {
    const changed = nonZero(counters)
    return {
      Update: {
        TableName: table,
        Key: batchKey(batch_id),
        UpdateExpression: ['ADD revision :one', ...changed.map((_, place) => `#c${place} :c${place}`)].join(', '),
        ...condition,
        ExpressionAttributeNames: {
          ...(open ? { '#status': 'status' } : {}),
          ...Object.fromEntries(changed.map(([name], place) => [`#c${place}`, counterAttribute(name)])),
        },
        ExpressionAttributeValues: {
          ':one': { N: '1' },
          ...(open ? { ':open': { S: 'open' } } : {}),
          ...Object.fromEntries(changed.map(([, value], place) => [`:c${place}`, { N: String(value) }])),
        },
      },
    }
  }

  async function addTogether(batch_id: string, items: readonly NewItem[]): Promise<number> {
    let left = items
    while (left.length > 0) {
      const counters = left.reduce<Counters>((total, { item }) => sum(total, countersOf(item)), {})
      const result = await transact(access, [
        batchUpdate(batch_id, counters, { ConditionExpression: 'attribute_exists(pk)' }, false),
        ...left.flatMap(({ item, body }) => [
          { Put: { TableName: table, Item: itemRow(item), ConditionExpression: 'attribute_not_exists(pk)' } },
          { Put: { TableName: table, Item: bodyRow(batch_id, body) } },
        ]),
      ])
      if (result.done) return left.length
      if (result.refused.has(0)) throw new Error(`There is no batch ${batch_id} to add dialogues to`)
      // Those that are in the batch already; the others are tried again without them.
      left = left.filter((_, place) => !result.refused.has(1 + 2 * place))
    }
    return 0
  }

  return {
    async createBatch(batch) {
      const created = await ifCondition(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: batchRow(batch),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      )
      return created ? 'created' : 'exists'
    },

    async batch(batch_id) {
      const found = await row(batchKey(batch_id))
      return found && batchOf(found)
    },

    async batches({ after, limit = PAGE } = {}) {
      const keys: RowKey[] = []
      const range = after === undefined ? {} : { condition: '#sk < :after', values: { ':after': { S: after } } }
      for await (const { pk } of queryIndex(access, inOrder, BATCHES, {
        ...range,
        descending: true,
        page: limit + 1,
      })) {
        if (pk?.S !== undefined) keys.push({ pk: { S: pk.S }, sk: { S: 'BATCH' } })
        if (keys.length > limit) break
      }
      const batches = (await getRows(access, keys.slice(0, limit))).map(batchOf)
      const last = batches.at(-1)
      return keys.length > limit && last !== undefined ? { batches, next: batchPlace(last) } : { batches }
    },

    async commitBatch({ batch_id, expected_revision, set }) {
      const found = await row(batchKey(batch_id))
      if (found === undefined) return 'stale'
      const batch: BatchRecord = { ...batchOf(found), ...set }
      const committed = await ifCondition(
        write(() =>
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: batchKey(batch_id),
              UpdateExpression: 'SET #set = :set, #status = :status ADD revision :one',
              ConditionExpression: 'revision = :expected',
              ExpressionAttributeNames: { '#set': 'set', '#status': 'status' },
              ExpressionAttributeValues: {
                ':set': { S: batchSet(batch) },
                ':status': { S: batch.status },
                ':one': { N: '1' },
                ':expected': { N: String(expected_revision) },
              },
            }),
          ),
        ),
      )
      return committed ? 'committed' : 'stale'
    },

    async addItems(batch_id, items) {
      for (const one of items) checkSize(one)
      // The first of an id counts; a transaction may name a row once only.
      const distinct = [...new Map(items.toReversed().map((one) => [one.item.dialogue_id, one])).values()].reverse()
      let added = 0
      for (const chunk of chunked(distinct)) added += await addTogether(batch_id, chunk)
      return added
    },

    async item(batch_id, dialogue_id) {
      const found = await row(itemKey(batch_id, dialogue_id))
      return found && itemOf(found)
    },

    async items(batch_id, dialogue_ids) {
      return (
        await getRows(
          access,
          dialogue_ids.map((dialogue_id) => itemKey(batch_id, dialogue_id)),
        )
      ).map(itemOf)
    },

    async body(batch_id, dialogue_id, version) {
      if (version !== undefined) {
        const found = await row(bodyKey(batch_id, dialogue_id, version))
        return found && bodyOf(found)
      }
      const { pk } = itemKey(batch_id, dialogue_id)
      for await (const newest of queryTable(access, pk.S, BODIES, { descending: true, page: 1 })) return bodyOf(newest)
      return undefined
    },

    async list(batch_id, { after, limit = PAGE, status } = {}) {
      const range =
        after === undefined ? {} : { condition: '#sk > :after', values: { ':after': { S: ordinalPlace(after) } } }
      const found = await (status === undefined
        ? itemsAlong(inOrder, orderOf(batch_id), range, limit + 1)
        : itemsAlong(byStatus, withStatus(batch_id, status), range, limit + 1, (item) => item.status === status))
      const items = found.slice(0, limit)
      const last = items.at(-1)
      return found.length > limit && last !== undefined ? { items, next: last.ordinal } : { items }
    },

    async pending(batch_id, { priority, from, to, not_judged_by, limit }) {
      if (to !== undefined && to <= from) return []
      const range = {
        condition: '#sk BETWEEN :from AND :to',
        values: { ':from': { S: ringSortKey(from) }, ':to': { S: ringSortKey(to ?? AFTER_ALL) } },
      }
      const mine = {
        filter: 'NOT contains(judged_by, :me)',
        values: { ...range.values, ':me': { S: not_judged_by ?? '' } },
      }
      return itemsAlong(
        pending,
        pendingOf(batch_id, priority),
        not_judged_by === undefined ? range : { ...range, ...mine },
        limit,
        (item) =>
          item.status === 'pending' &&
          item.ring !== to && // BETWEEN takes both its ends in
          (not_judged_by === undefined || standingReviewOf(item, not_judged_by) === undefined),
      )
    },

    async reviewedBy(batch_id, reviewer, limit) {
      return itemsAlong(
        inOrder,
        judgedBy(batch_id, reviewer),
        { descending: true },
        limit,
        (item) => standingReviewOf(item, reviewer) !== undefined,
      )
    },

    async commitItem(change) {
      const { item, expected_revision, new_body, history, counters } = change
      const put = {
        TableName: table,
        Item: itemRow(item),
        ConditionExpression: 'revision = :expected',
        ExpressionAttributeValues: { ':expected': { N: String(expected_revision) } },
      }
      if (new_body === undefined && history === undefined && counters === undefined)
        return (await ifCondition(write(() => client.send(new PutItemCommand(put))))) ? 'committed' : 'stale'

      const { batch_id, dialogue_id } = item
      const writes: TransactWriteItem[] = [{ Put: put }]
      if (counters !== undefined)
        writes.push(batchUpdate(batch_id, counters, { ConditionExpression: '#status = :open' }, true))
      if (new_body !== undefined) writes.push({ Put: { TableName: table, Item: bodyRow(batch_id, new_body) } })
      if (history !== undefined) {
        const entry = { ...historyKey(batch_id, dialogue_id, history.sequence), record: { S: JSON.stringify(history) } }
        writes.push({ Put: { TableName: table, Item: entry } }, ...verdictWrites(table, change))
      }
      const result = await transact(access, writes)
      if (result.done) return 'committed'
      return counters !== undefined && result.refused.has(1) ? 'batch_closed' : 'stale'
    },

    async history(batch_id, dialogue_id) {
      const entries = []
      const { pk } = itemKey(batch_id, dialogue_id)
      for await (const entry of queryTable(access, pk.S, HISTORY, { page: 100 }))
        entries.push(readHistoryEntry(text(entry, 'record')))
      return entries
    },

    async saveDraft(batch_id, dialogue_id, reviewer, draft) {
      const key = draftKey(batch_id, dialogue_id, reviewer)
      if (draft === undefined) await client.send(new DeleteItemCommand({ TableName: table, Key: key }))
      else {
        const record = { S: JSON.stringify(draft) }
        await client.send(new PutItemCommand({ TableName: table, Item: { ...key, record } }))
      }
    },

    async draft(batch_id, dialogue_id, reviewer) {
      const found = await row(draftKey(batch_id, dialogue_id, reviewer))
      return found && readDraft(text(found, 'record'))
    },
  }
}

/** Places on the ring are hex digits, which are all smaller. */
const AFTER_ALL = '~'

/** The rows of those whose verdicts the act gave or voided: one reviewer's, or everybody's when the text changed. */
function verdictWrites(TableName: string, { item, history }: ItemChange): TransactWriteItem[] {
  const { batch_id, dialogue_id } = item
  if (history?.kind === 'settlement') return []
  return item.reviews
    .filter(({ reviewer }) => history?.kind === 'revision' || history?.by === reviewer)
    .map((review) =>
      standingReviewOf(item, review.reviewer) === undefined
        ? { Delete: { TableName, Key: verdictKey(batch_id, dialogue_id, review.reviewer) } }
        : { Put: { TableName, Item: verdictRow(item, review) } },
    )
}

function checkSize({ item, body }: NewItem): void {
  if (Buffer.byteLength(item.dialogue_id) > MAX_ID_BYTES)
    throw new InputError(`a dialogue id is longer than ${MAX_ID_BYTES} bytes`, { where: item.dialogue_id.slice(0, 80) })
  if (Buffer.byteLength(body.dialogue_json) + Buffer.byteLength(JSON.stringify(body.findings)) > MAX_BODY_BYTES)
    throw new InputError(`dialogue ${item.dialogue_id} is too large to be reviewed`, {
      expected: `${MAX_BODY_BYTES} bytes at the most`,
    })
}

function* chunked(items: readonly NewItem[]): Generator<NewItem[]> {
  let chunk: NewItem[] = []
  let bytes = 0
  for (const one of items) {
    const size = Buffer.byteLength(one.body.dialogue_json) + 4096 // the item's own row, keys and findings
    if (chunk.length === DIALOGUES_AT_ONCE || (chunk.length > 0 && bytes + size > BYTES_AT_ONCE)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(one)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

/** Whether the condition of the one write held. */
async function ifCondition(written: Promise<unknown>): Promise<boolean> {
  try {
    await written
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}
