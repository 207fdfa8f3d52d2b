import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { ReviewApiEnv } from '../../lambdas/review-api/env.ts'
import type { Environment } from '../environments.ts'
import type { DataStack } from '../stacks/data-stack.ts'
import { BundledFunction } from './bundled-function.ts'
import { grantReviews } from './stage-function.ts'

/** What an access token must carry: `<resource server>/<scope>` of the user pool. ID tokens never do. */
export const REVIEW_SCOPE = 'review-api/review'

/** API Gateway gives up after 30 s. */
const TIMEOUT = Duration.seconds(29)

export interface ReviewApiProps {
  environment: Environment
  /** What `scripts/function-bundles.ts` made. */
  bundlesFolder: string
}

export interface Serving {
  data: DataStack
  originSecret: string
  issuer: string
  keysUrl: string
  clientId: string
}

/** The HTTP API and its function. Made in two steps, because the page's client must be known before tokens can be checked. */
export class ReviewApi extends Construct {
  readonly api: apigateway.HttpApi
  readonly timeout = TIMEOUT
  readonly #environment: Environment
  readonly #bundlesFolder: string
  #function: LambdaFunction | undefined

  constructor(scope: Construct, id: string, { environment, bundlesFolder }: ReviewApiProps) {
    super(scope, id)
    this.#environment = environment
    this.#bundlesFolder = bundlesFolder
    this.api = new apigateway.HttpApi(this, 'Api', {
      description: 'Review API',
      createDefaultStage: false,
    })
    const accessLogs = new logs.LogGroup(this, 'AccessLogs', {
      retention: environment.logRetentionDays,
      removalPolicy: environment.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    })
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: environment.throttle.ratePerSecond, burstLimit: environment.throttle.burst },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(accessLogs),
        // Who asked for what, when, and what came of it; no text, no token, no address of anybody's home.
        format: AccessLogFormat.custom(
          JSON.stringify({
            time: '$context.requestTime',
            request_id: '$context.requestId',
            method: '$context.httpMethod',
            path: '$context.path',
            status: '$context.status',
            reviewer: '$context.authorizer.claims.username',
            ms: '$context.responseLatency',
            error: '$context.authorizer.error',
          }),
        ),
      },
    })
  }

  get function(): LambdaFunction {
    if (this.#function === undefined) throw new Error('serve() makes the function')
    return this.#function
  }

  serve({ data, ...serving }: Serving): void {
    const environment = this.#environment
    const variables: ReviewApiEnv = {
      ENVIRONMENT: environment.name,
      REVIEWS_TABLE: data.reviews.tableName,
      DATASETS_BUCKET: data.datasets.bucket.bucketName,
      TOKEN_ISSUER: serving.issuer,
      TOKEN_CLIENT_ID: serving.clientId,
      TOKEN_SCOPE: REVIEW_SCOPE,
      TOKEN_KEYS_URL: serving.keysUrl,
      ORIGIN_SECRET: serving.originSecret,
    }
    this.#function = new BundledFunction(this, 'Function', {
      name: 'review-api',
      bundlesFolder: this.#bundlesFolder,
      memoryMegabytes: 1769, // one core: a cold start is bound by it, and a clinician is waiting
      timeout: TIMEOUT,
      environment,
      variables,
      beside: [{ from: environment.guidelinesFile, as: 'guidelines.md' }],
    }).function
    grantReviews(this.#function, data.reviews, 'write')
    // Closing a batch writes its reviews file, once (so it looks first), and that sets off apply.
    this.#function.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
        resources: [data.datasets.bucket.arnForObjects('reviews/*')],
      }),
    )
    // Without it S3 answers 403, not 404, for an object that is not there; names alone, no contents.
    this.#function.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [data.datasets.bucket.bucketArn] }),
    )
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::<Datasets>/reviews/*]',
        reason: 'One file a batch, named for it; the function reaches no other prefix.',
      },
      { id: 'Serverless-LambdaDLQ', reason: 'API Gateway calls it and waits: whoever asked hears of a failure.' },
    )
    this.api.addRoutes({
      path: '/api/{proxy+}',
      methods: [apigateway.HttpMethod.ANY],
      integration: new HttpLambdaIntegration('Function', this.#function),
      authorizer: new HttpJwtAuthorizer('SignedIn', serving.issuer, { jwtAudience: [serving.clientId] }),
      authorizationScopes: [REVIEW_SCOPE],
    })
  }
}
