import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentSha256 } from '../../../core/dialogue/content-hash.ts'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import type { Problem } from '../../../core/errors.ts'
import { mergeDatasets, type MergeInput, type MergeOptions } from '../../../core/merge/merge-datasets.ts'
import type { MergeReport } from '../../../core/merge/merge-report.ts'
import { TRAINING_FILES } from '../../../core/merge/training-files.ts'
import { aDatasetText, aDialogue, anAssistantMessage, aUserMessage, someDialogues } from '../../builders/a-dialogue.ts'
import { anyDialogue, anyJsonStyle } from '../../builders/arbitrary-dialogue.ts'
import { byteSource, textOf } from '../../builders/byte-source.ts'

const lines = (dialogues: readonly unknown[]): string => dialogues.map((d) => `${JSON.stringify(d)}\n`).join('')

function input(file: string, content: string, kind: MergeInput['kind'] = 'auto'): MergeInput {
  return { file, kind, open: () => byteSource(content) }
}

async function merge(
  inputs: readonly MergeInput[],
  options: Partial<MergeOptions> = {},
): Promise<{ files: Record<string, string>; report: MergeReport; problems: Problem[]; dialogues: Dialogue[] }> {
  const files: Record<string, string> = {}
  const problems: Problem[] = []
  const report = await mergeDatasets({
    inputs,
    write: async (name, body) => {
      files[name] = await textOf(body)
    },
    onProblem: (problem) => problems.push(problem),
    ...options,
  })
  const dialogues = recordsOf(files['combined.jsonl'] ?? '')
  expect(report.read).toBe(Object.values(report.records).reduce((sum, count) => sum + count, 0))
  expect(report.written).toBe(report.by_source.seed + report.by_source.synthetic)
  for (const about of report.inputs)
    expect(about.read).toBe(Object.values(about.records).reduce((sum, count) => sum + count, 0))
  return { files, report, problems, dialogues }
}

const recordsOf = (text: string): Dialogue[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Dialogue)
const ids = (dialogues: readonly Dialogue[]): string[] => dialogues.map((dialogue) => dialogue.dialogue_id)

const seed = (id: string, text = `seed ${id}`): Dialogue =>
  aDialogue({
    dialogue_id: id,
    messages: [aUserMessage({ text }), anAssistantMessage()],
    labels: { max_risk_level: 'none' },
  })
const synthetic = (id: string, text = `synthetic ${id}`): Dialogue =>
  aDialogue({ dialogue_id: id, messages: [aUserMessage({ text }), anAssistantMessage()], labels: { synthetic: true } })

