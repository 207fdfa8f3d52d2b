import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  HeadObjectCommand,
} from '@aws-sdk/client-s3'
import * as z from 'zod'
import type { StageName } from '../../core/pipeline/stages.ts'
import { stackName } from '../../lib/environments.ts'
import { until } from '../integration/home-process.ts'
import type { DeployedProduct } from './deployed-product.ts'
import { rootCalls } from './root-calls.ts'

/** A stage of the deployed pipeline: its role to act as, its queues, its logs. */
export interface StageRole {
  product: DeployedProduct
  /** Of the role. */
  name: () => Promise<string>
  /** A client that is the stage, as far as IAM can tell. */
  client(): Promise<S3Client>
  put(s3: S3Client, bucket: string, key: string): Promise<'written' | 'AccessDenied'>
  sendEvents(key: string, count: number): Promise<void>
  /** What the upload of an object that is in the datasets bucket would send. */
  sendDatasetsEvent(key: string): Promise<void>
  untilQueueIsEmpty(): Promise<void>
  deadLetters(): Promise<number>
  /** Failed messages come back after a second, so that a test need not wait for half an hour. */
  retryAtOnce(): Promise<void>
  /** Failed messages come back after so many seconds. */
  retryAfter(seconds: number): Promise<void>
  retryAsDeployed(): Promise<void>
  redrive(): Promise<void>
  /** Log lines of its function with this in them. */
  logsOf(text: string): Promise<string>
}

const AttributesSchema = z.object({ Attributes: z.record(z.string(), z.string()) })
const StatementsSchema = z.looseObject({ Statement: z.array(z.unknown()) })
const FunctionsSchema = z.object({
  Functions: z.array(
    z.object({ FunctionName: z.string(), Role: z.string(), LoggingConfig: z.object({ LogGroup: z.string() }) }),
  ),
})
const MessagesSchema = z.object({ Messages: z.array(z.object({ Body: z.string(), ReceiptHandle: z.string() })) })
const AS_DEPLOYED = '360'
/** The id of the stage's construct: `OpenReview`. */
const constructOf = (stage: StageName): string =>
  stage.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())

