import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { DEFAULT_TARGET } from '../../../core/generate/target.ts'
import { createReviewService, type ReviewService } from '../../../core/review/service.ts'
import { openSqliteReviewStore, type SqliteReviewStore } from '../../../local/sqlite-review-store.ts'
import { createReviewApi, type CloseBatch } from '../../../review-api/app.ts'
import {
  BatchDetailSchema,
  BatchListSchema,
  ClaimedSchema,
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
  type ReviewItem,
} from '../../../review-api/contract.ts'
import type { Principal } from '../../../review-api/principal.ts'
import { targetShares } from '../../../review-api/views.ts'
import { aClock, aNewBatch, aRecord, someRecords } from '../../builders/a-batch.ts'
import { aDialogue } from '../../builders/a-dialogue.ts'
import { aRecordingLog, type RecordingLog } from '../../builders/a-recording-log.ts'
import { aReviewForm } from '../../builders/a-review.ts'

const PEOPLE: Readonly<Record<string, Principal>> = {
  clara: { reviewer: 'clara', name: 'Clara', roles: ['clinicians'] },
  ben: { reviewer: 'ben', name: 'Ben', roles: ['clinicians'] },
  lena: { reviewer: 'lena', name: 'Lena', roles: ['leads'] },
  nobody: { reviewer: 'nobody', name: 'Nobody', roles: [] },
}

let folder: string
let store: SqliteReviewStore
let service: ReviewService
let log: RecordingLog
let closeBatch: CloseBatch
let verifyFails: Error | undefined
let app: ReturnType<typeof createReviewApi>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'review-api-'))
  store = openSqliteReviewStore(join(folder, 'reviews.db'))
  log = aRecordingLog()
  service = createReviewService({ store, clock: aClock(), log })
  verifyFails = undefined
  closeBatch = async ({ batch, by, leave_unreviewed }) => {
    const closing = await service.close({ batch, by, leave_unreviewed, reviews_key: `reviews/${batch}.json` })
    if (closing.outcome !== 'closing') return closing
    return { outcome: 'closed', batch: await service.finishClosing(batch) }
  }
  app = apiWith(service)
  await openBatchOf(3)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

function apiWith(reviewService: ReviewService) {
  return createReviewApi({
    service: reviewService,
    log,
    guidelines: { version: '2026-11', markdown: '# How' },
    target: targetShares(DEFAULT_TARGET),
    locate: (key) => `/datasets/${key}`,
    closeBatch: (request) => closeBatch(request),
    verifyToken: async (token) => {
      if (verifyFails !== undefined) throw verifyFails
      const principal = PEOPLE[token]
      return principal === undefined ? { refused: 'not known' } : { principal }
    },
  })
}

async function openBatchOf(count: number, batch_id = 'batch-1') {
  await service.openBatch(aNewBatch({ batch_id }))
  await service.addDialogues(batch_id, someRecords(count))
  await service.finishOpening(batch_id)
}

