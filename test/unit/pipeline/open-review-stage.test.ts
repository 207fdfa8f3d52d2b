import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runOpenReview } from '../../../core/pipeline/open-review-stage.ts'
import type { UploadEvent } from '../../../core/pipeline/stages.ts'
import type { ItemRecord } from '../../../core/review/store.ts'
import { aDialogue, someDialogues } from '../../builders/a-dialogue.ts'
import { aPipeline, dyingPorts, Killed, type Pipeline } from '../../builders/a-pipeline.ts'

let pipeline: Pipeline
beforeEach(() => {
  pipeline = aPipeline()
})
afterEach(() => pipeline.remove())

const run = (event: UploadEvent, ports = pipeline.ports) => runOpenReview(event, ports, pipeline.settings)
const lines = (dialogues: readonly unknown[]) => dialogues.map((dialogue) => JSON.stringify(dialogue) + '\n').join('')

async function itemsOf(batch_id: string): Promise<ItemRecord[]> {
  const items: ItemRecord[] = []
  let after: number | undefined
  do {
    const page = await pipeline.ports.reviews.list(batch_id, after === undefined ? {} : { after })
    items.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return items
}

describe('A dataset', () => {
  it('that the generate stage wrote becomes the batch of its name', async () => {
    const event = await pipeline.upload('datasets', 'synthetic/SEED-12ab34cd.jsonl', lines(someDialogues(5)))
    expect(await run(event)).toEqual({ outcome: 'done', batch_id: 'SEED-12ab34cd', outputs: [] })
    expect(await pipeline.service.batch('SEED-12ab34cd')).toMatchObject({
      status: 'open',
      dataset: { store: 'datasets', key: 'synthetic/SEED-12ab34cd.jsonl' },
      counters: { total: 5, 'status.pending': 5 },
    })
  })

  it('takes its title and its number of reviews from the manifest beside it', async () => {
    const manifest = {
      version: '1.0',
      batch_id: 'b',
      title: 'requests by Friday.json',
      upload: { store: 'inbox', key: 'requests/x.json' },
      request: { count: 1, reviews_per_dialogue: 2 },
      dataset: { key: 'synthetic/b.jsonl', sha256: '', bytes: 1, dialogues: 1 },
      base_time: '2026-01-01T00:00:00Z',
      report: {},
    }
    await pipeline.upload('datasets', 'synthetic/b.manifest.json', JSON.stringify(manifest))
    await run(await pipeline.upload('datasets', 'synthetic/b.jsonl', lines(someDialogues(1))))
    expect(await pipeline.service.batch('b')).toMatchObject({
      title: 'requests by Friday.json',
      reviews_per_dialogue: 2,
    })
  })

  it('uploaded from elsewhere becomes a batch known by its name and content, zipped or not', async () => {
    const content = JSON.stringify({ version: '1.0', dialogues: someDialogues(3) })
    const plain = await run(await pipeline.upload('inbox', 'synthetic/team a/my set (2).json', content))
    expect(plain).toMatchObject({
      outcome: 'done',
      batch_id: expect.stringMatching(/^my-set-2-[0-9a-f]{8}$/) as string,
    })
    const zipped = await run(await pipeline.upload('inbox', 'synthetic/zipped.json.gz', gzipSync(content)))
    expect(zipped.outcome).toBe('done')
  })

  it('says in its metadata how many reviews it wants', async () => {
    const event = await pipeline.upload('inbox', 'synthetic/a.jsonl', lines(someDialogues(1)), {
      'reviews-per-dialogue': '3',
    })
    const { batch_id = '' } = (await run(event)) as { batch_id?: string }
    expect(await pipeline.service.batch(batch_id)).toMatchObject({ reviews_per_dialogue: 3 })
  })

  it('keeps the bytes of every dialogue, and its place in the file', async () => {
    const odd = `{ "dialogue_id":"odd", "extra": 1.50, ${JSON.stringify(aDialogue()).slice(1).replace('"dialogue_001"', '"odd"').replace('"dialogue_id":"odd",', '')}`
    await run(await pipeline.upload('datasets', 'synthetic/b.jsonl', lines([aDialogue()]) + odd + '\n'))
    expect((await pipeline.ports.reviews.body('b', 'odd'))?.dialogue_json).toBe(odd)
    expect((await itemsOf('b')).map((item) => [item.dialogue_id, item.ordinal])).toEqual([
      ['dialogue_001', 0],
      ['odd', 1],
    ])
  })

  it('has every dialogue linted, with the version of the rules', async () => {
    const plain = aDialogue()
    const risky = aDialogue({
      dialogue_id: 'risky',
      messages: [
        { role: 'user', text: 'I keep thinking that I want to kill myself. I have the pills here.' },
        {
          role: 'assistant',
          text: 'Just think positive!',
          intent: 'validate',
          sentiment: 'neutral',
          risk_level: 'none',
        },
      ],
    })
    await run(await pipeline.upload('datasets', 'synthetic/b.jsonl', lines([plain, risky])))
    const body = await pipeline.ports.reviews.body('b', 'risky')
    expect(body?.findings.some((finding) => finding.severity === 'error')).toBe(true)
    expect(body?.rules_version).toMatch(/\S/)
    const [, item] = await itemsOf('b')
    expect(item).toMatchObject({ dialogue_id: 'risky', priority: 0 })
  })
})

describe('A dataset with bad records', () => {
  it('is reviewed without them, and a report beside the outputs names each with its line', async () => {
    const bad = { ...aDialogue({ dialogue_id: 'bad' }), user_profile: { concern: 'anxiety', mood_score: 11 } }
    const [one, two] = someDialogues(2)
    const text = lines([one, bad]) + '{"cut": \n' + lines([two, one])
    const outcome = await run(await pipeline.upload('datasets', 'synthetic/b.jsonl', text))
    expect(outcome).toMatchObject({ outcome: 'done', outputs: ['errors/open-review/b.json'] })
    expect(await pipeline.service.batch('b')).toMatchObject({ status: 'open', counters: { total: 2 } })
    const report = await pipeline.json<Record<string, unknown>>('datasets', 'errors/open-review/b.json')
    expect(report).toMatchObject({
      outcome: 'partial',
      counts: { read: 5, written: 2, failed: 3 },
      problems: [
        { line: 2, dialogue_id: 'bad', field: 'user_profile.mood_score' },
        { line: 3 },
        { line: 5, field: 'dialogue_id' },
      ],
    })
  })

  it('leaves out a dialogue that no review store could hold', async () => {
    const huge = aDialogue({ dialogue_id: 'huge', notes: 'x'.repeat(300_000) })
    await run(await pipeline.upload('datasets', 'synthetic/b.jsonl', lines([aDialogue(), huge])))
    expect((await itemsOf('b')).map((item) => item.dialogue_id)).toEqual(['dialogue_001'])
  })
})

describe('A dataset of which nothing can be used', () => {
  it.each([
    ['empty', ''],
    ['no JSON', 'hello there'],
    ['an object without dialogues', '{"foo": []}'],
    ['cut in the middle', '{"dialogues": [{"dialogue_id": "a", "mess'],
    ['without dialogues', '{"dialogues": []}'],
    ['only bad ones', '{"dialogues": [{"dialogue_id": "a"}]}'],
    ['Latin-1', Buffer.from('{"dialogues": [{"dialogue_id": "\xe4"}]}', 'latin1')],
  ])('leaves a failed batch and a report, and throws nothing: %s', async (_what, content) => {
    const outcome = await run(await pipeline.upload('inbox', 'synthetic/bad.json', content))
    if (outcome.outcome !== 'failed') throw new Error(`it was ${outcome.outcome}`)
    expect(await pipeline.service.batch(outcome.batch_id ?? '')).toMatchObject({
      status: 'failed',
      title: 'bad.json',
      failure: outcome.message,
    })
    expect(outcome.message).toContain('bad.json')
    expect(await pipeline.json('datasets', outcome.report)).toMatchObject({
      outcome: 'failed',
      message: outcome.message,
    })
    expect(await itemsOf(outcome.batch_id ?? '')).toEqual([])
  })

  it('is too large: that is told by its size, before it is read', async () => {
    pipeline.settings.mostUploadBytes = 1000
    const event = await pipeline.upload('inbox', 'synthetic/a.jsonl', lines(someDialogues(10)))
    pipeline.ports.inbox.get = () => Promise.reject(new Error('it was read'))
    expect(await run(event)).toMatchObject({ outcome: 'failed' })
  })

  it('asks for four reviews a dialogue', async () => {
    const event = await pipeline.upload('inbox', 'synthetic/a.jsonl', lines(someDialogues(1)), {
      reviews_per_dialogue: '4',
    })
    expect(await run(event)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('1, 2 or 3') as string,
    })
  })
})

