import { parseArgs } from 'node:util'
import { FAULTS } from './faults.ts'
import { startFakeOpenAi } from './fake-openai.ts'

const USAGE = `node test/openai/serve.ts [--port 8790] [--fault RULE]... [--latency MS] [--spread 0.3] [--rpm N] [--tpm N]
    [--no-headers] [--model NAME] [--key KEY] [--speed N]
RULE is name, name@3,7-9 (numbers of requests) or name%10 (of a hundred); names:
    ${FAULTS.join(' ')}`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8790' },
    fault: { type: 'string', multiple: true, default: [] },
    latency: { type: 'string', default: '500' },
    spread: { type: 'string', default: '0.3' },
    rpm: { type: 'string' },
    tpm: { type: 'string' },
    'no-headers': { type: 'boolean', default: false },
    model: { type: 'string' },
    key: { type: 'string' },
    speed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
const server = await startFakeOpenAi({
  port: Number(values.port),
  faults: values.fault,
  latency_ms: Number(values.latency),
  latency_spread: Number(values.spread),
  requests_per_minute: number(values.rpm),
  tokens_per_minute: number(values.tpm),
  headers: !values['no-headers'],
  model: values.model,
  key: values.key,
  speed: Number(values.speed),
})
console.log(`A fake OpenAI listens. In another terminal:
  export OPENAI_BASE_URL=${server.url} OPENAI_API_KEY=sk-test
Ctrl-C ends it and says what it was asked.`)

process.once('SIGINT', () => {
  const outcomes: Record<string, number> = {}
  for (const { outcome } of server.requests) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  console.log(JSON.stringify({ requests: server.requests.length, outcomes, billed: server.billed }, null, 2))
  void server.stop().then(() => process.exit(0))
})
