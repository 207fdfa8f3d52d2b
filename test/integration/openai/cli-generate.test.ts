import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import { rngFrom } from '../../../core/generate/random.ts'
import { lintDialogue } from '../../../core/quality/lint-dialogue.ts'
import { startFakeOpenAi } from '../../openai/fake-openai.ts'
import { scriptOf } from '../../openai/faults.ts'
import { aFolder, dialogues, EXAMPLE_SEEDS, startDialogues } from '../dialogues-process.ts'

const service = await startFakeOpenAi({ latency_ms: 20, latency_spread: 0.5 })
afterAll(() => service.stop())

let cwd: string
let before: { requests: number; answers: number }
beforeEach(async () => {
  cwd = await aFolder()
  fail()
  before = { requests: service.requests.length, answers: service.billed.answers }
})
/** Rules of test/openai/README.md; requests are counted from now on. */
const fail = (...rules: string[]) => {
  const script = scriptOf(rules)
  const first = service.requests.length
  service.setFaults((nth) => script(nth - first))
}
const asked = () => service.requests.length - before.requests
const billed = () => service.billed.answers - before.answers

const env = { OPENAI_BASE_URL: service.url, OPENAI_API_KEY: 'sk-test', OPENAI_MODEL: '' }
const generate = (...words: string[]) => generateIn(env, ...words)
const generateIn = (environment: Record<string, string>, ...words: string[]) =>
  dialogues(['generate', '-o', 'out.json', ...words], { cwd, env: environment })
const output = async () =>
  JSON.parse(await readFile(join(cwd, 'out.json'), 'utf8')) as {
    dialogues: Dialogue[]
    sources: Record<string, unknown>
  }
const methods = (all: readonly Dialogue[]) => {
  const counts = { template: 0, openai: 0, seed: 0 }
  for (const { provenance } of all) if (provenance !== undefined) counts[provenance.method]++
  return counts
}

