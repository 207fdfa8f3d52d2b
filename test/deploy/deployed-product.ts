import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { stackName } from '../../lib/environments.ts'
import { bootstrap, deploy, synthesize, type CdkApp, type StackOutputs } from './ministack/cdk.ts'
import { HarnessError } from './ministack/harness-error.ts'
import { startMiniStack, type MiniStack } from './ministack/ministack.ts'
import { repositoryRoot, type Report } from './ministack/python-environment.ts'

/** All stacks of the environment `local`, deployed onto a local AWS with IAM enforced. */
export interface DeployedProduct {
  ministack: MiniStack
  app: CdkApp
  /** Patterns that name all of its stacks. */
  stacks: string[]
  siteUrl: string
  apiUrl: string
  signInUrl: string
  clientId: string
  userPoolId: string
  inbox: string
  datasets: string
  table: string
  outputs: StackOutputs
  /** Milliseconds. */
  took: { synth: number; deploy: number }
  s3: S3Client
  cognito: CognitoIdentityProviderClient
  /** Makes the account unless it is there; returns the password it has from now on. */
  addAccount(username: string, group: 'clinicians' | 'leads' | 'others'): Promise<string>
  upload(key: string, body: string | Uint8Array, metadata?: Record<string, string>): Promise<void>
  close(): Promise<void>
}

export interface DeployOptions {
  /** Keep everything over restarts in this folder. @default nothing outlives the process */
  persistDir?: string
  port?: number
  report?: Report
  /** Of a model's service, for the functions. @default that of the environment */
  modelBaseUrl?: string
  /** Where the assembly and the log of cdk go. @default .cache/local-aws */
  folder?: string
}

const EXAMPLE_SEEDS = join(repositoryRoot, 'examples', 'seed-dialogues.json')
const STACKS = ['local/*']

/** @throws HarnessError when MiniStack or the deployment fails; nothing is left running then */
export async function deployProduct(options: DeployOptions = {}): Promise<DeployedProduct> {
  const report = options.report ?? (() => undefined)
  const folder = options.folder ?? join(repositoryRoot, '.cache', 'local-aws')
  const ministack = await startMiniStack({
    auth: true,
    report,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.persistDir === undefined ? {} : { persistDir: options.persistDir }),
  })
  try {
    const app: CdkApp = {
      app: 'node bin/app.ts',
      outputDirectory: join(folder, 'cdk.out'),
      logFile: join(folder, 'cdk.log'),
      context: {
        environment: 'local',
        emulatorPort: String(ministack.port),
        ...(options.modelBaseUrl === undefined ? {} : { modelBaseUrl: options.modelBaseUrl }),
      },
    }
    report('Making the templates and bundles ...')
    const started = performance.now()
    await Promise.all([synthesize(ministack, app, ['**']), bootstrap(ministack, app)])
    const synthesised = performance.now()
    report('Deploying ...')
    const assembly: CdkApp = { ...app, app: join(folder, 'cdk.out') }
    const outputs = await deploy(ministack, assembly, STACKS)
    const took = { synth: synthesised - started, deploy: performance.now() - synthesised }
    return productOf(ministack, assembly, outputs, took)
  } catch (error) {
    await ministack.stop()
    throw error
  }
}

function productOf(
  ministack: MiniStack,
  app: CdkApp,
  outputs: StackOutputs,
  took: DeployedProduct['took'],
): DeployedProduct {
  const output = (stack: 'data' | 'web', name: string): string => {
    const value = outputs[stackName('local', stack)]?.[name]
    if (value === undefined) throw new HarnessError(`the stack ${stack} has no output ${name}`)
    return value
  }
  const userPoolId = output('data', 'UserPoolId')
  const inbox = output('data', 'InboxBucket')
  const s3 = new S3Client(ministack.clientConfig)
  const cognito = new CognitoIdentityProviderClient(ministack.clientConfig)
  return {
    ministack,
    app,
    stacks: STACKS,
    siteUrl: output('web', 'SiteUrl'),
    apiUrl: output('web', 'ApiUrl'),
    signInUrl: output('web', 'SignInUrl'),
    clientId: output('web', 'ClientId'),
    userPoolId,
    inbox,
    datasets: output('data', 'DatasetsBucket'),
    table: output('data', 'ReviewsTable'),
    outputs,
    took,
    s3,
    cognito,
    addAccount: (username, group) => addAccount(cognito, userPoolId, username, group),
    upload: async (key, body, metadata = {}) => {
      await s3.send(new PutObjectCommand({ Bucket: inbox, Key: key, Body: body, Metadata: metadata }))
    },
    close: async () => {
      s3.destroy()
      cognito.destroy()
      await ministack.stop()
    },
  }
}

async function addAccount(
  cognito: CognitoIdentityProviderClient,
  UserPoolId: string,
  Username: string,
  group: 'clinicians' | 'leads' | 'others',
): Promise<string> {
  const known = await cognito.send(new AdminGetUserCommand({ UserPoolId, Username })).then(
    () => true,
    (error: unknown) => {
      if (error instanceof UserNotFoundException) return false
      throw error
    },
  )
  if (!known) await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: 'SUPPRESS' }))
  // Of all four kinds that the pool's policy asks for.
  const Password = `${randomBytes(9).toString('base64url')}-aA1!`
  await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }))
  if (group !== 'others') await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: group }))
  return Password
}

/** The example seeds, uploaded as a data engineer would. */
export async function uploadExampleSeeds({ s3, inbox }: DeployedProduct): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: inbox,
      Key: 'seeds/example-seed-dialogues.json',
      Body: createReadStream(EXAMPLE_SEEDS),
    }),
  )
}
