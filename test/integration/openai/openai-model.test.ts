import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { ModelCall, ModelOutcome } from '../../../core/generate/openai/dialogue-model.ts'
import { createOpenAiModel, type OpenAiModelOptions } from '../../../openai-model/openai-model.ts'
import { aModelCall } from '../../builders/a-simulated-service.ts'
import { startFakeOpenAi, type FakeOpenAi, type FakeOpenAiOptions } from '../../openai/fake-openai.ts'

const ANSWER = z.strictObject({ exchanges: z.array(z.strictObject({ client: z.string(), reply: z.string() })) })
const PROMPT = 'Nothing of this prompt may be seen in a message, whatever the server sends back about it.'
const KEY = 'sk-test-0123456789abcdef'

let server: FakeOpenAi | undefined
afterEach(async () => {
  await server?.stop()
  server = undefined
})

async function asked(
  about: FakeOpenAiOptions & {
    calls?: number
    call?: Partial<ModelCall>
    signal?: AbortSignal
  } & Partial<OpenAiModelOptions>,
): Promise<ModelOutcome[]> {
  const { calls = 1, call, signal, apiKey = KEY, timeout_ms = 5_000, ...options } = about
  server = await startFakeOpenAi({
    answer: (_, nth) => ({ exchanges: [{ client: `Number ${nth}.`, reply: 'Take your time.' }] }),
    ...options,
  })
  const model = createOpenAiModel({ apiKey, baseUrl: server.url, model: about.model ?? 'gpt-4.1-mini', timeout_ms })
  const outcomes: ModelOutcome[] = []
  for (let nth = 1; nth <= calls; nth++) {
    const messages = [{ role: 'user' as const, content: PROMPT }]
    const made = aModelCall({ id: `${nth}.1`, messages, answer: { name: 'dialogue', schema: ANSWER }, ...call })
    outcomes.push(await model.write(made, signal))
  }
  return outcomes
}

const failed = (why: string, message: RegExp, more: object = {}) => ({
  outcome: 'failed',
  why,
  message: expect.stringMatching(message) as string,
  ...more,
})
const unusable = (why: string, detail: RegExp) => ({
  outcome: 'unusable',
  why,
  detail: expect.stringMatching(detail) as string,
})

