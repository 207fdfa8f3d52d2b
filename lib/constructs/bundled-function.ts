import { join } from 'node:path'
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Environment } from '../environments.ts'

const ROOT = join(import.meta.dirname, '..', '..')

export interface BundledFunctionProps {
  /** Below `lambdas/`, e.g. `apply/handler.ts`. */
  entry: string
  memoryMegabytes: number
  timeout: Duration
  environment: Environment
  variables: Readonly<Record<string, string>>
  /** Whether the template banks go along. @default false */
  withContent?: boolean
  /** Whether the reviewers' guidelines go along. @default false */
  withGuidelines?: boolean
}

/** A function of ours: Node 24 on arm64, one minified ES module with the SDK in it, logs of its own that end. */
export class BundledFunction extends Construct {
  readonly function: NodejsFunction

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id)
    const { environment } = props
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: environment.logRetentionDays,
      removalPolicy: environment.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    })
    this.function = new NodejsFunction(this, 'Function', {
      entry: join(ROOT, 'lambdas', props.entry),
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      handler: 'handler',
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
        target: 'node24',
        minify: true,
        sourceMap: true,
        sourceMapMode: SourceMapMode.EXTERNAL,
        mainFields: ['module', 'main'], // 742 → 473 KB
        externalModules: [], // the SDK bundled imports in 137 ms, the runtime's own in 236
        // Some dependencies still call require.
        banner: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (input, output) => [
            ...(props.withContent === true ? [`cp -r ${join(input, 'content')} ${output}`] : []),
            ...(props.withGuidelines === true ? [`cp ${join(input, 'examples', 'guidelines.md')} ${output}`] : []),
          ],
        },
      },
    })
  }
}
