import { QueryCommand, TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBClient, BatchGetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import type { ItemRecord } from '../../../core/review/store.ts'
import { createDynamoReviewStore } from '../../../lambdas/shared/dynamodb-review-store.ts'
import { itemKey, itemRow } from '../../../lambdas/shared/dynamodb-rows.ts'
import type { Row } from '../../../lambdas/shared/dynamodb-rows.ts'
import { anItem, aNewItem } from '../../builders/a-batch.ts'
import { aReview } from '../../builders/a-review.ts'

/** What DynamoDB does under load and no local AWS does: rivals, leftovers, indexes that lag. */

/** A client whose answers the test gives, and which notes what it was asked. */
function clientThat(answer: (command: unknown, call: number) => unknown) {
  const asked: unknown[] = []
  const client = {
    async send(command: unknown) {
      asked.push(command)
      const result = answer(command, asked.length)
      if (result instanceof Error) throw result
      return result
    },
  }
  return { store: createDynamoReviewStore({ client: client as unknown as DynamoDBClient, table: 'reviews' }), asked }
}

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  })

describe('a transaction', () => {
  const change = { expected_revision: 1, item: anItem({ revision: 2 }), counters: {} }

  it('that met a rival or a throttle is tried again', async () => {
    const { store, asked } = clientThat((_, call) =>
      call === 1 ? cancelled('None', 'TransactionConflict') : call === 2 ? cancelled('ThrottlingError', 'None') : {},
    )

    expect(await store.commitItem(change)).toBe('committed')
    expect(asked).toHaveLength(3)
  })

  it('whose condition does not hold is the answer, though it met a rival too', async () => {
    const stale = clientThat(() => cancelled('ConditionalCheckFailed', 'TransactionConflict'))
    const closed = clientThat(() => cancelled('ConditionalCheckFailed', 'ConditionalCheckFailed'))

    expect(await stale.store.commitItem(change)).toBe('stale')
    expect(await closed.store.commitItem(change)).toBe('batch_closed')
    expect([...stale.asked, ...closed.asked]).toHaveLength(2)
  })

  it('that is refused for anything else is a fault', async () => {
    const { store } = clientThat(() => cancelled('ValidationError', 'None'))

    await expect(store.commitItem(change)).rejects.toThrow(TransactionCanceledException)
  })

  it('that adds dialogues goes on without those that are in the batch already', async () => {
    const { store, asked } = clientThat((_, call) =>
      call === 1 ? cancelled('None', 'ConditionalCheckFailed', 'None', 'None', 'None') : {},
    )

    expect(await store.addItems('batch-1', [aNewItem(0), aNewItem(1)])).toBe(1)
    const written = asked.map((command) => (command as TransactWriteItemsCommand).input.TransactItems?.length)
    expect(written).toEqual([5, 3])
  })
})

describe('a list', () => {
  const rowsOf = (items: ItemRecord[]) => items.map(itemRow)
  const byKey = (rows: Row[], keys: Row[]) => rows.filter((row) => keys.some((key) => key['pk']?.S === row['pk']?.S))

  it('asks again for rows that were left over', async () => {
    const items = [0, 1, 2].map((index) => aNewItem(index).item)
    const { store } = clientThat((command, call) => {
      const Keys = (command as BatchGetItemCommand).input.RequestItems?.['reviews']?.Keys ?? []
      const rows = byKey(rowsOf(items), Keys)
      return call < 3
        ? { Responses: { reviews: rows.slice(0, 1) }, UnprocessedKeys: { reviews: { Keys: Keys.slice(1) } } }
        : { Responses: { reviews: rows } }
    })

    expect(await store.items('batch-1', ['d000', 'd001', 'd002'])).toEqual(items)
  })

  it('of the pending passes over what the index has not yet heard of, and still fills the page', async () => {
    const items = [
      anItem({ dialogue_id: 'decided', ring: '1'.repeat(32), status: 'approved' }),
      anItem({ dialogue_id: 'mine', ring: '2'.repeat(32), reviews: [aReview()], required_reviews: 2 }),
      anItem({ dialogue_id: 'free', ring: '3'.repeat(32) }),
      anItem({ dialogue_id: 'next', ring: '4'.repeat(32) }),
    ]
    const { store } = clientThat((command) => {
      if (command instanceof QueryCommand) return { Items: items.map((item) => itemKey('batch-1', item.dialogue_id)) }
      const Keys = (command as BatchGetItemCommand).input.RequestItems?.['reviews']?.Keys ?? []
      return { Responses: { reviews: byKey(rowsOf(items), Keys) } }
    })
    const found = await store.pending('batch-1', { priority: 1, from: '', limit: 2, not_judged_by: 'clara' })

    expect(found.map((item) => item.dialogue_id)).toEqual(['free', 'next'])
  })

  it('reads rows consistently, and keys from an index', async () => {
    const { store, asked } = clientThat((command) =>
      command instanceof QueryCommand
        ? { Items: [itemKey('batch-1', 'd000')] }
        : { Responses: { reviews: rowsOf([anItem()]) } },
    )
    await store.list('batch-1', { limit: 5 })

    const [query, get] = asked as [QueryCommand, BatchGetItemCommand]
    expect(query.input).toMatchObject({ IndexName: 'in-order', Limit: 6 })
    expect(get.input.RequestItems?.['reviews']?.ConsistentRead).toBe(true)
  })
})

describe('a dialogue', () => {
  it('that no row can hold is refused in words', async () => {
    const { store } = clientThat(() => ({}))
    const large = aNewItem(0)
    large.body.dialogue_json = 'x'.repeat(400_000)

    await expect(store.addItems('batch-1', [large])).rejects.toThrow(
      /d000 is too large to be reviewed; expected 350000 bytes/,
    )
    const long = 'x'.repeat(1000)
    await expect(store.addItems('batch-1', [aNewItem(0, { dialogue_id: long })])).rejects.toThrow(
      /longer than 900 bytes/,
    )
  })
})