describe('a training set', () => {
  const seeds = [seed('s1'), seed('s2')]
  const made = [synthetic('a'), synthetic('b'), synthetic('c')]
  const inputs = [input('approved.jsonl', lines(made)), input('seeds.json', aDatasetText(seeds))]

  it('holds every file, each with what its name says', async () => {
    const { files, report, dialogues } = await merge(inputs)
    expect(Object.keys(files).sort()).toEqual([...TRAINING_FILES].sort())
    expect(ids(dialogues)).toEqual(['s1', 's2', 'a', 'b', 'c'])
    const combined = JSON.parse(files['combined.json'] ?? '') as { dialogues: Dialogue[]; total_dialogues: number }
    expect(combined.dialogues).toEqual(dialogues)
    expect(combined).toMatchObject({ version: '1.0', total_dialogues: 5, statistics: { total_dialogues: 5 } })
    const parts = ['train', 'validation', 'test'].flatMap((name) => recordsOf(files[`${name}.jsonl`] ?? ''))
    expect(ids(parts).sort()).toEqual(ids(dialogues).sort())
    expect(JSON.parse(files['manifest.json'] ?? '')).toEqual(report)
  })

  it('has a manifest that names every input and file by its hash and accounts for every record', async () => {
    const { files, report } = await merge(inputs)
    const sha = (text: string) => createHash('sha256').update(text).digest('hex')
    expect(report.inputs).toMatchObject([
      { file: 'approved.jsonl', kind: 'synthetic', sha256: sha(lines(made)), read: 3, records: { written: 3 } },
      { file: 'seeds.json', kind: 'seed', sha256: sha(aDatasetText(seeds)), read: 2, records: { written: 2 } },
    ])
    for (const [name, about] of Object.entries(report.files))
      expect(about).toMatchObject({ sha256: sha(files[name] ?? ''), bytes: Buffer.byteLength(files[name] ?? '') })
    expect(report.files['chat.jsonl']?.records).toBe(5)
    expect(report).toMatchObject({ read: 5, written: 5, by_source: { seed: 2, synthetic: 3 }, without_approval: 3 })
    expect(report.notes.join()).toMatch(/3 synthetic dialogues in it carry no clinician's approval/)
  })

  it('has chat lines for training tools, one for each dialogue', async () => {
    const odd = aDialogue({ messages: [aUserMessage(), anAssistantMessage({ text: 'a "b" — \n' }), aUserMessage()] })
    const { files } = await merge([input('x', lines([odd]))], { systemPrompt: 'Be kind.' })
    expect(JSON.parse(files['chat.jsonl'] ?? '')).toEqual({
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: odd.messages[0]?.text },
        { role: 'assistant', content: 'a "b" — \n' },
      ],
    })
    expect(JSON.parse(files['sharegpt.jsonl'] ?? '')).toEqual({
      id: odd.dialogue_id,
      conversations: [
        { from: 'system', value: 'Be kind.' },
        { from: 'human', value: odd.messages[0]?.text },
        { from: 'gpt', value: 'a "b" — \n' },
      ],
    })
    const bare = await merge([input('x', lines([odd]))], { systemPrompt: null, outputs: ['chat.jsonl'] })
    expect(Object.keys(bare.files)).toEqual(['chat.jsonl'])
    expect((JSON.parse(bare.files['chat.jsonl'] ?? '') as { messages: unknown[] }).messages).toHaveLength(2)
  })

  it('has a card that a person can read', async () => {
    const { files } = await merge(inputs, { now: '2026-02-03T10:00:00Z' })
    const card = files['dataset-card.md'] ?? ''
    expect(card).toMatch(/^# Training set of 5 supportive dialogues\n/)
    expect(card).toContain('2026-02-03T10:00:00Z')
    expect(card).toContain('| `seeds.json` | seed | 2 | 2 | 0 | 0 |')
  })

  it('is the same bytes for the same inputs', async () => {
    expect((await merge(inputs)).files).toEqual((await merge(inputs)).files)
  })

  it('of nothing is empty files', async () => {
    const { files, report } = await merge([input('empty.json', '{"dialogues": []}')])
    expect(report).toMatchObject({ read: 0, written: 0 })
    expect(files['train.jsonl']).toBe('')
    expect(JSON.parse(files['combined.json'] ?? '')).toMatchObject({ dialogues: [], total_dialogues: 0 })
  })

  it('leaves a bad record out, reports it once and keeps the rest', async () => {
    const bad = `${lines([made[0]])}{"dialogue_id": 1}\nnot json\n${lines([made[1]])}`
    const { report, problems } = await merge([input('approved.jsonl', bad)])
    expect(report.records).toMatchObject({ written: 2, failed: 2 })
    expect(problems.map(({ line }) => line)).toEqual([2, 3])
  })
})

describe('duplicates', () => {
  it('by id and text, and by text alone, are left out and listed with what they repeat', async () => {
    const { report, dialogues } = await merge([
      input('one', lines([synthetic('a', 'x'), synthetic('b', 'y')])),
      input('two', lines([synthetic('a', 'x'), synthetic('c', ' y ')])),
    ])
    expect(ids(dialogues)).toEqual(['a', 'b'])
    expect(report.records).toMatchObject({ written: 2, same_id_and_text: 1, same_text: 1 })
    expect(report.duplicates).toEqual([
      { dialogue_id: 'a', file: 'two', line: 1, reason: 'same_id_and_text', same_as: 'a' },
      { dialogue_id: 'c', file: 'two', line: 2, reason: 'same_text', same_as: 'b' },
    ])
  })

  it('are the same text in normal form, whatever the escapes, the spaces or the composition', async () => {
    const one = synthetic('a', 'Caf\u00e9 “so” — x')
    const two = JSON.stringify(synthetic('b', ' Cafe\u0301  “so” —\nx')).replace('—', '\\u2014')
    const other = synthetic('c', 'caf\u00e9 “so” — x')
    expect(ids((await merge([input('x', `${lines([one])}${two}\n${lines([other])}`)])).dialogues)).toEqual(['a', 'c'])
  })

  it('differ when the same words are said by the other one', async () => {
    const said = aDialogue({
      dialogue_id: 'a',
      messages: [aUserMessage({ text: 'x' }), anAssistantMessage({ text: 'y' })],
    })
    const swapped = aDialogue({
      dialogue_id: 'b',
      messages: [anAssistantMessage({ text: 'x' }), aUserMessage({ text: 'y' })],
    })
    expect((await merge([input('x', lines([said, swapped]))])).dialogues).toHaveLength(2)
  })

  it('of an id with another text: both are kept, the later under a new id that it can be traced by', async () => {
    const inputs = [
      input('one', lines([synthetic('a', 'x')])),
      input('two', lines([synthetic('a', 'y'), synthetic('b', 'z')])),
    ]
    const { report, dialogues } = await merge(inputs)
    expect(dialogues[0]?.dialogue_id).toBe('a')
    expect(dialogues[1]?.dialogue_id).toMatch(/^a~[0-9a-f]{8}$/)
    expect(dialogues[1]?.['original_dialogue_id']).toBe('a')
    expect(dialogues[1]?.messages[0]?.text).toBe('y')
    expect(report).toMatchObject({
      renamed: 1,
      written: 3,
      renames: [{ dialogue_id: 'a', new_id: dialogues[1]?.dialogue_id }],
    })
    const again = await merge([input('merged', lines(dialogues)), ...inputs])
    expect(again.dialogues).toEqual(dialogues)
    expect(again.report.records).toMatchObject({ written: 3, same_id_and_text: 3 })
  })

  it('of an id that is already taken in its new form take a longer one', async () => {
    const first = await merge([input('x', lines([synthetic('a', 'x'), synthetic('a', 'y')]))])
    const newId = first.dialogues[1]?.dialogue_id ?? ''
    const { dialogues } = await merge([
      input('x', lines([synthetic(newId, 'other'), synthetic('a', 'x'), synthetic('a', 'y')])),
    ])
    expect(dialogues[2]?.dialogue_id).toMatch(new RegExp(`^${newId}[0-9a-f]{8}$`))
  })
})

