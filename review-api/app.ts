import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { InputError } from '../core/errors.ts'
import type { Log } from '../core/ports.ts'
import type { Refused, ReviewService, Saved as SavedByService } from '../core/review/service.ts'
import type { BatchRecord } from '../core/review/store.ts'
import type { VerifyToken } from './access-token.ts'
import type { ApiError, Guidelines, Saved } from './contract.ts'
import type { Principal } from './principal.ts'
import { routes } from './routes.ts'
import { batchDetail, batchSummary, reviewItemJson, type TargetShare } from './views.ts'

/**
 * The review API, the same in both homes: under @hono/node-server on one machine, in a Lambda on AWS. It checks who
 * asks and what they send, calls one method of the review service, and says what came of it.
 */
export interface ReviewApiOptions {
  service: ReviewService
  verifyToken: VerifyToken
  guidelines: Guidelines
  /** What a batch's progress is measured against, in the order shown. */
  target: readonly TargetShare[]
  /** Writes the reviews file between the two halves of closing: `closeBatch` in `core/pipeline/close-batch.ts`. */
  closeBatch: CloseBatch
  /** Where people find an object of the datasets store: its `locate`. */
  locate: (key: string) => string
  log: Log
  /** bytes. @default 81920: room for every field of a review, filled to the brim */
  mostBodyBytes?: number
}

export type CloseBatch = (request: {
  batch: string
  by: string
  leave_unreviewed: boolean
}) => Promise<
  | { outcome: 'closed'; batch: BatchRecord }
  | { outcome: 'undecided'; pending: number; disputed: number }
  | { outcome: 'not_open'; batch: BatchRecord }
  | { outcome: 'not_found' }
>

interface Env {
  Variables: { principal: Principal }
}

const DOCUMENT_PATH = '/api/openapi.json'

