import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { STAGES } from '../../core/pipeline/stages.ts'
import type { StageName } from '../../core/pipeline/stages.ts'
import { StageFunction } from '../constructs/stage-function.ts'
import type { Environment } from '../environments.ts'
import type { DataStack } from './data-stack.ts'

export interface PipelineStackProps extends StackProps {
  environment: Environment
  data: DataStack
  guidelinesVersion: string
  /** What `scripts/function-bundles.ts` made. */
  bundlesFolder: string
}

/** The four stages between an upload and a training set. */
export class PipelineStack extends Stack {
  readonly stages: Readonly<Record<StageName, StageFunction>>

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props)
    const { environment, data } = props
    const stage = (name: StageName, construct: string) =>
      new StageFunction(this, construct, {
        stage: STAGES[name],
        environment,
        buckets: { inbox: data.inbox.bucket, datasets: data.datasets.bucket },
        reviews: data.reviews,
        guidelinesVersion: props.guidelinesVersion,
        bundlesFolder: props.bundlesFolder,
      })
    this.stages = {
      generate: stage('generate', 'Generate'),
      'open-review': stage('open-review', 'OpenReview'),
      apply: stage('apply', 'Apply'),
      merge: stage('merge', 'Merge'),
    }
    for (const { node, deadLetters, queue } of Object.values(this.stages)) {
      new CfnOutput(this, `${node.id}Queue`, { value: queue.queueUrl })
      new CfnOutput(this, `${node.id}DeadLetters`, { value: deadLetters.queueUrl })
    }
  }
}
