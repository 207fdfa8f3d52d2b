import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { CompletedPart, GetObjectCommandOutput, HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3'
import { checkKey, checkPrefix } from '../../core/object-key.ts'
import type { ObjectHead, ObjectStore, PutCondition, PutOptions, PutResult } from '../../core/ports.ts'
import { s3Location } from './s3-location.ts'

/** 8 MiB × S3's 10,000 parts: up to 80 GB, with one part in memory. */
const PART_BYTES = 8 * 1024 * 1024

/**
 * An object store in one bucket. Conditions are S3's own (`If-None-Match`, `If-Match`), decided when the last byte is
 * there; a body up to 8 MiB is one put, a larger one a multipart upload that is aborted when anything fails.
 */
export function createS3ObjectStore({ client, bucket }: { client: S3Client; bucket: string }): ObjectStore {
  const at = (key: string) => ({ Bucket: bucket, Key: key })

  async function head(key: string): Promise<ObjectHead | undefined> {
    const found = await unlessAbsent(client.send(new HeadObjectCommand(at(key))))
    return found && headOf(key, found, found.ContentLength)
  }

  async function meets(condition: PutCondition, key: string): Promise<boolean> {
    if (condition.if === 'always') return true
    const found = await head(key)
    return condition.if === 'absent' ? found === undefined : found?.etag === condition.etag
  }

  async function putWhole(key: string, body: Buffer, options: PutOptions): Promise<string | undefined> {
    const put = new PutObjectCommand({ ...at(key), ...about(options), ...headersOf(options.condition), Body: body })
    // S3 answers 409 while a rival's upload of the key is being finished, and 412 from then on: asked again, it is one or the other.
    for (let attempt = 0; ; attempt++) {
      try {
        return etagOf((await client.send(put)).ETag)
      } catch (error) {
        if (preconditionFailed(error, options.condition)) return undefined
        if (!isConflict(error) || attempt === 5) throw error
      }
    }
  }

  async function putInParts(
    key: string,
    parts: AsyncIterable<Buffer>,
    options: PutOptions,
  ): Promise<string | undefined> {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at(key), ...about(options) }))
    try {
      const Parts: CompletedPart[] = []
      for await (const Body of parts) {
        const PartNumber = Parts.length + 1
        const { ETag } = await client.send(new UploadPartCommand({ ...at(key), UploadId, PartNumber, Body }))
        Parts.push({ ETag, PartNumber })
      }
      const done = await client.send(
        new CompleteMultipartUploadCommand({
          ...at(key),
          ...headersOf(options.condition),
          UploadId,
          MultipartUpload: { Parts },
        }),
      )
      return etagOf(done.ETag)
    } catch (error) {
      // Parts of an upload that is neither finished nor aborted are invisible and paid for.
      await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId }))
      if (preconditionFailed(error, options.condition)) return undefined
      // The body is used up, so this attempt cannot be repeated here: lost if the rival has finished, else for the caller to retry.
      if (isConflict(error) && !(await meets(options.condition, key))) return undefined
      throw error
    }
  }

  return {
    async head(key) {
      checkKey(key)
      return head(key)
    },

    async get(key, { range } = {}) {
      checkKey(key)
      if (range !== undefined && range.end <= range.start) return withoutContent(await head(key))
      const Range = range && `bytes=${range.start}-${range.end - 1}` // S3's end is inclusive
      try {
        const found = await unlessAbsent(client.send(new GetObjectCommand({ ...at(key), Range })))
        return found && { head: headOf(key, found, sizeOf(found)), body: contentOf(found) }
      } catch (error) {
        if (isService(error, 416)) return withoutContent(await head(key)) // the range starts behind the end
        throw error
      }
    },

    async put(key, body, options) {
      checkKey(key)
      // Asked first so that a gigabyte is not sent only to be refused; S3 decides at the end.
      if (!(await meets(options.condition, key))) return { outcome: 'precondition_failed' }
      const sent = { hash: createHash('sha256'), size: 0 }
      const parts = inParts(body, sent)
      const first = await parts.next()
      const second = first.done === true ? first : await parts.next()
      const etag =
        second.done === true
          ? await putWhole(key, first.done === true ? Buffer.alloc(0) : first.value, options)
          : await putInParts(key, again(first.done === true ? [] : [first.value, second.value], parts), options)
      return result(etag, sent)
    },

    async *list(prefix) {
      checkPrefix(prefix)
      let ContinuationToken: string | undefined
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }))
        for (const { Key, Size, ETag, LastModified } of page.Contents ?? [])
          if (Key !== undefined && !Key.endsWith('/')) yield headOf(Key, { ETag, LastModified }, Size)
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken !== undefined)
    },

    locate: (key) => s3Location(bucket, key),
  }
}

