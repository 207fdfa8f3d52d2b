import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecords } from '../../../core/datasets/read-records.ts'
import { byteSource } from '../../builders/byte-source.ts'

async function slices(text: string, slabBytes: number, chunkBytes: number) {
  const found: { text: string; index: number; line: number }[] = []
  const pieces = readRecords(byteSource(text, chunkBytes), {
    file: 'any.json',
    arrayKey: 'dialogues',
    recordKeys: ['dialogue_id'],
    slabBytes,
    onProblem: (problem) => expect.fail(JSON.stringify(problem)),
    visit(bytes, start, end, place) {
      const slice = bytes.toString('utf8', start, end)
      try {
        JSON.parse(slice)
      } catch {
        return false
      }
      found.push({ text: slice, index: place.index, line: place.line() })
      return true
    },
  })
  for await (const _ of pieces);
  return found
}

/** Objects whose texts look like the separators that the fast path searches for. */
const treacherous = fc.constantFrom(
  '},{"dialogue_id"',
  '}, {',
  '\n},\n{',
  ']',
  '}',
  '"',
  '\\',
  '\\"},{"',
  'ü—😀',
  'plain',
)
const record = fc.record(
  {
    dialogue_id: treacherous,
    text: fc.oneof(treacherous, fc.string()),
    nested: fc.array(fc.dictionary(fc.constantFrom('dialogue_id', 'a'), fc.oneof(treacherous, fc.jsonValue())), {
      maxLength: 3,
    }),
    same: fc.array(fc.record({ dialogue_id: treacherous }), { maxLength: 3 }),
  },
  { requiredKeys: ['dialogue_id'] },
)
const layout = fc.oneof(
  fc
    .constantFrom(0, 1, 2, 4)
    .map((indent) => (records: unknown[]) => JSON.stringify({ a: 1, dialogues: records }, null, indent)),
  fc.constantFrom(0, 2).map((indent) => (records: unknown[]) => JSON.stringify(records, null, indent)),
  fc
    .constantFrom(', ', ',\n', '\n,', ' ,\t\r\n ')
    .map(
      (between) => (records: unknown[]) =>
        `{"x": "dialogues", "dialogues": [${records.map((r) => JSON.stringify(r)).join(between)}], "statistics": {"n": [1]}}`,
    ),
  fc.constant((records: unknown[]) => records.map((r) => JSON.stringify(r)).join('\n')),
)

describe('readRecords', () => {
  it('finds the same records as JSON.parse of the whole, whatever the layout, the texts and the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 12 }),
        layout,
        fc.constantFrom(64, 100, 257, 4096),
        fc.constantFrom(1, 13, 300, 65536),
        async (records, lay, slabBytes, chunkBytes) => {
          const text = lay(records)
          const found = await slices(text, slabBytes, chunkBytes)
          expect(found.map((slice) => JSON.parse(slice.text) as unknown)).toEqual(JSON.parse(JSON.stringify(records)))
          let from = 0
          for (const [index, slice] of found.entries()) {
            from = text.indexOf(slice.text, from)
            expect(slice.index).toBe(index)
            expect(slice.line).toBe(text.slice(0, from).split('\n').length)
            from += slice.text.length
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('stops reading its source when the consumer stops', async () => {
    let closed = false
    async function* source() {
      try {
        for (;;) yield Buffer.from('{"dialogue_id":"a"}\n'.repeat(100))
      } finally {
        closed = true
      }
    }
    const pieces = readRecords(source(), {
      file: 'endless.jsonl',
      arrayKey: 'dialogues',
      recordKeys: ['dialogue_id'],
      onProblem: () => undefined,
      visit: () => true,
    })
    for await (const _ of pieces) break
    expect(closed).toBe(true)
  })
})
