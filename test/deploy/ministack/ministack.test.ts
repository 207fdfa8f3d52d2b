import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { systemErrorCode } from './harness-error.ts'
import { runLogged } from './logged-command.ts'
import { startMiniStack, type Credentials, type MiniStack } from './ministack.ts'
import { ensurePythonEnvironment } from './python-environment.ts'

const FIRST_START_MS = 10 * 60_000 // makes the Python environment if there is none

describe('a local AWS that enforces IAM', () => {
  let ministack: MiniStack
  let s3: S3Client
  beforeAll(async () => {
    ministack = await startMiniStack({ auth: true })
    s3 = new S3Client(ministack.clientConfig)
  }, FIRST_START_MS)
  afterAll(async () => {
    s3.destroy()
    await ministack.stop()
  })
  beforeEach(() => ministack.reset())

  test('refuses a second write-once put with 412, and keeps the first object', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'datasets' }))
    const putOnce = (body: string) =>
      s3.send(new PutObjectCommand({ Bucket: 'datasets', Key: 'synthetic/b1.jsonl', Body: body, IfNoneMatch: '*' }))
    await putOnce('first')

    await expect(putOnce('second')).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    })
    const kept = await s3.send(new GetObjectCommand({ Bucket: 'datasets', Key: 'synthetic/b1.jsonl' }))
    expect(await kept.Body?.transformToString()).toBe('first')
  })

  test('cancels a transaction with a reason for each item, and the item that stood in the way', async () => {
    const dynamodb = new DynamoDBClient(ministack.clientConfig)
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'reviews',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    )
    await dynamodb.send(new PutItemCommand({ TableName: 'reviews', Item: { pk: { S: 'd1' }, version: { N: '2' } } }))

    const cancelled: unknown = await dynamodb
      .send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName: 'reviews', Item: { pk: { S: 'd2' } } } },
            {
              Put: {
                TableName: 'reviews',
                Item: { pk: { S: 'd1' }, version: { N: '2' } },
                ConditionExpression: 'version = :seen',
                ExpressionAttributeValues: { ':seen': { N: '1' } },
                ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
              },
            },
          ],
        }),
      )
      .catch((error: unknown) => error)

    expect(cancelled).toBeInstanceOf(TransactionCanceledException)
    expect(cancelled).toMatchObject({
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Item: { pk: { S: 'd1' }, version: { N: '2' } } },
      ],
    })
    dynamodb.destroy()
  })

  test('denies a role what it was not granted, and names role and action', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'inbox' }))
    const reader = await assumeNewRole(ministack, 'reader', ['s3:GetObject'], 'arn:aws:s3:::inbox/*')
    const asReader = new S3Client({ ...ministack.clientConfig, credentials: reader })
    await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key: 'seeds/a.json', Body: '{}' }))

    const read = await asReader.send(new GetObjectCommand({ Bucket: 'inbox', Key: 'seeds/a.json' }))
    expect(await read.Body?.transformToString()).toBe('{}')
    const denied: unknown = await asReader
      .send(new PutObjectCommand({ Bucket: 'inbox', Key: 'seeds/b.json', Body: '{}' }))
      .catch((error: unknown) => error)
    expect(denied).toMatchObject({ name: 'AccessDenied' })
    expect(String(denied)).toMatch(/assumed-role\/reader\/.*s3:PutObject/)
    asReader.destroy()
  })

  test('counts every request as TLS, as on AWS, so that TLS-only buckets can be used', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'tls-only' }))
    const Resource = ['arn:aws:s3:::tls-only', 'arn:aws:s3:::tls-only/*']
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } }
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource, Condition }],
    })
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'tls-only', Policy }))

    const writer = await assumeNewRole(ministack, 'writer', ['s3:PutObject'], 'arn:aws:s3:::tls-only/*')
    const asWriter = new S3Client({ ...ministack.clientConfig, credentials: writer }) // the root is above the policy

    await expect(
      asWriter.send(new PutObjectCommand({ Bucket: 'tls-only', Key: 'a', Body: 'a' })),
    ).resolves.toBeDefined()
    asWriter.destroy()
  })

  test('forgets everything on reset', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'gone-soon' }))

    await ministack.reset()

    expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([])
  })
})

test('stop() leaves no process, no open port and no file, also when functions have run', async () => {
  const ministack = await startMiniStack({ auth: true })
  const invoked = await invokeNewFunction(
    ministack,
    'export const handler = async () => ({ node: process.version, pid: process.pid, folder: process.cwd() })',
  )
  const { node, pid, folder } = z.object({ node: z.string(), pid: z.number(), folder: z.string() }).parse(invoked)
  expect(node).toMatch(/^v24\./)
  expect(isRunning(pid)).toBe(true)
  expect(folder).toContain('ministack-')

  await ministack.stop()

  expect(isRunning(pid)).toBe(false)
  expect(isRunning(-ministack.processId)).toBe(false)
  expect(await portIsOpen(ministack.port)).toBe(false)
  await expect(rm(folder, { recursive: true })).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await ministack.logs()).toContain('shutting down')
}, 60_000)

