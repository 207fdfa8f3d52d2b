import { Option } from 'commander'
import { InputError } from '../../core/errors.ts'
import type { ObjectStore } from '../../core/ports.ts'
import type { ReviewStore } from '../../core/review/store.ts'
import { UsageError } from '../failure.ts'

/** What the stacks of one environment tell about themselves. */
export interface Deployment {
  environment: string
  inboxBucket: string
  datasetsBucket: string
  reviewsTable: string
  userPoolId: string
  /** Absent while the web stack is not deployed. */
  siteUrl: string | undefined
}

export function environmentOption(): Option {
  return new Option('-e, --environment <name>', 'which deployment: the environment that the stacks were made for')
    .env('DIALOGUES_ENVIRONMENT')
    .default('dev')
}

/** As `lib/environments.ts` names the stacks; a test holds the two together. */
export const stackNameOf = (environment: string, role: 'data' | 'web') => `dialogues-${environment}-${role}`

/**
 * Finds the deployment by the outputs of its stacks, with the credentials and the region that the AWS command line
 * would use. Throws UsageError when there is none, or nobody is signed in to AWS.
 */
export async function findDeployment(environment: string): Promise<Deployment> {
  const data = await outputsOf(stackNameOf(environment, 'data'))
  if (data === undefined)
    throw new UsageError(
      `there is no deployment of the environment ${environment} in this account and region`,
      `Looked for the stack ${stackNameOf(environment, 'data')}. Name another with --environment, or set AWS_PROFILE and AWS_REGION to where it is.`,
    )
  const web = await outputsOf(stackNameOf(environment, 'web'))
  const needed = (name: string): string => {
    const value = data.get(name)
    if (value === undefined)
      throw new InputError(`the stack has no output ${name}`, {
        where: stackNameOf(environment, 'data'),
        fix: 'It was deployed by another version of this program: deploy it again, or use that version.',
      })
    return value
  }
  return {
    environment,
    inboxBucket: needed('InboxBucket'),
    datasetsBucket: needed('DatasetsBucket'),
    reviewsTable: needed('ReviewsTable'),
    userPoolId: needed('UserPoolId'),
    siteUrl: web?.get('SiteUrl'),
  }
}

export interface DeploymentStores {
  inbox: ObjectStore
  datasets: ObjectStore
  reviews: ReviewStore
}

/** The buckets and the table of a deployment, with the person's own rights. */
export async function openStores(deployment: Deployment): Promise<DeploymentStores> {
  // Loaded here, because every other command would pay half a second for the SDK.
  const [{ S3Client }, { createS3ObjectStore }, { DynamoDBClient }, { createDynamoReviewStore }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../../lambdas/shared/s3-object-store.ts'),
    import('@aws-sdk/client-dynamodb'),
    import('../../lambdas/shared/dynamodb-review-store.ts'),
  ])
  const client = new S3Client({})
  return {
    inbox: createS3ObjectStore({ client, bucket: deployment.inboxBucket }),
    datasets: createS3ObjectStore({ client, bucket: deployment.datasetsBucket }),
    reviews: createDynamoReviewStore({ client: new DynamoDBClient({}), table: deployment.reviewsTable }),
  }
}

async function outputsOf(stack: string): Promise<Map<string, string> | undefined> {
  // Only these commands talk to AWS; the others need not load 20 MB of SDK.
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  try {
    const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: stack }))
    const outputs = Stacks?.[0]?.Outputs ?? []
    return new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']))
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist'))
      return undefined
    throw orUsage(error)
  }
}

const CREDENTIALS = ['CredentialsProviderError', 'ExpiredToken', 'ExpiredTokenException', 'InvalidClientTokenId']

/** An error of AWS's that the person can put right becomes one that says how; any other stays what it is. */
export function orUsage(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (CREDENTIALS.includes(error.name))
    return new UsageError('AWS does not know who you are', 'Sign in first, e.g. `aws sso login`, or set AWS_PROFILE.')
  if (/Region (is missing|not accepted)/.test(error.message))
    return new UsageError(
      'no AWS region is set, or what is set is none',
      'Set AWS_REGION to the region of the deployment, e.g. us-east-1.',
    )
  if (error.name === 'AccessDenied' || error.name === 'AccessDeniedException')
    return new UsageError(
      error.message,
      'Ask whoever runs the account for the permission, or take another AWS_PROFILE.',
    )
  if ('code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND'))
    return new UsageError(
      `AWS cannot be reached: ${error.message}`,
      'Check the network, AWS_REGION and AWS_ENDPOINT_URL.',
    )
  return error
}

/** Runs what talks to AWS, with its refusals in words. */
export async function onAws<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw orUsage(error)
  }
}
