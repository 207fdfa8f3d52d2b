import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import { runApply } from '../../../core/pipeline/apply-stage.ts'
import type { ApprovedReport } from '../../../core/pipeline/approved-report.ts'
import { closeBatch, resumeClosing } from '../../../core/pipeline/close-batch.ts'
import { runOpenReview } from '../../../core/pipeline/open-review-stage.ts'
import type { UploadEvent } from '../../../core/pipeline/stages.ts'
import { someDialogues } from '../../builders/a-dialogue.ts'
import { aPipeline, dyingPorts, Killed, type Pipeline } from '../../builders/a-pipeline.ts'
import { aPlainReview, aReview, aReviewForm } from '../../builders/a-review.ts'

let pipeline: Pipeline
beforeEach(() => {
  pipeline = aPipeline()
})
afterEach(() => pipeline.remove())

const run = (event: UploadEvent, ports = pipeline.ports) => runApply(event, ports, pipeline.settings)
const lines = (dialogues: readonly unknown[]) => dialogues.map((dialogue) => JSON.stringify(dialogue) + '\n').join('')
const dialogues = someDialogues(6)

/** A batch of six under review: the first four approved, one rejected, one left open; closed by a lead. */
async function aClosedBatch(on = pipeline): Promise<void> {
  await runOpenReview(await on.upload('datasets', 'synthetic/b.jsonl', lines(dialogues)), on.ports, on.settings)
  for (const [index, { dialogue_id }] of dialogues.entries()) {
    if (index === 5) break
    const item = await on.ports.reviews.item('b', dialogue_id)
    if (item === undefined) throw new Error('no item')
    const form = aReviewForm(index === 4 ? { status: 'rejected', reasons: ['harmful'] } : {})
    const { version, content_sha256 } = item
    const judged = { base_revision: 0, version, content_sha256, form }
    await on.service.save({ batch: 'b', dialogue: dialogue_id, reviewer: 'clara', roles: ['clinicians'], ...judged })
  }
  await closing(on)
}

const closing = (on = pipeline) =>
  closeBatch(
    { batch: 'b', by: 'lena', leave_unreviewed: true },
    { service: on.service, datasets: on.ports.datasets, log: on.log },
  )

async function approvedOf(id: string): Promise<Dialogue[]> {
  const text = await pipeline.text('datasets', `approved/${id}.jsonl`)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Dialogue)
}