test('ends when the process that started it is killed', async () => {
  const script = `
    import { startMiniStack } from ${JSON.stringify(join(import.meta.dirname, 'ministack.ts'))}
    console.log((await startMiniStack({ auth: false })).port)
    setInterval(() => {}, 1000)`
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = Number(await once(starter.stdout, 'data'))
  expect(await portIsOpen(port)).toBe(true)

  starter.kill('SIGKILL')

  await expect.poll(() => portIsOpen(port), { timeout: 10_000 }).toBe(false)
})

test('two run side by side, each with a state of its own', async () => {
  const [one, other] = await Promise.all([startMiniStack({ auth: false }), startMiniStack({ auth: false })])
  const [ofOne, ofOther] = [new S3Client(one.clientConfig), new S3Client(other.clientConfig)]

  await ofOne.send(new CreateBucketCommand({ Bucket: 'inbox' }))

  expect((await ofOther.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([])
  await Promise.all([one.stop(), other.stop()])
})

test('keeps state and port over a restart when it is given a folder', async () => {
  const persistDir = await mkdtemp(join(tmpdir(), 'ministack-kept-'))
  const before = await startMiniStack({ auth: false, persistDir })
  const s3 = new S3Client(before.clientConfig)
  await s3.send(new CreateBucketCommand({ Bucket: 'inbox' }))
  await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key: 'seeds/a.json', Body: 'kept' }))
  await before.stop()

  const after = await startMiniStack({ auth: false, persistDir })

  expect(after.port).toBe(before.port)
  const kept = await s3.send(new GetObjectCommand({ Bucket: 'inbox', Key: 'seeds/a.json' }))
  expect(await kept.Body?.transformToString()).toBe('kept')
  await after.stop()
  await rm(persistDir, { recursive: true })
})

test('says in one line that a port is taken', async () => {
  const first = await startMiniStack({ auth: false })

  await expect(startMiniStack({ auth: false, port: first.port })).rejects.toThrow(
    `MiniStack did not start:\ncannot listen on 127.0.0.1:${first.port}: Address already in use`,
  )
  await first.stop()
})

const AssumedRoleSchema = z.object({
  Credentials: z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string(), SessionToken: z.string() }),
})

async function assumeNewRole(
  ministack: MiniStack,
  name: string,
  actions: string[],
  resource: string,
): Promise<Credentials> {
  const anyone = { Effect: 'Allow', Principal: { AWS: ministack.accountId }, Action: 'sts:AssumeRole' }
  const grant = { Effect: 'Allow', Action: actions, Resource: resource }
  const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await ministack.aws(['iam', 'create-role', '--role-name', name, '--assume-role-policy-document', policy(anyone)])
  await ministack.aws([
    'iam',
    'put-role-policy',
    '--role-name',
    name,
    '--policy-name',
    'p',
    '--policy-document',
    policy(grant),
  ])
  const roleArn = `arn:aws:iam::${ministack.accountId}:role/${name}`
  const assumed = await ministack.aws(['sts', 'assume-role', '--role-arn', roleArn, '--role-session-name', 'test'])
  const { Credentials } = AssumedRoleSchema.parse(JSON.parse(assumed))
  return {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  }
}

async function invokeNewFunction(ministack: MiniStack, source: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'function-'))
  const { python } = await ensurePythonEnvironment()
  await writeFile(join(folder, 'index.mjs'), source)
  await runLogged({
    command: python,
    arguments: ['-m', 'zipfile', '-c', 'code.zip', 'index.mjs'],
    cwd: folder,
    environment: process.env,
    timeoutMs: 30_000,
  })
  const runner = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  })
  await ministack.aws(['iam', 'create-role', '--role-name', 'runner', '--assume-role-policy-document', runner])
  await ministack.aws([
    ...[
      'lambda',
      'create-function',
      '--function-name',
      'probe',
      '--runtime',
      'nodejs24.x',
      '--handler',
      'index.handler',
    ],
    ...[
      '--role',
      `arn:aws:iam::${ministack.accountId}:role/runner`,
      '--zip-file',
      `fileb://${join(folder, 'code.zip')}`,
    ],
  ])
  const answerFile = join(folder, 'answer.json')
  await ministack.aws(['lambda', 'invoke', '--function-name', 'probe', answerFile])
  const answer: unknown = JSON.parse(await readFile(answerFile, 'utf8'))
  await rm(folder, { recursive: true })
  return answer
}

/** A process, or with a negative id a group of them. */
function isRunning(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH'
  }
}

const portIsOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
