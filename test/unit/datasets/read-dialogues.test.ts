import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readDialogues, type ReadDialogue } from '../../../core/datasets/read-dialogues.ts'
import type { Problem } from '../../../core/errors.ts'
import { aDatasetText, aDialogue, anAssistantMessage, aUserMessage, someDialogues } from '../../builders/a-dialogue.ts'
import { byteSource } from '../../builders/byte-source.ts'

async function read(
  content: string | Uint8Array,
  options: { maxRecordBytes?: number; slabBytes?: number; chunkBytes?: number } = {},
): Promise<{ dialogues: ReadDialogue[]; problems: Problem[]; header: Record<string, unknown> }> {
  const problems: Problem[] = []
  const dialogues: ReadDialogue[] = []
  let header: Record<string, unknown> = {}
  const source = byteSource(content, options.chunkBytes)
  for await (const dialogue of readDialogues(source, {
    file: 'set.json',
    onProblem: (problem) => problems.push(problem),
    onHeader: (found) => (header = found),
    ...options,
  }))
    dialogues.push(dialogue)
  return { dialogues, problems, header }
}

const lines = (records: readonly unknown[]): string => records.map((record) => JSON.stringify(record)).join('\n')
const ids = (read: { dialogues: ReadDialogue[] }): string[] =>
  read.dialogues.map(({ dialogue }) => dialogue.dialogue_id)

describe('the format goes by content', () => {
  const five = someDialogues(5)
  const expected = five.map((dialogue) => dialogue.dialogue_id)
  const forms: Record<string, string> = {
    'an object with dialogues': aDatasetText(five, { description: 'd' }),
    'a compact object': JSON.stringify({ version: '1.0', dialogues: five, statistics: { total_dialogues: 99 } }),
    'a bare array': JSON.stringify(five, null, 4),
    'a compact array': JSON.stringify(five),
    JSONL: lines(five),
    'JSONL with Windows line ends and blank lines': lines(five).replaceAll('\n', '\r\n\r\n') + '\r\n',
    'objects one after the other over several lines': five.map((d) => JSON.stringify(d, null, 2)).join('\n'),
    'our own layout': `{\n  "version": "1.0",\n  "dialogues": [\n${five.map((d) => JSON.stringify(d)).join(',\n')}\n  ]\n}\n`,
    'the list opened on the first line': `{"version":"1.0","dialogues":[\n${five.map((d) => JSON.stringify(d)).join(',\n')}]}`,
  }
  for (const [name, text] of Object.entries(forms)) {
    it(`${name} is read`, async () => {
      const result = await read(text)
      expect(ids(result)).toEqual(expected)
      expect(result.problems).toEqual([])
    })
    it(`${name} is read gzipped, with a byte order mark, in chunks of 7 bytes`, async () => {
      expect(ids(await read(gzipSync(`\uFEFF${text}`), { chunkBytes: 7, slabBytes: 512 }))).toEqual(expected)
    })
  }

  it('a single dialogue alone in a file is a dataset of one', async () => {
    expect(ids(await read(JSON.stringify(aDialogue(), null, 2)))).toEqual(['dialogue_001'])
    expect(ids(await read(JSON.stringify(aDialogue())))).toEqual(['dialogue_001'])
  })

  it('metadata before the dialogues may hold braces, strings with brackets and the word dialogues', async () => {
    const metadata = {
      dialogues: [{ dialogues: '"dialogues": [' }],
      note: '}, {"dialogue_id": "x"',
      deep: [[{ a: '\\"' }]],
    }
    const result = await read(JSON.stringify({ metadata, dialogues: five }, null, 2))
    expect(ids(result)).toEqual(expected)
    expect(result.header).toEqual({ metadata })
  })

  it('each record comes with its own text, its place and its line', async () => {
    const text = `{"dialogues": [\n  ${JSON.stringify(five[0])},\n\n  ${JSON.stringify(five[1], null, 1)}\n]}`
    const { dialogues } = await read(text)
    expect(dialogues.map(({ json }) => json)).toEqual([JSON.stringify(five[0]), JSON.stringify(five[1], null, 1)])
    expect(dialogues.map(({ line, index }) => [line, index])).toEqual([
      [2, 0],
      [4, 1],
    ])
  })

  it('fields that the schema does not know pass through', async () => {
    const known = { ...aDialogue(), extra: { kept: [1, 2] } }
    const { dialogues } = await read(JSON.stringify([known]))
    expect(dialogues[0]?.dialogue).toEqual(known)
  })

  it('an empty list is a dataset of none', async () => {
    expect(ids(await read('{"dialogues": []}'))).toEqual([])
    expect(ids(await read(' [ ] '))).toEqual([])
  })
})

