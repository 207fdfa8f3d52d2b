import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stack } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STAGES } from '../../core/pipeline/stages.ts'
import { ALARMS } from '../../lib/alarms.ts'
import { createApp, Dialogues } from '../../lib/application.ts'
import { ENVIRONMENT_NAMES, ENVIRONMENTS, type Environment } from '../../lib/environments.ts'
import { addSecurityChecks } from '../../lib/security-checks.ts'
import { FUNCTION_NAMES } from '../../scripts/function-bundles.ts'

/** The stacks of every environment, as templates. What functions hold is another test's business. */

let site: string
let bundles: string
const made = new Map<string, Dialogues>()

beforeAll(() => {
  site = mkdtempSync(join(tmpdir(), 'site-'))
  mkdirSync(join(site, 'assets'))
  writeFileSync(join(site, 'index.html'), '<p>')
  bundles = mkdtempSync(join(tmpdir(), 'bundles-'))
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(bundles, name))
    writeFileSync(join(bundles, name, 'index.mjs'), '')
  }
  writeFileSync(join(site, 'assets', 'page-1.js'), '1')
})
afterAll(() => {
  for (const folder of [site, bundles]) rmSync(folder, { recursive: true, force: true })
})

const make = (environment: Environment): Dialogues =>
  new Dialogues(createApp(), { environment, siteFolder: site, bundlesFolder: bundles })

function dialogues(name: (typeof ENVIRONMENT_NAMES)[number]): Dialogues {
  const known = made.get(name) ?? make(ENVIRONMENTS[name])
  made.set(name, known)
  return known
}
const stacksOf = (all: Dialogues): Stack[] => [
  all.data,
  all.pipeline,
  all.web,
  all.observability,
  ...(all.firewall === undefined ? [] : [all.firewall]),
]

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
}
interface Resource {
  Type: string
  Properties?: Record<string, unknown>
}
function resources(stack: Stack, type: string): [string, Resource][] {
  return Object.entries(Template.fromStack(stack).findResources(type)) as [string, Resource][]
}
/** Of our own roles; the CDK's function that publishes the page has its own acknowledgement. */
function statements(stack: Stack): Statement[] {
  return resources(stack, 'AWS::IAM::Policy')
    .filter(([id]) => !id.startsWith('CustomCDK'))
    .flatMap(([, { Properties }]) => (Properties?.['PolicyDocument'] as { Statement: Statement[] }).Statement)
}