export function createReviewApi(options: ReviewApiOptions): OpenAPIHono<Env> {
  const { service, log, guidelines, target, locate } = options

  const app = new OpenAPIHono<Env>({
    defaultHook: (result, context) => {
      if (result.success) return undefined
      const issue = result.error.issues[0]
      const field = issue?.path.join('.')
      return refuse(context, 400, {
        error: 'invalid_request',
        message: field === undefined || field === '' ? `${issue?.message}` : `${field}: ${issue?.message}`,
        ...(field === undefined || field === '' ? {} : { field }),
      })
    },
  })

  app.onError((error, context) => {
    if (error instanceof InputError) return refuse(context, 400, { error: 'invalid_request', message: error.message })
    if (error instanceof HTTPException)
      return refuse(context, error.status, {
        error: error.status === 415 ? 'unsupported_media_type' : 'invalid_request',
        message: error.status === 415 ? 'The body has to be JSON, and to say so.' : 'The body is not JSON.',
      })
    log.error('request.failed', { method: context.req.method, route: routeOf(context), ...withoutMessage(error) })
    return refuse(context, 500, {
      error: 'internal',
      message: 'Something went wrong on the server. Nothing was lost; try again.',
    })
  })
  app.notFound((context) => refuse(context, 404, { error: 'not_found', message: 'There is nothing at this address.' }))

  app.use('/api/*', async (context, next) => {
    await next()
    // Dialogues and verdicts are nothing for a shared cache or a disk.
    if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-store')
  })
  const limitBody = bodyLimit({
    // Three reviews and a settlement must fit into one row of DynamoDB (400 KB) together.
    maxSize: options.mostBodyBytes ?? 80 * 1024,
    onError: (context) =>
      refuse(context, 413, { error: 'too_large', message: 'This is more text than a review can hold.' }),
  })
  // Only what may carry a body: under @hono/node-server the limit fails on a DELETE's, which is not there.
  app.on(['POST', 'PUT', 'PATCH'], '/api/*', limitBody)

  let document: string | undefined
  app.get(DOCUMENT_PATH, (context) => {
    document ??= JSON.stringify(app.getOpenAPI31Document(ABOUT))
    return rawJson(context, document, { 'cache-control': 'public, max-age=300' })
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'access_token', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Access token of an account in the group `clinicians` or `leads`. ID tokens are refused.',
  })

  app.use('/api/*', async (context, next) => {
    const token = bearerToken(context.req.header('authorization'))
    const verified = token === undefined ? { refused: 'no token' } : await options.verifyToken(token)
    if ('refused' in verified) {
      log.warn('token.refused', { reason: verified.refused })
      context.header('www-authenticate', token === undefined ? 'Bearer' : 'Bearer error="invalid_token"')
      return refuse(context, 401, { error: 'unauthenticated', message: 'Sign in to go on.' })
    }
    const { principal } = verified
    if (principal.roles.length === 0) {
      log.warn('request.forbidden', { reviewer: principal.reviewer, route: 'any' })
      return refuse(context, 403, {
        error: 'forbidden',
        message: 'This account is neither clinician nor lead. Whoever looks after the accounts can change that.',
      })
    }
    context.set('principal', principal)
    return next()
  })

  /** Undefined for a lead; else the refusal to answer with. */
  const leadsOnly = (context: Context<Env>): Response | undefined => {
    const { reviewer, roles } = context.var.principal
    if (roles.includes('leads')) return undefined
    log.warn('request.forbidden', { reviewer, route: routeOf(context) })
    return refuse(context, 403, { error: 'forbidden', message: 'Only a lead clinician can do this.' })
  }

  const saved = (context: Context<Env>, result: SavedByService): Response => {
    if (result.outcome !== 'saved') return refused(context, result)
    const answer: Saved = { review: result.review, batch: batchSummary(result.batch) }
    return context.json(answer)
  }

  const detailOf = async (context: Context<Env>, batch_id: string): Promise<Response> => {
    const detail = await service.detail(batch_id, context.var.principal.reviewer)
    if (detail === undefined) return notFound(context, 'batch')
    const key = detail.batch.closed?.reviews_key
    return context.json(batchDetail(detail, target, key === undefined ? undefined : locate(key)))
  }

  app.openapi(routes.me, (context) => context.json(context.var.principal))
  app.openapi(routes.guidelines, (context) => context.json(guidelines))

  app.openapi(routes.batches, async (context) => {
    const { batches, next } = await service.batches(context.req.valid('query'))
    return context.json({ batches: batches.map(batchSummary), ...(next === undefined ? {} : { next }) })
  })
  app.openapi(routes.batch, (context) => detailOf(context, context.req.valid('param').batch))

  app.openapi(routes.dialogues, async (context) => {
    const { batch } = context.req.valid('param')
    const { reviewer } = context.var.principal
    const list = await service.list({ batch, reviewer, ...context.req.valid('query') })
    return list === undefined ? notFound(context, 'batch') : context.json(list)
  })
  app.openapi(routes.dialogue, async (context) => {
    const view = await service.item({ ...context.req.valid('param'), ...actor(context) })
    return view === undefined ? notFound(context, 'dialogue') : rawJson(context, reviewItemJson(view))
  })
  app.openapi(routes.mine, async (context) => {
    const { batch } = context.req.valid('param')
    const { reviewer } = context.var.principal
    const dialogues = await service.mine({ batch, reviewer, limit: context.req.valid('query').limit })
    return dialogues === undefined ? notFound(context, 'batch') : context.json({ dialogues })
  })
  app.openapi(routes.history, async (context) => {
    const forbidden = leadsOnly(context)
    if (forbidden !== undefined) return forbidden
    const entries = await service.history(context.req.valid('param'))
    if (entries === undefined) return notFound(context, 'dialogue')
    return context.json({
      entries: entries.map(({ sequence, at, by, kind, review }) => ({ sequence, at, by, kind, review })),
    })
  })

  app.openapi(routes.claim, async (context) => {
    const claimed = await service.claim({
      ...context.req.valid('param'),
      ...context.req.valid('json'),
      ...actor(context),
    })
    if (claimed.outcome !== 'claimed') return refused(context, claimed, 'batch')
    return rawJson(context, `{"items":[${claimed.items.map(reviewItemJson).join(',')}]}`)
  })
  app.openapi(routes.renew, async (context) => {
    const renewed = await service.renew({ ...context.req.valid('param'), ...actor(context) })
    if (renewed.outcome === 'renewed') return context.json({ lease_until: renewed.lease_until })
    if (renewed.outcome !== 'lost') return refused(context, { outcome: renewed.outcome })
    return refuse(context, 409, {
      error: 'lease_lost',
      message: 'This dialogue is not held for you any more: somebody else has it, or it is decided.',
    })
  })
  app.openapi(routes.release, async (context) => {
    await service.release({ ...context.req.valid('param'), ...actor(context) })
    return context.body(null, 204)
  })

  app.openapi(routes.save, async (context) =>
    saved(
      context,
      await service.save({ ...context.req.valid('param'), ...context.req.valid('json'), ...actor(context) }),
    ),
  )
  app.openapi(routes.undo, async (context) => {
    const { revision } = context.req.valid('json')
    const undone = await service.undo({ ...context.req.valid('param'), revision, ...actor(context) })
    if (undone.outcome !== 'nothing_to_undo') return saved(context, undone)
    return refuse(context, 409, { error: 'nothing_to_undo', message: 'There is no verdict of yours to take back.' })
  })
  app.openapi(routes.skip, async (context) => {
    const skipped = await service.skip({ ...context.req.valid('param'), ...actor(context) })
    if (skipped.outcome !== 'skipped') return refused(context, { outcome: skipped.outcome })
    return context.body(null, 204)
  })
  app.openapi(routes.draft, async (context) => {
    const { reviewer } = context.var.principal
    await service.saveDraft({ ...context.req.valid('param'), reviewer, draft: context.req.valid('json') })
    return context.body(null, 204)
  })

  app.openapi(routes.settle, async (context) => {
    const forbidden = leadsOnly(context)
    if (forbidden !== undefined) return forbidden
    const settled = await service.settle({
      ...context.req.valid('param'),
      ...context.req.valid('json'),
      ...actor(context),
    })
    if (settled.outcome !== 'not_disputed') return saved(context, settled)
    return refuse(context, 409, {
      error: 'not_disputed',
      message: 'There is no disagreement on this dialogue to settle.',
    })
  })
  app.openapi(routes.close, async (context) => {
    const forbidden = leadsOnly(context)
    if (forbidden !== undefined) return forbidden
    const { batch } = context.req.valid('param')
    const { leave_unreviewed } = context.req.valid('json')
    const closing = await options.closeBatch({ batch, by: context.var.principal.reviewer, leave_unreviewed })
    switch (closing.outcome) {
      case 'closed':
        return detailOf(context, batch)
      case 'not_found':
        return notFound(context, 'batch')
      case 'not_open':
        return refuse(context, 409, {
          error: 'not_open',
          message: `This batch is ${closing.batch.status}, so there is nothing to close.`,
        })
      case 'undecided':
        return refuse(context, 409, { error: 'reviews_missing', message: whatIsMissing(closing) })
    }
  })

  return app
}

