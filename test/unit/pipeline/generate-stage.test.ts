import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DialogueSchema, type Dialogue } from '../../../core/dialogue/schema.ts'
import { runGenerate } from '../../../core/pipeline/generate-stage.ts'
import type { GenerationManifest } from '../../../core/pipeline/generation-manifest.ts'
import { requestOfMetadata } from '../../../core/pipeline/request-of-upload.ts'
import type { UploadEvent } from '../../../core/pipeline/stages.ts'
import type { ObjectStore } from '../../../core/ports.ts'
import type { StageOutcome } from '../../../core/pipeline/upload.ts'
import { aDialogue, someDialogues } from '../../builders/a-dialogue.ts'
import { aPipeline, dyingPorts, Killed, type Pipeline } from '../../builders/a-pipeline.ts'

let pipeline: Pipeline
beforeEach(() => {
  pipeline = aPipeline({ defaultRequest: { count: 6 } })
})
afterEach(() => pipeline.remove())

const run = (event: UploadEvent, ports = pipeline.ports) => runGenerate(event, ports, pipeline.settings)
const SEEDS = JSON.stringify({ version: '1.0', dialogues: someDialogues(4) })

function doneBatch(outcome: StageOutcome): string {
  if (outcome.outcome !== 'done' || outcome.batch_id === undefined) throw new Error(JSON.stringify(outcome))
  return outcome.batch_id
}

async function generated(batch_id: string): Promise<Dialogue[]> {
  const text = await pipeline.text('datasets', `synthetic/${batch_id}.jsonl`)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => DialogueSchema.parse(JSON.parse(line)))
}
const manifestOf = (batch_id: string) =>
  pipeline.json<GenerationManifest>('datasets', `synthetic/${batch_id}.manifest.json`)

describe('A seed file uploaded alone', () => {
  it('asks for the default request: a dataset, its manifest, and the seeds kept by their content', async () => {
    const event = await pipeline.upload('inbox', 'seeds/team a/Our Seeds.json', SEEDS)
    const batch_id = doneBatch(await run(event))
    expect(batch_id).toMatch(/^Our-Seeds-[0-9a-f]{8}$/)
    expect(await generated(batch_id)).toHaveLength(6)

    const sha256 = createHash('sha256').update(SEEDS).digest('hex')
    const manifest = await manifestOf(batch_id)
    expect(manifest).toMatchObject({
      batch_id,
      title: 'team a/Our Seeds.json',
      request: { count: 6, method: 'template', random_seed: expect.any(Number) as number },
      seeds: { sha256, key: `seeds/${sha256}.jsonl`, read: 4, kept: 4, failed: 0 },
      dataset: { dialogues: 6 },
      report: { requested: 6, written: 6, failed: 0 },
    })
    const kept = await pipeline.text('datasets', `seeds/${sha256}.jsonl`)
    expect(kept).toBe(
      someDialogues(4)
        .map((one) => JSON.stringify(one) + '\n')
        .join(''),
    )
    const dataset = await pipeline.text('datasets', manifest.dataset.key)
    expect(createHash('sha256').update(dataset).digest('hex')).toBe(manifest.dataset.sha256)
    expect(Buffer.byteLength(dataset)).toBe(manifest.dataset.bytes)
  })

  it('is overridden by its metadata', async () => {
    const event = await pipeline.upload('inbox', 'seeds/s.json', SEEDS, {
      count: '9',
      concerns: 'anxiety; grief',
      'session-types': 'check-in',
      random_seed: '7',
      reviews_per_dialogue: '2',
      mtime: '1700000000', // another program's
    })
    const batch_id = doneBatch(await run(event))
    const dialogues = await generated(batch_id)
    expect(dialogues).toHaveLength(9)
    for (const { session_type, user_profile } of dialogues) {
      expect(session_type).toBe('check-in')
      expect(['anxiety', 'grief']).toContain(user_profile.concern)
    }
    expect((await manifestOf(batch_id)).request).toMatchObject({ random_seed: 7, reviews_per_dialogue: 2 })
  })

  it('of which some records are bad is used without them, and they are reported', async () => {
    const bad = { ...aDialogue({ dialogue_id: 'bad' }), messages: [] }
    const event = await pipeline.upload(
      'inbox',
      'seeds/s.jsonl',
      [...someDialogues(3), bad].map((one) => JSON.stringify(one)).join('\n'),
    )
    const outcome = await run(event)
    const batch_id = doneBatch(outcome)
    expect(outcome).toMatchObject({ outputs: expect.arrayContaining([`errors/generate/${batch_id}.json`]) as string[] })
    expect(await pipeline.json('datasets', `errors/generate/${batch_id}.json`)).toMatchObject({
      outcome: 'partial',
      counts: { read: 4, written: 3, failed: 1 },
      problems: [{ line: 4, dialogue_id: 'bad' }],
    })
    expect((await manifestOf(batch_id)).seeds).toMatchObject({ read: 4, kept: 3, failed: 1 })
  })
})

