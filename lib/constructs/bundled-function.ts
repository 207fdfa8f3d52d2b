import { join } from 'node:path'
import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import type { Duration } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { Charset, NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Environment } from '../environments.ts'

export const REPOSITORY_ROOT = join(import.meta.dirname, '..', '..')

const SHARED = join(REPOSITORY_ROOT, 'lambdas', 'shared')

/** How every function is bundled; the tests of size and start measure the same. */
export const BUNDLING = {
  target: 'node24',
  mainFields: ['module', 'main'], // 742 → 473 KB
  alias: {
    zod: join(SHARED, 'zod-without-locales.ts'),
    '@aws-sdk/credential-provider-node': join(SHARED, 'environment-credentials.ts'),
  },
  // Some dependencies still call require.
  banner: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
}

export interface BundledFunctionProps {
  /** Below `lambdas/`, e.g. `apply/handler.ts`. */
  entry: string
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
  readonly function: NodejsFunction

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
    this.function = new NodejsFunction(this, 'Function', {
      entry: join(REPOSITORY_ROOT, 'lambdas', props.entry),
      projectRoot: REPOSITORY_ROOT,
      depsLockFilePath: join(REPOSITORY_ROOT, 'package-lock.json'),
      handler: 'handler',
      role,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memoryMegabytes,
      timeout: props.timeout,
      tracing: lambda.Tracing.ACTIVE,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      environment: { ...props.variables, NODE_OPTIONS: '--enable-source-maps' },
      bundling: {
        format: OutputFormat.ESM,
        target: BUNDLING.target,
        minify: true,
        sourceMap: true,
        sourceMapMode: SourceMapMode.EXTERNAL,
        mainFields: BUNDLING.mainFields,
        charset: Charset.UTF8,
        esbuildArgs: {
          '--legal-comments': 'none',
          ...Object.fromEntries(Object.entries(BUNDLING.alias).map(([name, path]) => [`--alias:${name}`, path])),
        },
        externalModules: [], // the SDK bundled imports in 137 ms, the runtime's own in 236
        banner: BUNDLING.banner,
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (input, output) =>
            (props.beside ?? []).map(({ from, as }) => `cp -r ${join(input, from)} ${join(output, as)}`),
        },
      },
    })
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources.",
    })
  }
}
