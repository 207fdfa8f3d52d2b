import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aDatasetText, aDialogue, someDialogues } from '../builders/a-dialogue.ts'
import { aPlainReview } from '../builders/a-review.ts'
import { aFolder, dialogues, startDialogues } from './dialogues-process.ts'

let cwd: string
beforeEach(async () => {
  cwd = await aFolder()
})
afterEach(async () => {
  await rm(cwd, { recursive: true })
})

const run = (...words: string[]) => dialogues(words, { cwd })
const put = (name: string, content: string) => writeFile(join(cwd, name), content)

/** Some 60 MB: long enough at work to be stopped in the middle. */
async function putLargeDataset(name: string): Promise<void> {
  const lines = someDialogues(100_000).map((dialogue) => JSON.stringify(dialogue))
  await put(name, `${lines.join('\n')}\n`)
}

/** Resolves when the folder holds a file or folder whose name ends so. */
async function appears(ending: string): Promise<void> {
  while (!(await readdir(cwd)).some((name) => name.endsWith(ending)))
    await new Promise((resolve) => setImmediate(resolve))
}

describe('dialogues merge', () => {
  it('keeps the good dialogues of a partly bad file, says what is wrong, and exits 1', async () => {
    await put('a.json', aDatasetText([...someDialogues(2), { dialogue_id: 'bad' }]))

    const { code, stderr, stdout } = await run('merge', '-f', 'a.json', '-o', 'out.jsonl.gz', '--json')

    expect(code).toBe(1)
    expect(stderr).toMatch(/a\.json:\d+: .*\(dialogue bad\)/)
    expect(JSON.parse(stdout)).toMatchObject({ read: 3, written: 2, records: { failed: 1 } })
    expect(
      gunzipSync(await readFile(join(cwd, 'out.jsonl.gz')))
        .toString('utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(2)
  })

  it.each([
    ['out.json', 'out.json'],
    ['out', 'out/combined.json'],
  ])('writes nothing when no record is valid, leaves what was there, and says so: -o %s', async (output, kept) => {
    await put('a.json', aDatasetText([{ dialogue_id: 'bad' }, { dialogue_id: 'worse' }]))
    await put('good.json', aDatasetText(someDialogues(2)))

    const { code, stdout, stderr } = await run('merge', '-f', 'a.json', '-o', output)

    expect(code).toBe(1)
    expect(stderr).toMatch(/a\.json:\d+: .*\(dialogue worse\)/)
    expect(stderr).toContain('there is no dialogue to write: 2 read, 2 not valid')
    expect(stdout).not.toContain('0 dialogues in')
    expect((await readdir(cwd)).sort()).toEqual(['a.json', 'good.json'])

    await run('merge', '-f', 'good.json', '-o', output)
    const before = await readFile(join(cwd, kept), 'utf8')
    expect((await run('merge', '-f', 'a.json', '-o', output)).code).toBe(1)
    expect(await readFile(join(cwd, kept), 'utf8')).toBe(before)
    expect((await readdir(cwd)).sort()).toEqual(['a.json', 'good.json', output])
  })

  it('gives the same bytes for the same inputs', async () => {
    await put('a.json', aDatasetText(someDialogues(30)))

    await run('merge', '-f', 'a.json', '-o', 'one/')
    await run('merge', '-f', 'a.json', '-o', 'two')

    for (const name of await readdir(join(cwd, 'one')))
      expect(await readFile(join(cwd, 'two', name), 'utf8'), name).toBe(await readFile(join(cwd, 'one', name), 'utf8'))
  })

  it('takes the system prompt of the chat formats from a file, and leaves it out for an empty one', async () => {
    await put('a.json', aDatasetText([aDialogue()]))
    await put('prompt.txt', 'Be kind.\n')
    await put('none.txt', '\n')

    await run('merge', '-f', 'a.json', '-o', 'with', '--system-prompt', 'prompt.txt')
    await run('merge', '-f', 'a.json', '-o', 'without', '--system-prompt', 'none.txt')

    const roles = async (folder: string) =>
      (
        JSON.parse(await readFile(join(cwd, folder, 'chat.jsonl'), 'utf8')) as {
          messages: { role: string; content: string }[]
        }
      ).messages
    expect((await roles('with'))[0]).toEqual({ role: 'system', content: 'Be kind.' })
    expect((await roles('without'))[0]?.role).toBe('user')
  })

  it('leaves nothing half written after kill -9, and the next run clears its rest away', async () => {
    await putLargeDataset('large.jsonl')
    const killed = startDialogues(['merge', '-f', 'large.jsonl', '-o', 'training'], { cwd })
    await appears('.partial')
    killed.kill('SIGKILL')
    await killed.ended
    expect(await readdir(cwd)).not.toContain('training')

    await put('small.json', aDatasetText(someDialogues(2)))
    const { code } = await run('merge', '-f', 'small.json', '-o', 'training')

    expect(code).toBe(0)
    expect((await readdir(cwd)).sort()).toEqual(['large.jsonl', 'small.json', 'training'])
  })

  it('leaves what was there on Ctrl-C', async () => {
    await putLargeDataset('large.jsonl')
    await put('out.jsonl', 'what was there')
    const running = startDialogues(['merge', '-f', 'large.jsonl', '-o', 'out.jsonl'], { cwd })
    await appears('.partial')
    running.kill('SIGINT')
    const { code, stderr } = await running.ended

    expect(code).toBe(130)
    expect(stderr).toContain('Interrupted; out.jsonl is as it was before.')
    expect((await readdir(cwd)).sort()).toEqual(['large.jsonl', 'out.jsonl'])
    expect(await readFile(join(cwd, 'out.jsonl'), 'utf8')).toBe('what was there')
  })
})

describe('dialogues apply', () => {
  it('takes reviews of the present tools, by id alone, and says so', async () => {
    await put('data.json', aDatasetText(someDialogues(3)))
    await put(
      'reviews.json',
      JSON.stringify({ reviews: [aPlainReview(), aPlainReview({ dialogue_id: 'dialogue_002', status: 'rejected' })] }),
    )

    const { code, stderr, stdout } = await run('apply', '-d', 'data.json', '-r', 'reviews.json', '-o', 'out.json')

    expect(code).toBe(0)
    expect(stderr).toContain('2 verdicts name no content hash')
    expect(stdout).toMatch(/written +1\n/)
  })

  it('refuses reviews of other dialogues, says how many matched, and writes nothing', async () => {
    await put('data.json', aDatasetText(someDialogues(3)))
    await put('reviews.json', JSON.stringify({ reviews: [aPlainReview({ dialogue_id: 'elsewhere' })] }))

    const { code, stderr } = await run('apply', '-d', 'data.json', '-r', 'reviews.json', '-o', 'out.json')

    expect(code).toBe(1)
    expect(stderr).toContain('(0 matched)')
    expect((await readdir(cwd)).sort()).toEqual(['data.json', 'reviews.json'])
  })

  it('refuses reviews while some of them stand only in the journal of an interrupted review', async () => {
    await put('data.json', aDatasetText(someDialogues(3)))
    const killed = startDialogues(['review', '-i', 'data.json', '-o', 'reviews.json'], { cwd })
    killed.type('1\n')
    await killed.shown('Approved: dialogue_001')
    killed.kill('SIGKILL')
    await killed.ended
    await put('reviews.json', JSON.stringify({ reviews: [] }))

    const { code, stderr } = await run('apply', '-d', 'data.json', '-r', 'reviews.json', '-o', 'out.json')

    expect(code).toBe(2)
    expect(stderr).toContain('dialogues review -i <dataset> -o reviews.json </dev/null')
    expect((await run('review', '-i', 'data.json', '-o', 'reviews.json')).code).toBe(0)
    expect((await run('apply', '-d', 'data.json', '-r', 'reviews.json', '-o', 'out.json')).code).toBe(0)
  })
})
