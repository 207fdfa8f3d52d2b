import { S3Client } from '@aws-sdk/client-s3'
import { closeBatch } from '../../core/pipeline/close-batch.ts'
import { createS3ObjectStore } from '../shared/s3-object-store.ts'

let client: S3Client | undefined

/** Closes a batch, its reviews file written into this bucket. A module of its own, because only this needs S3. */
export function closeBatchIn(
  bucket: string,
  request: Parameters<typeof closeBatch>[0],
  ports: Omit<Parameters<typeof closeBatch>[1], 'datasets'>,
): ReturnType<typeof closeBatch> {
  client ??= new S3Client({})
  return closeBatch(request, { ...ports, datasets: createS3ObjectStore({ client, bucket }) })
}
