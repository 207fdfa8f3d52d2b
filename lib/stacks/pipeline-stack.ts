import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { StackProps } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { STAGES } from '../../core/pipeline/stages.ts'
import type { StageName } from '../../core/pipeline/stages.ts'
import { StageFunction } from '../constructs/stage-function.ts'
import type { Env as AskModelEnv } from '../../lambdas/ask-model/env.ts'
import type { ModelEnv } from '../../lambdas/shared/model-env.ts'
import { workersFor, type Environment } from '../environments.ts'
import type { DataStack } from './data-stack.ts'

export interface PipelineStackProps extends StackProps {
  environment: Environment
  data: DataStack
  guidelinesVersion: string
  /** What `scripts/function-bundles.ts` made. */
  bundlesFolder: string
}

/** The stages between an upload and a training set. */
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
      'ask-model': stage('ask-model', 'AskModel'),
      'open-review': stage('open-review', 'OpenReview'),
      apply: stage('apply', 'Apply'),
      merge: stage('merge', 'Merge'),
    }
    this.#letAsk(props)
    for (const { node, deadLetters, queue } of Object.values(this.stages)) {
      new CfnOutput(this, `${node.id}Queue`, { value: queue.queueUrl })
      new CfnOutput(this, `${node.id}DeadLetters`, { value: deadLetters.queueUrl })
    }
  }

  /** The model's key goes to the one function that asks, by a secret that it reads when it does. */
  #letAsk({ environment: { model }, data }: PipelineStackProps): void {
    const common: ModelEnv = {
      MODEL: model.name,
      MODEL_MAX_COST_USD: String(model.maxCostUsd),
      PART_DIALOGUES: String(model.part.dialogues),
      PART_SECONDS: String(model.part.seconds),
    }
    const workers = workersFor(model)
    const asking: AskModelEnv = {
      ...common,
      MODEL_KEY_SECRET: data.modelKeyArn,
      MODEL_BASE_URL: model.baseUrl,
      REQUESTS_PER_MINUTE: String(Math.max(1, Math.floor(model.requestsPerMinute / workers))),
      TOKENS_PER_MINUTE: String(Math.max(1, Math.floor(model.tokensPerMinute / workers))),
    }
    const { generate, 'ask-model': askModel } = this.stages
    for (const [name, value] of Object.entries(common)) generate.function.addEnvironment(name, value)
    for (const [name, value] of Object.entries(asking)) askModel.function.addEnvironment(name, value)
    askModel.function.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [data.modelKeyArn] }),
    )
  }
}