describe('a seed is never dropped or renamed in favour of a synthetic dialogue', () => {
  const orders: Record<string, MergeInput[]> = {
    'said of the files': [
      input('made', lines([synthetic('a', 'x'), synthetic('s2', 'y')]), 'synthetic'),
      input('seeds', lines([seed('s1', 'x'), seed('s2', 'z')]), 'seed'),
    ],
    'found in the files': [
      input('made', lines([synthetic('a', 'x'), synthetic('s2', 'y')])),
      input('seeds', lines([seed('s1', 'x'), seed('s2', 'z')])),
    ],
    'both kinds in one file': [
      input('mixed', lines([synthetic('a', 'x'), seed('s1', 'x'), synthetic('s2', 'y'), seed('s2', 'z')])),
    ],
    'a seed late in a file that begins with a synthetic one': [
      input('combined', lines([synthetic('a', 'x'), synthetic('s2', 'y')])),
      input('mixed', lines([synthetic('q', 'q'), seed('s1', 'x'), seed('s2', 'z')])),
    ],
  }
  for (const [name, inputs] of Object.entries(orders))
    it(name, async () => {
      const { dialogues, report } = await merge(inputs)
      const byId = new Map(dialogues.map((dialogue) => [dialogue.dialogue_id, dialogue.messages[0]?.text]))
      expect(byId.get('s1')).toBe('x')
      expect(byId.get('s2')).toBe('z')
      expect(byId.has('a')).toBe(false)
      expect(report.by_source.seed).toBe(2)
      expect(report.records.same_text).toBe(1)
      expect(report.renamed).toBe(1)
    })

  it('and a bad record of such files is still reported once', async () => {
    const { problems, report } = await merge([
      input('mixed', `${lines([synthetic('a', 'x')])}{"bad": 1}\noops\n${lines([seed('s1', 'x')])}`),
    ])
    expect(problems).toHaveLength(2)
    expect(report.records).toMatchObject({ written: 1, failed: 2, same_text: 1 })
  })
})

describe('where approval is required', () => {
  const approved = (dialogue: Dialogue): Dialogue => {
    const labels = { ...dialogue.labels, clinician_approved: true }
    return { ...dialogue, labels, content_sha256: contentSha256(dialogue) }
  }
  it('a synthetic dialogue is kept only with it, and only as it was approved', async () => {
    const changed = { ...approved(synthetic('c')), session_type: 'gentle_deep' as const }
    const { dialogues, report } = await merge(
      [input('x', lines([approved(synthetic('a')), synthetic('b'), changed])), input('seeds', lines([seed('s')]))],
      { approval: 'required' },
    )
    expect(ids(dialogues)).toEqual(['s', 'a'])
    expect(report.records).toMatchObject({ written: 2, unapproved: 1, changed: 1 })
    expect(report.without_approval).toBe(0)
  })
})