describe.each(ENVIRONMENT_NAMES)('The stacks of %s', (name) => {
  it('have no finding of the rule packs that is not acknowledged', () => {
    const app = createApp()
    new Dialogues(app, { environment: ENVIRONMENTS[name], siteFolder: site, bundlesFolder: bundles })
    addSecurityChecks(app)
    expect(() => app.synth()).not.toThrow()
  }, 120_000) // the first one loads the rule packs

  it('grant no action by wildcard, and no resource but what tracing needs', () => {
    for (const stack of stacksOf(dialogues(name)))
      for (const { Action, Resource } of statements(stack)) {
        for (const action of [Action].flat()) expect(action).not.toContain('*')
        if (Resource === '*')
          expect([Action].flat().sort()).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments'])
      }
  })

  it('keep every log for as long as the environment says, and no longer', () => {
    for (const stack of stacksOf(dialogues(name)))
      for (const [id, { Properties }] of resources(stack, 'AWS::Logs::LogGroup'))
        expect(Properties?.['RetentionInDays'], id).toBe(ENVIRONMENTS[name].logRetentionDays)
  })

  it('encrypt buckets, table and queues, and let nobody in without TLS', () => {
    const { data, pipeline, web } = dialogues(name)
    for (const stack of [data, web])
      for (const [id, { Properties }] of resources(stack, 'AWS::S3::Bucket')) {
        expect(Properties, id).toHaveProperty('BucketEncryption')
        expect(Properties?.['PublicAccessBlockConfiguration'], id).toMatchObject({ RestrictPublicBuckets: true })
      }
    const denials = JSON.stringify(resources(data, 'AWS::S3::BucketPolicy')).match(/aws:SecureTransport/g)
    expect(denials).toHaveLength(3)
    Template.fromStack(data).hasResourceProperties('AWS::DynamoDB::Table', {
      SSESpecification: { SSEEnabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    })
    for (const [id, { Properties }] of resources(pipeline, 'AWS::SQS::Queue'))
      expect(Properties?.['SqsManagedSseEnabled'], id).toBe(true)
    expect(JSON.stringify(resources(pipeline, 'AWS::SQS::QueuePolicy')).match(/aws:SecureTransport/g)).toHaveLength(10)
  })

  it('let each rule, and nothing else of EventBridge, put messages into its queue', () => {
    const { pipeline } = dialogues(name)
    const rules = resources(pipeline, 'AWS::Events::Rule')
    expect(rules).toHaveLength(Object.values(STAGES).flatMap(({ triggers }) => triggers).length)
    const policies = JSON.stringify(resources(pipeline, 'AWS::SQS::QueuePolicy'))
    for (const [id] of rules) expect(policies).toContain(id)
    expect(policies).not.toContain('"Principal":"*","Action":"sqs:SendMessage"')
  })

  it('hold each stage to what its description names', () => {
    const { pipeline } = dialogues(name)
    for (const stage of Object.values(STAGES)) {
      const wanted = stage.name.replaceAll('-', '').toLowerCase()
      const [, policy] =
        resources(pipeline, 'AWS::IAM::Policy').find(([id]) => id.toLowerCase().startsWith(`${wanted}function`)) ?? []
      const { Statement } = policy?.Properties?.['PolicyDocument'] as { Statement: Statement[] }
      const puts = Statement.filter(({ Action }) => [Action].flat().includes('s3:PutObject'))
      const text = JSON.stringify(puts)
      for (const { prefix } of stage.writes) expect(text).toContain(`/${prefix}*`)
      expect(text).not.toContain('InboxBucket')
      for (const { store, prefix } of stage.triggers)
        if (store === 'datasets') expect(text).not.toContain(`/${prefix}*`)
      expect(JSON.stringify(Statement).includes('dynamodb:'), stage.name).toBe(stage.reviews !== 'none')
    }
  })

  it('set a message aside after five tries that never overlap', () => {
    const { pipeline } = dialogues(name)
    const [, stage] = resources(pipeline, 'AWS::Lambda::Function')[0] ?? []
    const timeout = Number(stage?.Properties?.['Timeout'])
    const queues = resources(pipeline, 'AWS::SQS::Queue').filter(([, { Properties }]) => Properties?.['RedrivePolicy'])
    expect(queues).toHaveLength(5)
    for (const [, { Properties }] of queues) {
      expect(Properties?.['RedrivePolicy']).toMatchObject({ maxReceiveCount: 5 })
      expect(Number(Properties?.['VisibilityTimeout'])).toBeGreaterThan(timeout)
    }
    Template.fromStack(pipeline).allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: 1,
    })
  })

  it('have an alarm for everything on the list, each with what it means and its runbook', () => {
    const { observability } = dialogues(name)
    const texts = resources(observability, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) =>
      String(Properties?.['AlarmDescription']),
    )
    const byFormula = (kind: string) => ['nothing-comes-out', 'api-5xx', 'table-throttled'].includes(kind)
    const wanted = ALARMS.filter(({ kind }) => name !== 'local' || !byFormula(kind))
    expect(texts.sort()).toEqual(wanted.map(({ errorImpact, runbook }) => `${errorImpact} Runbook: ${runbook}`).sort())
    Template.fromStack(observability).resourceCountIs('AWS::CloudWatch::Dashboard', 1)
    Template.fromStack(observability).resourceCountIs('AWS::Budgets::Budget', name === 'local' ? 0 : 1)
  })

  it('are as they were', () => {
    for (const stack of stacksOf(dialogues(name)))
      expect(withoutHashes(Template.fromStack(stack).toJSON())).toMatchSnapshot(stack.node.id)
  })
})