interface Asking {
  as?: string
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

function ask(path: string, { as = 'clara', method = 'GET', body, headers = {} }: Asking = {}): Promise<Response> {
  return Promise.resolve(
    app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${as}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  )
}

const dialoguePath = (dialogue: string, rest = '') => `/api/batches/batch-1/dialogues/${dialogue}${rest}`

async function claimOne(as = 'clara'): Promise<ReviewItem> {
  const answer = await ask('/api/batches/batch-1/claims', { as, method: 'POST', body: { count: 1 } })
  const [item] = ClaimedSchema.parse(await answer.json()).items
  if (item === undefined) throw new Error('nothing was left to claim')
  return item
}

function saving(item: ReviewItem, form = aReviewForm()) {
  const { version, content_sha256, review } = item
  return { base_revision: review?.revision ?? 0, version, content_sha256, form }
}

const review = (item: ReviewItem, asking: Asking = {}) =>
  ask(dialoguePath(item.row.dialogue_id, '/review'), { method: 'PUT', body: saving(item), ...asking })

async function expectError(answer: Response, status: number, code: string) {
  expect(answer.status).toBe(status)
  const error = ErrorSchema.parse(await answer.json())
  expect(error.error).toBe(code)
  expect(error.message).not.toBe('')
  return error
}

describe('A reviewer', () => {
  it('is told who they are, and the guidelines', async () => {
    expect(MeSchema.parse(await (await ask('/api/me')).json())).toEqual(PEOPLE['clara'])
    expect(GuidelinesSchema.parse(await (await ask('/api/guidelines')).json()).version).toBe('2026-11')
  })

  it('sees the batches newest first, a page at a time', async () => {
    await openBatchOf(1, 'batch-2')
    const first = BatchListSchema.parse(await (await ask('/api/batches?limit=1')).json())
    expect(first.batches).toHaveLength(1)
    const rest = BatchListSchema.parse(
      await (await ask(`/api/batches?limit=1&after=${encodeURIComponent(first.next ?? '')}`)).json(),
    )
    expect([...first.batches, ...rest.batches].map((batch) => batch.batch_id).sort()).toEqual(['batch-1', 'batch-2'])
  })

  it('sees a batch with its progress against the target distribution, and not who judged how much', async () => {
    await review(await claimOne('ben'), { as: 'ben' })
    const answer = await ask('/api/batches/batch-1')
    const text = await answer.text()
    const detail = BatchDetailSchema.parse(JSON.parse(text))
    expect(detail).toMatchObject({ total: 3, pending: 2, approved: 1, mine: { reviewed: 0, median_ms: null } })
    expect(detail.targets).toContainEqual({
      axis: 'concern',
      value: 'anxiety',
      target: 0.25,
      in_batch: 3,
      approved: 1,
    })
    for (const axis of ['session_type', 'concern', 'risk'])
      expect(detail.targets.filter((row) => row.axis === axis).reduce((sum, row) => sum + row.target, 0)).toBeCloseTo(1)
    expect(text).not.toContain('ben')
  })

  it('claims dialogues, reviews one, and finds it under what they judged', async () => {
    const item = await claimOne()
    expect(item.lease_until).not.toBeNull()
    const saved = SavedSchema.parse(await (await review(item)).json())
    expect(saved).toMatchObject({ review: { reviewer: 'clara', revision: 1 }, batch: { approved: 1, pending: 2 } })
    const mine = MineSchema.parse(await (await ask('/api/batches/batch-1/mine')).json())
    expect(mine.dialogues.map((row) => row.dialogue_id)).toEqual([item.row.dialogue_id])
  })

  it('lists the dialogues of one status', async () => {
    const item = await claimOne()
    await review(item)
    const list = DialogueListSchema.parse(await (await ask('/api/batches/batch-1/dialogues?status=approved')).json())
    expect(list.dialogues.map((row) => row.dialogue_id)).toEqual([item.row.dialogue_id])
    const page = DialogueListSchema.parse(await (await ask('/api/batches/batch-1/dialogues?limit=2')).json())
    const rest = DialogueListSchema.parse(
      await (await ask(`/api/batches/batch-1/dialogues?limit=2&after=${page.next}`)).json(),
    )
    expect([...page.dialogues, ...rest.dialogues].map((row) => row.ordinal)).toEqual([0, 1, 2])
  })

  it('is given the dialogue byte for byte as it stands in the dataset', async () => {
    const dialogue = aDialogue({ dialogue_id: 'odd/id ü' })
    const json = JSON.stringify({ ...dialogue, later_field: { b: 1.5, a: '\u2028 <script>' } }, null, 3)
    await service.openBatch(aNewBatch({ batch_id: 'batch-3' }))
    await service.addDialogues('batch-3', [aRecord(0, { dialogue, json })])
    await service.finishOpening('batch-3')
    const answer = await ask(`/api/batches/batch-3/dialogues/${encodeURIComponent('odd/id ü')}`)
    const text = await answer.text()
    expect(text).toContain(json)
    expect(ReviewItemSchema.parse(JSON.parse(text)).row.dialogue_id).toBe('odd/id ü')
  })

  it('renews and releases a claim', async () => {
    const item = await claimOne()
    const path = `/api/batches/batch-1/claims/${item.row.dialogue_id}`
    LeaseSchema.parse(await (await ask(path, { method: 'PUT' })).json())
    await expectError(await ask(path, { method: 'PUT', as: 'ben' }), 409, 'lease_lost')
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(path, { method: 'PUT', as: 'ben' })).status).toBe(200)
  })

