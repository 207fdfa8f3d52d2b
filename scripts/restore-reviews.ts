import { parseArgs } from 'node:util'
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  paginateScan,
  PutItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb'
import { findDeployment, onAws } from '../cli/cloud/deployment.ts'
import { EXIT, UsageError } from '../cli/failure.ts'

/**
 * Copies what is missing from the reviews table of an environment back into it, out of a table that DynamoDB has restored to an
 * earlier moment; with --replace, every row as it was then. Safe to break off and to run again.
 *
 * `node scripts/restore-reviews.ts --from TABLE -e prod [--replace]`
 */
const AT_ONCE = 25

try {
  const { values } = options()
  if (values.from === undefined || values.environment === undefined)
    throw new UsageError('Usage: node scripts/restore-reviews.ts --from TABLE -e ENVIRONMENT [--replace]')
  const { from, environment, replace = false } = values
  const { copied, there } = await onAws(async () => {
    const { reviewsTable } = await findDeployment(environment)
    if (from === reviewsTable) throw new UsageError(`${from} is the table of ${environment} itself`)
    return copy(from, reviewsTable, replace)
  })
  console.log(`${copied} rows copied${replace ? '' : `, ${there} were there already and are as they were`}.`)
} catch (error) {
  if (!(error instanceof Error)) throw error
  console.error(
    error.name === 'ResourceNotFoundException' ? 'There is no table of the name after --from.' : error.message,
  )
  process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.findings
}

function options() {
  try {
    return parseArgs({
      options: {
        from: { type: 'string' },
        environment: { type: 'string', short: 'e' },
        replace: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function copy(from: string, to: string, replace: boolean): Promise<{ copied: number; there: number }> {
  const client = new DynamoDBClient({})
  let copied = 0
  let there = 0
  const put = async (Item: Record<string, AttributeValue>): Promise<void> => {
    try {
      const condition = replace ? {} : { ConditionExpression: 'attribute_not_exists(pk)' }
      await client.send(new PutItemCommand({ TableName: to, Item, ...condition }))
      copied += 1
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      there += 1
    }
  }
  for await (const { Items = [] } of paginateScan({ client }, { TableName: from, ConsistentRead: true }))
    for (let start = 0; start < Items.length; start += AT_ONCE)
      await Promise.all(Items.slice(start, start + AT_ONCE).map(put))
  return { copied, there }
}
