import { setTimeout as pause } from 'node:timers/promises'
import {
  BatchGetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb'
import type { AttributeValue, CancellationReason, DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Row, RowKey } from './dynamodb-rows.ts'
import type { IndexDescription } from './reviews-table.ts'

/** What the review store asks of DynamoDB: pages gone through, refusals told apart, rivals waited for. */
export interface Access {
  client: DynamoDBClient
  table: string
}

/** DynamoDB's limit on keys in one BatchGetItem. */
const BATCH_GET = 100

/** The rows with these keys, in their order, without those that are not there. Consistent. */
export async function getRows({ client, table }: Access, keys: readonly RowKey[]): Promise<Row[]> {
  const found = new Map<string, Row>()
  const distinct = [...new Map(keys.map((key) => [nameOf(key), key])).values()]
  for (let start = 0; start < distinct.length; start += BATCH_GET) {
    let wanted: Row[] = distinct.slice(start, start + BATCH_GET)
    for (let round = 0; wanted.length > 0; round++) {
      if (round > 0) await pause(delay(round)) // what is left over was throttled, or did not fit into 16 MB
      const answer = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } }),
      )
      for (const row of answer.Responses?.[table] ?? []) found.set(nameOf(row), row)
      wanted = answer.UnprocessedKeys?.[table]?.Keys ?? []
    }
  }
  return keys.map((key) => found.get(nameOf(key))).filter((row) => row !== undefined)
}

export interface KeyRange {
  /** A condition on the sort key `#sk`, e.g. `#sk > :after`. */
  condition?: string
  values?: Record<string, AttributeValue>
  filter?: string
  descending?: boolean
  /** Rows to read at a time. */
  page: number
}

/** The rows of one partition of an index as far as they are projected, in the order of its sort key. */
export function queryIndex(
  access: Access,
  index: IndexDescription,
  partition: string,
  range: KeyRange,
): AsyncGenerator<Row> {
  return query(
    access,
    { index: index.name, pk: index.partitionKey, sk: index.sortKey, consistent: false },
    partition,
    range,
  )
}

/** The rows of one partition of the table whose sort keys start with `prefix`. Consistent. */
export function queryTable(
  access: Access,
  partition: string,
  prefix: string,
  range: Pick<KeyRange, 'descending' | 'page'>,
): AsyncGenerator<Row> {
  return query(access, { pk: 'pk', sk: 'sk', consistent: true }, partition, {
    ...range,
    condition: 'begins_with(#sk, :prefix)',
    values: { ':prefix': { S: prefix } },
  })
}

async function* query(
  { client, table }: Access,
  keys: { index?: string; pk: string; sk: string; consistent: boolean },
  partition: string,
  { condition, values = {}, filter, descending = false, page }: KeyRange,
): AsyncGenerator<Row> {
  let ExclusiveStartKey: Row | undefined
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: keys.index,
        KeyConditionExpression: condition === undefined ? '#pk = :pk' : `#pk = :pk AND ${condition}`,
        FilterExpression: filter,
        ExpressionAttributeNames: { '#pk': keys.pk, ...(condition === undefined ? {} : { '#sk': keys.sk }) },
        ExpressionAttributeValues: { ':pk': { S: partition }, ...values },
        ScanIndexForward: !descending,
        ConsistentRead: keys.consistent,
        Limit: page,
        ExclusiveStartKey,
      }),
    )
    yield* answer.Items ?? []
    ExclusiveStartKey = answer.LastEvaluatedKey
  } while (ExclusiveStartKey !== undefined)
}

/** Which writes of a transaction met a row that was not as their condition wants it, by their place in it. */
export type Transacted = { done: true } | { done: false; refused: ReadonlySet<number> }

/** All writes or none. A rival at one of the rows, or a throttle, is waited for; a condition that does not hold is the answer. */
export async function transact({ client }: Access, writes: readonly TransactWriteItem[]): Promise<Transacted> {
  return patiently(async () => {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: [...writes] }))
      return { done: true }
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error
      const codes = (error.CancellationReasons ?? []).map((reason: CancellationReason) => reason.Code)
      const refused = codes.flatMap((code, place) => (code === 'ConditionalCheckFailed' ? [place] : []))
      if (refused.length > 0) return { done: false, refused: new Set(refused) }
      if (codes.some((code) => code !== undefined && PASSING.has(code))) return 'again'
      throw error
    }
  })
}

/** One write; a transaction that holds the row is waited for. */
export function write<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  return patiently(async () => {
    try {
      return await send()
    } catch (error) {
      if (error instanceof TransactionConflictException) return 'again'
      throw error
    }
  })
}

/** Reasons that a moment later are gone. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])

/** Together some 10 s of waiting: longer than any queue of transactions at one row, shorter than a person's or SQS's patience. */
const TRIES = 14

async function patiently<Answer>(attempt: () => Promise<Answer | 'again'>): Promise<Answer> {
  for (let round = 1; ; round++) {
    const answer = await attempt()
    if (answer !== 'again') return answer
    if (round === TRIES) throw new Error(`DynamoDB had rivals at the same rows ${TRIES} times in a row; try again`)
    await pause(delay(round))
  }
}

/** ms: doubles up to 2 s, and is drawn, so that two rivals do not meet again. */
function delay(round: number): number {
  return Math.random() * Math.min(2000, 10 * 2 ** round)
}

function nameOf(row: Row): string {
  return `${row['pk']?.S}\n${row['sk']?.S}`
}
