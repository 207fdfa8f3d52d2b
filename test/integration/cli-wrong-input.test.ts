import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aDatasetText, aDialogue, someDialogues } from '../builders/a-dialogue.ts'
import { aFolder, dialogues, EXAMPLE_SEEDS } from './dialogues-process.ts'
import type { Ended } from './dialogues-process.ts'

let cwd: string
beforeEach(async () => {
  cwd = await aFolder()
})
afterEach(async () => {
  await rm(cwd, { recursive: true })
})

const run = (...words: string[]) => dialogues(words, { cwd })
const put = (name: string, content: string | Uint8Array) => writeFile(join(cwd, name), content)

/** One message for a person: what, where, what to do; no trace of the program's insides. */
function expectOneMessage(ended: Ended, code: number, text: string): void {
  expect(ended.stderr).toContain(text)
  expect(ended.stderr.match(/error:/g)).toHaveLength(1)
  expect(ended.stderr).not.toMatch(/\.ts:\d|node:internal|^\s+at /m)
  expect(ended.code).toBe(code)
}

describe('a wrong command line', () => {
  it('exits 2 and suggests the command that was meant', async () => {
    expectOneMessage(await run('genrate'), 2, 'Did you mean generate?')
  })

  it('exits 2 and suggests the option that was meant', async () => {
    expectOneMessage(await run('stats', '--jsn', EXAMPLE_SEEDS), 2, 'Did you mean --json?')
  })

  it('exits 2 without a command, and shows them all', async () => {
    const { code, stdout, stderr } = await run()

    expect(code).toBe(2)
    for (const command of ['generate', 'review', 'apply', 'merge', 'stats', 'validate', 'report', 'verify'])
      expect(`${stdout}${stderr}`).toContain(`  ${command} `)
  })

  it.each(['generate', 'review', 'apply', 'merge', 'stats', 'validate', 'report', 'verify'])(
    'is helped by %s --help, with examples, and exit code 0',
    async (command) => {
      const { code, stdout } = await run(command, '--help')

      expect(code).toBe(0)
      expect(stdout).toContain(`$ dialogues ${command}`)
    },
  )
})

describe('a wrong input file', () => {
  it.each([
    ['is not there', 'nothing.json', 2, 'there is no file nothing.json'],
    ['is in a folder that is not there', 'no/nothing.json', 2, 'there is no folder no'],
    ['is a folder', 'folder', 2, 'folder is a folder, and a file is needed'],
    ['is empty', 'empty.json', 1, 'empty.json: the file is empty (0 bytes)'],
    ['is not JSON', 'text.json', 1, 'text.json:1: this is not JSON'],
    ['has no dialogues', 'other.json', 1, 'other.json: there are no `dialogues` in it'],
    ['is a link to itself', 'loop.json', 2, 'its links go round in a circle'],
  ])('that %s is refused with one message', async (_, name, code, text) => {
    await mkdir(join(cwd, 'folder'))
    await put('empty.json', '')
    await put('text.json', 'Dear diary,\n')
    await put('other.json', '{"reviews": []}')
    await symlink('loop.json', join(cwd, 'loop.json'))

    expectOneMessage(await run('stats', name), code, text)
  })

  it('that is nearly named suggests the one that is there', async () => {
    await put('synthetic.json', '[]')

    expectOneMessage(await run('stats', 'synthetic.jsn'), 2, 'Did you mean synthetic.json?')
  })

  it.each([
    [
      'is cut in the middle',
      aDatasetText(someDialogues(3)).slice(0, -600),
      'the file ends in the middle of this record',
    ],
    [
      'repeats an id',
      aDatasetText([...someDialogues(2), someDialogues(1)[0]]),
      'dialogue_001 stands at line 4 already',
    ],
    [
      'has a mood of 11',
      aDatasetText([...someDialogues(2), aDialogue({ user_profile: { concern: 'grief', mood_score: 11 } })]),
      'user_profile.mood_score',
    ],
    [
      'has a dialogue without messages',
      aDatasetText([...someDialogues(2), { ...aDialogue(), messages: [] }]),
      'messages',
    ],
    [
      'has an unknown role',
      aDatasetText([
        ...someDialogues(2),
        {
          ...aDialogue(),
          messages: [
            { role: 'bot', text: 'x' },
            { role: 'user', text: 'y' },
          ],
        },
      ]),
      'messages[0].role',
    ],
    [
      'has an empty text',
      aDatasetText([
        ...someDialogues(2),
        {
          ...aDialogue(),
          messages: [
            { role: 'user', text: ' ' },
            { role: 'user', text: 'y' },
          ],
        },
      ]),
      'messages[0].text',
    ],
  ])('that %s keeps its good dialogues, names the file and the line, and exits 1', async (_, text, complaint) => {
    await put('partly.json', text)

    const ended = await run('stats', 'partly.json', '--json')

    expectOneMessage(ended, 1, complaint)
    expect(ended.stderr).toMatch(/partly\.json:\d+: /)
    expect(JSON.parse(ended.stdout)).toMatchObject({ statistics: { total_dialogues: 2 }, problems: { count: 1 } })
  })

  it('in Latin-1 says that it is not UTF-8', async () => {
    await put('latin1.json', Buffer.from(aDatasetText([aDialogue({ dialogue_id: 'caf\u00e9' })]), 'latin1'))

    const ended = await run('stats', 'latin1.json')

    expectOneMessage(ended, 1, 'UTF-8')
  })

  it('with escape sequences in an id shows them as �, and passes none on to the terminal', async () => {
    await put('nasty.json', aDatasetText([...someDialogues(1), { dialogue_id: '\u001b]0;owned\u0007' }]))

    const ended = await run('stats', 'nasty.json')

    expectOneMessage(ended, 1, '(dialogue \ufffd]0;owned\ufffd)')
    expect(ended.stderr).not.toContain('\u001b')
  })

  it('of 100 MB on one line is refused in flat memory', async () => {
    const dialogue = aDialogue()
    dialogue.messages[0]!.text = 'x'.repeat(100_000_000)
    await put('long.jsonl', `${JSON.stringify(aDialogue({ dialogue_id: 'short' }))}\n${JSON.stringify(dialogue)}\n`)

    const ended = await run('stats', 'long.jsonl', '--json')

    expectOneMessage(ended, 1, 'long.jsonl:2: this record is longer than')
    expect(JSON.parse(ended.stdout)).toMatchObject({ statistics: { total_dialogues: 1 } })
  })

  it('reports the failure as JSON too when JSON is asked for', async () => {
    const { stdout, code } = await run('stats', 'nothing.json', '--json')

    expect(JSON.parse(stdout)).toMatchObject({
      error: expect.stringContaining('no file nothing.json') as string,
      exit_code: 2,
    })
    expect(code).toBe(2)
  })
})

describe('a wrong output place', () => {
  it.each([
    ['a folder', '.', 'is a folder'],
    ['in a missing folder', 'no/out.json', 'Make it first: mkdir -p no'],
    ['inside a file', 'in.json/out.json', 'a part of the path is a file'],
    ['the input itself', 'in.json', 'an input is never overwritten'],
    ['nowhere that can be written', '/proc/out.json', 'cannot write /proc/out.json'],
    ['too long a name', `${'n'.repeat(300)}.json`, 'the name is too long'],
  ])('%s is refused before anything is done', async (_, output, text) => {
    await put('in.json', aDatasetText(someDialogues(2)))

    const ended = await run('review', '-i', 'in.json', '-o', output)

    expectOneMessage(ended, 2, text)
    expect(await readdir(cwd)).toEqual(['in.json'])
  })
})
