import { Duration, Validations } from 'aws-cdk-lib'
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import * as events from 'aws-cdk-lib/aws-events'
import * as targets from 'aws-cdk-lib/aws-events-targets'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { REVIEWS_TABLE } from '../../lambdas/shared/reviews-table.ts'
import type { StageEnv } from '../../lambdas/shared/stage-env.ts'
import type { Place, StageDescription, StoreName } from '../../core/pipeline/stages.ts'
import { workersFor, type Environment } from '../environments.ts'
import { BundledFunction } from './bundled-function.ts'

export interface StageFunctionProps {
  stage: StageDescription
  environment: Environment
  buckets: Readonly<Record<StoreName, s3.IBucket>>
  reviews: dynamodb.ITable
  guidelinesVersion: string
  /** What `scripts/function-bundles.ts` made. */
  bundlesFolder: string
}

/**
 * A batch of 1,000 dialogues takes seconds at 1,769 MB, a merge of a gigabyte a minute or two; opening the review of
 * 100,000 dialogues takes longer, and goes on with the next try where this one ended.
 */
const TIMEOUT = Duration.minutes(5)

/**
 * The usual 6 × the timeout would let a transient fault wait for half an hour. It guards functions that take messages in
 * batches against being handed one twice while the poller waits for a free function; here a batch is one message
 * and the poller never takes more than `maxConcurrency`. So a message comes back a minute after its run must have ended;
 * were one handed out twice all the same, write-once outputs make the second run a repetition, not a fault.
 */
const TRY_AGAIN_AFTER = Duration.minutes(TIMEOUT.toMinutes() + 1)

/** Five tries, six minutes apart: half an hour of trouble at AWS cures itself before a person is asked. */
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
  readonly timeout = TIMEOUT

  constructor(scope: Construct, id: string, props: StageFunctionProps) {
    super(scope, id)
    const { stage, environment, buckets, reviews } = props
    this.stage = stage

    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14), // SQS's longest: the weekend and the holiday of whoever redrives
    })
    this.queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: TRY_AGAIN_AFTER,
      retentionPeriod: Duration.days(4), // must outlast TRIES × TRY_AGAIN_AFTER, and a weekend without a deployable fix
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
      GUIDELINES_VERSION: props.guidelinesVersion,
    }
    this.function = new BundledFunction(this, 'Function', {
      name: stage.name,
      bundlesFolder: props.bundlesFolder,
      // One core is 1,769 MB; the stages are bound by parsing and hashing, so less would only make them slower.
      memoryMegabytes: 1769,
      timeout: TIMEOUT,
      environment,
      variables: environmentOfStage,
    }).function
    this.function.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: 1, // one upload, one run: a large one never holds back the good ones behind it
        reportBatchItemFailures: true,
        maxConcurrency:
          stage.name === 'ask-model' ? workersFor(environment.model) : environment.maxConcurrency[stage.name],
      }),
    )

    stage.triggers.forEach((place) => this.#startOn(place, buckets))
    this.#grantPlaces(buckets)
    if (stage.reviews !== 'none') grantReviews(this.function, reviews, stage.reviews)
    this.#acknowledge()
  }

  #acknowledge(): void {
    const { reads, writes } = this.stage
    Validations.of(this).acknowledge(
      ...[...reads, ...writes].map(({ store, prefix }) => ({
        id: `AwsSolutions-IAM5[Resource::<${capitalised(store)}>/${prefix}*]`,
        reason: "What the stage's description names; keys below a prefix are made up by people and by the pipeline.",
      })),
      {
        id: 'Serverless-LambdaDLQ',
        reason: 'Nothing calls it asynchronously: its queue keeps what failed, and has a dead-letter queue.',
      },
      {
        id: 'Serverless-LambdaEventSourceMappingDestination',
        reason: 'For streams; a queue sets failures aside by its own redrive policy.',
      },
    )
    Validations.of(this.deadLetters).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'It is where redriving ends; an alarm tells a person.',
    })
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
  const read = ['dynamodb:GetItem', 'dynamodb:BatchGetItem']
  const write = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem']
  const grant = (actions: string[], resources: string[]) =>
    grantee.grantPrincipal.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources }))
  grant([...read, 'dynamodb:Query', ...(access === 'write' ? write : [])], [reviews.tableArn])
  grant(
    ['dynamodb:Query'],
    Object.values(REVIEWS_TABLE.indexes).map(({ name }) => `${reviews.tableArn}/index/${name}`),
  )
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