  it('takes a verdict back, once', async () => {
    const item = await claimOne()
    await review(item)
    const path = dialoguePath(item.row.dialogue_id, '/undo')
    const undone = SavedSchema.parse(await (await ask(path, { method: 'POST', body: { revision: 1 } })).json())
    expect(undone).toMatchObject({ review: { status: null, revision: 2 }, batch: { approved: 0 } })
    await expectError(
      await ask(dialoguePath('d002', '/undo'), { method: 'POST', as: 'ben', body: { revision: 1 } }),
      409,
      'nothing_to_undo',
    )
  })

  it('skips a dialogue and keeps a draft', async () => {
    const item = await claimOne()
    const id = item.row.dialogue_id
    expect((await ask(dialoguePath(id, '/skip'), { method: 'POST' })).status).toBe(204)
    const draft = { base_revision: 0, version: 1, form: aReviewForm({ feedback: 'half a thought' }) }
    expect((await ask(dialoguePath(id, '/draft'), { method: 'PUT', body: draft })).status).toBe(204)
    const again = ReviewItemSchema.parse(await (await ask(dialoguePath(id))).json())
    expect(again.draft?.form.feedback).toBe('half a thought')
    const another = ReviewItemSchema.parse(await (await ask(dialoguePath(id), { as: 'ben' })).json())
    expect(another.draft).toBeNull()
  })

  it('who saves on an old revision gets 409 with the present state, and nothing is written', async () => {
    const item = await claimOne()
    await review(item)
    const stale = await review(item, { body: saving(item, aReviewForm({ status: 'rejected', reasons: ['harmful'] })) })
    expect(stale.status).toBe(409)
    const conflict = ConflictSchema.parse(await stale.json())
    expect(conflict).toMatchObject({ error: 'conflict', current: { review: { status: 'approved', revision: 1 } } })
  })

  it('who saves for another text gets 409', async () => {
    const item = await claimOne()
    const answer = await review(item, { body: { ...saving(item), content_sha256: 'f'.repeat(64) } })
    expect(answer.status).toBe(409)
  })

  it('gets 409 for everything that changes a closed batch, and can still read it', async () => {
    const item = await claimOne()
    await ask('/api/batches/batch-1/close', { as: 'lena', method: 'POST', body: { leave_unreviewed: true } })
    await expectError(await review(item), 409, 'batch_closed')
    await expectError(await ask('/api/batches/batch-1/claims', { method: 'POST', body: {} }), 409, 'batch_closed')
    await expectError(await ask(dialoguePath(item.row.dialogue_id, '/skip'), { method: 'POST' }), 409, 'batch_closed')
    expect((await ask(dialoguePath(item.row.dialogue_id))).status).toBe(200)
  })
})

