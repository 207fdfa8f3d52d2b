import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createReviewService, type ReviewService } from '../core/review/service.ts'
import type { Log, Ports } from '../core/ports.ts'
import { createFirstAccounts, openAccounts, type Account, type Accounts, type NewAccount } from './accounts.ts'
import type { Guidelines } from '../review-api/contract.ts'
import { readGuidelines } from './guidelines-file.ts'
import { openServer } from './http-server.ts'
import { watchInbox } from './inbox-watcher.ts'
import { builtSite, readSite } from './review-site.ts'
import { AUDIENCE, CLIENT_ID, SIGN_IN_PATH } from './sign-in-names.ts'
import type { SignIn } from './sign-in.ts'
import { createStageRunner } from './stage-runner.ts'
import { openWorld } from './stage-world.ts'
import { systemClock } from './system-clock.ts'
import { openUploadLedger } from './upload-ledger.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** The one-machine home: the workspace, its stages, and the page with API and sign-in, in one process. */
export interface Home {
  origin: string
  workspace: string
  accounts: readonly Account[]
  /** Those made just now, with the passwords that are shown this once. */
  newAccounts: readonly NewAccount[]
  close(): Promise<void>
}

export interface HomeOptions {
  workspace: string
  /** 0 takes any free one. */
  port: number
  /** Whether a new workspace begins with the example seeds and a batch of them. */
  firstBatch: boolean
  log: Log
}

const EXAMPLE_SEEDS = join(import.meta.dirname, '..', 'examples', 'seed-dialogues.json')

/** @throws InputError when port or workspace cannot be used */
export async function openHome({ log, ...options }: HomeOptions): Promise<Home> {
  const closing: (() => Promise<void> | void)[] = []
  const server = await openServer(options.port, log)
  const close = async () => {
    await server.close() // first: a request under way still finds the stores open
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const workspace = await openWorkspace(options.workspace)
    closing.push(() => workspace.release())
    await workspace.noteOrigin(server.origin)
    const guidelines = await readGuidelines(workspace.root)
    const world = openWorld(workspace, log)
    closing.push(() => world.close())
    const { ports } = world
    let look: () => void = () => undefined
    const service = createReviewService({ store: ports.reviews, clock: systemClock, log })

    // The page first, and alone: it is what the person waits for. API and sign-in are loaded while the browser draws
    // it, and requests to them wait.
    const site = await builtSite().then(({ folder }) => readSite(folder))
    const signingIn = openSignIn(server.origin, workspace, log, closing)
    const api = signingIn.then((signIn) => openApi(signIn, { ports, service, guidelines, log, onClosed: () => look() }))
    server.serve({
      site,
      api: async (request) => (await api).fetch(request),
      signIn: async (request, response) => (await signingIn).provider.handle(request, response),
      config: {
        environment: 'one machine',
        api: '/api',
        oidc: { authority: server.origin + SIGN_IN_PATH, client_id: CLIENT_ID, scope: 'openid profile' },
      },
    })
    const [{ accounts, newAccounts }] = await Promise.all([signingIn, api])

    if (workspace.isNew) {
      if (options.firstBatch) await putExampleSeeds(ports)
      await workspace.noteFirstRun()
    }
    const { resumeClosing } = await import('../core/pipeline/close-batch.ts')
    await resumeClosing({ service, datasets: ports.datasets, log })
    const ledger = openUploadLedger(workspace.ledger)
    closing.push(() => ledger.close())
    const { inbox, datasets, reviews } = workspace
    const stages = createStageRunner(
      { paths: { inbox, datasets, reviews }, guidelinesVersion: guidelines.version },
      log,
    )
    const watcher = watchInbox({ stores: world.stores, ledger, run: stages.run, clock: systemClock, log })
    look = watcher.look
    closing.push(async () => {
      const stopped = watcher.stop()
      await stages.stop()
      await stopped
    })

    return { origin: server.origin, workspace: workspace.root, accounts: await accounts.list(), newAccounts, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface SigningIn {
  provider: SignIn
  accounts: Accounts
  newAccounts: NewAccount[]
}

async function openSignIn(origin: string, workspace: Workspace, log: Log, closing: (() => void)[]): Promise<SigningIn> {
  const [{ createSignIn }, { openSignInStore }, newAccounts] = await Promise.all([
    import('./sign-in.ts'), // 300 ms: the OpenID Connect provider
    import('./sign-in-store.ts'),
    createFirstAccounts(workspace.accounts),
  ])
  const accounts = await openAccounts(workspace.accounts)
  const store = openSignInStore(workspace.signIn, () => systemClock.now())
  closing.push(() => store.close())
  const secretsFile = workspace.signInSecrets
  const provider = await createSignIn({ origin, accounts, store, secretsFile, clock: systemClock, log })
  return { provider, accounts, newAccounts }
}

async function openApi(
  { provider }: SigningIn,
  {
    ports,
    service,
    guidelines,
    log,
    onClosed,
  }: { ports: Ports; service: ReviewService; guidelines: Guidelines; log: Log; onClosed: () => void },
): Promise<{ fetch: (request: Request) => Response | Promise<Response> }> {
  const [{ createReviewApi }, { createVerifyToken }, { targetShares }, { DEFAULT_TARGET }] = await Promise.all([
    import('../review-api/app.ts'),
    import('../review-api/access-token.ts'),
    import('../review-api/views.ts'),
    import('../core/generate/target.ts'),
  ])
  return createReviewApi({
    service,
    guidelines,
    log,
    target: targetShares(DEFAULT_TARGET),
    locate: (key) => ports.datasets.locate(key),
    verifyToken: createVerifyToken({
      issuer: provider.issuer,
      clientId: CLIENT_ID,
      audience: AUDIENCE,
      keys: provider.keys,
      clock: systemClock,
    }),
    closeBatch: async (request) => {
      const { closeBatch } = await import('../core/pipeline/close-batch.ts')
      const closed = await closeBatch(request, { service, datasets: ports.datasets, log })
      onClosed()
      return closed
    },
  })
}

async function putExampleSeeds({ inbox }: Ports): Promise<void> {
  await inbox.put('seeds/example-seed-dialogues.json', createReadStream(EXAMPLE_SEEDS), { condition: { if: 'absent' } })
}
