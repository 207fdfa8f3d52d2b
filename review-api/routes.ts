import { createRoute, type RouteConfig } from '@hono/zod-openapi'
import * as z from 'zod'
import { VERDICTS } from '../core/dialogue/vocabulary.ts'
import {
  BatchDetailSchema,
  BatchListSchema,
  ClaimedSchema,
  ClaimRequestSchema,
  CloseSchema,
  ConflictSchema,
  DialogueListSchema,
  ErrorSchema,
  GuidelinesSchema,
  HistorySchema,
  LeaseSchema,
  MeSchema,
  MineSchema,
  ReviewItemSchema,
  SavedSchema,
  SaveDraftSchema,
  SaveReviewSchema,
  UndoSchema,
} from './contract.ts'

/** The routes of the contract, as Hono registers and OpenAPI documents them. */

const ErrorBody = ErrorSchema.openapi('Error')
const ReviewItem = ReviewItemSchema.openapi('ReviewItem')
const BatchDetail = BatchDetailSchema.openapi('BatchDetail')
const Saved = SavedSchema.openapi('Saved')
const ConflictOrError = z.union([ConflictSchema.openapi('Conflict'), ErrorBody])

const json = (schema: z.ZodType) => ({ 'application/json': { schema } })

const REFUSALS = {
  400: 'The request is not of this shape; `field` names what is wrong.',
  401: 'No access token, or not a good one.',
  403: 'Signed in, but not a clinician, or not a lead where one is needed.',
  404: 'There is no such batch or dialogue.',
  409: 'The state of the batch or the dialogue does not allow it. Nothing was written.',
  413: 'The body is too large.',
} as const
type Refusal = keyof typeof REFUSALS

/** The answer when it works, and the refusals beside 401, 403 and 500, which every route can give. */
function answers(good: RouteConfig['responses'], refusals: Refusal[], conflict: z.ZodType = ErrorBody) {
  const responses: RouteConfig['responses'] = { ...good }
  const all: Refusal[] = [401, 403, ...refusals]
  for (const status of all)
    responses[status] = { description: REFUSALS[status], content: json(status === 409 ? conflict : ErrorBody) }
  responses[500] = { description: 'A fault of ours; the same request may work later.', content: json(ErrorBody) }
  return responses
}
const ok = (schema: z.ZodType, description: string): RouteConfig['responses'] => ({
  200: { description, content: json(schema) },
})
const done = (description: string): RouteConfig['responses'] => ({ 204: { description } })
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { 'application/json': { schema } } },
})

const security = [{ access_token: [] }]
const batch = z.string().min(1).max(256)
const InBatch = z.object({ batch })
const OfDialogue = z.object({ batch, dialogue: z.string().min(1).max(512) })
/** Numbers in a query arrive as text. */
const count = (most: number, standard: number) => z.coerce.number().int().min(1).max(most).default(standard)