describe('A lead', () => {
  it('closes a batch once everything is decided, and learns where the reviews are', async () => {
    const missing = await ask('/api/batches/batch-1/close', { as: 'lena', method: 'POST', body: {} })
    expect((await expectError(missing, 409, 'reviews_missing')).message).toBe(
      'There are still 3 dialogues without a verdict.',
    )
    for (let count = 0; count < 3; count++) await review(await claimOne())
    const closed = await ask('/api/batches/batch-1/close', { as: 'lena', method: 'POST', body: {} })
    expect(BatchDetailSchema.parse(await closed.json())).toMatchObject({
      status: 'closed',
      closed: { by: 'lena' },
      reviews_location: '/datasets/reviews/batch-1.json',
    })
    const again = await ask('/api/batches/batch-1/close', { as: 'lena', method: 'POST', body: {} })
    expect(again.status).toBe(200)
  })

  it('cannot close a batch that failed', async () => {
    await service.openBatch(aNewBatch({ batch_id: 'bad' }))
    await service.failBatch('bad', 'It is empty.')
    await expectError(await ask('/api/batches/bad/close', { as: 'lena', method: 'POST', body: {} }), 409, 'not_open')
  })

  it('settles a disagreement and sees what the others said; a clinician does not', async () => {
    await service.openBatch(aNewBatch({ batch_id: 'twice', reviews_per_dialogue: 2 }))
    await service.addDialogues('twice', [aRecord(0)])
    await service.finishOpening('twice')
    const path = '/api/batches/twice/dialogues/d000'
    const item = ReviewItemSchema.parse(await (await ask(path)).json())
    const reject = saving(item, aReviewForm({ status: 'rejected', reasons: ['harmful'] }))
    await expectError(
      await ask(`${path}/settlement`, { as: 'lena', method: 'PUT', body: saving(item) }),
      409,
      'not_disputed',
    )
    await ask(`${path}/review`, { method: 'PUT', body: saving(item) })
    await ask(`${path}/review`, { as: 'ben', method: 'PUT', body: reject })

    const toLead = ReviewItemSchema.parse(await (await ask(path, { as: 'lena' })).json())
    expect(toLead.row.status).toBe('disputed')
    expect(toLead.others.map((other) => other.reviewer).sort()).toEqual(['ben', 'clara'])
    const toClinician = ReviewItemSchema.parse(await (await ask(path)).json())
    expect(toClinician).toMatchObject({ others: [], settlement: null })

    const settled = await ask(`${path}/settlement`, {
      as: 'lena',
      method: 'PUT',
      body: { ...reject, base_revision: 0 },
    })
    expect(SavedSchema.parse(await settled.json())).toMatchObject({ batch: { rejected: 1, disputed: 0 } })
    const history = HistorySchema.parse(await (await ask(`${path}/history`, { as: 'lena' })).json())
    expect(history.entries.map((entry) => entry.kind)).toEqual(['review', 'review', 'settlement'])
  })
})

describe('Who may not', () => {
  it.each([
    ['no token', {}],
    ['an unknown token', { authorization: 'Bearer forged' }],
    ['another scheme', { authorization: 'Basic clara' }],
    ['a token with a comma in it', { authorization: 'Bearer clara,ben' }],
  ])('gets 401 for %s', async (_what, headers) => {
    const answer = await app.request('/api/me', { headers })
    await expectError(answer, 401, 'unauthenticated')
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
  })

  it('is in no group of ours gets 403 for everything', async () => {
    await expectError(await ask('/api/me', { as: 'nobody' }), 403, 'forbidden')
    await expectError(await ask('/api/batches', { as: 'nobody' }), 403, 'forbidden')
  })

  it.each([
    ['/api/batches/batch-1/close', 'POST', {}],
    [dialoguePath('d000', '/history'), 'GET', undefined],
    [
      dialoguePath('d000', '/settlement'),
      'PUT',
      { base_revision: 0, version: 1, content_sha256: 'x', form: aReviewForm() },
    ],
  ])('is no lead gets 403 at %s', async (path, method, body) => {
    await expectError(await ask(path, { method, body }), 403, 'forbidden')
  })

  it('asks while the keys cannot be had gets 500, not 401', async () => {
    verifyFails = new TypeError('fetch failed')
    await expectError(await ask('/api/me'), 500, 'internal')
  })
})

