import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import type { Duration } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Environment } from '../environments.ts'

export const REPOSITORY_ROOT = join(import.meta.dirname, '..', '..')

export interface BundledFunctionProps {
  /** Its folder below `lambdas/`, and its bundle's below `bundlesFolder`. */
  name: string
  /** What `scripts/function-bundles.ts` made. */
  bundlesFolder: string
  memoryMegabytes: number
  timeout: Duration
  environment: Environment
  variables: Readonly<Record<string, string>>
  /** What goes along beside the bundle: path from the repository's root, and its name there. @default nothing */
  beside?: readonly { from: string; as: string }[]
}

/**
 * A function of ours: Node 24 on arm64, one minified ES module with the SDK in it, logs of its own that end, and a role
 * that may write those logs and its traces, and nothing else until it is granted.
 */
export class BundledFunction extends Construct {
  readonly function: lambda.Function

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id)
    const { environment } = props
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: environment.logRetentionDays,
      removalPolicy: environment.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    })
    // Not AWSLambdaBasicExecutionRole: that may write to every log group of the account.
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    this.function = new lambda.Function(this, 'Function', {
      code: codeOf(props),
      handler: 'index.handler',
      role,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memoryMegabytes,
      timeout: props.timeout,
      tracing: lambda.Tracing.ACTIVE,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      environment: { ...props.variables },
    })
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources.",
    })
  }
}

function codeOf({ name, bundlesFolder, environment, beside = [] }: BundledFunctionProps): lambda.Code {
  const bundle = join(bundlesFolder, name)
  if (!existsSync(join(bundle, 'index.mjs')))
    throw new Error(`there is no bundle of ${name} in ${bundlesFolder}: scripts/function-bundles.ts makes it`)
  if (beside.length === 0) return lambda.Code.fromAsset(bundle)
  const together = join(bundlesFolder, `${name}-${environment.name}`)
  cpSync(bundle, together, { recursive: true })
  for (const { from, as } of beside) cpSync(join(REPOSITORY_ROOT, from), join(together, as), { recursive: true })
  return lambda.Code.fromAsset(together)
}
