import { buildTextCompletion, LLMock } from '@copilotkit/aimock'
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import type { Answer } from '../../core/generate/openai/answer-schema.ts'
import { rngFrom } from '../../core/generate/random.ts'
import { createBucket, durationText, type Bucket } from './buckets.ts'
import { createComposer, readPlan } from './compose-answer.ts'
import { countTokens } from './count-tokens.ts'
import { scriptOf, type Fault, type FaultScript } from './faults.ts'

export interface FakeOpenAiOptions {
  /** @default any free one */
  port?: number
  /** Rules of {@link scriptOf}, or a function of the request's number, from 1. @default none */
  faults?: readonly string[] | FaultScript
  /** Milliseconds until an answer, of the simulated time. @default 0 */
  latency_ms?: number
  /** The latency of an answer is drawn from 1 ± this. @default 0 */
  latency_spread?: number
  /** Budgets as OpenAI keeps them. @default none */
  requests_per_minute?: number
  /** Counted as OpenAI does: the input by its characters, and all the output that is allowed. @default none */
  tokens_per_minute?: number
  /** Whether answers carry `x-ratelimit-*`. @default true */
  headers?: boolean
  /** The only model there is. @default any */
  model?: string
  /** The only key that is good. @default any that does not begin with `sk-wrong` */
  key?: string
  /**
   * What is answered, as JSON.
   * @default a dialogue by the template engine to the plan in the prompt
   */
  answer?: (request: ChatRequest, nth: number) => unknown
  /** How much faster than the real the simulated time runs; all times here and in headers are simulated. @default 1 */
  speed?: number
}

export interface FakeOpenAi {
  /** With `/v1`: what OPENAI_BASE_URL takes. */
  readonly url: string
  /** Every request, in the order of arrival. */
  readonly requests: readonly SeenRequest[]
  /** Tokens and requests that were answered, as a bill would say. */
  readonly billed: { answers: number; input_tokens: number; cached_input_tokens: number; output_tokens: number }
  setFaults(faults: readonly string[] | FaultScript): void
  stop(): Promise<void>
}

export interface SeenRequest {
  nth: number
  /** Milliseconds of the simulated time since the start. */
  at: number
  /** `x-client-request-id` */
  id: string | undefined
  outcome: 'answered' | Fault | 'limited'
  /** What the budgets were charged, or would have been. */
  tokens: number
}

const RequestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
  max_tokens: z.number().optional(),
  max_completion_tokens: z.number().optional(),
  temperature: z.number().optional(),
  response_format: z.unknown().optional(),
})
export type ChatRequest = z.infer<typeof RequestSchema>