describe('A request', () => {
  it.each(['seeds/s.json', 's.json', '/seeds/s.json'])('names its seed file as %s', async (seed) => {
    await pipeline.upload('inbox', 'seeds/s.json', SEEDS)
    const request = JSON.stringify({ count: 4, seed, random_seed: 3 })
    const batch_id = doneBatch(await run(await pipeline.upload('inbox', 'requests/four.json', request)))
    expect(batch_id).toMatch(/^four-/)
    expect(await manifestOf(batch_id)).toMatchObject({ seeds: { file: 's.json' }, request: { count: 4 } })
  })

  it('needs no seed file', async () => {
    const event = await pipeline.upload('inbox', 'requests/four.json', JSON.stringify({ count: 4 }))
    expect((await manifestOf(doneBatch(await run(event)))).seeds).toBeUndefined()
  })
})

describe('The same input', () => {
  it('gives the same batch and the same bytes in another home, whatever etag it has there', async () => {
    const event = await pipeline.upload('inbox', 'seeds/s.json', SEEDS)
    await run(event)
    const other = aPipeline({ defaultRequest: { count: 6 } })
    try {
      await other.upload('inbox', 'seeds/s.json', SEEDS)
      const { inbox } = other.ports
      const elsewhere: ObjectStore = {
        ...inbox,
        head: async (key) => {
          const found = await inbox.head(key)
          return found && { ...found, etag: `md5-${found.etag}`, version: 'v1' }
        },
        get: async (key, options) => {
          const found = await inbox.get(key, options)
          return found && { ...found, head: { ...found.head, etag: `md5-${found.head.etag}` } }
        },
      }
      const ports = { ...other.ports, inbox: elsewhere }
      await runGenerate({ ...event, etag: `md5-${event.etag}`, version: 'v1' }, ports, other.settings)
      expect(await other.snapshot()).toEqual(await pipeline.snapshot())
    } finally {
      other.remove()
    }
  })

  it('under another name, or with another random seed, gives another batch with other dialogues', async () => {
    const ids = new Set<string>()
    const texts = new Set<string>()
    const uploads: [string, Record<string, string>][] = [
      ['seeds/s.json', {}],
      ['seeds/t.json', {}],
      ['seeds/s.json', { random_seed: '1' }],
      ['seeds/s.json', { random_seed: '2' }],
    ]
    for (const [key, metadata] of uploads) {
      const batch_id = doneBatch(await run(await pipeline.upload('inbox', key, SEEDS, metadata)))
      ids.add(batch_id)
      for (const dialogue of await generated(batch_id)) {
        ids.add(dialogue.dialogue_id)
        texts.add(dialogue.messages.map((message) => message.text).join('\n'))
      }
    }
    expect(ids.size).toBe(4 + 24)
    expect(texts.size).toBe(24)
  })
})