describe('the OpenAI adapter, through the real client library', () => {
  it('asks for structured output and returns what was parsed, with the tokens it took', async () => {
    const requests: unknown[] = []
    const [outcome] = await asked({
      call: { temperature: 0.9 },
      answer: (request) => {
        requests.push(request)
        return { exchanges: [{ client: 'Hello.', reply: 'Hello. Take your time.' }] }
      },
    })
    expect(outcome).toMatchObject({
      outcome: 'answered',
      value: { exchanges: [{ client: 'Hello.', reply: 'Hello. Take your time.' }] },
      model: 'gpt-4.1-mini',
    })
    expect(requests).toEqual([
      expect.objectContaining({
        max_tokens: 800,
        temperature: 0.9,
        response_format: expect.objectContaining({
          type: 'json_schema',
          json_schema: expect.objectContaining({ name: 'dialogue', strict: true }) as object,
        }) as object,
      }),
    ])
    expect(server?.requests[0]).toMatchObject({ id: '1.1', outcome: 'answered' })
    if (outcome?.outcome !== 'answered') return
    expect(outcome.usage.input_tokens).toBe(server?.billed.input_tokens)
    expect(outcome.usage.output_tokens).toBe(server?.billed.output_tokens)
    expect(outcome.latency_ms).toBeGreaterThan(0)
  })

  it('tells what the service says of its budgets', async () => {
    const [outcome] = await asked({ requests_per_minute: 500, tokens_per_minute: 30_000 })
    expect(outcome?.limits?.requests).toMatchObject({ limit: 500, remaining: 499 })
    expect(outcome?.limits?.tokens?.limit).toBe(30_000)
    expect(outcome?.limits?.tokens?.full_in_ms).toBeGreaterThan(1_000)
  })

  const faults: { fault: string; becomes: object; more?: FakeOpenAiOptions }[] = [
    { fault: 'unauthorized', becomes: failed('authentication', /refused the API key \(401\)\. Check OPENAI_API_KEY/) },
    { fault: 'forbidden', becomes: failed('permission', /\(403\): The project has no access/) },
    { fault: 'no_such_model', becomes: failed('model_not_found', /no model "gpt-4.1-mini" \(404\)/) },
    { fault: 'rate_limited', becomes: failed('rate_limited', /429/, { retry_after_ms: 2_000 }) },
    { fault: 'rate_limited_silently', becomes: failed('rate_limited', /429/) },
    { fault: 'insufficient_quota', becomes: failed('quota_exhausted', /no money left \(429 insufficient_quota\)/) },
    { fault: 'server_error', becomes: failed('server', /failed \(500\)/) },
    { fault: 'overloaded', becomes: failed('server', /failed \(503\)/) },
    { fault: 'cut', becomes: failed('connection', /broke before the answer was complete/, { may_be_billed: true }) },
    { fault: 'broken_body', becomes: failed('server', /is not an answer/, { may_be_billed: true }) },
    { fault: 'truncated_json', becomes: unusable('not_json', /not JSON \(\d+ characters\)/) },
    { fault: 'wrong_schema', becomes: unusable('wrong_schema', /^exchanges: /) },
    { fault: 'refusal', becomes: unusable('refused', /the model refused/) },
    { fault: 'content_filter', becomes: unusable('content_filter', /filter cut it off/) },
    { fault: 'prompt_filter', becomes: unusable('content_filter', /filter refused the request/) },
    { fault: 'length', becomes: unusable('length', /within 800 tokens/) },
    { fault: 'empty', becomes: unusable('empty', /empty/) },
    { fault: 'no_structured_output', becomes: failed('bad_request', /\(400\): response_format is not supported/) },
  ]
  for (const { fault, becomes } of faults)
    it(`makes of ${fault.replaceAll('_', ' ')} an outcome, never an exception, and asks once`, async () => {
      const [outcome] = await asked({ faults: [fault] })
      expect(outcome).toMatchObject(becomes)
      expect(server?.requests).toHaveLength(1)
      if (fault === 'rate_limited_silently') expect(outcome).not.toHaveProperty('retry_after_ms')
      if (fault === 'server_error' || fault === 'rate_limited') expect(outcome).not.toHaveProperty('may_be_billed')
    })

  it('gives up on a server that hangs, and says that it may be billed for it', async () => {
    const [outcome] = await asked({ faults: ['hang'], timeout_ms: 150 })
    expect(outcome).toMatchObject(failed('timeout', /no answer within 0.15 s/, { may_be_billed: true }))
  })

  it('waits for a slow answer within its time', async () => {
    const [outcome] = await asked({ faults: ['slow'], speed: 10 })
    expect(outcome?.outcome).toBe('answered')
    expect(outcome?.latency_ms).toBeGreaterThan(90)
  })

  it('gives up when the caller does', async () => {
    const [outcome] = await asked({ faults: ['hang'], signal: AbortSignal.timeout(100) })
    expect(outcome).toMatchObject(failed('aborted', /given up/, { may_be_billed: true }))
  })

  it('knows that a call to a port where nobody listens cost nothing', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => closed.once('listening', resolve))
    const address = closed.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await new Promise((resolve) => closed.close(resolve))
    const model = createOpenAiModel({ apiKey: KEY, baseUrl: `http://127.0.0.1:${port}/v1`, model: 'm' })
    const outcome = await model.write(aModelCall())
    expect(outcome).toMatchObject(failed('connection', /nothing listens there/))
    expect(outcome).not.toHaveProperty('may_be_billed')
  })

  it('estimates the tokens of a server that counts none', async () => {
    const [outcome] = await asked({ faults: ['no_usage'] })
    expect(outcome).toMatchObject({ outcome: 'answered', usage: { input_tokens: 1_000 } })
  })

  it('sends the same answer on again when the server repeats itself: telling duplicates is for acceptance', async () => {
    const [first, second] = await asked({ faults: ['duplicate@2'], calls: 2 })
    expect(second).toMatchObject({
      outcome: 'answered',
      value: first?.outcome === 'answered' ? first.value : undefined,
    })
  })

  it('leaves out a temperature that the model does not take, from then on', async () => {
    const outcomes = await asked({ faults: ['no_temperature'], calls: 2, call: { temperature: 0.7 } })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['answered', 'answered'])
    expect(server?.requests).toHaveLength(3)
  })

  it('calls the output limit by its newer name where the older is refused', async () => {
    const outcomes = await asked({ faults: ['no_max_tokens'], calls: 2 })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['answered', 'answered'])
    expect(server?.requests).toHaveLength(3)
  })

  it('shows neither the key nor the prompt, whatever the service says', async () => {
    const nosy = createServer((_, response) => {
      response.writeHead(422, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: `Cannot read ${PROMPT} with ${KEY}` } }))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => nosy.once('listening', resolve))
    const address = nosy.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const model = createOpenAiModel({ apiKey: KEY, baseUrl: `http://127.0.0.1:${port}/v1`, model: 'm' })
    const outcome = await model.write(aModelCall({ messages: [{ role: 'user', content: PROMPT }] }))
    expect(outcome).toMatchObject(failed('bad_request', /does not accept the request \(422\)$/))
    expect(JSON.stringify(outcome)).not.toContain(KEY)
    await new Promise((resolve) => nosy.close(resolve))
  })

  it('refuses keys and addresses that are none, before anything is sent', () => {
    for (const apiKey of ['', '  ', 'sk-with space', 'schlüssel'])
      expect(() => createOpenAiModel({ apiKey, model: 'm' })).toThrow(/^OPENAI_API_KEY: the API key is empty, or/)
    for (const baseUrl of ['localhost:8790', 'ftp://example.org', 'no address'])
      expect(() => createOpenAiModel({ apiKey: KEY, baseUrl, model: 'm' })).toThrow(/is not an address/)
  })
})
