import type * as OpenAiLibrary from 'openai'
import * as z from 'zod'
import type { ModelCall, ModelFailure, ModelOutcome } from '../core/generate/openai/dialogue-model.ts'
import { retryAfter } from './rate-limit-headers.ts'

export interface Failure {
  outcome: Failed | Omit<Extract<ModelOutcome, { outcome: 'unusable' }>, 'latency_ms'>
  headers: Headers | undefined
  /** A parameter that the server does not take; the call can be made without it. */
  parameter?: 'temperature' | 'max_tokens' | 'max_completion_tokens'
}

type Failed = Omit<Extract<ModelOutcome, { outcome: 'failed' }>, 'latency_ms'>

interface Asked {
  sdk: typeof OpenAiLibrary
  call: ModelCall
  apiKey: string
  baseUrl: URL
  model: string
  timeout_ms: number
  aborted: boolean
}

/** These come before a byte of the request is sent, so nothing can be billed. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** What the client library threw, in the port's words. Its messages may quote keys and prompts: they are not passed on as they are. */
export function failureOf(error: unknown, asked: Asked): Failure {
  const { sdk, baseUrl, timeout_ms } = asked
  if (asked.aborted || error instanceof sdk.APIUserAbortError)
    return without(failed('aborted', 'The call was given up.', { may_be_billed: true }))
  if (error instanceof sdk.APIConnectionTimeoutError)
    return without(
      failed('timeout', `${baseUrl.host} gave no answer within ${timeout_ms / 1000} s.`, { may_be_billed: true }),
    )
  if (error instanceof sdk.APIConnectionError) return without(connectionFailure(error, baseUrl))
  if (error instanceof sdk.APIError) return statusFailure(error, asked)
  if (error instanceof sdk.OpenAIError) return without(failed('bad_request', plain(error.message, asked)))
  if (!(error instanceof SyntaxError)) return without(connectionFailure(error, baseUrl)) // while the body was read
  return without(failed('server', `${baseUrl.host} sent something that is not an answer.`, { may_be_billed: true }))
}

function connectionFailure(error: unknown, { host }: URL): Failed {
  const codes = [...causesOf(error)].flatMap((cause) => {
    const known = z.object({ code: z.string() }).safeParse(cause)
    return known.success ? [known.data.code] : []
  })
  const code = codes[0]
  const may_be_billed = !codes.some((one) => BEFORE_SENDING.has(one))
  const why =
    code === 'ECONNREFUSED'
      ? 'nothing listens there'
      : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? 'its name cannot be resolved'
        : may_be_billed
          ? 'the connection broke before the answer was complete'
          : `the connection could not be made (${code})`
  return failed('connection', `${host} could not be reached: ${why}.`, may_be_billed ? { may_be_billed } : {})
}

/** An error and what caused it, at most five deep; the members of an AggregateError (one for each address) included. */
function* causesOf(error: unknown, depth = 0): Generator<unknown> {
  if (error === undefined || depth > 5) return
  yield error
  if (error instanceof AggregateError) for (const one of error.errors) yield* causesOf(one, depth + 1)
  if (error instanceof Error) yield* causesOf(error.cause, depth + 1)
}

const QUOTA_CODES = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active'])

interface StatusError {
  status?: number
  code?: string | null
  type?: string
  param?: string | null
  message: string
  headers?: Headers
}

function statusFailure(error: StatusError, asked: Asked): Failure {
  const { headers } = error
  const { host } = asked.baseUrl
  const status = error.status ?? 0
  const by = (why: ModelFailure, message: string): Failure => {
    const wait = retryAfter(headers, Date.now())
    return { outcome: failed(why, message, wait === undefined ? {} : { retry_after_ms: wait }), headers }
  }
  const told = plain(error.message, asked)
  const says = told === '' ? '' : `: ${told}`
  switch (true) {
    case status === 401:
      return by('authentication', `${host} refused the API key (401). Check OPENAI_API_KEY.`)
    case status === 403:
      return by('permission', `${host} does not let this key use the model "${asked.model}" (403)${says}`)
    case status === 404:
      return by(
        'model_not_found',
        `${host} knows no model "${asked.model}" (404). Check the model's name and the address, which ends in /v1.`,
      )
    case status === 429 && QUOTA_CODES.has(error.code ?? error.type ?? ''):
      return by(
        'quota_exhausted',
        `The account at ${host} has no money left (429 ${error.code ?? ''}). Add credit, or use another key.`,
      )
    case status === 429:
      return by('rate_limited', `${host} takes no more calls for the moment (429).`)
    case status === 400 && (error.code === 'content_filter' || error.code === 'content_policy_violation'):
      return {
        outcome: {
          outcome: 'unusable',
          why: 'content_filter',
          detail: "the service's filter refused the request",
          usage: NOTHING,
        },
        headers,
      }
    case status === 400 || status === 422: {
      const failure = by('bad_request', `${host} does not accept the request (${status})${says}`)
      const parameter = parameterOf(error)
      return parameter === undefined ? failure : { ...failure, parameter }
    }
    case status === 408:
      return by('timeout', `${host} gave up waiting (408).`)
    case status === 409 || status >= 500:
      return by('server', `${host} failed (${status}).`)
    default:
      return by('bad_request', `${host} does not accept the request (${status})${says}`)
  }
}

const NOTHING = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 }

/** Which parameter a 400 is about; some servers name it only in the message. */
function parameterOf({ param, message }: StatusError): Failure['parameter'] {
  for (const name of ['temperature', 'max_completion_tokens', 'max_tokens'] as const)
    if (param === name || (param === null && new RegExp(`^\\S+ [^.]*['"\`]${name}['"\`]`).test(message))) return name
  return undefined
}

const MOST_SAID = 200

/**
 * What the service says, if it can be shown: without keys (OpenAI quotes their ends), nothing at all when it quotes the
 * prompt (some servers send back the input that they could not read).
 */
function plain(message: string, { call, apiKey }: Pick<Asked, 'call' | 'apiKey'>): string {
  const clean = message
    .replaceAll(apiKey, '…')
    .replaceAll(/\b(sk|key)-\S+/g, '…')
    .replace(/^\d{3} /, '')
  const sent = call.messages.map(({ content }) => content).join('\n')
  for (let at = 0; at + QUOTE <= clean.length; at++) if (sent.includes(clean.slice(at, at + QUOTE))) return ''
  return clean.length > MOST_SAID ? `${clean.slice(0, MOST_SAID)}…` : clean
}

const QUOTE = 24

function failed(why: ModelFailure, message: string, more: Partial<Failed> = {}): Failed {
  return { outcome: 'failed', why, message, ...more }
}

function without(outcome: Failed): Failure {
  return { outcome, headers: undefined }
}
