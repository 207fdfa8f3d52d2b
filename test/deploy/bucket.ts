import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, type S3Client } from '@aws-sdk/client-s3'

/** What is in a bucket, read as the account's root: for asserting, not for proving grants. */
export async function textAt(s3: S3Client, Bucket: string, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    return await Body?.transformToString()
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined
    throw error
  }
}

export async function keysIn(s3: S3Client, Bucket: string, Prefix = ''): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))
  return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]))
}

export async function jsonAt<Value>(s3: S3Client, bucket: string, key: string): Promise<Value | undefined> {
  const text = await textAt(s3, bucket, key)
  return text === undefined ? undefined : (JSON.parse(text) as Value)
}