export function stageRole(product: DeployedProduct, stage: StageName): StageRole {
  const { ministack } = product
  const queueUrl = (which: 'Queue' | 'DeadLetters') =>
    product.outputs[stackName('local', 'pipeline')]?.[`${constructOf(stage)}${which}`] ?? ''
  const root = rootCalls(ministack)
  const sqs = (action: string, body: Record<string, unknown>) => root.json('sqs', `AmazonSQS.${action}`, body)
  const attributes = async (which: 'Queue' | 'DeadLetters') =>
    AttributesSchema.parse(await sqs('GetQueueAttributes', { QueueUrl: queueUrl(which), AttributeNames: ['All'] }))
      .Attributes
  const setVisibility = (seconds: string) =>
    sqs('SetQueueAttributes', { QueueUrl: queueUrl('Queue'), Attributes: { VisibilityTimeout: seconds } })
  const ownFunction = async () => {
    const { Functions } = FunctionsSchema.parse(await root.get('lambda', '/2015-03-31/functions/'))
    const found = Functions.find(({ FunctionName }) => FunctionName.includes(`pipeline-${constructOf(stage)}Function`))
    if (found === undefined) throw new Error(`no function of ${stage}`)
    return found
  }
  const name = async () => (await ownFunction()).Role.split('/').at(-1) ?? ''
  return {
    product,
    name,
    async client() {
      const role = await name()
      const found = await root.query('iam', 'GetRole', { RoleName: role })
      const before = StatementsSchema.parse(documentIn(found('AssumeRolePolicyDocument')))
      const trusted = { Effect: 'Allow', Principal: { AWS: ministack.accountId }, Action: 'sts:AssumeRole' }
      const trust = (document: unknown) =>
        root.query('iam', 'UpdateAssumeRolePolicy', { RoleName: role, PolicyDocument: JSON.stringify(document) })
      await trust({ ...before, Statement: [...before.Statement, trusted] })
      const assumed = await root.query('sts', 'AssumeRole', {
        RoleArn: found('Arn')[0] ?? '',
        RoleSessionName: 'test',
      })
      await trust(before)
      return new S3Client({
        ...ministack.clientConfig,
        credentials: {
          accessKeyId: assumed('AccessKeyId')[0] ?? '',
          secretAccessKey: assumed('SecretAccessKey')[0] ?? '',
          sessionToken: assumed('SessionToken')[0] ?? '',
        },
      })
    },
    put: (s3, Bucket, Key) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' })).then(
        () => 'written' as const,
        (error: unknown) => {
          if (error instanceof S3ServiceException && error.name === 'AccessDenied') return 'AccessDenied' as const
          throw error
        },
      ),
    async sendEvents(key, count) {
      const { ETag } = await product.s3.send(new HeadObjectCommand({ Bucket: product.inbox, Key: key }))
      const body = JSON.stringify({
        source: 'aws.s3',
        'detail-type': 'Object Created',
        detail: { bucket: { name: product.inbox }, object: { key, etag: ETag?.replaceAll('"', '') } },
      })
      for (let sent = 0; sent < count; sent += 10)
        await sqs('SendMessageBatch', {
          QueueUrl: queueUrl('Queue'),
          Entries: Array.from({ length: Math.min(10, count - sent) }, (_, index) => ({
            Id: String(index),
            MessageBody: body,
          })),
        })
    },
    async sendDatasetsEvent(key) {
      const { ETag } = await product.s3.send(new HeadObjectCommand({ Bucket: product.datasets, Key: key }))
      const object = { key, etag: ETag?.replaceAll('"', '') }
      const detail = { bucket: { name: product.datasets }, object }
      await sqs('SendMessage', {
        QueueUrl: queueUrl('Queue'),
        MessageBody: JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created', detail }),
      })
    },
    untilQueueIsEmpty: async () => {
      await until('the queue is empty', async () => {
        const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = await attributes('Queue')
        return ApproximateNumberOfMessages === '0' && ApproximateNumberOfMessagesNotVisible === '0'
      })
    },
    deadLetters: async () => Number((await attributes('DeadLetters'))['ApproximateNumberOfMessages']),
    retryAtOnce: async () => void (await setVisibility('1')),
    retryAfter: async (seconds) => void (await setVisibility(String(seconds))),
    retryAsDeployed: async () => void (await setVisibility(AS_DEPLOYED)),
    // On AWS it is one call, StartMessageMoveTask, which the local AWS does not have.
    async redrive() {
      const { Messages } = MessagesSchema.parse(
        await sqs('ReceiveMessage', { QueueUrl: queueUrl('DeadLetters'), MaxNumberOfMessages: 10 }),
      )
      for (const { Body, ReceiptHandle } of Messages) {
        await sqs('SendMessage', { QueueUrl: queueUrl('Queue'), MessageBody: Body })
        await sqs('DeleteMessage', { QueueUrl: queueUrl('DeadLetters'), ReceiptHandle })
      }
    },
    async logsOf(text) {
      const { LoggingConfig } = await ownFunction()
      return JSON.stringify(
        await root.json('logs', 'Logs_20140328.FilterLogEvents', {
          logGroupName: LoggingConfig.LogGroup,
          filterPattern: text,
        }),
      )
    },
  }
}

/** Takes one action out of the role's own policies. @returns gives it back */
export async function roleWithout({ product, name }: StageRole, action: string): Promise<() => Promise<void>> {
  const root = rootCalls(product.ministack)
  const RoleName = await name()
  const policies = (await root.query('iam', 'ListRolePolicies', { RoleName }))('member')
  const restore: (() => Promise<unknown>)[] = []
  let found = false
  for (const PolicyName of policies) {
    const about = { RoleName, PolicyName }
    const PolicyDocument = PolicySchema.parse(
      documentIn((await root.query('iam', 'GetRolePolicy', about))('PolicyDocument')),
    )
    const put = (document: unknown) =>
      root.query('iam', 'PutRolePolicy', { ...about, PolicyDocument: JSON.stringify(document) })
    const Statement = PolicyDocument.Statement.flatMap((statement) => {
      const Action = [statement.Action].flat().filter((one) => one !== action)
      found ||= Action.length < [statement.Action].flat().length
      return Action.length === 0 ? [] : [{ ...statement, Action }]
    })
    await put({ ...PolicyDocument, Statement })
    restore.push(() => put(PolicyDocument))
  }
  if (!found) throw new Error(`the role ${RoleName} had no ${action} to lose`)
  return async () => {
    for (const step of restore) await step()
  }
}

const PolicySchema = z.looseObject({
  Statement: z.array(z.looseObject({ Action: z.union([z.string(), z.array(z.string())]) })),
})

/** IAM hands policies over URL-encoded. */
const documentIn = ([text = '']: string[]): unknown =>
  JSON.parse(text.startsWith('%') ? decodeURIComponent(text) : text)

/** Every version of every object: what a versioned bucket must lose before it can be deleted. */
export async function emptyBucket(s3: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key ?? '', VersionId }))
    if (Objects.length === 0) return
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  }
}
