/**
 * What differs between environments, and nothing else does. `local` is the same stacks on a local AWS: what must be
 * different there stands here and nowhere else.
 */

export const ENVIRONMENT_NAMES = ['dev', 'staging', 'prod', 'local'] as const
export type EnvironmentName = (typeof ENVIRONMENT_NAMES)[number]

export interface Environment {
  name: EnvironmentName
  /** Where the data are: dialogues about people's troubles stay in one region that somebody chose. */
  region: string
  /** Whether a stack that is deleted takes buckets, table and user pool with it. Only where nothing is worth keeping. */
  disposable: boolean
  /** Whether `cdk destroy` empties the buckets first (by a function of the CDK's); else it stops at a bucket with objects. */
  emptyBucketsOnDestroy: boolean
  /** Whether every account needs a second factor (an authenticator app), or may have one. */
  secondFactor: 'required' | 'optional'
  /** Days that function and access logs are kept; one of CloudWatch's steps. */
  logRetentionDays: 7 | 30 | 90 | 365
  /** How many copies of a stage may run at once: bounds money and the load on the table. At least 2 (SQS's minimum). */
  maxConcurrency: { generate: number; 'open-review': number; apply: number; merge: number }
  /**
   * The language model for requests of method openai or hybrid. Its key is in the secret of the data stack. Budgets a minute
   * are those of the account at the service; workers share them.
   */
  model: {
    /** For requests that name none; content/prices.json must name it. */
    name: string
    baseUrl: string
    /** US dollars for one request at the most, whatever it asks for. */
    maxCostUsd: number
    requestsPerMinute: number
    tokensPerMinute: number
    /** What one worker can use of them: more workers than that only turn the budget into refusals. */
    tokensOfAWorker: number
    /** Dialogues that a worker asks for in one run, and for how long; what is left then is for its next run. */
    part: { dialogues: number; seconds: number }
  }
  /** Requests a second and burst that the review API takes before it answers 429. 50 reviewers need about 10 a second. */
  throttle: { ratePerSecond: number; burst: number }
  /** Web application firewall in front of the page: managed rules and a limit by address. */
  firewall: { requestsPerFiveMinutes: number } | null
  /** Who is told of alarms and budget; the address confirms its subscription by mail. Null: alarms show, nobody is told. */
  alarmEmail: string | null
  /** Monthly bill (USD) that raises the budget alarm at 80 % forecast and 100 % actual. Null: no budget. */
  monthlyBudgetUsd: number | null
  /** Own host name of the page, with its certificate in us-east-1. Null: CloudFront's. */
  domain: { hostName: string; certificateArn: string } | null
  /** Uploads above this are refused before they are read. */
  maxUploadBytes: number
  /** What a seed file asks for when it is uploaded without metadata, and what a batch asks of its reviewers. */
  generation: { count: number; reviewsPerDialogue: '1' | '2' | '3'; secondReviews: boolean }
  /** What reviewers are shown, from the repository's root; its first line names the version. */
  guidelinesFile: string
  /** How the stacks differ on a local AWS; null on AWS. */
  emulator: {
    /** Port of the local AWS, for origins that AWS addresses by host name. */
    port: number
    /** Whether alarms on a formula over several metrics can be made; without, they are left out. */
    metricMath: boolean
  } | null
}

/** How many workers may ask the model at once. 2 and 1,000 are SQS's limits. */
export function workersFor({ tokensPerMinute, tokensOfAWorker }: Environment['model']): number {
  return Math.min(1_000, Math.max(2, Math.floor(tokensPerMinute / tokensOfAWorker)))
}

/**
 * 25 dialogues at once, each with some 8,600 tokens as the service counts them (input, and all the output that is allowed),
 * answered in some 40 s.
 */
const TOKENS_OF_A_WORKER = 300_000

const OPENAI = 'https://api.openai.com/v1'
/** Four minutes of the five that a run may take: then a call of a minute may still end, and the part be written. */
const PART = { dialogues: 25, seconds: 220 }

const MIB = 1024 * 1024
const GUIDELINES = 'examples/guidelines.md'