describe('A batch that a lead closed', () => {
  it('gives a reviews file that names its dataset, and then exactly what was approved', async () => {
    await aClosedBatch()
    const reviews = await pipeline.json<Record<string, unknown>>('datasets', 'reviews/b.json')
    expect(reviews).toMatchObject({
      version: '1.0',
      batch_id: 'b',
      dataset: { store: 'datasets', key: 'synthetic/b.jsonl' },
      closed_by: 'lena',
      total_reviews: 5,
    })
    expect(await run(await pipeline.eventOf('datasets', 'reviews/b.json'))).toEqual({
      outcome: 'done',
      batch_id: 'b',
      outputs: ['approved/b.jsonl', 'approved/b.report.json'],
    })
    expect((await approvedOf('b')).map((one) => one.dialogue_id)).toEqual(
      dialogues.slice(0, 4).map((one) => one.dialogue_id),
    )
    const report = await pipeline.json<ApprovedReport>('datasets', 'approved/b.report.json')
    expect(report).toMatchObject({
      approved: { dialogues: 4 },
      report: { read: 6, written: 4, records: { approved: 4, rejected: 1, unreviewed: 1 } },
    })
  })

  it('and whose seeds are known passes them on, for merge', async () => {
    const seeds = { file: 's.json', sha256: 'ab', key: 'seeds/ab.jsonl', read: 1, kept: 1, failed: 0 }
    const manifest = {
      version: '1.0',
      batch_id: 'b',
      title: 's.json',
      upload: { store: 'inbox', key: 'seeds/s.json' },
      request: { count: 6 },
      seeds,
      dataset: { key: 'synthetic/b.jsonl', sha256: '', bytes: 1, dialogues: 6 },
      base_time: '2026-01-01T00:00:00Z',
    }
    await pipeline.upload('datasets', 'synthetic/b.manifest.json', JSON.stringify(manifest))
    await aClosedBatch()
    await run(await pipeline.eventOf('datasets', 'reviews/b.json'))
    const report = await pipeline.json<ApprovedReport>('datasets', 'approved/b.report.json')
    expect(report.seeds).toEqual({ file: 's.json', sha256: 'ab', key: 'seeds/ab.jsonl' })
  })

  it('can be closed again after a crash at any point, and is closed once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.boolean(), async (at, carriedOut) => {
        const fresh = aPipeline()
        try {
          const event = await fresh.upload('datasets', 'synthetic/b.jsonl', lines(dialogues))
          await runOpenReview(event, fresh.ports, fresh.settings)
          const { createReviewService } = await import('../../../core/review/service.ts')
          const dying = dyingPorts(fresh.ports, at, carriedOut)
          const service = createReviewService({ store: dying.reviews, clock: dying.clock, log: fresh.log })
          const request = { batch: 'b', by: 'lena', leave_unreviewed: true }
          await closeBatch(request, { service, datasets: dying.datasets, log: fresh.log }).catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error
          })
          const ports = { service: fresh.service, datasets: fresh.ports.datasets, log: fresh.log }
          await resumeClosing(ports)
          expect(await closeBatch({ ...request, by: 'another' }, ports)).toMatchObject({ outcome: 'closed' })
          const batch = await fresh.service.batch('b')
          expect(batch).toMatchObject({ status: 'closed', closed: { reviews_key: 'reviews/b.json' } })
          expect(await fresh.keys('datasets', 'reviews/')).toEqual(['reviews/b.json'])
        } finally {
          fresh.remove()
        }
      }),
      { numRuns: 8 },
    )
  })
})

