import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { App, Stage, Tags, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import * as z from 'zod'
import { parseGuidelines } from '../review-api/guidelines.ts'
import { REPOSITORY_ROOT } from './constructs/bundled-function.ts'
import { stackName, type Environment, type StackRole } from './environments.ts'
import { DataStack } from './stacks/data-stack.ts'
import { FirewallStack } from './stacks/firewall-stack.ts'
import { ObservabilityStack } from './stacks/observability-stack.ts'
import { PipelineStack } from './stacks/pipeline-stack.ts'
import { WebStack } from './stacks/web-stack.ts'

/** CloudFront takes firewalls from here alone. */
const FIREWALL_REGION = 'us-east-1'

/** An app with the CDK's recommended behaviour of this version, whether the command line or a test makes it. */
export function createApp(context: Readonly<Record<string, unknown>> = {}): App {
  const load = createRequire(import.meta.url)
  const flags = z.record(z.string(), z.unknown()).parse(load('aws-cdk-lib/recommended-feature-flags.json'))
  return new App({
    context: {
      ...flags,
      // By exports, the way that CloudFormation holds to: it refuses to delete data that another stack still uses.
      '@aws-cdk/core:defaultCrossStackReferences': 'strong',
      ...context,
    },
  })
}

export interface DialoguesProps {
  environment: Environment
  /** The built review page. */
  siteFolder: string
  /** A folder with the bundle of each function, as `scripts/function-bundles.ts` makes it. */
  bundlesFolder: string
}

/** All stacks of one environment. */
export class Dialogues extends Stage {
  readonly data: DataStack
  readonly pipeline: PipelineStack
  readonly web: WebStack
  readonly firewall: FirewallStack | undefined
  readonly observability: ObservabilityStack

  constructor(scope: Construct, { environment, siteFolder, bundlesFolder }: DialoguesProps) {
    super(scope, environment.name)
    const { firewall } = environment
    // Only then does the firewall's name have to travel between regions, by the CDK's own functions.
    const crossRegionReferences = firewall !== null && environment.region !== FIREWALL_REGION
    const about = (role: StackRole, description: string): StackProps => ({
      stackName: stackName(environment.name, role),
      description: `Synthetic dialogues (${environment.name}): ${description}`,
      env: { region: environment.region }, // the account is that of whoever deploys
      terminationProtection: !environment.disposable && role === 'data',
    })
    const guidelines = join(REPOSITORY_ROOT, environment.guidelinesFile)
    const guidelinesVersion = parseGuidelines(readFileSync(guidelines, 'utf8'), guidelines).version

    this.data = new DataStack(this, 'Data', { ...about('data', 'buckets, reviews and accounts'), environment })
    this.pipeline = new PipelineStack(this, 'Pipeline', {
      ...about('pipeline', 'from an upload to a training set'),
      environment,
      data: this.data,
      guidelinesVersion,
      bundlesFolder,
    })
    if (firewall !== null)
      this.firewall = new FirewallStack(this, 'Firewall', {
        ...about('firewall', 'in front of the page'),
        env: { region: FIREWALL_REGION },
        crossRegionReferences,
        ...firewall,
      })
    this.web = new WebStack(this, 'Web', {
      ...about('web', 'page, API and sign-in'),
      crossRegionReferences,
      environment,
      data: this.data,
      siteFolder,
      bundlesFolder,
      ...(this.firewall === undefined ? {} : { webAclArn: this.firewall.webAclArn }),
    })
    this.observability = new ObservabilityStack(this, 'Observability', {
      ...about('observability', 'alarms, dashboard and budget'),
      environment,
      data: this.data,
      pipeline: this.pipeline,
      web: this.web,
    })
    Tags.of(this).add('application', 'synthetic-dialogues')
    Tags.of(this).add('environment', environment.name)
  }
}
