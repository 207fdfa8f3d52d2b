import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readReviewsFile, writeReviewsFile } from '../../../core/datasets/reviews-file.ts'
import type { Problem } from '../../../core/errors.ts'
import { aPlainReview, aReview } from '../../builders/a-review.ts'
import { byteSource, textOf } from '../../builders/byte-source.ts'

async function read(content: string | Uint8Array) {
  const problems: Problem[] = []
  const reviews: unknown[] = []
  let header: Record<string, unknown> = {}
  for await (const { review } of readReviewsFile(byteSource(content), {
    file: 'reviews.json',
    onProblem: (problem) => problems.push(problem),
    onHeader: (found) => (header = found),
  }))
    reviews.push(review)
  return { reviews, problems, header }
}

describe('a reviews file', () => {
  it('of ours is read as it was written, settlement and header included', async () => {
    const reviews = [aReview(), aReview({ reviewer: 'lea', status: 'rejected' }), { ...aReview(), settlement: true }]
    const text = await textOf(writeReviewsFile({ source_file: 'set.json', batch_id: 'b1' }, reviews))
    expect(JSON.parse(text)).toEqual({
      version: '1.0',
      source_file: 'set.json',
      batch_id: 'b1',
      reviews,
      total_reviews: 3,
    })
    const result = await read(text)
    expect(result).toEqual({
      reviews,
      problems: [],
      header: { version: '1.0', source_file: 'set.json', batch_id: 'b1' },
    })
  })

  it('of the present tools is read, as an object, an array, lines, or gzipped', async () => {
    const reviews = [
      aPlainReview(),
      aPlainReview({ dialogue_id: 'b', status: 'needs_revision', notes: [{ note: 'shorter', timestamp: 'x' }] }),
      { dialogue_id: 'c', status: 'rejected' },
    ]
    const object = JSON.stringify({ version: '1.0', source_file: 's', total_reviews: 3, reviews }, null, 2)
    for (const content of [
      object,
      gzipSync(object),
      JSON.stringify(reviews),
      reviews.map((r) => JSON.stringify(r)).join('\n'),
    ])
      expect((await read(content)).reviews).toEqual(reviews)
  })

  it('without reviews in it is an empty one', async () => {
    expect(await textOf(writeReviewsFile({}, []))).toBe(
      '{\n  "version": "1.0",\n  "reviews": [\n  ],\n  "total_reviews": 0\n}\n',
    )
  })

  it('keeps its good reviews when one is bad, and says what is wrong with that one', async () => {
    const { reviews, problems } = await read(
      JSON.stringify([aPlainReview(), aPlainReview({ dialogue_id: 'b', status: 'aproved' }), { status: 'approved' }]),
    )
    expect(reviews).toHaveLength(1)
    expect(problems).toMatchObject([
      { record: 1, dialogue_id: 'b', field: 'status', fix: 'Did you mean approved?' },
      { record: 2, field: 'dialogue_id', message: 'dialogue_id is missing' },
    ])
  })

  it('that is a dataset is refused as such', async () => {
    await expect(read('{"dialogues": []}')).rejects.toThrow(/that is a dataset/)
  })
})