export const ENVIRONMENTS: Readonly<Record<EnvironmentName, Environment>> = {
  dev: {
    name: 'dev',
    region: 'us-east-1',
    disposable: true,
    emptyBucketsOnDestroy: true,
    secondFactor: 'optional',
    logRetentionDays: 7,
    maxConcurrency: { generate: 2, 'open-review': 2, apply: 2, merge: 2 },
    model: {
      name: 'gpt-4.1-mini',
      baseUrl: OPENAI,
      maxCostUsd: 1,
      requestsPerMinute: 500,
      tokensPerMinute: 200_000,
      tokensOfAWorker: TOKENS_OF_A_WORKER,
      part: PART,
    },
    throttle: { ratePerSecond: 50, burst: 100 },
    firewall: null,
    alarmEmail: null,
    monthlyBudgetUsd: 20,
    domain: null,
    maxUploadBytes: 100 * MIB,
    generation: { count: 50, reviewsPerDialogue: '1', secondReviews: false },
    guidelinesFile: GUIDELINES,
    emulator: null,
  },
  staging: {
    name: 'staging',
    region: 'us-east-1',
    disposable: false,
    emptyBucketsOnDestroy: false,
    secondFactor: 'optional',
    logRetentionDays: 30,
    maxConcurrency: { generate: 5, 'open-review': 5, apply: 2, merge: 2 },
    model: {
      name: 'gpt-4.1-mini',
      baseUrl: OPENAI,
      maxCostUsd: 5,
      requestsPerMinute: 500,
      tokensPerMinute: 200_000,
      tokensOfAWorker: TOKENS_OF_A_WORKER,
      part: PART,
    },
    throttle: { ratePerSecond: 50, burst: 100 },
    firewall: { requestsPerFiveMinutes: 2000 },
    alarmEmail: null,
    monthlyBudgetUsd: 100,
    domain: null,
    maxUploadBytes: 1024 * MIB,
    generation: { count: 50, reviewsPerDialogue: '1', secondReviews: true },
    guidelinesFile: GUIDELINES,
    emulator: null,
  },
  prod: {
    name: 'prod',
    region: 'us-east-1',
    disposable: false,
    emptyBucketsOnDestroy: false,
    secondFactor: 'required',
    logRetentionDays: 365,
    maxConcurrency: { generate: 10, 'open-review': 10, apply: 5, merge: 2 },
    model: {
      name: 'gpt-4.1-mini',
      baseUrl: OPENAI,
      maxCostUsd: 25,
      requestsPerMinute: 5_000,
      tokensPerMinute: 2_000_000,
      tokensOfAWorker: TOKENS_OF_A_WORKER,
      part: PART,
    },
    throttle: { ratePerSecond: 100, burst: 200 },
    firewall: { requestsPerFiveMinutes: 2000 },
    alarmEmail: null,
    monthlyBudgetUsd: 500,
    domain: null,
    maxUploadBytes: 1024 * MIB,
    generation: { count: 50, reviewsPerDialogue: '1', secondReviews: true },
    guidelinesFile: GUIDELINES,
    emulator: null,
  },
  local: {
    name: 'local',
    region: 'us-east-1',
    disposable: true,
    emptyBucketsOnDestroy: false,
    secondFactor: 'optional',
    logRetentionDays: 7,
    maxConcurrency: { generate: 2, 'open-review': 2, apply: 2, merge: 2 },
    model: {
      name: 'gpt-4.1-mini',
      baseUrl: 'http://127.0.0.1:8790/v1', // test/openai/serve.ts
      maxCostUsd: 25,
      requestsPerMinute: 60_000,
      tokensPerMinute: 60_000_000,
      tokensOfAWorker: 20_000_000,
      part: { dialogues: 50, seconds: 45 },
    },
    throttle: { ratePerSecond: 1000, burst: 2000 },
    firewall: null,
    alarmEmail: null,
    monthlyBudgetUsd: null,
    domain: null,
    maxUploadBytes: 20 * MIB,
    generation: { count: 50, reviewsPerDialogue: '1', secondReviews: false },
    guidelinesFile: GUIDELINES,
    emulator: { port: 4566, metricMath: false },
  },
}

export function isEnvironmentName(name: unknown): name is EnvironmentName {
  return ENVIRONMENT_NAMES.some((known) => known === name)
}

/** The name under which CloudFormation, and the commands that look for its outputs, know a stack. */
export function stackName(environment: EnvironmentName, stack: StackRole): string {
  return `dialogues-${environment}-${stack}`
}
export type StackRole = 'data' | 'pipeline' | 'firewall' | 'web' | 'observability'