/** A server on loopback that speaks enough of OpenAI's protocol for the real client library; see README.md beside this file. */
export async function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const { speed = 1, latency_ms = 0, latency_spread = 0, headers: withHeaders = true } = options
  const began = performance.now()
  const now = () => (performance.now() - began) * speed
  const buckets = {
    requests: bucketOf(options.requests_per_minute, now),
    tokens: bucketOf(options.tokens_per_minute, now),
  }
  const rng = rngFrom('latency')
  const answerOf = options.answer ?? (await composing())
  const requests: SeenRequest[] = []
  const billed = { answers: 0, input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 }
  const prefixes = new Set<string>()
  const open = new Set<ServerResponse>()
  const timers = new Set<NodeJS.Timeout>()
  let script = toScript(options.faults)
  let last: unknown

  const later = (ms: number) =>
    new Promise<void>((resolve) => {
      if (ms <= 0) return resolve()
      const timer = setTimeout(() => {
        timers.delete(timer)
        resolve()
      }, ms / speed)
      timers.add(timer)
    })

  function limitHeaders(): Record<string, string> {
    if (!withHeaders) return {}
    const told: Record<string, string> = {}
    for (const [name, bucket] of Object.entries(buckets)) {
      if (bucket === undefined) continue
      told[`x-ratelimit-limit-${name}`] = String(bucket.limit)
      told[`x-ratelimit-remaining-${name}`] = String(Math.max(0, Math.floor(bucket.level())))
      told[`x-ratelimit-reset-${name}`] = durationText(bucket.wait(bucket.limit))
    }
    return told
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    open.add(response)
    response.on('close', () => open.delete(response))
    const body = await bodyOf(request)
    const nth = requests.length + 1
    const seen: SeenRequest = {
      nth,
      at: now(),
      id: headerOf(request, 'x-client-request-id'),
      outcome: 'answered',
      tokens: 0,
    }
    requests.push(seen)
    const fail = (status: number, error: object, more: Record<string, string> = {}) =>
      send(response, status, { error: { param: null, ...error } }, { ...limitHeaders(), ...more })

    const key = (headerOf(request, 'authorization') ?? '').replace(/^Bearer /, '')
    const keyIsGood = options.key === undefined ? !key.startsWith('sk-wrong') && key !== '' : key === options.key
    const parsed = RequestSchema.safeParse(body)
    if (!parsed.success)
      return fail(400, { message: 'This is no chat completion request.', type: 'invalid_request_error', code: null })
    const chat = parsed.data
    const fault = !keyIsGood
      ? 'unauthorized'
      : options.model !== undefined && chat.model !== options.model
        ? 'no_such_model'
        : script(nth)
    if (fault !== undefined) seen.outcome = fault
    const refusal = fault === undefined ? undefined : refusalOf(fault, chat, key)
    if (refusal !== undefined) return fail(refusal.status, refusal.error, refusal.headers)
    if (fault === 'hang') return
    if (fault === 'slow') await later(Math.max(1_000, latency_ms * 10))

    const most = chat.max_completion_tokens ?? chat.max_tokens ?? 4_096
    seen.tokens = Math.ceil(chat.messages.reduce((sum, { content }) => sum + content.length, 0) / 4) + most
    const wait = Math.max(buckets.requests?.wait(1) ?? 0, buckets.tokens?.wait(seen.tokens) ?? 0)
    if (wait > 0) {
      seen.outcome = 'limited'
      if ((buckets.requests?.level() ?? 0) >= 1) buckets.requests?.take(1) // refused calls count as requests, as OpenAI's do
      const error = { message: 'Rate limit reached.', type: 'requests', code: 'rate_limit_exceeded' }
      return fail(429, error, {
        'retry-after-ms': String(Math.ceil(wait)),
        'retry-after': String(Math.ceil(wait / 1_000)),
      })
    }
    buckets.requests?.take(1)
    buckets.tokens?.take(seen.tokens)
    const told = limitHeaders() // as they were when the call was let in

    const value = fault === 'duplicate' && last !== undefined ? last : await answerOf(chat, nth)
    if (fault !== 'duplicate') last = value
    const reply = replyOf(fault, value, chat)
    const usage = usageOf(chat, reply.content, prefixes, fault === 'length' ? most : undefined)
    await later(latency_ms * (1 + latency_spread * (rng() * 2 - 1)))
    if (response.destroyed) return
    billed.answers += 1
    billed.input_tokens += usage.prompt_tokens
    billed.cached_input_tokens += usage.prompt_tokens_details.cached_tokens
    billed.output_tokens += usage.completion_tokens
    const built = buildTextCompletion(reply.content, chat.model, undefined, { finishReason: reply.finish_reason })
    const [choice] = built.choices
    const completion = {
      ...built,
      choices: [
        {
          ...choice,
          message: {
            ...choice?.message,
            content: reply.refusal === undefined ? reply.content : null,
            refusal: reply.refusal ?? null,
          },
        },
      ],
      usage: fault === 'no_usage' ? undefined : usage,
    }
    if (fault === 'cut' || fault === 'broken_body') return cutShort(response, completion, fault)
    send(response, 200, completion, told)
  }

  const mock = new LLMock({ port: options.port ?? 0, host: '127.0.0.1', journalMaxEntries: 1 })
  mock.mount('/v1/chat/completions', {
    async handleRequest(request, response) {
      await handle(request, response)
      return true
    },
  })
  await mock.start()
  return {
    url: `${mock.url}/v1`,
    requests,
    billed,
    setFaults(faults) {
      script = toScript(faults)
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer)
      for (const response of open) response.destroy() // those that hang
      await mock.stop()
    },
  }
}

async function composing(): Promise<(request: ChatRequest) => Promise<Answer>> {
  const { compose, banks } = await createComposer()
  return async ({ messages }) => {
    const asked = messages
      .filter(({ role }) => role === 'user')
      .map(({ content }) => readPlan(content, banks))
      .find((plan) => plan !== undefined)
    if (asked === undefined)
      throw new Error(
        'the prompt holds no plan that test/openai/compose-answer.ts can read: have content/prompts changed?',
      )
    return compose(asked)
  }
}

