import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import { aDatasetText, someDialogues } from '../builders/a-dialogue.ts'
import { aFolder, dialogues, EXAMPLE_SEEDS, startDialogues } from './dialogues-process.ts'

let cwd: string
beforeEach(async () => {
  cwd = await aFolder()
})
afterEach(async () => {
  await rm(cwd, { recursive: true })
})

const generate = (...words: string[]) => dialogues(['generate', ...words], { cwd })
const bytesOf = (name: string) => readFile(join(cwd, name))
const sha256Of = async (name: string) =>
  createHash('sha256')
    .update(await bytesOf(name))
    .digest('hex')
const datasetOf = async (name: string) =>
  JSON.parse(await readFile(join(cwd, name), 'utf8')) as {
    dialogues: Dialogue[]
    total_dialogues: number
    generated_at: string
    metadata: Record<string, unknown>
  }

describe('dialogues generate', () => {
  it('gives the same bytes for the same request, seed file and random seed, at any hour and from any folder', async () => {
    const words = ['-n', '8', '-s', EXAMPLE_SEEDS, '--random-seed', '7']

    await generate(...words, '-o', 'a.json')
    await dialogues(['generate', ...words, '-o', join(cwd, 'b.json')], { cwd: '/' })
    await dialogues(['generate', ...words, '-o', 'c.json'], { cwd, env: { SOURCE_DATE_EPOCH: '1000000000' } })

    expect(await sha256Of('b.json')).toBe(await sha256Of('a.json'))
    expect((await datasetOf('c.json')).generated_at).toBe('2001-09-09T01:46:40Z')
    expect(await sha256Of('c.json')).not.toBe(await sha256Of('a.json'))
  })

  it('prints the random seed that it drew, with the command that repeats the run', async () => {
    const first = await generate('-n', '3', '-o', 'a.json')
    const [, seed] = /--random-seed (\d+)/.exec(first.stderr) ?? []
    const second = await generate('-n', '3', '-o', 'b.json')

    await generate('-n', '3', '-o', 'c.json', '--random-seed', seed ?? '')

    expect(await sha256Of('c.json')).toBe(await sha256Of('a.json'))
    expect(await sha256Of('b.json')).not.toBe(await sha256Of('a.json'))
    expect(second.stderr).not.toContain(`--random-seed ${seed} `)
  })

  it('writes only what was named, and one dialogue a line for .jsonl, gzipped for .gz', async () => {
    const { code, stdout } = await generate(
      '-n',
      '6',
      '-c',
      'anxiety',
      'grief',
      '-t',
      'check-in',
      '-o',
      'few.jsonl.gz',
      '--json',
    )

    expect(code).toBe(0)
    const lines = gunzipSync(await bytesOf('few.jsonl.gz'))
      .toString('utf8')
      .trimEnd()
      .split('\n')
    const written = lines.map((line) => JSON.parse(line) as Dialogue)
    expect(written).toHaveLength(6)
    expect(new Set(written.map((one) => one.session_type))).toEqual(new Set(['check-in']))
    expect(new Set(written.map((one) => one.user_profile.concern))).toEqual(new Set(['anxiety', 'grief']))
    expect(JSON.parse(stdout)).toMatchObject({
      dialogues: 6,
      output: 'few.jsonl.gz',
      report: { requested: 6, written: 6 },
    })
  })

  it('gives a dataset that present tools can read, with its own numbers right', async () => {
    await generate('-n', '5', '-o', 'out.json')

    const dataset = await datasetOf('out.json')
    expect(dataset.total_dialogues).toBe(5)
    for (const dialogue of dataset.dialogues) {
      expect(dialogue.labels).toBeTypeOf('object')
      expect(dialogue.user_profile.concern).toBeTypeOf('string')
      expect(dialogue.messages.length).toBeGreaterThanOrEqual(2)
      for (const message of dialogue.messages) expect(['user', 'assistant']).toContain(message.role)
    }
  })

  it('uses the good dialogues of a partly bad seed file, says so, and exits 1', async () => {
    await writeFile(join(cwd, 'seeds.json'), aDatasetText([...someDialogues(3), { dialogue_id: 'bad' }]))

    const { code, stderr, stdout } = await generate('-n', '3', '-s', 'seeds.json', '-o', 'out.json', '--json')

    expect(code).toBe(1)
    expect(stderr).toMatch(/seeds\.json:\d+: .*\(dialogue bad\)/)
    expect(JSON.parse(stdout)).toMatchObject({ dialogues: 3, seeds: { used: 3, problems: { count: 1 } } })
  })

  it.each([
    [['-n', '0'], "argument '0' is invalid. Expected a whole number from 1 to"],
    [['-n', '-5'], "argument '-5' is invalid"],
    [['-n', '1e9'], "argument '1e9' is invalid"],
    [['-n', 'abc'], "argument 'abc' is invalid"],
    [['-n', '1000000000'], "argument '1000000000' is invalid"],
    [['-c', 'anxeity'], 'Did you mean "anxiety"?'],
    [['-t', 'gentle-deep'], 'Did you mean gentle_deep?'],
    [['--use-openai'], 'OPENAI_API_KEY is not set'],
    [['--method', 'hybrid'], 'OPENAI_API_KEY is not set'],
    [['--model', 'gpt-5'], '--model is for a language model, and none is asked for'],
    [['--method', 'magic'], 'Allowed choices are template, openai, hybrid'],
  ])('refuses %j with one message and exit code 2, and writes nothing', async (words, text) => {
    const { code, stderr } = await generate(...words, '-o', 'out.json')

    expect(code).toBe(2)
    expect(stderr).toContain(text)
    expect(stderr.match(/error:/g)).toHaveLength(1)
    expect(await readdir(cwd)).toEqual([])
  })

  it('leaves no half file on Ctrl-C, keeps what was there, and says how to go on', async () => {
    await writeFile(join(cwd, 'out.json'), 'what was there')
    const running = startDialogues(['generate', '-n', '100000', '-o', 'out.json', '--random-seed', '3'], { cwd })
    await running.shown('Random seed 3')
    running.kill('SIGINT')
    const { code, stderr } = await running.ended

    expect(code).toBe(130)
    expect(stderr).toMatch(/Interrupted after [\d,]+ of 100,000 dialogues; out\.json is as it was before\./)
    expect(stderr).toContain('dialogues generate --count 100000 --random-seed 3 --output out.json')
    expect(await readdir(cwd)).toEqual(['out.json'])
    expect(await readFile(join(cwd, 'out.json'), 'utf8')).toBe('what was there')
  })

  it('leaves no half file under the name after kill -9, and the next run clears its rest away', async () => {
    const killed = startDialogues(['generate', '-n', '100000', '-o', 'out.json'], { cwd })
    await killed.shown('Random seed')
    killed.kill('SIGKILL')
    await killed.ended
    expect(await readdir(cwd)).not.toContain('out.json')

    const { code } = await generate('-n', '2', '-o', 'out.json')

    expect(code).toBe(0)
    expect(await readdir(cwd)).toEqual(['out.json'])
  })
})