describe('what is no dataset is refused with what it is', () => {
  const refusals: [string, string | Uint8Array, RegExp][] = [
    ['nothing', '', /set\.json: the file is empty/],
    ['blank lines', '\n \n', /the file is empty/],
    ['prose', 'Dear all,\nplease find attached', /set\.json:1: this is not JSON/],
    ['HTML', '<!doctype html><p>', /HTML or XML/],
    ['a zip archive', 'PK\u0003\u0004', /zip archive/],
    ['UTF-16', Buffer.from('\uFEFF[]', 'utf16le'), /UTF-16/],
    ['an object without dialogues', '{"version": "1.0", "dialogs": []}', /no `dialogues` in it/],
    ['a reviews file', '{"version": "1.0", "reviews": []}', /that is a reviews file/],
    ['dialogues that are no array', '{"dialogues": {"a": 1}}', /`dialogues` is not an array/],
    ['a file cut before the first dialogue', '{"version": "1.0", "metadata": {"a"', /ends in the middle/],
    ['broken fields before the dialogues', '{"version": 1.0.0, "dialogues": []}', /not valid JSON/],
  ]
  for (const [name, content, message] of refusals)
    it(name, async () => {
      await expect(read(content)).rejects.toThrow(message)
    })
})

describe('a line that is not JSON is told from one that was cut', () => {
  it.each([
    ['{"dialogue_id": oops}', 'not valid JSON at character 17 of the record'],
    ['{"dialogue_id": "a",, "messages": []}', 'not valid JSON at character 21 of the record'],
    ['{"dialogue_id": "a" "b"}', 'not valid JSON at character 21 of the record'],
    ['{"dialogue_id": tru', 'the record ends in the middle'],
    ['{"dialogue_id": "a", "mess', 'the record ends in the middle'],
    ['{"dialogue_id": "a", "messages": [', 'the record ends in the middle'],
    ['{"dialogue_id": oops', 'not valid JSON at character 17 of the record'],
  ])('%s', async (line, message) => {
    const { problems } = await read(`${JSON.stringify(aDialogue())}\n${line}\n`)
    expect(problems).toMatchObject([{ line: 2, message }])
  })
})

describe('a bad record is left out and reported, its neighbours are kept', () => {
  const good = someDialogues(4)
  const bad: [string, unknown, Partial<Problem>][] = [
    ['without messages', { ...aDialogue({ dialogue_id: 'bad' }), messages: undefined }, { field: 'messages' }],
    ['with no messages in the list', aDialogue({ dialogue_id: 'bad', messages: [] }), { expected: 'at least 2' }],
    [
      'with an unknown role',
      aDialogue({ dialogue_id: 'bad', messages: [aUserMessage(), anAssistantMessage({ role: 'system' })] }),
      { field: 'messages[1].role', expected: 'role user or assistant' },
    ],
    [
      'with an empty text',
      aDialogue({ dialogue_id: 'bad', messages: [aUserMessage({ text: ' ' }), anAssistantMessage()] }),
      { field: 'messages[0].text', message: 'messages[0].text is empty' },
    ],
    [
      'with a mood of 11',
      aDialogue({ dialogue_id: 'bad', user_profile: { concern: 'sleep', mood_score: 11 } }),
      { field: 'user_profile.mood_score', expected: 'at most 10' },
    ],
    [
      'with an unknown session type',
      { ...aDialogue({ dialogue_id: 'bad' }), session_type: 'checkin' },
      { field: 'session_type', fix: 'Did you mean check-in?' },
    ],
    [
      'with an id that stands already',
      aDialogue({ dialogue_id: 'dialogue_002' }),
      { field: 'dialogue_id', dialogue_id: 'dialogue_002' },
    ],
    ['that is no object', 7, { message: 'the record is a number' }],
  ]
  for (const [name, record, problem] of bad) {
    const mixed = [good[0], good[1], record, good[2], good[3]]
    for (const [form, text] of [
      ['JSONL', lines(mixed)],
      ['a list', JSON.stringify({ dialogues: mixed }, null, 2)],
      ['a compact list', JSON.stringify(mixed)],
    ] as const)
      it(`a dialogue ${name}, in ${form}`, async () => {
        const result = await read(text)
        expect(ids(result)).toEqual(good.map(({ dialogue_id }) => dialogue_id))
        expect(result.problems).toHaveLength(1)
        expect(result.problems[0]).toMatchObject({ file: 'set.json', record: 2, ...problem })
        expect(result.problems[0]?.line).toBeGreaterThan(0)
      })
  }

  for (const [name, spoil] of [
    ['a missing bracket', (json: string) => json.replace('}', '')],
    ['a missing quote', (json: string) => json.replace('"check-in"', '"check-in')],
    ['a stray word', (json: string) => json.replace('"session_type"', 'oops "session_type"')],
  ] as const) {
    for (const indent of [0, 2] as const)
      it(`${name} spoils one dialogue of ${indent === 0 ? 'JSONL' : 'a pretty-printed list'}`, async () => {
        const records = good.map((dialogue) => JSON.stringify(dialogue, null, indent))
        records[2] = spoil(records[2] ?? '')
        const text = indent === 0 ? records.join('\n') : `{"dialogues": [\n${records.join(',\n')}\n]}`
        const result = await read(text)
        expect(ids(result)).toEqual(['dialogue_001', 'dialogue_002', 'dialogue_004'])
        expect(result.problems).toHaveLength(1)
        expect(result.problems[0]?.record).toBe(2)
      })
  }

  it('text in Latin-1 is reported with its line and the way to convert it', async () => {
    const texts = someDialogues(3, () => ({})).map((dialogue) => JSON.stringify(dialogue))
    const bytes = Buffer.from(
      `${texts[0]}\n${texts[1]?.replace('tense', 'd\u00e9j\u00e0 vu')}\n${texts[2]}\n`,
      'latin1',
    )
    const result = await read(bytes)
    expect(ids(result)).toEqual(['dialogue_001', 'dialogue_003'])
    expect(result.problems).toMatchObject([{ line: 2, fix: expect.stringContaining('latin1') as string }])
  })

  it('no report quotes what a dialogue says', async () => {
    const secret = 'nobody may read this'
    const record = JSON.stringify(aDialogue({ messages: [aUserMessage({ text: secret }), anAssistantMessage()] }))
    const { problems } = await read(`${record.replace('"}', '"oops}')}\n${record.slice(0, -40)}\n`)
    expect(problems).toHaveLength(2)
    expect(JSON.stringify(problems)).not.toContain(secret)
  })
})

