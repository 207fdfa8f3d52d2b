import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createS3ObjectStore } from '../../lambdas/shared/s3-object-store.ts'
import { describeObjectStore } from '../contract/object-store.ts'
import { startMiniStack } from './ministack/ministack.ts'
import type { MiniStack } from './ministack/ministack.ts'

let ministack: MiniStack
beforeAll(async () => {
  ministack = await startMiniStack({ auth: false })
})
afterAll(() => ministack.stop())

describeObjectStore('S3', async () => {
  const clients = [new S3Client(ministack.clientConfig)]
  const [client] = clients
  const bucket = `objects-${randomUUID()}`
  await client!.send(new CreateBucketCommand({ Bucket: bucket }))
  return {
    store: createS3ObjectStore({ client: client!, bucket }),
    another() {
      const one = new S3Client(ministack.clientConfig)
      clients.push(one)
      return createS3ObjectStore({ client: one, bucket })
    },
    async dispose() {
      for (const one of clients) one.destroy()
    },
  }
})

it('aborts an upload in parts whose body throws, so that nothing invisible is left to pay for', async () => {
  const client = new S3Client(ministack.clientConfig)
  const bucket = `objects-${randomUUID()}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  const uploads = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []
  let during = 0
  async function* body() {
    for (let part = 0; part < 3; part++) yield Buffer.alloc(8 * 1024 * 1024)
    during = (await uploads()).length
    throw new Error('the lamp went out')
  }

  await expect(
    createS3ObjectStore({ client, bucket }).put('a', body(), { condition: { if: 'absent' } }),
  ).rejects.toThrow('the lamp went out')
  expect(during).toBe(1)
  expect(await uploads()).toEqual([])
  client.destroy()
})
