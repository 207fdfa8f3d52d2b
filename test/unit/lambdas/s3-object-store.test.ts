import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createS3ObjectStore } from '../../../lambdas/shared/s3-object-store.ts'

/** What S3 answers to two writers of one key at the same moment, which a local AWS never does. */

const failure = (httpStatusCode: number) =>
  new S3ServiceException({
    name: 'Failure',
    $fault: 'client',
    message: `${httpStatusCode}`,
    $metadata: { httpStatusCode },
  })

type Answers = (command: object, calls: readonly object[]) => unknown

function storeThat(answer: Answers) {
  const calls: object[] = []
  const client = {
    async send(command: object) {
      calls.push(command)
      const result = answer(command, calls)
      if (result instanceof Error) throw result
      return result
    },
  }
  const names = () => calls.map((call) => call.constructor.name.replace('Command', ''))
  return { store: createS3ObjectStore({ client: client as unknown as S3Client, bucket: 'b' }), names }
}

const count = (calls: readonly object[], type: new (...input: never[]) => object) =>
  calls.filter((call) => call instanceof type).length
const small = [Buffer.from('small')]
const large = () => [Buffer.alloc(9 * 1024 * 1024)]
const ABSENT = { condition: { if: 'absent' } } as const

describe('a put that meets another upload of the key', () => {
  it('is tried again, and is written when the other came to nothing', async () => {
    const { store } = storeThat((command, calls) => {
      if (command instanceof HeadObjectCommand) return failure(404)
      return count(calls, PutObjectCommand) < 3 ? failure(409) : { ETag: '"e"' }
    })

    expect(await store.put('a', small, ABSENT)).toMatchObject({ outcome: 'written', etag: 'e' })
  })

  it('is tried again, and has lost when the other has finished', async () => {
    const { store } = storeThat((command, calls) => {
      if (command instanceof HeadObjectCommand) return failure(404)
      return count(calls, PutObjectCommand) === 1 ? failure(409) : failure(412)
    })

    expect(await store.put('a', small, ABSENT)).toEqual({ outcome: 'precondition_failed' })
  })

  it('gives up in the end', async () => {
    const { store } = storeThat((command) => failure(command instanceof HeadObjectCommand ? 404 : 409))

    await expect(store.put('a', small, ABSENT)).rejects.toThrow('409')
  })

  const inParts =
    (heads: (number | object)[]): Answers =>
    (command, calls) => {
      if (command instanceof HeadObjectCommand) {
        const head = heads[count(calls, HeadObjectCommand) - 1]
        return typeof head === 'number' ? failure(head) : head
      }
      if (command instanceof CreateMultipartUploadCommand) return { UploadId: 'u' }
      if (command instanceof CompleteMultipartUploadCommand) return failure(409)
      return { ETag: '"part"' }
    }

  it('in parts has lost when the other has finished, and is aborted', async () => {
    const { store, names } = storeThat(inParts([404, { ETag: '"rival"', ContentLength: 5 }]))

    expect(await store.put('a', large(), ABSENT)).toEqual({ outcome: 'precondition_failed' })
    expect(names().slice(-2)).toEqual(['AbortMultipartUpload', 'HeadObject'])
  })

  it('in parts is left to the caller to repeat when nothing is there yet, and is aborted', async () => {
    const { store, names } = storeThat(inParts([404, 404]))

    await expect(store.put('a', large(), ABSENT)).rejects.toThrow('409')
    expect(names()).toContain(AbortMultipartUploadCommand.name.replace('Command', ''))
  })
})

describe('an object', () => {
  it('that may not be looked at is a fault, not an absence', async () => {
    const { store } = storeThat(() => failure(403))

    await expect(store.head('a')).rejects.toThrow('403')
    await expect(store.get('a')).rejects.toThrow('403')
  })

  it('has no version where the bucket keeps none', async () => {
    const { store } = storeThat(() => ({ ETag: '"e"', ContentLength: 1, VersionId: 'null', LastModified: new Date(0) }))

    expect(await store.head('a')).toEqual({
      key: 'a',
      size: 1,
      etag: 'e',
      metadata: {},
      last_modified: '1970-01-01T00:00:00.000Z',
    })
  })
})
