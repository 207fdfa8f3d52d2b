import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod'
import type { StoreName, UploadEvent } from '../../core/pipeline/stages.ts'
import { stageFor } from '../../core/pipeline/stages.ts'
import type { StageName } from '../../core/pipeline/stages.ts'
import type { Log } from '../../core/ports.ts'

/**
 * An "Object Created" event of S3 as EventBridge delivers it: the key as it is (not URL-encoded, unlike S3's own
 * notifications), the etag without quotes, and a version id only where the bucket keeps versions.
 */
const ObjectCreatedSchema = z.object({
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      etag: z.string().default(''),
      'version-id': z.string().optional(),
      sequencer: z.string().optional(),
    }),
  }),
})

export type Buckets = Readonly<Record<string, StoreName>>

export interface StageHandlerOptions {
  stage: StageName
  /** Bucket name to the store it is. */
  buckets: Buckets
  log: Log
  run: (event: UploadEvent) => Promise<void>
}

/**
 * Runs the stage for each message of the batch. A message whose run throws (a transient fault) is reported alone, so
 * that SQS hands out only that one again; when all of them do, the run itself fails. Poison input does not throw, it has become an error report by then. A
 * message that is no upload event can never succeed: it is reported too and ends in the dead-letter queue, where a
 * person sees it.
 */
export function stageHandler(options: StageHandlerOptions): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = []
    for (const record of event.Records) {
      try {
        const upload = uploadEventOf(record.body, options.buckets)
        // A rule can be wider than the stage (a manifest beside an output): the description of the stages decides.
        if (stageFor(upload) !== options.stage) {
          options.log.info('upload.ignored', { stage: options.stage, key: upload.key })
          continue
        }
        await options.run(upload)
      } catch (error) {
        options.log.error('stage.failed', {
          stage: options.stage,
          message_id: record.messageId,
          received: Number(record.attributes.ApproximateReceiveCount),
          error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
        })
        batchItemFailures.push({ itemIdentifier: record.messageId })
      }
    }
    // Lambda counts a run that reports failed messages as a good one, and the alarm on errors would stay silent. SQS hands out
    // the same messages again either way.
    if (batchItemFailures.length > 0 && batchItemFailures.length === event.Records.length)
      throw new Error(
        `${options.stage} failed for all messages it was given (${batchItemFailures.length}); see stage.failed`,
      )
    return { batchItemFailures }
  }
}

export function uploadEventOf(body: string, buckets: Buckets): UploadEvent {
  const { bucket, object } = ObjectCreatedSchema.parse(JSON.parse(body)).detail
  const store = buckets[bucket.name]
  if (store === undefined) throw new Error(`an upload to a bucket that is not ours: ${bucket.name}`)
  const version = object['version-id'] ?? object.sequencer
  return {
    store,
    key: object.key,
    etag: object.etag.replaceAll('"', ''),
    ...(version === undefined ? {} : { version }),
  }
}