describe('Events', () => {
  it('that come a hundred times leave one batch', async () => {
    const event = await pipeline.upload('inbox', 'synthetic/a.jsonl', lines(someDialogues(5)))
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => run(event)))
    for (let more = 0; more < 80; more++) outcomes.push(await run(event))
    const [batch, ...others] = (await pipeline.service.batches()).batches
    expect(others).toEqual([])
    expect(batch).toMatchObject({ status: 'open', counters: { total: 5 } })
    expect(await itemsOf(batch?.batch_id ?? '')).toHaveLength(5)
    expect(outcomes.at(-1)).toMatchObject({ outcome: 'already_done' })
  })

  it('of an upload that was replaced or removed do nothing: the newer one has its own', async () => {
    const first = await pipeline.upload('inbox', 'synthetic/a.jsonl', lines(someDialogues(5)))
    const second = await pipeline.upload('inbox', 'synthetic/a.jsonl', lines(someDialogues(3)))
    expect(await run(second)).toMatchObject({ outcome: 'done' })
    expect(await run(first)).toEqual({ outcome: 'overtaken' })
    expect(await run({ store: 'inbox', key: 'synthetic/gone.jsonl', etag: 'e' })).toEqual({ outcome: 'overtaken' })
    expect((await pipeline.service.batches()).batches).toHaveLength(1)
  })

  it('repeat what a crash cut off, wherever it came, and add nothing twice', async () => {
    const text = lines(someDialogues(450)) // three chunks
    await fc.assert(
      fc.asyncProperty(fc.nat(8), fc.boolean(), fc.nat(8), async (first, carriedOut, second) => {
        const fresh = aPipeline()
        try {
          const event = await fresh.upload('datasets', 'synthetic/b.jsonl', text + '{"bad": true}\n')
          for (const at of [first, second]) {
            const dying = dyingPorts(fresh.ports, at, carriedOut)
            await runOpenReview(event, dying, fresh.settings).catch((error: unknown) => {
              if (!(error instanceof Killed)) throw error
            })
          }
          await runOpenReview(event, fresh.ports, fresh.settings)
          expect(await fresh.service.batch('b')).toMatchObject({ status: 'open', counters: { total: 450 } })
          expect(await fresh.keys('datasets', 'errors/')).toEqual(['errors/open-review/b.json'])
        } finally {
          fresh.remove()
        }
      }),
      { numRuns: 12 },
    )
  })
})
