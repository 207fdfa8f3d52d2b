import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import type { Environment } from '../environments.ts'

export interface UploadBucketProps {
  environment: Environment
  /** Gets a line for every request: who read which dialogues. */
  accessLogs: s3.IBucket
}

/**
 * A private, versioned, encrypted bucket over TLS only, whose uploads reach EventBridge. The notification is set on the
 * resource itself: `eventBridgeEnabled` would add a custom resource with a wildcard role for the same one line.
 */
export class UploadBucket extends Construct {
  readonly bucket: s3.Bucket

  constructor(scope: Construct, id: string, props: UploadBucketProps) {
    super(scope, id)
    const { environment } = props
    this.bucket = new s3.Bucket(this, 'Bucket', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      removalPolicy: environment.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      autoDeleteObjects: environment.emptyBucketsOnDestroy,
      lifecycleRules: [
        // Parts of an upload that was cut are billed and shown nowhere. A day is longer than any upload of ours takes.
        { id: 'drop-cut-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        // A replaced file can be brought back for three months; audits ask within a quarter.
        { id: 'drop-old-versions', noncurrentVersionExpiration: Duration.days(90) },
      ],
    })
    const resource = this.bucket.node.defaultChild
    if (!(resource instanceof s3.CfnBucket)) throw new Error('a bucket of the CDK has a CfnBucket as its default child')
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } }
  }
}
