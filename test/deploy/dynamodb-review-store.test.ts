import { randomUUID } from 'node:crypto'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll } from 'vitest'
import { createDynamoReviewStore } from '../../lambdas/shared/dynamodb-review-store.ts'
import { REVIEWS_TABLE } from '../../lambdas/shared/reviews-table.ts'
import { describeReviewModel } from '../contract/review-model.ts'
import { describeReviewService } from '../contract/review-service.ts'
import { describeReviewStore } from '../contract/review-store.ts'
import { startMiniStack } from './ministack/ministack.ts'
import type { MiniStack } from './ministack/ministack.ts'

let ministack: MiniStack
beforeAll(async () => {
  ministack = await startMiniStack({ auth: false })
})
afterAll(() => ministack.stop())

async function make() {
  const clients = [new DynamoDBClient(ministack.clientConfig)]
  const [client] = clients
  const table = `reviews-${randomUUID()}`
  await client!.send(createTable(table))
  return {
    store: createDynamoReviewStore({ client: client!, table }),
    another() {
      const one = new DynamoDBClient(ministack.clientConfig)
      clients.push(one)
      return createDynamoReviewStore({ client: one, table })
    },
    async dispose() {
      for (const one of clients) one.destroy()
    },
  }
}

/** The table as the stack makes it, from the same description. */
function createTable(TableName: string): CreateTableCommand {
  const indexes = Object.values(REVIEWS_TABLE.indexes)
  const schema = (partitionKey: string, sortKey: string) => [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ]
  const keys = [REVIEWS_TABLE, ...indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey])
  return new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: schema(REVIEWS_TABLE.partitionKey, REVIEWS_TABLE.sortKey),
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    GlobalSecondaryIndexes: indexes.map(({ name, partitionKey, sortKey, attributes }) => ({
      IndexName: name,
      KeySchema: schema(partitionKey, sortKey),
      Projection:
        attributes.length === 0
          ? { ProjectionType: 'KEYS_ONLY' as const }
          : { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...attributes] },
    })),
  })
}

describeReviewStore('DynamoDB', make)
describeReviewService('DynamoDB', make)
describeReviewModel('DynamoDB', make, 10)
