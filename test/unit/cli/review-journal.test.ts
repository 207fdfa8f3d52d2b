import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasUnfoldedReviews, openJournal } from '../../../cli/review/review-journal.ts'
import { aReview } from '../../builders/a-review.ts'

let folder: string
let reviews: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'))
  reviews = join(folder, 'reviews.json')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('the review journal', () => {
  it('gives back what was written, in order, to whoever comes after a crash', () => {
    const crashed = openJournal(reviews)
    crashed.append(aReview({ dialogue_id: 'a' }))
    crashed.append(aReview({ dialogue_id: 'b' }))
    crashed.close()

    const again = openJournal(reviews)

    expect(again.recovered.map(({ dialogue_id }) => dialogue_id)).toEqual(['a', 'b'])
    expect(hasUnfoldedReviews(reviews)).toBe(true)
    again.close()
  })

  it('drops a line that a crash cut in the middle, and writes the next one whole', async () => {
    const first = openJournal(reviews)
    first.append(aReview({ dialogue_id: 'a' }))
    first.close()
    await appendFile(`${reviews}.journal`, '{"dialogue_id":"b","stat')

    const second = openJournal(reviews)
    second.append(aReview({ dialogue_id: 'c' }))
    second.close()

    const third = openJournal(reviews)
    expect(third.recovered.map(({ dialogue_id }) => dialogue_id)).toEqual(['a', 'c'])
    third.close()
  })

  it('names the line that is no review, and leaves it to be mended', async () => {
    await writeFile(`${reviews}.journal`, 'hello\n')

    expect(() => openJournal(reviews)).toThrow('reviews.json.journal:1: this line is no review')

    expect(await readFile(`${reviews}.journal`, 'utf8')).toBe('hello\n')
    expect(await readdir(folder)).toEqual(['reviews.json.journal'])
  })

  it('lets nobody in while somebody else is reviewing', async () => {
    await writeFile(`${reviews}.lock`, JSON.stringify({ pid: process.ppid, host: hostname() }))

    expect(() => openJournal(reviews)).toThrow(`somebody is reviewing into ${reviews} already (process ${process.ppid}`)
  })

  it('takes over the lock of a process that is gone', async () => {
    await writeFile(`${reviews}.lock`, JSON.stringify({ pid: 999_999_999, host: hostname() }))

    openJournal(reviews).close()

    expect(await readdir(folder)).toEqual([])
  })

  it('is gone when it has been emptied', async () => {
    const journal = openJournal(reviews)
    journal.append(aReview())
    journal.empty()
    journal.close()

    expect(await readdir(folder)).toEqual([])
    expect(hasUnfoldedReviews(reviews)).toBe(false)
  })
})
