import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDialogues } from '../../../core/datasets/read-dialogues.ts'
import { onOneLine, writeDatasetJson, writeJsonLines } from '../../../core/datasets/write-dialogues.ts'
import { aDialogue, someDialogues } from '../../builders/a-dialogue.ts'
import { anyDialogue, anyJsonStyle } from '../../builders/arbitrary-dialogue.ts'
import { all, byteSource, textOf } from '../../builders/byte-source.ts'

const problem = (found: { message: string }) => expect.fail(found.message)

describe('writing a dataset', () => {
  it('puts the header first, each record as it is, and what is known at the end last', async () => {
    const records = someDialogues(2).map((dialogue) => JSON.stringify(dialogue))
    let seen = 0
    async function* counted() {
      for (const record of records) {
        seen += 1
        yield record
      }
    }
    const text = await textOf(
      writeDatasetJson({ version: '1.0', none: undefined, metadata: { a: [1] } }, counted(), () => ({
        total_dialogues: seen,
      })),
    )
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['version', 'metadata', 'dialogues', 'total_dialogues'])
    expect(JSON.parse(text)).toMatchObject({ total_dialogues: 2, metadata: { a: [1] } })
    expect(text).toContain(`\n${records[1]}\n`)
  })

  it('without dialogues is still a dataset', async () => {
    const text = await textOf(writeDatasetJson({}, []))
    expect(JSON.parse(text)).toEqual({ dialogues: [] })
    expect(await textOf(writeJsonLines([]))).toBe('')
  })

  it('hands over pieces of some size, not records', async () => {
    const record = JSON.stringify(aDialogue())
    const pieces = await all(writeJsonLines(Array.from({ length: 2000 }, () => record)))
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
    expect(bytes).toBe(2000 * (Buffer.byteLength(record) + 1))
    expect(pieces.length).toBe(Math.ceil(bytes / (200 * 1024)))
  })

  it('is undone by reading, in both forms, whatever the dialogues hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyDialogue, { selector: ({ dialogue_id }) => dialogue_id, maxLength: 5 }),
        anyJsonStyle,
        async (dialogues, style) => {
          const records = dialogues.map(style)
          const object = await all(
            readDialogues(byteSource(await textOf(writeDatasetJson({ a: 'dialogues' }, records))), {
              file: 'o',
              onProblem: problem,
            }),
          )
          expect(object.map(({ json }) => json)).toEqual(records)
          const text = await textOf(writeJsonLines(records))
          if (dialogues.length === 0) return
          const lines = await all(readDialogues(byteSource(text), { file: 'l', onProblem: problem }))
          expect(lines.map(({ json }) => JSON.parse(json) as unknown)).toEqual(
            records.map((record) => JSON.parse(record) as unknown),
          )
          expect(text.split('\n')).toHaveLength(records.length + 1)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('joins the lines of a record without touching a string or a number', () => {
    expect(onOneLine('{\r\n  "a b": 1.0,\n\t"c": "x  y"\n}')).toBe('{"a b": 1.0,"c": "x  y"}')
  })
})
