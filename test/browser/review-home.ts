import { tmpdir } from 'node:os'
import { DEFAULT_TARGET } from '../../core/generate/target.ts'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import type { Finding } from '../../core/quality/finding.ts'
import { createReviewService, type NewBatch, type ReviewService } from '../../core/review/service.ts'
import { readGuidelines } from '../../local/guidelines-file.ts'
import { openServer } from '../../local/http-server.ts'
import { builtSite, readSite } from '../../local/review-site.ts'
import { openSqliteReviewStore } from '../../local/sqlite-review-store.ts'
import { createReviewApi } from '../../review-api/app.ts'
import { targetShares } from '../../review-api/views.ts'
import type { Principal } from '../../review-api/principal.ts'
import { aNewBatch, aRecord, silentLog } from '../builders/a-batch.ts'
import { CLIENT_ID, createInstantSignIn, type InstantSignIn } from './instant-sign-in.ts'

/**
 * The built page with the real API over reviews kept in memory, an instant sign-in, and faults to order. Nothing of it
 * is scripted but the faults, so the page cannot pass against an API that does not exist.
 */
export interface ReviewHome {
  origin: string
  service: ReviewService
  signIn: InstantSignIn
  faults: Faults
  /** Every call to the API so far, e.g. `PUT /api/batches/b/dialogues/d/review`. */
  calls: string[]
  openBatch(batch?: Partial<NewBatch>, dialogues?: readonly Dialogue[], findings?: Finding[]): Promise<void>
  /** The lock of time: leases and times of reviews. */
  pass(ms: number): void
  close(): Promise<void>
}

export interface Fault {
  /** Matched against `METHOD /path`. */
  on: RegExp
  /** How often; then it is over. @default 1 */
  times?: number
  /** Answer with this status and a JSON error instead of asking the API. */
  status?: number
  /** After the API did its work, the connection breaks before the answer arrives. */
  loseAnswer?: boolean
  /** The connection breaks before the API hears of it. */
  drop?: boolean
  /** Wait for this before asking the API. */
  until?: Promise<unknown>
  /** Do this first, e.g. save something as somebody else. */
  before?: () => Promise<unknown>
}

export interface Faults {
  add(fault: Fault): void
  clear(): void
}

export const CLINICIAN: Principal = { reviewer: 'amara', name: 'Amara Okafor', roles: ['clinicians'] }
export const SECOND: Principal = { reviewer: 'bela', name: 'Béla Kovács', roles: ['clinicians'] }
export const LEAD: Principal = { reviewer: 'lena', name: 'Lena Vogt', roles: ['clinicians', 'leads'] }

export async function openReviewHome(options: { leaseMs?: number } = {}): Promise<ReviewHome> {
  const [server, site] = await Promise.all([
    openServer(0, silentLog),
    builtSite().then(({ folder }) => readSite(folder)),
  ])
  const store = openSqliteReviewStore(':memory:')
  let ahead = 0
  const clock = { now: () => Date.now() + ahead }
  const service = createReviewService({ store, clock, log: silentLog, ...options })
  const signIn = createInstantSignIn(() => server.origin, CLINICIAN)
  const api = createReviewApi({
    service,
    verifyToken: (token) => signIn.verifyToken(token),
    guidelines: await readGuidelines(tmpdir()),
    target: targetShares(DEFAULT_TARGET),
    locate: (key) => `workspace/datasets/${key}`,
    log: silentLog,
    async closeBatch({ batch, by, leave_unreviewed }) {
      const closing = await service.close({ batch, by, leave_unreviewed, reviews_key: `reviews/${batch}.json` })
      if (closing.outcome !== 'closing') return closing
      return { outcome: 'closed', batch: await service.finishClosing(batch) }
    },
  })

  let faults: (Fault & { left: number })[] = []
  const calls: string[] = []
  async function answer(request: Request): Promise<Response> {
    const call = `${request.method} ${new URL(request.url).pathname}`
    calls.push(call)
    const fault = faults.find((each) => each.left > 0 && each.on.test(call))
    if (fault === undefined) return api.fetch(request)
    fault.left -= 1
    await fault.before?.()
    await fault.until
    if (fault.drop === true) return broken()
    if (fault.status !== undefined)
      return Response.json(
        { error: 'ordered', message: `The server answered ${fault.status}.` },
        { status: fault.status },
      )
    const response = await api.fetch(request)
    return fault.loseAnswer === true ? broken() : response
  }

  server.serve({
    site,
    api: answer,
    signIn: (request, response) => signIn.handle(request, response),
    config: {
      environment: 'test',
      api: '/api',
      oidc: { authority: `${server.origin}/sign-in`, client_id: CLIENT_ID, scope: 'openid profile' },
    },
  })

  return {
    origin: server.origin,
    service,
    signIn,
    calls,
    faults: {
      add: (fault) => void faults.push({ ...fault, left: fault.times ?? 1 }),
      clear: () => void (faults = []),
    },
    pass: (ms) => void (ahead += ms),
    async openBatch(batch = {}, dialogues = [], findings = []) {
      const opened = aNewBatch(batch)
      await service.openBatch(opened)
      await service.addDialogues(
        opened.batch_id,
        dialogues.map((dialogue, index) => aRecord(index, { dialogue, findings: index === 0 ? findings : [] })),
      )
      await service.finishOpening(opened.batch_id)
    },
    async close() {
      await server.close()
      store.close()
    },
  }
}

/** Ends long before the length that it named: the browser sees the connection break in the middle of the answer. */
function broken(): Response {
  return new Response('{', {
    headers: { 'content-type': 'application/json', 'content-length': '1000', connection: 'close' },
  })
}
