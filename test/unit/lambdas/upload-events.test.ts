import type { SQSEvent } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import type { UploadEvent } from '../../../core/pipeline/stages.ts'
import { stageHandler, uploadEventOf } from '../../../lambdas/shared/upload-events.ts'

const BUCKETS = { 'the-inbox': 'inbox', 'the-datasets': 'datasets' } as const

const created = (key: string, more: Record<string, unknown> = {}, bucket = 'the-inbox') =>
  JSON.stringify({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: bucket }, object: { key, etag: '"e1"', sequencer: '00A1', ...more } },
  })

const messages = (...bodies: string[]): SQSEvent =>
  ({
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      body,
      attributes: { ApproximateReceiveCount: '1' },
    })),
  }) as SQSEvent

function aStage(run: (event: UploadEvent) => Promise<void> = () => Promise.resolve()) {
  const seen: string[] = []
  const events: string[] = []
  const note = (event: string) => void events.push(event)
  const handle = stageHandler({
    stage: 'generate',
    buckets: BUCKETS,
    log: { info: note, warn: note, error: note },
    run: (event) => {
      seen.push(event.key)
      return run(event)
    },
  })
  return { handle, seen, events }
}
const failsFor = (...keys: string[]) =>
  aStage(async ({ key }) => {
    if (keys.includes(key)) throw new Error('the table is away')
  })

describe('An upload event', () => {
  it('keeps the key as it is, takes the etag without quotes and the version where there is one', () => {
    expect(uploadEventOf(created('seeds/a b+c%20é.json'), BUCKETS)).toEqual({
      store: 'inbox',
      key: 'seeds/a b+c%20é.json',
      etag: 'e1',
      version: '00A1',
    })
    expect(uploadEventOf(created('x', { 'version-id': 'v9' }, 'the-datasets'), BUCKETS)).toMatchObject({
      store: 'datasets',
      version: 'v9',
    })
  })
  it('of a bucket that is not ours is refused', () => {
    expect(() => uploadEventOf(created('seeds/x.json', {}, 'elsewhere'), BUCKETS)).toThrow(/not ours: elsewhere/)
  })
})

describe('A batch of messages', () => {
  it('runs the stage for each upload that is for it, and for no other', async () => {
    const { handle, seen, events } = aStage()
    const answer = await handle(messages(created('seeds/a.json'), created('reviews/a.json'), created('seeds/b.jsonl')))
    expect(answer).toEqual({ batchItemFailures: [] })
    expect(seen).toEqual(['seeds/a.json', 'seeds/b.jsonl'])
    expect(events).toEqual(['upload.ignored'])
  })

  it('gives back the messages that failed, and only those', async () => {
    const { handle, seen, events } = failsFor('seeds/b.json')
    const answer = await handle(
      messages(created('seeds/a.json'), created('seeds/b.json'), 'no event', created('seeds/c.json')),
    )
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }] })
    expect(seen).toEqual(['seeds/a.json', 'seeds/b.json', 'seeds/c.json'])
    expect(events).toEqual(['stage.failed', 'stage.failed'])
  })

  it('fails as a whole when every message did, so that the count of errors knows', async () => {
    const { handle, events } = failsFor('seeds/a.json', 'seeds/b.json')
    await expect(handle(messages(created('seeds/a.json'), created('seeds/b.json')))).rejects.toThrow(
      /generate failed for all/,
    )
    expect(events).toEqual(['stage.failed', 'stage.failed'])
  })

  it('that is empty is done', async () => {
    expect(await aStage().handle(messages())).toEqual({ batchItemFailures: [] })
  })
})