describe('A reviews file made elsewhere', () => {
  const reviewsOf = (fields: Record<string, unknown>, ids = ['dialogue_001', 'dialogue_003']) =>
    JSON.stringify({ version: '1.0', ...fields, reviews: ids.map((dialogue_id) => aPlainReview({ dialogue_id })) })

  it.each([
    ['inbox', 'set.json', 'set.json'],
    ['inbox', 'set.json', '/home/ana/work/set.json'],
    ['inbox', 'set.json', 'C:\\work\\set.json'],
    ['datasets', 'b.jsonl', 'b.jsonl'],
  ] as const)('finds its dataset in %s as %s when it says %s', async (store, name, source_file) => {
    const content = name.endsWith('.jsonl') ? lines(dialogues) : JSON.stringify({ dialogues })
    await pipeline.upload(store, `synthetic/${name}`, content)
    const outcome = await run(await pipeline.upload('inbox', 'reviews/mine.json', reviewsOf({ source_file })))
    expect(outcome).toMatchObject({ outcome: 'done' })
    const { batch_id = '' } = outcome as { batch_id?: string }
    expect(batch_id).toMatch(/^mine-[0-9a-f]{8}$/)
    expect((await approvedOf(batch_id)).map((one) => one.dialogue_id)).toEqual(['dialogue_001', 'dialogue_003'])
  })

  it.each([
    ['names no dataset', {}, 'do not say of which dataset'],
    ['names one that is not there', { source_file: 'gone.json' }, 'there is no dataset gone.json'],
    ['names a path out of the store', { source_file: '..' }, 'there is no dataset'],
    [
      'names an object that is no dataset',
      { dataset: { store: 'datasets', key: 'training/latest.json' } },
      'there is no dataset',
    ],
  ])('that %s is reported', async (_what, fields, message) => {
    await pipeline.upload('datasets', 'training/latest.json', '{}')
    const outcome = await run(await pipeline.upload('inbox', 'reviews/mine.json', reviewsOf(fields)))
    expect(outcome).toMatchObject({ outcome: 'failed', message: expect.stringContaining(message) as string })
    const { report } = outcome as { report: string }
    expect(await pipeline.json('datasets', report)).toMatchObject({ stage: 'apply', outcome: 'failed' })
    expect(await pipeline.keys('datasets', 'approved/')).toEqual([])
  })

  it.each([
    ['empty', ''],
    ['no JSON', 'approved, all of them'],
    ['without reviews', '{"foo": 1}'],
    ['cut in the middle', '{"source_file": "set.json", "reviews": [{"dialogue_id": "a", '],
  ])('that is %s is reported, and nothing is thrown', async (_what, content) => {
    await pipeline.upload('inbox', 'synthetic/set.json', JSON.stringify({ dialogues }))
    expect(await run(await pipeline.upload('inbox', 'reviews/mine.json', content))).toMatchObject({ outcome: 'failed' })
    expect(await pipeline.keys('datasets', 'approved/')).toEqual([])
  })

  it('for other dialogues is reported with how many matched', async () => {
    await pipeline.upload('inbox', 'synthetic/set.json', JSON.stringify({ dialogues }))
    const event = await pipeline.upload(
      'inbox',
      'reviews/mine.json',
      reviewsOf({ source_file: 'set.json' }, ['x', 'y']),
    )
    expect(await run(event)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('0 matched') as string,
    })
  })

  it('with some bad reviews is applied without them, and the report names them', async () => {
    await pipeline.upload('inbox', 'synthetic/set.json', JSON.stringify({ dialogues }))
    const reviews = [
      aPlainReview({ dialogue_id: 'dialogue_001' }),
      aPlainReview({ dialogue_id: 'dialogue_002', status: 'nice' }),
    ]
    const event = await pipeline.upload(
      'inbox',
      'reviews/mine.json',
      JSON.stringify({ source_file: 'set.json', reviews }),
    )
    const outcome = await run(event)
    expect(outcome.outcome).toBe('done')
    const report = (outcome as unknown as { outputs: string[] }).outputs.find((key) => key.startsWith('errors/'))
    expect(await pipeline.json('datasets', report ?? '')).toMatchObject({
      outcome: 'partial',
      problems: [{ dialogue_id: 'dialogue_002', field: 'status' }],
    })
  })

  it('does not approve what was changed after the verdict', async () => {
    const [first] = dialogues
    if (first === undefined) throw new Error('none')
    const judged = aReview({}, first)
    await pipeline.upload(
      'inbox',
      'synthetic/set.jsonl',
      lines([{ ...first, session_type: 'gentle_deep' }, ...dialogues.slice(1)]),
    )
    const event = await pipeline.upload(
      'inbox',
      'reviews/mine.json',
      JSON.stringify({ source_file: 'set.jsonl', reviews: [judged] }),
    )
    await run(event)
    const [key = ''] = await pipeline.keys('datasets', 'approved/')
    expect(await pipeline.text('datasets', key)).toBe('')
  })
})

describe('Events', () => {
  it('that come a hundred times leave the same objects', async () => {
    await aClosedBatch()
    const event = await pipeline.eventOf('datasets', 'reviews/b.json')
    await Promise.all(Array.from({ length: 20 }, () => run(event)))
    const once = await pipeline.snapshot()
    for (let more = 0; more < 80; more++) expect((await run(event)).outcome).toBe('already_done')
    expect(await pipeline.snapshot()).toEqual(once)
  })

  it('repeat what a crash cut off, and no approved set is ever seen without its report', async () => {
    await aClosedBatch()
    await run(await pipeline.eventOf('datasets', 'reviews/b.json'))
    const whole = await pipeline.snapshot()
    for (const at of [0, 1])
      for (const carriedOut of [false, true]) {
        const fresh = aPipeline()
        try {
          await aClosedBatch(fresh)
          const event = await fresh.eventOf('datasets', 'reviews/b.json')
          await expect(runApply(event, dyingPorts(fresh.ports, at, carriedOut), fresh.settings)).rejects.toThrow(Killed)
          const left = await fresh.keys('datasets', 'approved/')
          if (left.includes('approved/b.jsonl')) expect(left).toContain('approved/b.report.json')
          await runApply(event, fresh.ports, fresh.settings)
          expect(await fresh.snapshot()).toEqual(whole)
        } finally {
          fresh.remove()
        }
      }
  })
})
