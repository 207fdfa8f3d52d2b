import { Duration, Stack } from 'aws-cdk-lib'
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import * as events from 'aws-cdk-lib/aws-events'
import * as targets from 'aws-cdk-lib/aws-events-targets'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { StageEnv } from '../../lambdas/shared/stage-env.ts'
import type { Place, StageDescription, StoreName } from '../../core/pipeline/stages.ts'
import type { Environment } from '../environments.ts'
import { BundledFunction } from './bundled-function.ts'

export interface StageFunctionProps {
  stage: StageDescription
  environment: Environment
  buckets: Readonly<Record<StoreName, s3.IBucket>>
  reviews: dynamodb.ITable
  /** What a failure means for the people who use the system: the text of the alarms. */
  errorImpact: string
}

/** No stage of 1,000 dialogues takes 20 s at 1,769 MB; what takes longer than this is stuck, or is fanned out. */
const TIMEOUT = Duration.minutes(15)

/** A transient fault gets five tries, some minutes apart, before a person is asked. */
const TRIES = 5

/**
 * One stage: uploads → rules → its own queue → its function, with a dead-letter queue. Retries, back-pressure and redrive are
 * the queue's. The role reaches the places that the stage's description names, and no others.
 */
export class StageFunction extends Construct {
  readonly function: LambdaFunction
  readonly queue: sqs.Queue
  readonly deadLetters: sqs.Queue
  readonly stage: StageDescription
  readonly errorImpact: string
  readonly timeout = TIMEOUT

  constructor(scope: Construct, id: string, props: StageFunctionProps) {
    super(scope, id)
    const { stage, environment, buckets, reviews } = props
    this.stage = stage
    this.errorImpact = props.errorImpact

    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14), // SQS's longest: the weekend and the holiday of whoever redrives
    })
    this.queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.minutes(6 * TIMEOUT.toMinutes()), // 6 × the timeout, or a slow run is handed out twice
      retentionPeriod: Duration.days(14), // must outlast TRIES × the visibility timeout of 90 minutes
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
    })

    const environmentOfStage: StageEnv = {
      ENVIRONMENT: environment.name,
      INBOX_BUCKET: buckets.inbox.bucketName,
      DATASETS_BUCKET: buckets.datasets.bucketName,
      REVIEWS_TABLE: reviews.tableName,
      MAX_UPLOAD_BYTES: String(environment.maxUploadBytes),
      REQUEST_COUNT: String(environment.generation.count),
      REVIEWS_PER_DIALOGUE: environment.generation.reviewsPerDialogue,
      SECOND_REVIEWS: environment.generation.secondReviews ? 'yes' : 'no',
    }
    this.function = new BundledFunction(this, 'Function', {
      entry: `${stage.name}/handler.ts`,
      // One core is 1,769 MB; the stages are bound by parsing and hashing, so less would only make them slower.
      memoryMegabytes: 1769,
      timeout: TIMEOUT,
      environment,
      variables: environmentOfStage,
      withContent: stage.name === 'generate',
    }).function
    this.function.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: 1, // one upload, one run: a large one never holds back the good ones behind it
        reportBatchItemFailures: true,
        maxConcurrency: environment.maxConcurrency[stage.name],
      }),
    )

    stage.triggers.forEach((place) => this.#startOn(place, buckets))
    this.#grantPlaces(buckets)
    if (stage.reviews !== 'none') grantReviews(this.function, reviews, stage.reviews)
  }

  #startOn(place: Place, buckets: StageFunctionProps['buckets']): void {
    const name = place.store === 'inbox' ? 'Inbox' : 'Datasets'
    new events.Rule(this, `${name}${capitalised(place.prefix.replace('/', ''))}Uploaded`, {
      description: `An upload to ${place.prefix} starts ${this.stage.name}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [buckets[place.store].bucketName] },
          object: { key: place.suffixes.map((suffix) => ({ wildcard: `${place.prefix}*${suffix}` })) },
        },
      },
      targets: [new targets.SqsQueue(this.queue, { deadLetterQueue: this.deadLetters })],
    })
  }

  #grantPlaces(buckets: StageFunctionProps['buckets']): void {
    const { stage } = this
    // A stage looks at its own outputs too, to see what an earlier run has finished.
    const reads = [...stage.reads, ...stage.writes]
    const arns = (places: readonly Place[]) => [
      ...new Set(places.map(({ store, prefix }) => buckets[store].arnForObjects(`${prefix}*`))),
    ]
    this.function.addToRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: arns(reads) }))
    this.function.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resources: arns(stage.writes) }),
    )
    // Without it S3 answers 403, not 404, for an object that is not there; names alone, no contents.
    const stores = new Set(reads.map(({ store }) => store))
    this.function.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [...stores].map((store) => buckets[store].bucketArn),
      }),
    )
  }
}

/** Item by item and query by query: never a Scan, never the table itself. */
export function grantReviews(grantee: iam.IGrantable, reviews: dynamodb.ITable, access: 'read' | 'write'): void {
  const read = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query']
  const write = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem']
  grantee.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: access === 'read' ? read : [...read, ...write],
      resources: [
        reviews.tableArn,
        Stack.of(reviews).formatArn({
          service: 'dynamodb',
          resource: 'table',
          resourceName: `${reviews.tableName}/index/*`,
        }),
      ],
    }),
  )
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