describe('A request that is not as it should be', () => {
  it.each([
    ['/api/batches/none', 'GET', undefined],
    ['/api/batches/none/dialogues', 'GET', undefined],
    ['/api/batches/none/mine', 'GET', undefined],
    ['/api/batches/none/claims', 'POST', {}],
    [dialoguePath('none'), 'GET', undefined],
    [dialoguePath('none', '/skip'), 'POST', undefined],
    ['/api/batches/batch-1/claims/none', 'PUT', undefined],
    ['/api/elsewhere', 'GET', undefined],
    ['/api/me', 'DELETE', undefined],
  ])('gets 404 at %s (%s)', async (path, method, body) => {
    await expectError(await ask(path, { method, body }), 404, 'not_found')
  })

  it.each<[string, string, unknown, string]>([
    ['/api/batches/batch-1/claims', 'POST', { count: 99 }, 'count'],
    ['/api/batches/batch-1/claims', 'POST', { count: 'two' }, 'count'],
    ['/api/batches/batch-1/dialogues?status=nice', 'GET', undefined, 'status'],
    ['/api/batches/batch-1/dialogues?limit=0', 'GET', undefined, 'limit'],
    ['/api/batches?limit=many', 'GET', undefined, 'limit'],
    [dialoguePath('d000', '/undo'), 'POST', { revision: 0 }, 'revision'],
    [
      dialoguePath('d000', '/review'),
      'PUT',
      { base_revision: 0, version: 1, content_sha256: 'x', form: { status: 'fine' } },
      'form.status',
    ],
  ])('gets 400 with the field at %s (%s %j)', async (path, method, body, field) => {
    expect((await expectError(await ask(path, { method, body }), 400, 'invalid_request')).field).toBe(field)
  })

  it('gets 400 when its body is not JSON, and 415 when it does not say that it is', async () => {
    const path = '/api/batches/batch-1/claims'
    await expectError(await ask(path, { method: 'POST', body: '{"count":' }), 400, 'invalid_request')
    const answer = await ask(path, { method: 'POST', body: 'count=1', headers: { 'content-type': 'text/plain' } })
    await expectError(answer, 415, 'unsupported_media_type')
  })

  it('gets 413 when it is too long, whether or not it says how long it is', async () => {
    const form = aReviewForm({ feedback: 'x'.repeat(300_000) })
    const body = JSON.stringify({ base_revision: 0, version: 1, content_sha256: 'x', form })
    await expectError(await ask(dialoguePath('d000', '/review'), { method: 'PUT', body }), 413, 'too_large')
    const streamed = await app.request(dialoguePath('d000', '/review'), {
      method: 'PUT',
      headers: { authorization: 'Bearer clara', 'content-type': 'application/json' },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit)
    await expectError(streamed, 413, 'too_large')
  })
})

describe('The answers', () => {
  it('are not kept by any cache', async () => {
    expect((await ask('/api/batches')).headers.get('cache-control')).toBe('no-store')
    expect((await app.request('/api/batches')).headers.get('cache-control')).toBe('no-store')
  })

  it('give a fault away as nothing but a fault, and the log has no word of a dialogue', async () => {
    const secret = 'I cannot sleep since Tuesday'
    app = apiWith({
      ...service,
      item: () => Promise.reject(new SyntaxError(`Unexpected token in "${secret}"`)),
    })
    const answer = await ask(dialoguePath('d000'))
    const error = await expectError(answer, 500, 'internal')
    expect(error.message).not.toContain(secret)
    const failure = log.events.find((event) => event.event === 'request.failed')
    expect(failure?.data).toMatchObject({ error: 'SyntaxError', route: '/api/batches/:batch/dialogues/:dialogue' })
    expect(JSON.stringify(log.events)).not.toContain(secret)
  })

  it('say what is wrong with an input that only the core can judge', async () => {
    app = apiWith({ ...service, item: () => Promise.reject(new InputError('no such thing')) })
    await expectError(await ask(dialoguePath('d000')), 400, 'invalid_request')
  })

  it('are described by an OpenAPI 3.1 document that needs no token', async () => {
    const answer = await app.request('/api/openapi.json')
    expect(answer.status).toBe(200)
    const document = (await answer.json()) as {
      openapi: string
      paths: Record<string, Record<string, { responses: object }>>
    }
    expect(document.openapi).toBe('3.1.0')
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    expect(operations).toHaveLength(17)
    for (const { path, method, operation } of operations) {
      expect(Object.keys(operation.responses), `${method} ${path}`).toEqual(
        expect.arrayContaining(['401', '403', '500']),
      )
      for (const name of path.match(/(?<=\{)\w+/g) ?? [])
        expect(operation, `${method} ${path}`).toHaveProperty(
          'parameters',
          expect.arrayContaining([expect.objectContaining({ name, in: 'path', required: true })]),
        )
    }
  })
})
