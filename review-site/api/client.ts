import type {
  ApiError,
  BatchDetail,
  BatchSummary,
  DialogueRow,
  Guidelines,
  Me,
  ReviewItem,
  Saved,
  SaveReview,
} from '../../review-api/contract.ts'
import type { Review, ReviewForm } from '../../core/review/review.ts'
import { isObject } from '../app/storage.ts'

/** `status` 0: the server was not reached. */
export class ApiFailure extends Error {
  readonly status: number
  readonly code: string
  /** With 409: the dialogue as it stands on the server now. */
  readonly current: ReviewItem | undefined

  constructor(status: number, code: string, message: string, current?: ReviewItem) {
    super(message)
    this.name = 'ApiFailure'
    this.status = status
    this.code = code
    this.current = current
  }

  /** Whether the same request may succeed later without anybody changing it. */
  get passing(): boolean {
    return this.status === 0 || this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

export interface HistoryEntry {
  sequence: number
  at: string
  by: string
  kind: 'review' | 'undo' | 'settlement' | 'revision'
  review?: Review
}

export type DraftBody = { base_revision: number; version: number; form: ReviewForm }
type Page<Key extends string, Row, Next> = Record<Key, Row[]> & { next?: Next }
export interface SendOptions {
  /** The request outlives the page. */
  keepalive?: boolean
}

export type Api = ReturnType<typeof createApi>

/** Browsers refuse `keepalive` over 64 KiB of bodies in flight, and then the request is not sent at all. */
const KEEPALIVE_LIMIT = 60_000

const enc = encodeURIComponent

export interface ApiSettings {
  /** Where the routes of the contract start, e.g. `/api`. */
  base: string
  token: () => Promise<string | undefined>
  /** The token was refused, or there is none any more. */
  onSessionEnd: () => void
  /** @default the browser's */
  send?: typeof fetch
}

export function createApi({ base, token, onSessionEnd, send = (...request) => fetch(...request) }: ApiSettings) {
  async function call<Answer>(
    method: string,
    path: string,
    body?: unknown,
    options: SendOptions = {},
  ): Promise<Answer> {
    const bearer = await token()
    if (bearer === undefined) {
      onSessionEnd()
      throw new ApiFailure(401, 'signed_out', 'Your session has ended.')
    }
    const json = body === undefined ? undefined : JSON.stringify(body)
    let response: Response
    try {
      response = await send(`${base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${bearer}`,
          accept: 'application/json',
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(json === undefined ? {} : { body: json }),
        keepalive: options.keepalive === true && (json === undefined || json.length < KEEPALIVE_LIMIT),
        cache: 'no-store',
      })
    } catch {
      throw new ApiFailure(0, 'unreachable', 'The server cannot be reached.')
    }
    if (!response.ok) {
      if (response.status === 401) onSessionEnd()
      throw await failureOf(response)
    }
    try {
      // The page trusts the shape of its own API's answers: validating them would cost more than the whole page weighs.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment
      const answer: Answer = response.status === 204 ? undefined : await response.json()
      return answer
    } catch {
      throw new ApiFailure(0, 'cut_off', 'The answer of the server broke off.')
    }
  }

  const batchPath = (batch: string) => `/batches/${enc(batch)}`
  const dialoguePath = (batch: string, dialogue: string) => `${batchPath(batch)}/dialogues/${enc(dialogue)}`

  return {
    me: () => call<Me>('GET', '/me'),
    guidelines: () => call<Guidelines>('GET', '/guidelines'),
    batches: () => call<Page<'batches', BatchSummary, string>>('GET', '/batches'),
    batch: (batch: string) => call<BatchDetail>('GET', batchPath(batch)),
    dialogues: (batch: string, page: { after?: number; limit?: number; status?: string }) => {
      const query = new URLSearchParams()
      for (const [name, value] of Object.entries(page)) if (value !== undefined) query.set(name, String(value))
      return call<Page<'dialogues', DialogueRow, number>>('GET', `${batchPath(batch)}/dialogues?${query}`)
    },
    dialogue: (batch: string, dialogue: string) => call<ReviewItem>('GET', dialoguePath(batch, dialogue)),
    mine: (batch: string, limit: number) =>
      call<Page<'dialogues', DialogueRow, never>>('GET', `${batchPath(batch)}/mine?limit=${limit}`),
    claim: (batch: string, count: number, except: string[]) =>
      call<{ items: ReviewItem[] }>('POST', `${batchPath(batch)}/claims`, { count, except }),
    renew: (batch: string, dialogue: string) =>
      call<{ lease_until: string }>('PUT', `${batchPath(batch)}/claims/${enc(dialogue)}`),
    release: (batch: string, dialogue: string, options: SendOptions = {}) =>
      call<void>('DELETE', `${batchPath(batch)}/claims/${enc(dialogue)}`, undefined, options),
    saveReview: (batch: string, dialogue: string, review: SaveReview, options: SendOptions = {}) =>
      call<Saved>('PUT', `${dialoguePath(batch, dialogue)}/review`, review, options),
    undo: (batch: string, dialogue: string, revision: number) =>
      call<Saved>('POST', `${dialoguePath(batch, dialogue)}/undo`, { revision }),
    skip: (batch: string, dialogue: string, options: SendOptions = {}) =>
      call<void>('POST', `${dialoguePath(batch, dialogue)}/skip`, undefined, options),
    saveDraft: (batch: string, dialogue: string, draft: DraftBody, options: SendOptions = {}) =>
      call<void>('PUT', `${dialoguePath(batch, dialogue)}/draft`, draft, options),
    history: (batch: string, dialogue: string) =>
      call<{ entries: HistoryEntry[] }>('GET', `${dialoguePath(batch, dialogue)}/history`),
    settle: (batch: string, dialogue: string, settlement: SaveReview) =>
      call<Saved>('PUT', `${dialoguePath(batch, dialogue)}/settlement`, settlement),
    close: (batch: string, leave_unreviewed: boolean) =>
      call<BatchDetail>('POST', `${batchPath(batch)}/close`, { leave_unreviewed }),
  }
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const body = await readError(response)
  return new ApiFailure(
    response.status,
    body?.error ?? `http_${response.status}`,
    body?.message ?? `The server answered ${response.status}.`,
    body?.current,
  )
}

async function readError(response: Response): Promise<(Partial<ApiError> & { current?: ReviewItem }) | undefined> {
  try {
    const body: unknown = await response.json()
    return isObject(body) ? body : undefined
  } catch {
    return undefined // a proxy's HTML page
  }
}

/** For a person: what happened, in one sentence. */
export function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : 'Something went wrong.'
}