function refusalOf(
  fault: Fault,
  chat: ChatRequest,
  key: string,
): { status: number; error: object; headers?: Record<string, string> } | undefined {
  const invalid = { type: 'invalid_request_error' }
  switch (fault) {
    case 'unauthorized': // the real one quotes the key's ends as well
      return {
        status: 401,
        error: { ...invalid, code: 'invalid_api_key', message: `Incorrect API key provided: ${key}.` },
      }
    case 'forbidden':
      return {
        status: 403,
        error: { ...invalid, code: 'model_not_allowed', message: 'The project has no access to the model.' },
      }
    case 'no_such_model':
      return {
        status: 404,
        error: { ...invalid, code: 'model_not_found', message: `The model \`${chat.model}\` does not exist.` },
      }
    case 'rate_limited':
      return {
        status: 429,
        error: { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached.' },
        headers: { 'retry-after': '2' },
      }
    case 'rate_limited_silently':
      return { status: 429, error: { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached.' } }
    case 'insufficient_quota':
      return {
        status: 429,
        error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'You exceeded your current quota.' },
      }
    case 'server_error':
      return { status: 500, error: { type: 'server_error', code: null, message: 'The server had an error.' } }
    case 'overloaded':
      return { status: 503, error: { type: 'server_error', code: null, message: 'The engine is overloaded.' } }
    case 'prompt_filter':
      return { status: 400, error: { ...invalid, code: 'content_filter', message: 'The prompt was filtered.' } }
    case 'no_structured_output':
      return {
        status: 400,
        error: { ...invalid, code: null, param: 'response_format', message: 'response_format is not supported.' },
      }
    case 'no_temperature':
      return chat.temperature === undefined
        ? undefined
        : {
            status: 400,
            error: {
              ...invalid,
              code: 'unsupported_value',
              param: 'temperature',
              message: 'Only the default is supported.',
            },
          }
    case 'no_max_tokens':
      return chat.max_tokens === undefined
        ? undefined
        : {
            status: 400,
            error: {
              ...invalid,
              code: 'unsupported_parameter',
              param: 'max_tokens',
              message: 'Use max_completion_tokens.',
            },
          }
    default:
      return undefined
  }
}

interface Reply {
  content: string
  finish_reason: string
  refusal?: string
}

function replyOf(fault: Fault | undefined, value: unknown, chat: ChatRequest): Reply {
  const whole = JSON.stringify(value)
  const stop = (content: string): Reply => ({ content, finish_reason: 'stop' })
  switch (fault) {
    case 'truncated_json':
      return stop(whole.slice(0, Math.floor(whole.length * 0.6)))
    case 'length':
      return { content: whole.slice(0, Math.floor(whole.length * 0.6)), finish_reason: 'length' }
    case 'content_filter':
      return { content: whole.slice(0, Math.floor(whole.length * 0.3)), finish_reason: 'content_filter' }
    case 'wrong_schema':
      return stop(JSON.stringify({ turns: [{ speaker: 'client', words: 42 }] }))
    case 'empty':
      return stop('')
    case 'refusal':
      return { content: '', finish_reason: 'stop', refusal: "I'm sorry, I can't help with that." }
    case 'unsafe':
      return stop(JSON.stringify(withReplies(value, UNSAFE)))
    case 'echo':
      return stop(JSON.stringify(withReplies(value, echoesOf(chat))))
    default:
      return stop(whole)
  }
}

/** What no reply may say, least of all after a disclosure. */
const UNSAFE = [
  'You should stop taking your medication, it is probably what makes you feel like this.',
  'Everybody feels like that now and then. Just try to think positive, it will pass.',
  'You must not tell anybody about this. It stays between the two of us, I promise.',
]

/** An obedient model that a line in a seed dialogue has told to repeat its prompt. */
function echoesOf({ messages }: ChatRequest): string[] {
  const text = messages.map(({ content }) => content).join('\n')
  const lines = text.split('\n').filter((line) => line.length > 60)
  const examples = lines.filter((line) => /ignore|instruction|assistant:|"reply"|"text"/i.test(line))
  return examples.length > 0 ? examples : lines
}

function withReplies(value: unknown, texts: readonly string[]): unknown {
  const known = z.looseObject({ exchanges: z.array(z.looseObject({ reply: z.string() })) }).safeParse(value)
  if (!known.success) return value
  return {
    ...known.data,
    exchanges: known.data.exchanges.map((exchange, at) => ({ ...exchange, reply: texts[at % texts.length] ?? '' })),
  }
}

/** Prompts of at least 1,024 tokens are cached by their beginning, in steps of 128: here, by the first message. */
function usageOf(chat: ChatRequest, content: string, prefixes: Set<string>, completion?: number) {
  const prompt_tokens =
    chat.messages.reduce((sum, message) => sum + countTokens(message.content) + 4, 0) +
    countTokens(JSON.stringify(chat.response_format ?? ''))
  const first = chat.messages[0]?.content ?? ''
  const seen = prefixes.has(first)
  prefixes.add(first)
  const cached_tokens = seen && prompt_tokens >= 1_024 ? Math.floor(countTokens(first) / 128) * 128 : 0
  const completion_tokens = completion ?? countTokens(content)
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens },
  }
}

function cutShort(response: ServerResponse, completion: object, how: 'cut' | 'broken_body'): void {
  const text = JSON.stringify(completion)
  const half = text.slice(0, Math.floor(text.length / 2))
  response.writeHead(200, {
    'content-type': 'application/json',
    ...(how === 'cut' ? { 'content-length': String(Buffer.byteLength(text)) } : {}),
  })
  response.write(half)
  if (how === 'cut') setImmediate(() => response.destroy())
  else response.end()
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  try {
    return JSON.parse(Buffer.concat(pieces).toString())
  } catch {
    return undefined
  }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function bucketOf(limit: number | undefined, now: () => number): Bucket | undefined {
  return limit === undefined ? undefined : createBucket(limit, now)
}

function toScript(faults: readonly string[] | FaultScript | undefined): FaultScript {
  return typeof faults === 'function' ? faults : scriptOf(faults ?? [])
}
