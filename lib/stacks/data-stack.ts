import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { StackProps } from 'aws-cdk-lib'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { UploadBucket } from '../constructs/upload-bucket.ts'
import type { Environment } from '../environments.ts'

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

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props)
    const { environment } = props
    const removalPolicy = environment.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN

    this.inbox = new UploadBucket(this, 'Inbox', { environment })
    this.datasets = new UploadBucket(this, 'Datasets', { environment })

    this.reviews = new dynamodb.Table(this, 'Reviews', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !environment.disposable,
      removalPolicy,
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
      mfa: cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: !environment.disposable,
      removalPolicy,
    })
    for (const group of ['clinicians', 'leads'])
      new cognito.CfnUserPoolGroup(this, group === 'leads' ? 'Leads' : 'Clinicians', {
        userPoolId: this.userPool.userPoolId,
        groupName: group,
      })

    new CfnOutput(this, 'InboxBucket', { value: this.inbox.bucket.bucketName })
    new CfnOutput(this, 'DatasetsBucket', { value: this.datasets.bucket.bucketName })
    new CfnOutput(this, 'ReviewsTable', { value: this.reviews.tableName })
    new CfnOutput(this, 'UserPoolId', { value: this.userPool.userPoolId })
  }
}