export const routes = {
  me: createRoute({
    method: 'get',
    path: '/api/me',
    security,
    responses: answers(ok(MeSchema, 'Who I am, and what I may do.'), []),
  }),
  guidelines: createRoute({
    method: 'get',
    path: '/api/guidelines',
    security,
    responses: answers(ok(GuidelinesSchema, 'The guidelines that verdicts are given by.'), []),
  }),
  batches: createRoute({
    method: 'get',
    path: '/api/batches',
    security,
    request: { query: z.object({ after: z.string().min(1).max(512).optional(), limit: count(200, 50) }) },
    responses: answers(ok(BatchListSchema, 'Newest first.'), [400]),
  }),
  batch: createRoute({
    method: 'get',
    path: '/api/batches/{batch}',
    security,
    request: { params: InBatch },
    responses: answers(ok(BatchDetail, 'With the progress against the target distribution.'), [404]),
  }),
  dialogues: createRoute({
    method: 'get',
    path: '/api/batches/{batch}/dialogues',
    security,
    request: {
      params: InBatch,
      query: z.object({
        after: z.coerce.number().int().min(0).optional(),
        limit: count(500, 100),
        status: z.enum(['pending', 'disputed', ...VERDICTS]).optional(),
      }),
    },
    responses: answers(ok(DialogueListSchema, 'In the order of the dataset, without texts.'), [400, 404]),
  }),
  dialogue: createRoute({
    method: 'get',
    path: '/api/batches/{batch}/dialogues/{dialogue}',
    security,
    request: { params: OfDialogue },
    responses: answers(ok(ReviewItem, 'The dialogue with its findings and what I said of it.'), [404]),
  }),
  mine: createRoute({
    method: 'get',
    path: '/api/batches/{batch}/mine',
    security,
    request: { params: InBatch, query: z.object({ limit: count(200, 50) }) },
    responses: answers(ok(MineSchema, 'What I judged, newest first.'), [400, 404]),
  }),
  claim: createRoute({
    method: 'post',
    path: '/api/batches/{batch}/claims',
    security,
    request: { params: InBatch, ...body(ClaimRequestSchema) },
    responses: answers(
      ok(ClaimedSchema.openapi('Claimed'), 'Held for me for a while; empty when nothing is left.'),
      [400, 404, 409, 413],
    ),
  }),
  renew: createRoute({
    method: 'put',
    path: '/api/batches/{batch}/claims/{dialogue}',
    security,
    request: { params: OfDialogue },
    responses: answers(ok(LeaseSchema, 'Held for longer.'), [404, 409]),
  }),
  release: createRoute({
    method: 'delete',
    path: '/api/batches/{batch}/claims/{dialogue}',
    security,
    request: { params: OfDialogue },
    responses: answers(done('Not held by me any more.'), []),
  }),
  save: createRoute({
    method: 'put',
    path: '/api/batches/{batch}/dialogues/{dialogue}/review',
    security,
    request: { params: OfDialogue, ...body(SaveReviewSchema) },
    responses: answers(ok(Saved, 'Saved, as a new revision.'), [400, 404, 409, 413], ConflictOrError),
  }),
  undo: createRoute({
    method: 'post',
    path: '/api/batches/{batch}/dialogues/{dialogue}/undo',
    security,
    request: { params: OfDialogue, ...body(UndoSchema) },
    responses: answers(ok(Saved, 'What was before is a new revision now.'), [400, 404, 409, 413], ConflictOrError),
  }),
  skip: createRoute({
    method: 'post',
    path: '/api/batches/{batch}/dialogues/{dialogue}/skip',
    security,
    request: { params: OfDialogue },
    responses: answers(done('Comes back at the end of my queue.'), [404, 409]),
  }),
  draft: createRoute({
    method: 'put',
    path: '/api/batches/{batch}/dialogues/{dialogue}/draft',
    security,
    request: { params: OfDialogue, ...body(SaveDraftSchema) },
    responses: answers(done('Kept for me alone.'), [400, 413]),
  }),
  history: createRoute({
    method: 'get',
    path: '/api/batches/{batch}/dialogues/{dialogue}/history',
    security,
    request: { params: OfDialogue },
    responses: answers(ok(HistorySchema, 'Oldest first. For leads.'), [404]),
  }),
  settle: createRoute({
    method: 'put',
    path: '/api/batches/{batch}/dialogues/{dialogue}/settlement',
    security,
    request: { params: OfDialogue, ...body(SaveReviewSchema) },
    responses: answers(ok(Saved, 'Settled. For leads.'), [400, 404, 409, 413], ConflictOrError),
  }),
  close: createRoute({
    method: 'post',
    path: '/api/batches/{batch}/close',
    security,
    request: { params: InBatch, ...body(CloseSchema) },
    responses: answers(ok(BatchDetail, 'Closed, and the reviews file is written. For leads.'), [400, 404, 409, 413]),
  }),
}
