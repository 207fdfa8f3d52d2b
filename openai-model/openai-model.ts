import type { ChatCompletion, ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'
import type * as OpenAiLibrary from 'openai'
import { InputError } from '../core/errors.ts'
import type { DialogueModel, ModelCall, ModelOutcome, TokenUsage } from '../core/generate/openai/dialogue-model.ts'
import { estimateTokens } from '../core/generate/openai/token-estimate.ts'
import { failureOf, type Failure } from './failure.ts'
import { observedLimits } from './rate-limit-headers.ts'

export interface OpenAiModelOptions {
  /** Never logged, never part of an error. Servers of one's own that ask for none take any word. */
  apiKey: string
  /**
   * Any server that speaks the protocol, with its `/v1`: Azure, vLLM, Ollama, a proxy.
   * @default https://api.openai.com/v1
   */
  baseUrl?: string
  model: string
  /** Of one call, from the first byte sent to the last one read. @default 120,000 */
  timeout_ms?: number
}

export const OPENAI_BASE_URL = 'https://api.openai.com/v1'
const TIMEOUT_MS = 120_000

export interface OpenAiModel extends DialogueModel {
  /** Loads the client library ahead of the first call, so that its time does not look like the service's. */
  ready(): Promise<void>
}

/**
 * A {@link DialogueModel} over chat completions with structured output. The client library is loaded by the first call: it
 * costs 80 ms and 20 MB that no other command needs. Throws InputError for an address that is none, or a key that no
 * header can carry.
 */
export function createOpenAiModel(options: OpenAiModelOptions): OpenAiModel {
  const { model, timeout_ms = TIMEOUT_MS } = options
  const baseUrl = addressOf(options.baseUrl ?? OPENAI_BASE_URL)
  const apiKey = options.apiKey.trim()
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw new InputError('the API key is empty, or holds characters that no key has', {
      where: 'OPENAI_API_KEY',
      fix: 'Copy the key again, without quotes or line breaks.',
    })
  const refused = new Set<Parameter>()
  let loading: Promise<{ client: OpenAiLibrary.OpenAI; sdk: typeof OpenAiLibrary; format: FormatOf }> | undefined
  const load = () => (loading ??= loadClient({ apiKey, baseURL: baseUrl.href, timeout: timeout_ms }))

  async function write(call: ModelCall, signal?: AbortSignal): Promise<ModelOutcome> {
    const started = performance.now()
    const { client, sdk, format } = await load()
    for (;;) {
      const body = bodyOf(call, { model, limitBy: limitParameter(baseUrl, refused), refused, format }) // a schema that the service cannot take is a defect: thrown
      try {
        const { data, response } = await client.chat.completions
          .create(body, { signal, headers: { 'x-client-request-id': call.id } })
          .withResponse()
        const latency_ms = performance.now() - started
        return { ...outcomeOf(data, call), latency_ms, ...observedLimits(response.headers) }
      } catch (error) {
        const failure = failureOf(error, {
          sdk,
          call,
          apiKey,
          baseUrl,
          model,
          timeout_ms,
          aborted: signal?.aborted === true,
        })
        if (failure.parameter !== undefined && !refused.has(failure.parameter)) {
          refused.add(failure.parameter) // nothing was written; asked again without it, once and for all calls
          continue
        }
        return { ...failure.outcome, latency_ms: performance.now() - started, ...observedLimits(failure.headers) }
      }
    }
  }
  return { model, write, ready: async () => void (await load()) }
}

type Parameter = NonNullable<Failure['parameter']>
type FormatOf = (answer: ModelCall['answer']) => ChatCompletionCreateParamsNonStreaming['response_format']

async function loadClient(options: { apiKey: string; baseURL: string; timeout: number }) {
  const [sdk, { zodResponseFormat }] = await Promise.all([import('openai'), import('openai/helpers/zod')])
  // Retries are those of ModelCalls. Its own log would show prompts under OPENAI_LOG=debug.
  const client = new sdk.OpenAI({ ...options, maxRetries: 0, logLevel: 'off' })
  const formats = new WeakMap<object, ReturnType<FormatOf>>()
  const format: FormatOf = ({ schema, name }) => {
    const known = formats.get(schema)
    if (known !== undefined) return known
    const made = zodResponseFormat(schema, name)
    formats.set(schema, made)
    return made
  }
  return { client, sdk, format }
}

/** OpenAI's newer models refuse `max_tokens`; many other servers know nothing else. Whichever is refused gives way to the other. */
function limitParameter(baseUrl: URL, refused: ReadonlySet<Parameter>): 'max_tokens' | 'max_completion_tokens' {
  if (refused.has('max_tokens')) return 'max_completion_tokens'
  if (refused.has('max_completion_tokens')) return 'max_tokens'
  return /(^|\.)(openai\.com|azure\.com)$/.test(baseUrl.hostname) ? 'max_completion_tokens' : 'max_tokens'
}

function bodyOf(
  call: ModelCall,
  about: {
    model: string
    limitBy: 'max_tokens' | 'max_completion_tokens'
    refused: ReadonlySet<Parameter>
    format: FormatOf
  },
): ChatCompletionCreateParamsNonStreaming {
  return {
    model: about.model,
    messages: [...call.messages],
    response_format: about.format(call.answer),
    [about.limitBy]: call.max_output_tokens,
    ...(call.temperature === undefined || about.refused.has('temperature') ? {} : { temperature: call.temperature }),
  }
}

type Written =
  | { outcome: 'answered'; value: unknown; usage: TokenUsage; model: string }
  | {
      outcome: 'unusable'
      why: Extract<ModelOutcome, { outcome: 'unusable' }>['why']
      detail: string
      usage: TokenUsage
    }

function outcomeOf(completion: ChatCompletion, call: ModelCall): Written {
  const choice = completion.choices?.[0]
  const content = choice?.message?.content ?? ''
  const usage = usageOf(completion, call, content)
  const unusable = (why: Extract<Written, { outcome: 'unusable' }>['why'], detail: string): Written => ({
    outcome: 'unusable',
    why,
    detail,
    usage,
  })
  if (typeof choice?.message?.refusal === 'string' && choice.message.refusal !== '')
    return unusable('refused', 'the model refused to write it')
  if (choice?.finish_reason === 'content_filter') return unusable('content_filter', "the service's filter cut it off")
  if (choice?.finish_reason === 'length')
    return unusable('length', `it was not finished within ${call.max_output_tokens} tokens`)
  if (content.trim() === '') return unusable('empty', 'the answer was empty')
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    return unusable('not_json', `the answer was not JSON (${content.length} characters)`)
  }
  const parsed = call.answer.schema.safeParse(value)
  if (parsed.success) return { outcome: 'answered', value: parsed.data, usage, model: completion.model }
  const [issue] = parsed.error.issues
  return unusable(
    'wrong_schema',
    `${issue?.path.map(String).join('.') || 'the answer'}: ${issue?.message ?? 'not of the schema'}`,
  )
}

/** As the service counted; some servers count nothing, then as estimated. */
function usageOf({ usage }: ChatCompletion, call: ModelCall, content: string): TokenUsage {
  if (usage === undefined || usage === null)
    return {
      input_tokens: call.estimated_input_tokens,
      cached_input_tokens: 0,
      output_tokens: estimateTokens(content),
    }
  return {
    input_tokens: usage.prompt_tokens,
    cached_input_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    output_tokens: usage.completion_tokens,
  }
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new InputError(`"${text}" is not an address`, {
      where: 'OPENAI_BASE_URL',
      expected: 'one such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1',
    })
  return url
}