describe('What cannot be used', () => {
  const failing = async (event: UploadEvent) => {
    const outcome = await run(event)
    if (outcome.outcome !== 'failed') throw new Error(JSON.stringify(outcome))
    const batch = await pipeline.service.batch(outcome.batch_id ?? '')
    expect(batch).toMatchObject({ status: 'failed', failure: outcome.message })
    expect(await pipeline.json('datasets', outcome.report)).toMatchObject({ stage: 'generate', outcome: 'failed' })
    expect(await pipeline.keys('datasets', 'synthetic/')).toEqual([])
    return outcome.message
  }

  it.each([
    ['empty', '', 'empty'],
    ['no JSON', 'hello', 'JSON'],
    ['no dataset', '{"foo": 1}', 'dialogues'],
    ['cut', '{"dialogues": [{"dialogue_id": "a", "mess', 'seed'],
    ['without a good dialogue', '{"dialogues": [{"dialogue_id": "a"}]}', 'seed'],
    ['with a count that is no number', SEEDS, 'count=abc', { count: 'abc' }],
    ['with a count of nought', SEEDS, 'count', { count: '0' }],
    ['with a concern that nobody knows', SEEDS, 'anxiety', { concerns: 'anxeity' }],
    ['with an unknown session type', SEEDS, 'check-in', { session_types: 'checkin' }],
    ['that asks for OpenAI', SEEDS, 'needs a language model, and none is set up here', { method: 'hybrid' }],
    ['that asks for five reviews', SEEDS, '1, 2 or 3', { reviews_per_dialogue: '5' }],
  ] as [string, string, string, Record<string, string>?][])(
    'leaves a failed batch and a report, and throws nothing: a seed file %s',
    async (_what, content, message, metadata = {}) => {
      expect(await failing(await pipeline.upload('inbox', 'seeds/s.json', content, metadata))).toContain(message)
    },
  )

  it.each([
    ['no JSON', '{"count": ', 'JSON'],
    ['a list', '[]', 'object'],
    ['Latin-1', Buffer.from('{"count": 4, "note": "\xe4"}', 'latin1'), 'UTF-8'],
    ['for a seed file that is not there', '{"count": 4, "seed": "gone.json"}', 'there is no seed file gone.json'],
    ['for a path out of the inbox', '{"count": 4, "seed": "../secret.json"}', '..'],
  ])('leaves a failed batch and a report, and throws nothing: a request %s', async (_what, content, message) => {
    expect(await failing(await pipeline.upload('inbox', 'requests/r.json', content))).toContain(message)
  })

  interface Told {
    message: string
    problems: { file: string; line?: number; field?: string; message: string; expected?: string; fix?: string }[]
  }
  const told = async (key: string, content: string, metadata: Record<string, string> = {}): Promise<Told> => {
    const outcome = await run(await pipeline.upload('inbox', key, content, metadata))
    if (outcome.outcome !== 'failed') throw new Error(JSON.stringify(outcome))
    return pipeline.json<Told>('datasets', outcome.report)
  }

  it.each([
    ['concernz', { count: 5, concernz: ['anxiety'] }, 'Did you mean "concerns"?'],
    ['sedd', { count: 5, sedd: 'seeds/s.json' }, 'Did you mean "seed"?'],
    ['comment', { count: 5, comment: 'for Anna' }, 'Remove it'],
    ['target.concerns', { count: 5, target: { concerns: { anxiety: 1 } } }, 'Did you mean "concern"?'],
  ])('names a field of a request that there is not: %s', async (field, request, fix) => {
    const { message, problems } = await told('requests/r.json', JSON.stringify(request))
    expect(message).toContain(`unknown field "${field}"`)
    expect(problems).toMatchObject([{ file: 'r.json', field }])
    expect(problems[0]?.fix).toContain(fix)
  })

  it.each(['concernz', 'cuont', 'random-sed', 'session_type', 'reviews_per_dialog'])(
    'names metadata that are ours but for a slip: %s',
    async (name) => {
      const { problems } = await told('seeds/s.json', SEEDS, { [name]: 'x' })
      expect(problems).toMatchObject([{ file: 's.json', field: name }])
      expect(problems[0]?.fix).toContain('Did you mean')
    },
  )

  it.each(['mode', 'mtime', 'account', 'comment', 'md5chksum', 's3cmd-attrs', 'uid', 'source', 'con'])(
    'does not include metadata of other programs: %s',
    async (name) => {
      doneBatch(await run(await pipeline.upload('inbox', 'seeds/s.json', SEEDS, { [name]: 'x' })))
    },
  )

  it.each([
    ['requests/r.json', '{\n  "count": 4,\n  "seed": "s.js', { line: 3 }],
    ['requests/r.json', '{\n  "count": four\n}\n', { line: 2 }],
    ['requests/r.json', '{"count": 0}', { field: 'count' }],
    ['requests/r.json', '{"count": 4, "session_types": ["check-in", "deep"]}', { field: 'session_types.1' }],
    ['requests/r.json', '{"count": 4, "concerns": ["anxeity"]}', { field: 'concerns' }],
    ['requests/r.json', '{"count": 4, "seed": "gone.json"}', { field: 'seed' }],
    ['requests/r.json', '{"count": 4, "method": "openai"}', { field: 'method' }],
    ['requests/r.json', '{"count": 4, "reviews_per_dialogue": 4}', { field: 'reviews_per_dialogue' }],
    ['seeds/s.json', '{"dialogues": [\n  {"dialogue_id": "a",\n  "mess', { line: 2 }],
    ['seeds/s.json', '{"dialogues": [\n  {"dialogue_id": "a"}]}', { line: 2, field: 'session_type' }],
  ])('is reported with its line or field, by its key: %s %s', async (key, content, where) => {
    const { message, problems } = await told(key, content)
    expect(problems[0]).toMatchObject({ file: key.split('/')[1], ...where })
    const folder = pipeline.ports.inbox.locate(key).replace(key, '')
    expect(message + JSON.stringify(problems)).not.toContain(folder)
  })

  it('lists every record of a seed file of which none can be used', async () => {
    const { problems } = await told(
      'seeds/s.json',
      '{"dialogue_id": "a"}\n{"dialogue_id": oops}\n{"dialogue_id": "c"}\n',
    )
    expect(problems.map(({ line }) => line)).toEqual([1, 2, 3])
  })

  it('proposes only seed files for one that is not there', async () => {
    for (const key of ['seeds/readme.txt', 'seeds/own.json', 'seeds/lines.jsonl.gz', 'seeds/broken.json'])
      await pipeline.upload('inbox', key, '{}')
    await run(await pipeline.eventOf('inbox', 'seeds/broken.json'))
    const { problems } = await told('requests/r.json', '{"count": 4, "seed": "gone.json"}')
    expect(problems[0]?.expected).toBe('one of lines.jsonl.gz, own.json')
  })

  it('is too large: that is told by its size, before it is read', async () => {
    pipeline.settings.mostUploadBytes = 100
    const event = await pipeline.upload('inbox', 'seeds/s.json', SEEDS)
    pipeline.ports.inbox.get = () => Promise.reject(new Error('it was read'))
    expect(await failing(event)).toContain('at most 100')
  })

  it('does not include our own content: what is wrong with the banks is thrown', async () => {
    pipeline.settings.banks = () => Promise.reject(new Error('a bank is broken'))
    await expect(run(await pipeline.upload('inbox', 'seeds/s.json', SEEDS))).rejects.toThrow('a bank is broken')
    expect((await pipeline.service.batches()).batches).toEqual([])
  })
})

