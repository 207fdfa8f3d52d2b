import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { StackProps } from 'aws-cdk-lib'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import * as s3 from 'aws-cdk-lib/aws-s3'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { UploadBucket } from '../constructs/upload-bucket.ts'
import type { Environment } from '../environments.ts'
import { REVIEWS_TABLE } from '../../lambdas/shared/reviews-table.ts'

export interface DataStackProps extends StackProps {
  environment: Environment
}

/**
 * Everything that must outlive a deployment: what people brought, what the pipeline made, what clinicians said, who they
 * are. It stands in a stack of its own so that no change of functions or page can replace any of it.
 */
export class DataStack extends Stack {
  /** People write here. */
  readonly inbox: UploadBucket
  /** Only the pipeline writes here. */
  readonly datasets: UploadBucket
  readonly reviews: dynamodb.Table
  readonly userPool: cognito.UserPool
  /** People put the key of the language model here; nothing else knows it. */
  readonly modelKeyArn: string

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props)
    const { environment } = props
    const removalPolicy = environment.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN

    const accessLogs = new s3.Bucket(this, 'AccessLogs', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy,
      autoDeleteObjects: environment.emptyBucketsOnDestroy,
      lifecycleRules: [{ id: 'end', expiration: Duration.days(environment.logRetentionDays) }],
    })
    this.inbox = new UploadBucket(this, 'Inbox', { environment, accessLogs })
    this.datasets = new UploadBucket(this, 'Datasets', { environment, accessLogs })

    const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING })
    this.reviews = new dynamodb.Table(this, 'Reviews', {
      partitionKey: text(REVIEWS_TABLE.partitionKey),
      sortKey: text(REVIEWS_TABLE.sortKey),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !environment.disposable,
      removalPolicy,
    })
    for (const index of Object.values(REVIEWS_TABLE.indexes))
      this.reviews.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        ...(index.attributes.length === 0
          ? { projectionType: dynamodb.ProjectionType.KEYS_ONLY }
          : { projectionType: dynamodb.ProjectionType.INCLUDE, nonKeyAttributes: [...index.attributes] }),
      })

    this.userPool = new cognito.UserPool(this, 'Reviewers', {
      selfSignUpEnabled: false,
      signInAliases: { username: true, email: true },
      signInCaseSensitive: false,
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3), // an invitation that lies unread over a weekend still works
      },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      mfa: environment.secondFactor === 'required' ? cognito.Mfa.REQUIRED : cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: !environment.disposable,
      removalPolicy,
    })
    Validations.of(this.userPool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason: 'Required in prod; elsewhere each account chooses, and there are no reviews that count.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason: 'The Plus plan guards open sign-up; here a few dozen invited accounts sign in behind a rate limit.',
      },
    )
    for (const group of ['clinicians', 'leads'])
      new cognito.CfnUserPoolGroup(this, group === 'leads' ? 'Leads' : 'Clinicians', {
        userPoolId: this.userPool.userPoolId,
        groupName: group,
      })

    const modelKey = new secretsmanager.Secret(this, 'ModelKey', {
      description: 'The API key of the language model, as plain text.',
      // A new secret needs a value. This one is seen not to be a key; a deployment never writes over what was put there.
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ key: 'none yet: put the API key here as plain text' }),
        generateStringKey: 'unused',
      },
      removalPolicy,
    })
    // The attribute and not the reference, which is the same on AWS, and only the name on the local one.
    const resource = modelKey.node.defaultChild
    if (!(resource instanceof secretsmanager.CfnSecret))
      throw new Error('a secret has a CfnSecret as its default child')
    this.modelKeyArn = resource.attrId
    Validations.of(modelKey).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'The service gives no means of making a new key by program; people put one here (docs/guides/deployment.md).',
    })

    new CfnOutput(this, 'ModelKeySecret', { value: this.modelKeyArn })
    new CfnOutput(this, 'InboxBucket', { value: this.inbox.bucket.bucketName })
    new CfnOutput(this, 'DatasetsBucket', { value: this.datasets.bucket.bucketName })
    new CfnOutput(this, 'ReviewsTable', { value: this.reviews.tableName })
    new CfnOutput(this, 'UserPoolId', { value: this.userPool.userPoolId })
  }
}
