import { Duration, Stack } from 'aws-cdk-lib'
import type { StackProps } from 'aws-cdk-lib'
import * as budgets from 'aws-cdk-lib/aws-budgets'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import * as sns from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { ALARM_LIMITS, ALARMS, type AlarmKind, type AlarmText } from '../alarms.ts'
import type { StageFunction } from '../constructs/stage-function.ts'
import type { Environment } from '../environments.ts'
import type { DataStack } from './data-stack.ts'
import type { PipelineStack } from './pipeline-stack.ts'
import type { WebStack } from './web-stack.ts'

export interface ObservabilityStackProps extends StackProps {
  environment: Environment
  data: DataStack
  pipeline: PipelineStack
  web: WebStack
}

/** As `lambdas/shared/stage-function.ts` writes them. */
const NAMESPACE = 'SyntheticDialogues'

/** What an alarm watches, and from when on it speaks. */
interface Watch {
  metric: cloudwatch.IMetric
  threshold: number
  comparison?: cloudwatch.ComparisonOperator
  /** Periods of the metric that must be over the threshold. @default 1 */
  periods?: number
}

/** Alarms that say what a failure means and name a runbook, one dashboard, and a budget. */
export class ObservabilityStack extends Stack {
  readonly #props: ObservabilityStackProps

  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props)
    this.#props = props
    const { environment } = props

    const topic = new sns.Topic(this, 'Alarms', {
      displayName: `Dialogues ${environment.name}`,
      enforceSSL: true,
    })
    if (environment.alarmEmail !== null) topic.addSubscription(new EmailSubscription(environment.alarmEmail))

    const alarms = ALARMS.flatMap((text) => {
      const { metric, threshold, comparison, periods } = this.#watch(text)
      if (metric instanceof cloudwatch.MathExpression && environment.emulator?.metricMath === false) return []
      const alarm = new cloudwatch.Alarm(this, text.name, {
        alarmDescription: `${text.errorImpact} Runbook: ${text.runbook}`,
        metric,
        threshold,
        comparisonOperator: comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: periods ?? 1,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING, // nothing uploaded, nothing wrong
      })
      alarm.addAlarmAction(new SnsAction(topic))
      return alarm
    })
    this.#dashboard(alarms)
    if (environment.monthlyBudgetUsd !== null) this.#budget(environment.monthlyBudgetUsd, topic)
  }

  #watch({ kind, of }: AlarmText): Watch {
    if (of === undefined) return this.#tableThrottled()
    if (of === 'review-api') {
      const { api } = this.#props.web
      return kind === 'api-5xx' ? this.#serverErrors() : functionWatch(kind, api.function, api.timeout)
    }
    const stage = this.#props.pipeline.stages[of]
    return (
      queueWatch(kind, stage) ?? this.#outputWatch(kind, stage) ?? functionWatch(kind, stage.function, stage.timeout)
    )
  }

  #serverErrors(): Watch {
    const { api } = this.#props.web.api
    const period = Duration.minutes(5)
    return {
      metric: new cloudwatch.MathExpression({
        expression: 'IF(requests > 0, errors / requests, 0)',
        usingMetrics: {
          errors: api.metricServerError({ period, statistic: 'Sum' }),
          requests: api.metricCount({ period, statistic: 'Sum' }),
        },
        period,
        label: 'Share of server errors',
      }),
      threshold: ALARM_LIMITS.shareOfServerErrors,
      periods: 2,
    }
  }

  #tableThrottled(): Watch {
    const { reviews } = this.#props.data
    const period = Duration.minutes(5)
    const of = (metricName: string) => reviews.metric(metricName, { period, statistic: 'Sum' })
    return {
      metric: new cloudwatch.MathExpression({
        expression: 'reads + writes',
        usingMetrics: { reads: of('ReadThrottleEvents'), writes: of('WriteThrottleEvents') },
        period,
        label: 'Throttled requests',
      }),
      threshold: 0,
    }
  }

  #outputWatch(kind: AlarmKind, stage: StageFunction): Watch | undefined {
    if (kind !== 'nothing-comes-out') return undefined
    const { received, done, refused } = this.#counts(stage, Duration.hours(1))
    return {
      metric: new cloudwatch.MathExpression({
        // With one or two tries a single bad moment would be half of them.
        expression: 'IF(received >= 4, (FILL(done, 0) + FILL(refused, 0)) / received, 1)',
        usingMetrics: { received, done, refused },
        period: Duration.hours(1),
        label: 'Outputs for each input',
      }),
      threshold: 0.5,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    }
  }

  #counts(stage: StageFunction, period: Duration) {
    const count = (metricName: string, label: string) =>
      new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName,
        label,
        period,
        statistic: 'Sum',
        dimensionsMap: { service: stage.stage.name, environment: this.#props.environment.name },
      })
    return {
      received: count('UploadsReceived', 'received'),
      done: count('UploadsDone', 'done'),
      refused: count('UploadsRefused', 'refused'),
    }
  }

  /** Top to bottom: is anything wrong; do clinicians get answers; where in the flow is something stuck. */
  #dashboard(alarms: cloudwatch.Alarm[]): void {
    const { pipeline, web } = this.#props
    const period = Duration.minutes(5)
    const api = web.api.api
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) })
    dashboard.addWidgets(new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 5 }))
    dashboard.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Review API: requests and errors',
        width: 12,
        left: [api.metricCount({ period }), api.metricClientError({ period }), api.metricServerError({ period })],
      }),
      new cloudwatch.GraphWidget({
        title: 'Review API: time to answer (ms)',
        width: 12,
        left: ['p50', 'p95', 'p99'].map((statistic) => api.metricLatency({ period, statistic, label: statistic })),
      }),
    )
    for (const stage of Object.values(pipeline.stages)) {
      const { received, done, refused } = this.#counts(stage, period)
      dashboard.addWidgets(
        new cloudwatch.GraphWidget({
          title: `${stage.stage.name}: uploads`,
          width: 8,
          left: [received, done, refused],
        }),
        new cloudwatch.GraphWidget({
          title: `${stage.stage.name}: waiting`,
          width: 8,
          left: [
            stage.queue.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
            stage.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'dead letters' }),
          ],
          right: [stage.queue.metricApproximateAgeOfOldestMessage({ label: 'oldest (s)' })],
        }),
        new cloudwatch.GraphWidget({
          title: `${stage.stage.name}: time and errors`,
          width: 8,
          left: [stage.function.metricDuration({ period, statistic: 'Maximum', label: 'longest (ms)' })],
          right: [stage.function.metricErrors({ period, label: 'errors' })],
        }),
      )
    }
  }

  /** Of the whole account: costs are not told apart by tags before somebody has switched that on for the account. */
  #budget(limitUsd: number, topic: sns.Topic): void {
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'LetBudgetsTell',
        principals: [new iam.ServicePrincipal('budgets.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    )
    const notify = (notificationType: 'FORECASTED' | 'ACTUAL', threshold: number) => ({
      notification: { notificationType, threshold, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
      subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
    })
    new budgets.CfnBudget(this, 'Budget', {
      budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount: limitUsd, unit: 'USD' } },
      notificationsWithSubscribers: [notify('FORECASTED', 80), notify('ACTUAL', 100)],
    })
  }
}

function queueWatch(kind: AlarmKind, { queue, deadLetters }: StageFunction): Watch | undefined {
  if (kind === 'dead-letters')
    return {
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      threshold: 0,
    }
  if (kind === 'waiting-too-long')
    return {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: Duration.minutes(ALARM_LIMITS.oldestMessageMinutes).toSeconds(),
    }
  return undefined
}

function functionWatch(kind: AlarmKind, of: LambdaFunction, timeout: Duration): Watch {
  const period = Duration.minutes(5)
  switch (kind) {
    case 'errors':
      return { metric: of.metricErrors({ period }), threshold: 0 }
    case 'throttles':
      return { metric: of.metricThrottles({ period }), threshold: 0 }
    case 'near-timeout':
      return {
        metric: of.metricDuration({ period, statistic: 'Maximum' }),
        threshold: timeout.toMilliseconds() * ALARM_LIMITS.shareOfTimeout,
      }
    case 'api-5xx':
    case 'dead-letters':
    case 'nothing-comes-out':
    case 'table-throttled':
    case 'waiting-too-long':
      throw new Error(`${kind} is no alarm of a function`)
  }
}
