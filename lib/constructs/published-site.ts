import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import * as logs from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { Construct } from 'constructs'
import type { SiteConfig } from '../../review-api/contract.ts'
import type { Environment } from '../environments.ts'

export interface PublishedSiteProps {
  environment: Environment
  bucket: Bucket
  distribution: Distribution
  /** The built page: `index.html` and, below `assets/`, files named by the hash of what is in them. */
  folder: string
  /** What differs between environments: read by the page at run time, so that one build serves all. */
  config: SiteConfig
}

/** Puts the built page into its bucket, and tells CloudFront that it is new. */
export class PublishedSite extends Construct {
  constructor(scope: Construct, id: string, props: PublishedSiteProps) {
    super(scope, id)
    const { environment, bucket, distribution, folder, config } = props
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const shared = { destinationBucket: bucket, logGroup, memoryLimit: 256 }

    const assets = new BucketDeployment(this, 'Assets', {
      ...shared,
      sources: [Source.asset(folder, { exclude: ['*', '!assets', '!assets/**'] })],
      cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
      prune: false, // a page that was opened before this deployment still asks for the files of its own build
    })
    const entry = new BucketDeployment(this, 'Entry', {
      ...shared,
      sources: [Source.asset(folder, { exclude: ['assets', 'assets/**'] }), Source.jsonData('config.json', config)],
      cacheControl: [CacheControl.noCache()], // kept, but asked about each time
      prune: false,
      distribution,
      distributionPaths: ['/*'],
    })
    entry.node.addDependency(assets) // an index.html never names what is not there yet
    this.#acknowledge()
  }

  /** The construct's own function is shared by all deployments of a stack. */
  #acknowledge(): void {
    const reason =
      "The CDK's own function: it runs at deployments alone, and writes to the bucket of the page and to no other."
    const ids = [
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      ...['s3:Abort*', 's3:DeleteObject*', 's3:GetBucket*', 's3:GetObject*', 's3:List*'].map(
        (action) => `AwsSolutions-IAM5[Action::${action}]`,
      ),
      'AwsSolutions-IAM5[Resource::*]',
      'AwsSolutions-IAM5[Resource::<SiteBucket>/*]',
      'AwsSolutions-IAM5[Resource::<CdkAssets>/*]',
      'AwsSolutions-L1',
      'Serverless-LambdaDLQ',
      'Serverless-LambdaLatestVersion',
      'Serverless-LambdaTracing',
    ]
    for (const child of Stack.of(this).node.children)
      if (child.node.id.startsWith('Custom::CDKBucketDeployment'))
        Validations.of(child).acknowledge(...ids.map((id) => ({ id, reason })))
  }
}