describe('splits', () => {
  const splitOfEach = async (dialogues: readonly Dialogue[]) => {
    const { files } = await merge([input('x', lines(dialogues))])
    return new Map(
      ['train', 'validation', 'test'].flatMap((name) =>
        recordsOf(files[`${name}.jsonl`] ?? '').map(({ dialogue_id }) => [dialogue_id, name] as const),
      ),
    )
  }

  it('hold every dialogue once and move none when others are added, before or after', async () => {
    const all = someDialogues(200)
    const few = await splitOfEach(all.slice(60, 120))
    const many = await splitOfEach(all)
    expect(many.size).toBe(200)
    for (const [id, split] of few) expect(many.get(id)).toBe(split)
  })

  it('come near the shares asked for', async () => {
    const { report } = await merge([input('x', lines(someDialogues(2000)))], {
      outputs: [],
      splits: { validation: 0.2, test: 0.1 },
    })
    expect(report.splits.train.dialogues / 2000).toBeCloseTo(0.7, 1)
    expect(report.splits.validation.dialogues / 2000).toBeCloseTo(0.2, 1)
    expect(report.splits.test.dialogues / 2000).toBeCloseTo(0.1, 1)
    expect(Object.values(report.splits.train.by_stratum).reduce((a, b) => a + b, 0)).toBe(report.splits.train.dialogues)
  })
})

describe('writers', () => {
  const inputs = [input('x', lines(someDialogues(3000)))]

  it('run side by side, and a slow one is waited for', async () => {
    const sizes: Record<string, number> = {}
    await mergeDatasets({
      inputs,
      outputs: ['combined.json', 'combined.jsonl', 'train.jsonl'],
      onProblem: () => undefined,
      async write(name, body) {
        sizes[name] = 0
        for await (const piece of body) {
          if (name === 'combined.json') await new Promise((resolve) => setImmediate(resolve))
          sizes[name] += piece.length
        }
      },
    })
    expect(sizes['combined.jsonl']).toBeGreaterThan(1_500_000)
    expect(sizes['combined.json']).toBeGreaterThan(sizes['combined.jsonl'] ?? Infinity)
  })

  it('that need nothing, because their file is there, are not waited for', async () => {
    const { files } = await merge(inputs, {
      outputs: ['combined.json', 'combined.jsonl'],
      write: async (name, body) => {
        if (name === 'combined.jsonl') expect(await textOf(body)).toContain('dialogue_001')
      },
    })
    expect(files).toEqual({})
  })

  it('that fail end the merge, and all bodies with it', async () => {
    const ended: string[] = []
    const merging = mergeDatasets({
      inputs,
      outputs: ['combined.json', 'combined.jsonl', 'manifest.json'],
      onProblem: () => undefined,
      async write(name, body) {
        try {
          for await (const _ of body) if (name === 'combined.jsonl') throw new Error('the disk is full')
          ended.push(name)
        } catch (error) {
          ended.push(`${name}: ${String(error)}`)
          throw error
        }
      },
    })
    await expect(merging).rejects.toThrow('the disk is full')
    expect(ended.sort()).toEqual(['combined.json: Error: the disk is full', 'combined.jsonl: Error: the disk is full'])
  })

  it('get nothing whole when an input turns out to be no dataset', async () => {
    const whole: string[] = []
    const merging = mergeDatasets({
      inputs: [...inputs, input('notes.txt', 'Dear all')],
      onProblem: () => undefined,
      async write(name, body) {
        for await (const _ of body);
        whole.push(name)
      },
    })
    await expect(merging).rejects.toThrow(/notes\.txt:1: this is not JSON/)
    expect(whole).toEqual([])
  })
})

describe('the fast and the strict way of merging', () => {
  it('write each dialogue as it is, once, with the counts of a plain count', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyDialogue, { minLength: 1, maxLength: 6 }),
        anyJsonStyle,
        async (dialogues, style) => {
          const { dialogues: written, report } = await merge([
            input('x', `[${dialogues.map(style).join(',')}]`, 'synthetic'),
            input('y', lines(dialogues), 'synthetic'),
          ])
          const parsed = dialogues.map((dialogue) => JSON.parse(JSON.stringify(dialogue)) as Dialogue)
          const key = (dialogue: Dialogue) =>
            JSON.stringify(
              dialogue.messages.map(({ role, text }) => [role, text.normalize('NFC').trim().replace(/\s+/g, ' ')]),
            )
          const unique = parsed.filter(
            (dialogue, index) => parsed.findIndex((other) => key(other) === key(dialogue)) === index,
          )
          expect(report.written).toBe(unique.length)
          expect(new Set(ids(written)).size).toBe(unique.length)
          for (const [index, dialogue] of written.entries()) {
            const { original_dialogue_id, ...rest } = dialogue
            expect({ ...rest, dialogue_id: original_dialogue_id ?? rest.dialogue_id }).toEqual(unique[index])
          }
          expect(report.read).toBe(dialogues.length * 2)
        },
      ),
      { numRuns: 300 },
    )
  })
})