const ABOUT = {
  openapi: '3.1.0',
  info: {
    title: 'Review API',
    version: '1',
    description: 'What the review page reads and writes: batches, dialogues, reviews.',
  },
}

const actor = (context: Context<Env>) => ({
  reviewer: context.var.principal.reviewer,
  roles: context.var.principal.roles,
})

/** As much of a context as an answer takes, whatever route it came by. */
interface Answering {
  json(error: ApiError, status: ContentfulStatusCode): Response
}

function refuse(context: Answering, status: ContentfulStatusCode, error: ApiError): Response {
  return context.json(error, status)
}

function notFound(context: Context, what: 'batch' | 'dialogue'): Response {
  return refuse(context, 404, { error: 'not_found', message: `There is no such ${what}.` })
}

function refused(context: Context, result: Refused, what: 'batch' | 'dialogue' = 'dialogue'): Response {
  switch (result.outcome) {
    case 'not_found':
      return notFound(context, what)
    case 'closed':
      return refuse(context, 409, {
        error: 'batch_closed',
        message: 'This batch is closed, or not open yet: no review gets in.',
      })
    case 'conflict': {
      const error: ApiError = {
        error: 'conflict',
        message: 'This dialogue or your review of it was changed meanwhile. Yours was not saved.',
      }
      return rawJson(context, `{"current":${reviewItemJson(result.current)},${JSON.stringify(error).slice(1)}`, {}, 409)
    }
  }
}

function rawJson(
  context: Context,
  text: string,
  headers: Record<string, string> = {},
  status: ContentfulStatusCode = 200,
): Response {
  return context.body(text, status, { 'content-type': 'application/json', ...headers })
}

function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(header ?? '')?.[1]
}

function whatIsMissing({ pending, disputed }: { pending: number; disputed: number }): string {
  const dialogues = (count: number) => (count === 1 ? '1 dialogue' : `${count} dialogues`)
  const parts = [
    ...(pending > 0 ? [`${dialogues(pending)} without a verdict`] : []),
    ...(disputed > 0 ? [`${dialogues(disputed)} in dispute`] : []),
  ]
  return `There ${pending + disputed === 1 ? 'is' : 'are'} still ${parts.join(' and ')}.`
}

/** The pattern, not the address: that would put a new name into the log for every dialogue. */
const routeOf = (context: Context): string => context.req.routePath

/** Messages of others' errors may quote what they choked on, and that may be a dialogue; names and places do not. */
function withoutMessage(error: Error): { error: string; at: string | undefined } {
  return {
    error: error.name,
    at: error.stack
      ?.split('\n')
      .find((line) => line.startsWith('    at '))
      ?.trim(),
  }
}