describe('Events', () => {
  it('that come a hundred times, many at once, leave the same objects', async () => {
    const event = await pipeline.upload('inbox', 'seeds/s.json', SEEDS)
    await Promise.all(Array.from({ length: 5 }, () => run(event)))
    const once = await pipeline.snapshot()
    expect(Object.keys(once).filter((key) => key.startsWith('synthetic/'))).toHaveLength(2)
    for (let more = 0; more < 95; more++) expect((await run(event)).outcome).toBe('already_done')
    expect(await pipeline.snapshot()).toEqual(once)
  })

  it('of an older version that come late do nothing', async () => {
    const older = await pipeline.upload('inbox', 'seeds/s.json', SEEDS)
    const newer = await pipeline.upload('inbox', 'seeds/s.json', SEEDS, { count: '3' })
    const changed = await pipeline.upload('inbox', 'seeds/s.json', JSON.stringify({ dialogues: someDialogues(2) }))
    expect(await run(older)).toEqual({ outcome: 'overtaken' })
    expect(await run(newer)).toEqual({ outcome: 'overtaken' })
    expect((await run(changed)).outcome).toBe('done')
    expect(await run(older)).toEqual({ outcome: 'overtaken' })
    expect((await pipeline.keys('datasets', 'synthetic/')).length).toBe(2)
  })

  it('repeat what a crash cut off, and no dataset is ever seen without its manifest', async () => {
    await run(await pipeline.upload('inbox', 'seeds/s.json', SEEDS))
    const whole = await pipeline.snapshot()
    for (const at of [0, 1, 2])
      for (const carriedOut of [false, true]) {
        const fresh = aPipeline({ defaultRequest: { count: 6 } })
        try {
          const event = await fresh.upload('inbox', 'seeds/s.json', SEEDS)
          await expect(runGenerate(event, dyingPorts(fresh.ports, at, carriedOut), fresh.settings)).rejects.toThrow(
            Killed,
          )
          const left = await fresh.keys('datasets', 'synthetic/')
          for (const key of left.filter((one) => one.endsWith('.jsonl')))
            expect(left).toContain(key.replace('.jsonl', '.manifest.json'))
          await runGenerate(event, fresh.ports, fresh.settings)
          expect(await fresh.snapshot()).toEqual(whole)
        } finally {
          fresh.remove()
        }
      }
  })
})

describe('Metadata', () => {
  it('are read as S3 brings them: texts, lower or upper case, with dashes or underscores', () => {
    expect(
      requestOfMetadata(
        {
          Count: '100',
          'openai-share': '0.3',
          max_cost_usd: '5',
          method: 'hybrid',
          concerns: 'anxiety,grief stress;other',
          'x-tool': 'y',
        },
        's.json',
      ),
    ).toEqual({
      count: 100,
      openai_share: 0.3,
      max_cost_usd: 5,
      method: 'hybrid',
      concerns: ['anxiety', 'grief', 'stress', 'other'],
    })
  })
})