describe('a file cut in the middle keeps the dialogues before the cut', () => {
  const text = aDatasetText(someDialogues(6))
  it('wherever it is cut', async () => {
    for (let cut = text.indexOf('[') + 1; cut < text.length - 1; cut += 37) {
      const part = text.slice(0, cut)
      const whole = (part.match(/\n {4}\}/g) ?? []).length
      const result = await read(part)
      expect(result.dialogues).toHaveLength(whole)
      expect(result.problems).toHaveLength(1)
      expect(result.problems[0]?.line).toBeLessThanOrEqual(part.split('\n').length)
    }
  })

  it('also when it is gzipped', async () => {
    const packed = gzipSync(aDatasetText(someDialogues(500)))
    const result = await read(packed.subarray(0, packed.length - 200))
    expect(result.dialogues.length).toBeGreaterThan(400)
    expect(result.problems.map((problem) => problem.message).join()).toMatch(/gzip data ends in the middle/)
  })

  it('a gzipped file that lacks only its checksum is reported, and nothing of it is lost', async () => {
    const packed = gzipSync(lines(someDialogues(5)))
    const result = await read(packed.subarray(0, packed.length - 4))
    expect(result.dialogues).toHaveLength(5)
    expect(result.problems).toHaveLength(1)
  })
})

describe('a record longer than the limit', () => {
  const [before, after] = someDialogues(2)
  const long = JSON.stringify(aDialogue({ dialogue_id: 'long', note: 'x'.repeat(300_000) }))
  const forms: Record<string, string> = {
    JSONL: `${JSON.stringify(before)}\n${long}\n${JSON.stringify(after)}\n`,
    'a list': `[${JSON.stringify(before)},${long},${JSON.stringify(after)}]`,
  }
  for (const [name, text] of Object.entries(forms))
    it(`is skipped and reported, in ${name}`, async () => {
      const result = await read(text, { maxRecordBytes: 64 * 1024, slabBytes: 4096, chunkBytes: 1000 })
      expect(ids(result)).toEqual(['dialogue_001', 'dialogue_002'])
      expect(result.problems).toMatchObject([
        { record: 1, message: expect.stringMatching(/longer than 0.1 MiB/) as string },
      ])
    })

  it('is read when the limit allows it, whatever the size of the slab', async () => {
    expect((await read(forms['a list'] ?? '', { slabBytes: 4096 })).dialogues).toHaveLength(3)
    expect((await read(forms['JSONL'] ?? '', { slabBytes: 4096 })).dialogues).toHaveLength(3)
  })
})