describe('What is worth keeping', () => {
  it.each(['staging', 'prod'] as const)('outlives its stack in %s', (name) => {
    const { data } = dialogues(name)
    for (const type of ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::Cognito::UserPool'])
      Template.fromStack(data).allResources(type, { DeletionPolicy: 'Retain' })
    Template.fromStack(data).allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true })
    Template.fromStack(data).allResourcesProperties('AWS::Cognito::UserPool', { DeletionProtection: 'ACTIVE' })
    expect(data.terminationProtection).toBe(true)
  })
})

describe('The API', () => {
  it('takes access tokens of the page with the scope of reviewing, on every route', () => {
    Template.fromStack(dialogues('prod').web).allResourcesProperties('AWS::ApiGatewayV2::Route', {
      AuthorizationType: 'JWT',
      AuthorizationScopes: ['review-api/review'],
    })
  })
  it('has access logs and throttling', () => {
    Template.fromStack(dialogues('prod').web).hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      AccessLogSettings: Match.objectLike({ Format: Match.stringLikeRegexp('reviewer') }),
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    })
  })
  it('has a client without secret, by authorization code alone', () => {
    Template.fromStack(dialogues('prod').web).hasResourceProperties('AWS::Cognito::UserPoolClient', {
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      ExplicitAuthFlows: Match.absent(),
    })
  })
})

describe('The firewall', () => {
  it('stands in front of staging and prod, with managed rules and a rate limit', () => {
    for (const name of ['staging', 'prod'] as const) {
      Template.fromStack(dialogues(name).web).hasResourceProperties('AWS::CloudFront::Distribution', {
        DistributionConfig: { WebACLId: Match.anyValue() },
      })
      const [[, acl] = []] = resources(dialogues(name).firewall as Stack, 'AWS::WAFv2::WebACL')
      expect(acl?.Properties?.['Rules']).toHaveLength(4)
    }
  })
  it('is made in us-east-1 wherever the rest stands', () => {
    const far = make({ ...ENVIRONMENTS.prod, region: 'eu-central-1' })
    expect(far.firewall?.region).toBe('us-east-1')
    expect(far.web.region).toBe('eu-central-1')
    expect(() => Template.fromStack(far.web)).not.toThrow()
  })
})

describe('The runbooks', () => {
  const folder = join(import.meta.dirname, '..', '..', 'docs', 'runbooks')

  it('are there for every alarm, and listed', async () => {
    const there = await readdir(folder)
    const list = await readFile(join(folder, 'README.md'), 'utf8')
    for (const { runbook } of ALARMS) {
      const page = runbook.replace('docs/runbooks/', '')
      expect(there).toContain(page)
      expect(list).toContain(`](${page})`)
    }
  })

  it('ask for outputs that the stacks have, look for events that the code logs, and link pages that are there', async () => {
    const all = dialogues('prod')
    const outputs = { data: all.data, pipeline: all.pipeline, web: all.web }
    const sources = globSync('{lambdas,core,review-api}/**/*.ts', { cwd: join(folder, '..', '..') })
    const logged = new Set<string>()
    for (const path of sources)
      for (const [, event = ''] of (await readFile(join(folder, '..', '..', path), 'utf8')).matchAll(
        /log\.(?:info|warn|error)\(\s*'([\w.]+)'/g,
      ))
        logged.add(event)
    for (const page of (await readdir(folder)).filter((name) => name.endsWith('.md'))) {
      const text = await readFile(join(folder, page), 'utf8')
      for (const [asked, stack = '', output = ''] of text.matchAll(/output (data|pipeline|web) (\w+)/g)) {
        const template = Template.fromStack(outputs[stack as keyof typeof outputs])
        expect(Object.keys(template.findOutputs('*')), `${page}: ${asked}`).toContain(output)
      }
      for (const [, event = ''] of text.matchAll(/`((?:stage|upload|request|token|batch)\.\w+)`/g))
        expect(logged, `${page}: ${event}`).toContain(event)
      for (const [, link = ''] of text.matchAll(/\]\(([\w./-]+\.md)\)/g))
        await expect(readFile(join(folder, link)), `${page}: ${link}`).resolves.toBeDefined()
    }
  })
})

/** Hashes of assets change with every line of code; what is left is what the stack is. */
function withoutHashes(template: unknown): unknown {
  return JSON.parse(JSON.stringify(template).replace(/[0-9a-f]{64}/g, '<hash>')) as unknown
}
