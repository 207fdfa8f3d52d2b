import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ENVIRONMENT_NAMES } from '../../lib/environments.ts'

/**
 * The workflows of `.github/workflows`, which run only once they are pushed. actionlint checks their syntax in one of them;
 * here stands what it does not know: who may do what, what is pinned, and in which order environments are deployed.
 */
const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER = join(ROOT, '.github', 'workflows')

const PermissionsSchema = z.record(z.string(), z.enum(['read', 'write', 'none']))
const StepSchema = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  env: z.record(z.string(), z.string()).optional(),
})
const JobSchema = z.strictObject({
  'runs-on': z.string().optional(),
  'timeout-minutes': z.number().optional(),
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  if: z.string().optional(),
  environment: z.string().optional(),
  permissions: PermissionsSchema.optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.string()).optional(),
  steps: z.array(StepSchema).optional(),
})
const InputSchema = z.strictObject({ required: z.boolean(), type: z.string(), description: z.string().optional() })
const WorkflowSchema = z.strictObject({
  name: z.string(),
  on: z.strictObject({
    pull_request: z.null().optional(),
    push: z.strictObject({ branches: z.array(z.string()) }).optional(),
    workflow_dispatch: z.null().optional(),
    workflow_call: z.strictObject({ inputs: z.record(z.string(), InputSchema) }).nullish(),
  }),
  permissions: PermissionsSchema,
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.boolean() }).optional(),
  jobs: z.record(z.string(), JobSchema),
})

const files = readdirSync(FOLDER)
const texts = new Map(files.map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')]))
const workflows = new Map([...texts].map(([file, text]) => [file, WorkflowSchema.parse(load(text))]))
const jobs = [...workflows].flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => ({ file, name, job, at: `${file}: ${name}` })),
)
const steps = jobs.flatMap(({ at, job }) => (job.steps ?? []).map((step) => ({ at, step })))
const jobOf = (file: string, name: string) => {
  const job = workflows.get(file)?.jobs[name]
  if (job === undefined) throw new Error(`${file} has no job ${name}`)
  return job
}

describe('Actions of others', () => {
  it('are pinned by commit, with the version beside it', () => {
    for (const [file, text] of texts)
      for (const [line, used] of text.matchAll(/^.*\buses: (.*)$/gm))
        expect(used, `${file}: ${line}`).toMatch(/^(\.\/\S+|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/)
  })

  it('are the same commit wherever they are used', () => {
    const commits = new Map<string, Set<string>>()
    for (const { step } of steps) {
      const [action = '', commit = ''] = (step.uses ?? '').split('@')
      if (action !== '') commits.set(action, (commits.get(action) ?? new Set()).add(commit))
    }
    for (const [action, used] of commits) expect(used.size, action).toBe(1)
  })

  it('leave no credentials of the checkout behind', () => {
    for (const { at, step } of steps)
      if (step.uses?.startsWith('actions/checkout@'))
        expect(step.with, at).toMatchObject({ 'persist-credentials': false })
  })
})

describe('What a workflow may do', () => {
  it('is to read the repository, unless a job says otherwise', () => {
    for (const [file, { permissions }] of workflows) expect(permissions, file).toEqual({ contents: 'read' })
  })

  it('is more only where a job takes on a role, or comments', () => {
    for (const { at, job } of jobs) {
      const { contents = 'read', ...more } = job.permissions ?? {}
      const takesRole =
        job.uses === './.github/workflows/deploy-environment.yml' ||
        (job.steps ?? []).some(({ uses }) => uses?.startsWith('aws-actions/configure-aws-credentials@'))
      const comments = (job.steps ?? []).some(({ run }) => run?.includes('gh pr comment'))
      expect(contents, at).toBe('read')
      expect(more, at).toEqual({
        ...(takesRole ? { 'id-token': 'write' } : {}),
        ...(comments ? { 'pull-requests': 'write' } : {}),
      })
    }
  })

  it('never takes on a role for a fork', () => {
    for (const { file, at, job } of jobs) {
      const onPullRequests = workflows.get(file)?.on.pull_request !== undefined
      if (onPullRequests && job.permissions?.['id-token'] === 'write')
        expect(job.if, at).toContain('head.repo.full_name == github.repository')
    }
  })

  it('is never decided by text that somebody else can write: values reach scripts as variables', () => {
    for (const { at, step } of steps) expect(step.run ?? '', at).not.toContain('${{')
  })

  it('ends: every job that runs has a time limit', () => {
    for (const { at, job } of jobs) {
      expect(job.uses === undefined, at).toBe(job.steps !== undefined)
      if (job.steps !== undefined) expect(job['timeout-minutes'], at).toBeLessThanOrEqual(45)
    }
  })
})

describe('What a workflow names', () => {
  it('is there: jobs, workflows and their inputs, scripts, commands of npm', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
    for (const { file, at, job } of jobs) {
      for (const needed of [job.needs ?? []].flat())
        expect(Object.keys(workflows.get(file)?.jobs ?? {}), at).toContain(needed)
      if (job.uses !== undefined) {
        const called = workflows.get(job.uses.replace('./.github/workflows/', ''))
        expect(called?.on.workflow_call, at).toBeDefined()
        expect(Object.keys(job.with ?? {}).sort(), at).toEqual(
          Object.keys(called?.on.workflow_call?.inputs ?? {}).sort(),
        )
      }
    }
    for (const { at, step } of steps) {
      for (const [, script = ''] of (step.run ?? '').matchAll(/npm run ([\w:-]+)/g))
        expect(scripts, at).toHaveProperty(script)
      for (const [, path = ''] of (step.run ?? '').matchAll(
        /(?:node|vitest run --project infra) ((?:scripts|test)\/\S+)/g,
      ))
        expect(() => readFileSync(join(ROOT, path)), `${at}: ${path}`).not.toThrow()
    }
  })

  it('in an expression is a context that it has there', () => {
    for (const [file, text] of texts) {
      const inputs = Object.keys(workflows.get(file)?.on.workflow_call?.inputs ?? {})
      for (const [expression, inside = ''] of text.matchAll(/\$\{\{(.*?)\}\}/g)) {
        expect(inside.trim(), `${file}: ${expression}`).toMatch(/^(github|vars|inputs)\.[\w.]+$/)
        const [, input] = /^inputs\.(\w+)$/.exec(inside.trim()) ?? []
        if (input !== undefined) expect(inputs, `${file}: ${expression}`).toContain(input)
      }
    }
  })

  it('as stacks is what the app calls them: a pattern that matches nothing would deploy nothing, and pass', () => {
    const commands = steps.flatMap(({ step }) => [...(step.run ?? '').matchAll(/npx cdk (deploy|diff) (.*)/g)])
    expect(commands).toHaveLength(2)
    for (const [, , words = ''] of commands) expect(words).toContain(' "$ENVIRONMENT/*"')
  })
})

