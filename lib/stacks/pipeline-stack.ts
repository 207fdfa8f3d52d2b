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
}

/** What a failure of a stage means, in the words of those who notice it: the text of its alarms. */
const ERROR_IMPACT: Readonly<Record<StageName, string>> = {
  generate:
    'An uploaded seed file or request did not become dialogues: the data engineer waits for a batch that does not come.',
  'open-review':
    'A dataset did not become a batch: clinicians have nothing to review although the dialogues are there.',
  apply: 'Reviews of a closed batch were not applied: approved dialogues are missing from the training set.',
  merge: 'Approved dialogues were not merged: training/latest.json still names the previous training set.',
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
        errorImpact: ERROR_IMPACT[name],
      })
    this.stages = {
      generate: stage('generate', 'Generate'),
      'open-review': stage('open-review', 'OpenReview'),
      apply: stage('apply', 'Apply'),
      merge: stage('merge', 'Merge'),
    }
    for (const [name, { deadLetters, queue }] of Object.entries(this.stages)) {
      const id = name.replaceAll('-', '')
      new CfnOutput(this, `${id}Queue`, { value: queue.queueUrl })
      new CfnOutput(this, `${id}DeadLetters`, { value: deadLetters.queueUrl })
    }
  }
}
