import { S3Client } from '@aws-sdk/client-s3'
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { PipelineModel, PipelineSettings } from '../../core/pipeline/settings.ts'
import type { StageName, UploadEvent } from '../../core/pipeline/stages.ts'
import type { StageOutcome } from '../../core/pipeline/upload.ts'
import type { Ports } from '../../core/ports.ts'
import { functionLog, systemClock } from './function-log.ts'
import { createS3ObjectStore } from './s3-object-store.ts'
import { StageEnvSchema } from './stage-env.ts'
import type { OpenReviews } from './stage-reviews.ts'
import { stageSettings } from './stage-settings.ts'
import { stageHandler } from './upload-events.ts'

export interface StageParts {
  banks: PipelineSettings['banks']
  openReviews: OpenReviews
  /** @default no language model */
  model?: (ports: Pick<Ports, 'datasets' | 'log'>) => PipelineModel
}

export type RunStage = (event: UploadEvent, ports: Ports, settings: PipelineSettings) => Promise<StageOutcome>

/** Namespace of what the stages count; the alarms of `lib/` read it. */
const METRICS_NAMESPACE = 'SyntheticDialogues'

/**
 * One stage as a function: environment, clients and ports are made once at cold start, each upload of the batch runs
 * the stage of the core, and what it came to is counted.
 */
export function createStageFunction(
  stage: StageName,
  run: RunStage,
  { banks, openReviews, model }: StageParts,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const env = StageEnvSchema.parse(process.env)
  const logger = new Logger({ serviceName: stage, persistentKeys: { environment: env.ENVIRONMENT } })
  const metrics = new Metrics({
    namespace: METRICS_NAMESPACE,
    serviceName: stage,
    defaultDimensions: { environment: env.ENVIRONMENT },
  })
  const log = functionLog(logger)
  const s3 = new S3Client({})
  const ports: Ports = {
    inbox: createS3ObjectStore({ client: s3, bucket: env.INBOX_BUCKET }),
    datasets: createS3ObjectStore({ client: s3, bucket: env.DATASETS_BUCKET }),
    reviews: openReviews(env.REVIEWS_TABLE),
    clock: systemClock,
    log,
  }
  const settings = stageSettings(env, { banks, model: model?.(ports) })

  const handle = stageHandler({
    stage,
    buckets: { [env.INBOX_BUCKET]: 'inbox', [env.DATASETS_BUCKET]: 'datasets' },
    log,
    run: async (event) => {
      metrics.addMetric('UploadsReceived', MetricUnit.Count, 1)
      log.info('stage.started', { stage, key: event.key })
      const result = await run(event, ports, settings)
      log.info('stage.ended', { stage, key: event.key, ...result })
      // An upload that cannot be used is an answer to who uploaded it, not a fault: counted apart from faults.
      metrics.addMetric(result.outcome === 'failed' ? 'UploadsRefused' : 'UploadsDone', MetricUnit.Count, 1)
    },
  })

  return async (event, context) => {
    logger.addContext(context)
    try {
      return await handle(event)
    } finally {
      metrics.publishStoredMetrics()
    }
  }
}