describe('generate --use-openai', { timeout: 120_000 }, () => {
  it('writes the whole plan, three in ten by the model, and says what it cost', async () => {
    const { code, stderr, stdout } = await generate('-n', '40', '--use-openai', '-s', EXAMPLE_SEEDS, '--json')

    expect(stderr).toContain('12 dialogues by the model, for about $0.0')
    expect(code).toBe(0)
    const file = await output()
    expect(methods(file.dialogues)).toEqual({ template: 28, openai: 12, seed: 0 })
    expect(file.sources).toMatchObject({ share: { asked: 0.3, planned: 0.3, reached: 0.3 }, fallbacks: {} })
    expect(JSON.parse(stdout)).toMatchObject({ report: { sources: { answers: { paid: billed() } } } })
    expect(await readdir(cwd)).toEqual(['out.json'])
  })

  it('without a key says what to set, and sends nothing', async () => {
    const { code, stderr } = await generateIn({ ...env, OPENAI_API_KEY: '' }, '--use-openai')

    expect(code).toBe(2)
    expect(stderr).toContain('--use-openai needs the key of a language model, and OPENAI_API_KEY is not set')
    expect(asked()).toBe(0)
    expect(await readdir(cwd)).toEqual([])
  })

  it('with --dry-run tells tokens and cost within 15 % of what is then billed, and sends nothing', async () => {
    const words = ['-n', '60', '--method', 'openai', '-s', EXAMPLE_SEEDS, '--random-seed', '5', '--json']
    const dry = await generateIn({ ...env, OPENAI_API_KEY: '' }, ...words, '--dry-run')
    expect(dry.code).toBe(0)
    expect(asked()).toBe(0)
    expect(await readdir(cwd)).toEqual([])

    const full = await generate(...words)
    expect(full.code).toBe(0)
    const { forecast } = JSON.parse(dry.stdout) as { forecast: { cost_usd: number } }
    const { spent } = (JSON.parse(full.stdout) as { report: { sources: { spent: { cost_usd: number } } } }).report
      .sources
    expect(forecast.cost_usd / spent.cost_usd).toBeGreaterThan(0.85)
    expect(forecast.cost_usd / spent.cost_usd).toBeLessThan(1.15)
  })

  it.each([
    ['unauthorized', 'refused the API key (401). Check OPENAI_API_KEY.'],
    ['forbidden', 'does not let this key use the model'],
    ['no_such_model', 'knows no model "gpt-4.1-mini" (404)'],
    ['insufficient_quota', 'has no money left'],
    ['no_structured_output', 'does not accept the request (400)'],
  ])('meets %s with one call, one message and exit code 1', async (fault, message) => {
    fail(fault)
    // One at a time: a machine under load answers later than the second call would start.
    const { code, stderr } = await generate('-n', '20', '--use-openai', '--concurrency', '1')

    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect(stderr.match(/error:/g)).toHaveLength(1)
    expect(stderr).toContain('Nothing was paid for. Nothing was written to out.json.')
    expect(asked()).toBe(1)
    expect(await readdir(cwd)).toEqual([])
  })

  it('with --on-failure fallback has templates instead, and exits 1 since that is not what was asked for', async () => {
    fail('unauthorized')
    const { code, stderr } = await generate('-n', '20', '--use-openai', '--on-failure', 'fallback')

    expect(code).toBe(1)
    expect(stderr).toContain('Templates write the rest (--on-failure fallback).')
    const file = await output()
    expect(methods(file.dialogues)).toEqual({ template: 20, openai: 0, seed: 0 })
    expect(file.sources).toMatchObject({ fallbacks: { authentication: 6 }, share: { reached: 0 } })
    expect(await readdir(cwd)).toEqual(['out.json'])
  })

  it('says that a server is not there', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    gone.close()
    const { code, stderr } = await generateIn(
      { ...env, OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` },
      '--use-openai',
    )

    expect(code).toBe(1)
    expect(stderr).toContain(`127.0.0.1:${port} could not be reached: nothing listens there`)
    expect(await readdir(cwd)).toEqual([])
  })

  it('outlives every fault that a single call can have: all rows, none unsafe, none twice', async () => {
    fail(
      'refusal@2',
      'content_filter@3',
      'prompt_filter@4',
      'length@5',
      'truncated_json@6',
      'wrong_schema@7',
      'empty@8',
      'duplicate@9',
      'unsafe@10',
      'echo@11',
      'broken_body@12',
      'cut@13',
      'server_error@14',
      'overloaded@15',
      'slow@16',
      'no_usage@17',
      'rate_limited_silently@18',
      'hang@19',
      'rate_limited@20',
    )
    const words = ['-n', '24', '--method', 'openai', '-s', EXAMPLE_SEEDS, '--timeout', '2', '--random-seed', '6']
    const { code, stderr } = await generate(...words, '--json')

    expect(stderr).not.toContain('error:')
    expect(code).toBe(0)
    const file = await output()
    expect(file.dialogues).toHaveLength(24)
    const texts = file.dialogues.map(({ messages }) => messages.map(({ text }) => text).join('\n'))
    expect(new Set(texts).size).toBe(24)
    for (const dialogue of file.dialogues)
      expect(lintDialogue(dialogue).findings.filter(({ severity }) => severity === 'error')).toEqual([])
    const { template, openai } = methods(file.dialogues)
    // Second attempts are requests, too, and meet the faults of their own numbers.
    expect(openai).toBeGreaterThanOrEqual(18)
    for (const { provenance } of file.dialogues)
      if (provenance?.method === 'template') expect(provenance.fallback_reason).toBeTypeOf('string')
    expect(template + openai).toBe(24)
  })

  it('stops when most calls give nothing, and keeps what was paid for', async () => {
    fail('server_error@9-')
    const stopped = await generate('-n', '40', '--method', 'openai', '--concurrency', '4', '--random-seed', '2')
    expect(stopped.code).toBe(1)
    expect(stopped.stderr).toMatch(/of the last 20 calls gave nothing \(server\)/)
    expect(stopped.stderr).toMatch(/What was paid for \(\$0\.\d+\) is kept in out\.json\.answers\.jsonl/)
    const paidBefore = billed()

    fail()
    const again = await generate('-n', '40', '--method', 'openai', '--json')
    expect(again.stderr).toContain(`Going on from out.json.answers.jsonl: ${paidBefore} answers`)
    expect(again.code).toBe(0)
    expect(methods((await output()).dialogues).openai + Object.keys((await output()).sources).length).toBeGreaterThan(0)
    expect(await readdir(cwd)).toEqual(['out.json'])
  })

  it('never pays more than --max-cost, keeps what it bought, and goes on with more', async () => {
    const words = ['-n', '30', '--method', 'openai', '--random-seed', '8']
    const poor = await generate(...words, '--max-cost', '0.04', '--json')
    expect(poor.code).toBe(1)
    expect(poor.stderr).toContain('The budget of $0.0400 is used up.')
    const kept = (await readFile(join(cwd, 'out.json.answers.jsonl'), 'utf8')).trim().split('\n').slice(1)
    const spent = kept.reduce((sum, line) => sum + (JSON.parse(line) as { cost_usd: number }).cost_usd, 0)
    expect(spent).toBeGreaterThan(0.02)
    expect(spent).toBeLessThanOrEqual(0.04)
    expect(kept).toHaveLength(billed())

    const rich = await generate(...words, '--max-cost', '2', '--json')
    expect(rich.code).toBe(0)
    const { sources } = (
      JSON.parse(rich.stdout) as { report: { sources: { answers: { paid: number; reused: number } } } }
    ).report
    expect(sources.answers).toMatchObject({ paid: billed(), reused: kept.length })
  })

  it('says what cannot be used when options change, and leaves the choice', async () => {
    fail('unauthorized@7-')
    const first = await generate('-n', '20', '--method', 'openai', '--concurrency', '1')
    expect(first.code).toBe(1)

    fail()
    const changed = await generate('-n', '20', '--method', 'openai', '--model', 'gpt-4.1')
    expect(changed.code).toBe(2)
    expect(changed.stderr).toMatch(
      /model: gpt-4\.1-mini → gpt-4\.1\); 0 of the 6 answers \(\$0\.00 of \$0\.\d+\) can be used again/,
    )
    expect(changed.stderr).toContain('--no-resume to forget them all')
    expect(asked()).toBe(7)

    const anew = await generate('-n', '20', '--method', 'openai', '--model', 'gpt-4.1', '--no-resume')
    expect(anew.code).toBe(0)
    expect(methods((await output()).dialogues).openai).toBeGreaterThan(17)
  })

  it('sends no seed with personal data in it, unless masked', async () => {
    const seeds = JSON.parse(await readFile(EXAMPLE_SEEDS, 'utf8')) as { dialogues: Dialogue[] }
    const [seed] = seeds.dialogues
    if (seed?.messages[2] !== undefined)
      seed.messages[2].text = 'Write to me at jane.roe@example.com or ring 415 555 0134.'
    await writeFile(join(cwd, 'seeds.json'), JSON.stringify(seeds))

    const refused = await generate('-n', '4', '--method', 'openai', '-s', 'seeds.json')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`dialogue ${seed?.dialogue_id}, message 2: An e-mail address`)
    expect(refused.stderr).not.toContain('jane.roe')
    expect(asked()).toBe(0)

    const masked = await generate('-n', '4', '--method', 'openai', '-s', 'seeds.json', '--mask-pii')
    expect(masked.code).toBe(0)
    expect(asked()).toBeGreaterThanOrEqual(4)
  })

  it('says how to go on when interrupted, and the same command does', async () => {
    fail('slow@5-')
    const words = ['generate', '-n', '20', '--method', 'openai', '-o', 'out.json', '--concurrency', '2']
    const running = startDialogues(words, { cwd, env })
    await running.shown('by the model')
    await until(() => billed() >= 4)
    running.kill('SIGINT')
    const { code, stderr } = await running.ended
    expect(code).toBe(130)
    expect(stderr).toMatch(
      /What was paid for \(\$0\.\d+\) is kept in out\.json\.answers\.jsonl, and the same command goes on/,
    )
    expect(await readdir(cwd)).toEqual(['out.json.answers.jsonl'])

    fail()
    const again = await dialogues(words, { cwd, env })
    expect(again.code).toBe(0)
    expect((await output()).dialogues).toHaveLength(20)
  })

  it('killed at ten random points completes with exact counts, and pays twice only for what was under way', async () => {
    const concurrency = 6
    const words = ['generate', '-n', '70', '--method', 'openai', '-o', 'out.json', '--random-seed', '12']
    const rng = rngFrom('kill', 1)
    for (let kill = 0; kill < 10; kill++) {
      const target = billed() + Math.floor(rng() * 6)
      const running = startDialogues([...words, '--concurrency', String(concurrency)], { cwd, env })
      await until(() => billed() > target)
      running.kill('SIGKILL')
      await running.ended
      expect(existsSync(join(cwd, 'out.json'))).toBe(false)
    }
    const { code, stdout } = await generate(...words.slice(1), '--concurrency', String(concurrency), '--json')
    expect(code).toBe(0)
    const file = await output()
    expect(file.dialogues).toHaveLength(70)
    expect(new Set(file.dialogues.map(({ dialogue_id }) => dialogue_id)).size).toBe(70)
    const { sources } = (JSON.parse(stdout) as { report: { sources: { answers: { paid: number; reused: number } } } })
      .report
    expect(sources.answers.reused).toBeGreaterThanOrEqual(5)
    expect(billed() - sources.answers.paid).toBeLessThanOrEqual(10 * concurrency)
    expect((await readdir(cwd)).filter((name) => !name.startsWith('.'))).toEqual(['out.json'])
  })
})

/** Turns of the event loop, as many as it takes; the test's own deadline ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}