function result(
  etag: string | undefined,
  { hash, size }: { hash: ReturnType<typeof createHash>; size: number },
): PutResult {
  if (etag === undefined) return { outcome: 'precondition_failed' }
  return { outcome: 'written', etag, size, sha256: hash.digest('hex') }
}

function about({ content_type, metadata }: PutOptions) {
  return { ContentType: content_type, Metadata: metadata === undefined ? undefined : { ...metadata } }
}

function headersOf(condition: PutCondition): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition.if === 'absent') return { IfNoneMatch: '*' }
  return condition.if === 'unchanged' ? { IfMatch: `"${condition.etag}"` } : {}
}

/** The body in pieces of exactly one part, the last one shorter; counted and hashed on its way. */
async function* inParts(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sent: { hash: ReturnType<typeof createHash>; size: number },
): AsyncGenerator<Buffer, undefined> {
  let part = Buffer.allocUnsafe(PART_BYTES)
  let filled = 0
  for await (const piece of body) {
    sent.hash.update(piece)
    sent.size += piece.length
    for (let taken = 0; taken < piece.length;) {
      const share = piece.subarray(taken, taken + PART_BYTES - filled)
      part.set(share, filled)
      filled += share.length
      taken += share.length
      if (filled < PART_BYTES) continue
      yield part
      part = Buffer.allocUnsafe(PART_BYTES) // not the old one: the SDK may still be sending it
      filled = 0
    }
  }
  if (filled > 0) yield part.subarray(0, filled)
  return undefined
}

async function* again(first: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first
  yield* rest
}

/** Leaving in the middle ends the request, so that its connection is free again. */
async function* contentOf({ Body }: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
  if (!(Body instanceof Readable)) throw new TypeError('The S3 client answers with a stream in Node, and only there')
  for await (const piece of Body) {
    if (!(piece instanceof Uint8Array)) throw new TypeError('The stream of an object holds bytes')
    yield piece
  }
}

function withoutContent(head: ObjectHead | undefined): Awaited<ReturnType<ObjectStore['get']>> {
  return head && { head, body: noBytes() }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {
  // An empty stream.
}

function headOf(
  key: string,
  found: Pick<HeadObjectCommandOutput, 'ETag' | 'LastModified' | 'Metadata' | 'VersionId'>,
  size: number | undefined,
): ObjectHead {
  const { ETag, LastModified, Metadata = {}, VersionId } = found
  return {
    key,
    size: size ?? 0,
    etag: etagOf(ETag),
    metadata: Metadata,
    last_modified: LastModified?.toISOString() ?? '',
    // "null" is S3's name for the version of an object that was written before the bucket kept versions.
    ...(VersionId === undefined || VersionId === 'null' ? {} : { version: VersionId }),
  }
}

function etagOf(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '')
}

/** Of the whole object: a range's answer carries it behind the slash of `bytes 0-9/1234`. */
function sizeOf({ ContentRange, ContentLength }: GetObjectCommandOutput): number | undefined {
  const whole = ContentRange?.split('/')[1]
  return whole === undefined ? ContentLength : Number(whole)
}

async function unlessAbsent<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isService(error, 404)) return undefined
    throw error
  }
}

/** With `If-Match`, an object that is not there answers 404. */
function preconditionFailed(error: unknown, condition: PutCondition): boolean {
  return isService(error, 412) || (condition.if === 'unchanged' && isService(error, 404))
}

function isConflict(error: unknown): boolean {
  return isService(error, 409)
}

function isService(error: unknown, status: number): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === status
}