describe('A deployment', () => {
  const deploying = './.github/workflows/deploy-environment.yml'

  it('takes one assembly to dev, then staging, then prod, each after the one before was verified', () => {
    const order = Object.entries(workflows.get('deploy.yml')?.jobs ?? {}).filter(([, { uses }]) => uses === deploying)
    expect(order.map(([name, job]) => [name, job.needs, job.with])).toEqual([
      ['dev', 'synth', { environment: 'dev', verify: 'integration' }],
      ['staging', 'dev', { environment: 'staging', verify: 'smoke' }],
      ['prod', 'staging', { environment: 'prod', verify: 'smoke' }],
    ])
    for (const [name] of order) expect(ENVIRONMENT_NAMES).toContain(name)
    expect(jobOf('deploy.yml', 'synth').needs).toBe('check')
  })

  it('runs under the environment of its name, whose reviewers GitHub asks first', () => {
    expect(jobOf('deploy-environment.yml', 'deploy').environment).toBe('${{ inputs.environment }}')
  })

  it('is never cut off half way by the next one', () => {
    expect(workflows.get('deploy.yml')?.concurrency).toEqual({ group: 'deploy', 'cancel-in-progress': false })
  })

  it('deploys what was made before, and makes nothing itself', () => {
    const { steps: inOrder = [] } = jobOf('deploy-environment.yml', 'deploy')
    const at = (part: string) => inOrder.findIndex(({ uses, run }) => `${uses} ${run}`.includes(part))
    expect(at('download-artifact')).toBeGreaterThan(-1)
    expect(at('configure-aws-credentials')).toBeGreaterThan(at('npm ci')) // install scripts never see them
    expect(at('cdk deploy --app cdk.out')).toBeGreaterThan(at('download-artifact'))
    expect(at('verify-deployment')).toBeGreaterThan(at('cdk deploy'))
  })
})

describe('A pull request', () => {
  it('is checked whole, synthesised for every environment, measured, and compared with dev', () => {
    const check = workflows.get('check.yml')
    expect(check?.on).toHaveProperty('pull_request')
    const commands = Object.values(check?.jobs ?? {}).flatMap(({ steps: list = [] }) =>
      list.map(({ run }) => run ?? ''),
    )
    for (const wanted of ['npm run check', 'npm run synth', 'test/infra/bundles.test.ts', 'actionlint'])
      expect(
        commands.some((command) => command.includes(wanted)),
        wanted,
      ).toBe(true)
    expect(workflows.get('diff.yml')?.on).toHaveProperty('pull_request')
  })
})
