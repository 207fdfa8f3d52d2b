import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentSha256 } from '../../../core/dialogue/content-hash.ts'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import { runMerge, type Latest } from '../../../core/pipeline/merge-stage.ts'
import type { UploadEvent } from '../../../core/pipeline/stages.ts'
import { aDialogue, aUserMessage, anAssistantMessage } from '../../builders/a-dialogue.ts'
import { aPipeline, dyingPorts, Killed, type Pipeline } from '../../builders/a-pipeline.ts'

let pipeline: Pipeline
beforeEach(() => {
  pipeline = aPipeline()
})
afterEach(() => pipeline.remove())

const run = (event: UploadEvent, on = pipeline, ports = on.ports) => runMerge(event, ports, on.settings)
const lines = (dialogues: readonly unknown[]) => dialogues.map((one) => JSON.stringify(one) + '\n').join('')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function told(id: string, words = id): Dialogue {
  return aDialogue({
    dialogue_id: id,
    messages: [
      aUserMessage({ text: `It is about ${words}, again.` }),
      anAssistantMessage({ text: `So ${words} is back.` }),
    ],
  })
}

/** As apply leaves it: approved, with the hash of what was judged and of what is written. */
function approved(dialogue: Dialogue): Dialogue {
  const content_sha256 = contentSha256(dialogue)
  const stamps = { clinician_reviewed: true, clinician_approved: true, review_status: 'approved', content_sha256 }
  return { ...dialogue, labels: { ...dialogue.labels, ...stamps }, content_sha256 }
}

interface Seeds {
  file: string
  dialogues: readonly Dialogue[]
}

async function anApprovedSet(
  id: string,
  dialogues: readonly Dialogue[],
  seeds?: Seeds,
  on = pipeline,
): Promise<UploadEvent> {
  const set = lines(dialogues)
  let behind: Latest['seeds'][number] | undefined
  if (seeds !== undefined) {
    const content = lines(seeds.dialogues)
    behind = { file: seeds.file, sha256: sha256(content), key: `seeds/${sha256(content)}.jsonl` }
    // As the generate stage keeps them: once, by content.
    await on.ports.datasets.put(behind.key, [Buffer.from(content)], { condition: { if: 'absent' } })
  }
  const report = {
    version: '1.0',
    id,
    dataset: { store: 'datasets', key: `synthetic/${id}.jsonl` },
    reviews: { store: 'datasets', key: `reviews/${id}.json` },
    approved: { key: `approved/${id}.jsonl`, sha256: sha256(set), bytes: set.length, dialogues: dialogues.length },
    ...(behind === undefined ? {} : { seeds: behind }),
  }
  await on.upload('datasets', `approved/${id}.report.json`, JSON.stringify(report))
  return on.upload('datasets', `approved/${id}.jsonl`, set)
}

const latest = (on = pipeline) => on.json<Latest>('datasets', 'training/latest.json')
async function trainingIds(on = pipeline): Promise<string[]> {
  const text = await on.text('datasets', `${(await latest(on)).folder}combined.jsonl`)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as Dialogue).dialogue_id)
}

const seeds: Seeds = { file: 's.json', dialogues: [told('seed_1', 'rain'), told('seed_2', 'snow')] }

describe('An approved set', () => {
  it('becomes a training set with the seeds before it, and latest.json names it', async () => {
    const outcome = await run(await anApprovedSet('b-1', [approved(told('a')), approved(told('b'))], seeds))
    expect(outcome).toMatchObject({ outcome: 'done' })
    expect(await trainingIds()).toEqual(['seed_1', 'seed_2', 'a', 'b'])
    const { version, folder, dialogues, files } = await latest()
    expect(version).toMatch(/^0001-[0-9a-f]{12}$/)
    expect(dialogues).toBe(4)
    expect((await pipeline.keys('datasets', folder)).sort()).toEqual(files.map((name) => folder + name).sort())
    expect(await pipeline.json('datasets', `${folder}manifest.json`)).toMatchObject({
      read: 4,
      written: 4,
      by_source: { seed: 2, synthetic: 2 },
    })
  })

  it('is merged with all that came before; seeds that two batches share are taken once', async () => {
    await run(await anApprovedSet('b-1', [approved(told('a'))], seeds))
    const first = await latest()
    await run(await anApprovedSet('b-2', [approved(told('b'))], { ...seeds, file: 'r.json' }))
    expect(await trainingIds()).toEqual(['seed_1', 'seed_2', 'a', 'b'])
    const second = await latest()
    expect(second).toMatchObject({ approved: [{ id: 'b-1' }, { id: 'b-2' }], seeds: [{ file: 'r.json' }] })
    expect(await pipeline.keys('datasets', first.folder)).toHaveLength(9) // the older version stays
  })

  it('of nothing still gives a training set of its seeds, and of nothing at all none', async () => {
    await run(await anApprovedSet('b-0', []))
    expect(await pipeline.keys('datasets', 'training/')).toEqual([])
    await run(await anApprovedSet('b-1', [], seeds))
    expect(await trainingIds()).toEqual(['seed_1', 'seed_2'])
  })

  it('gives up a dialogue whose words are not those that were approved, and the manifest says so', async () => {
    const changed = { ...approved(told('a')), session_type: 'gentle_deep' as const }
    await run(await anApprovedSet('b-1', [changed, told('b'), approved(told('c'))], seeds))
    expect(await trainingIds()).toEqual(['seed_1', 'seed_2', 'c'])
    expect(await pipeline.json('datasets', (await latest()).manifest)).toMatchObject({
      read: 5,
      records: { written: 3, changed: 1, unapproved: 1 },
    })
  })

  it('with a line that is no dialogue is merged without it, and that is reported', async () => {
    const event = await anApprovedSet('b-1', [approved(told('a')), { dialogue_id: 'bad' } as never])
    const outcome = await run(event)
    expect(await trainingIds()).toEqual(['a'])
    const { version } = await latest()
    expect(outcome).toMatchObject({ outputs: expect.arrayContaining([`errors/merge/${version}.json`]) as string[] })
  })

  it('without its report is not merged by guess: that is a fault', async () => {
    const event = await pipeline.upload('datasets', 'approved/x.jsonl', lines([approved(told('a'))]))
    await expect(run(event)).rejects.toThrow('has no report beside it')
  })

  it('takes over from a latest.json that somebody broke', async () => {
    await pipeline.upload('datasets', 'training/latest.json', '{"version": ')
    await run(await anApprovedSet('b-1', [approved(told('a'))]))
    expect(await latest()).toMatchObject({ approved: [{ id: 'b-1' }] })
  })
})

describe('Events', () => {
  it('that come a hundred times, many at once, leave the same objects', async () => {
    const event = await anApprovedSet('b-1', [approved(told('a'))], seeds)
    await Promise.all(Array.from({ length: 10 }, () => run(event)))
    const once = await pipeline.snapshot()
    for (let more = 0; more < 90; more++) expect((await run(event)).outcome).toBe('already_done')
    expect(await pipeline.snapshot()).toEqual(once)
  })

  it('in any order, late and at the same time, end in one training set of all sets', async () => {
    const sets = ['b-1', 'b-2', 'b-3', 'b-4']
    const whole = await (async () => {
      for (const id of sets) await run(await anApprovedSet(id, [approved(told(`of-${id}`))], seeds))
      return latest()
    })()
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(sets, { minLength: 4 }),
        fc.array(fc.nat(3), { minLength: 4, maxLength: 8 }),
        async (arrival, handling) => {
          const fresh = aPipeline()
          try {
            const events: UploadEvent[] = []
            const running: Promise<unknown>[] = []
            let most = 0
            for (const id of arrival) {
              events.push(await anApprovedSet(id, [approved(told(`of-${id}`))], seeds, fresh))
              const late = events[(handling[events.length - 1] ?? 0) % events.length]
              if (late !== undefined) running.push(run(late, fresh))
            }
            await Promise.all(running)
            for (const at of handling) {
              const event = events[at]
              if (event !== undefined) await run(event, fresh)
              const named = (await latest(fresh)).approved.length
              expect(named).toBeGreaterThanOrEqual(most)
              most = named
            }
            for (const event of events) await run(event, fresh)
            expect(await latest(fresh)).toEqual(whole)
          } finally {
            fresh.remove()
          }
        },
      ),
      { numRuns: 10 },
    )
  })

  it('never let a merge of fewer sets replace one of more, however slow it is', async () => {
    const first = await anApprovedSet('b-1', [approved(told('a'))], seeds)
    let overtake: (() => Promise<void>) | undefined = async () => {
      overtake = undefined
      await run(await anApprovedSet('b-2', [approved(told('b'))], seeds))
    }
    const { datasets } = pipeline.ports
    const slow = {
      ...pipeline.ports,
      datasets: {
        ...datasets,
        put: async (...args: Parameters<typeof datasets.put>) => {
          // All files of the small set are there; before it gets to latest.json, the larger one does.
          if (args[0] === 'training/latest.json') await overtake?.()
          return datasets.put(...args)
        },
      },
    }
    await run(first, pipeline, slow)
    expect((await latest()).approved.map((set) => set.id)).toEqual(['b-1', 'b-2'])
  })

  it('repeat what a crash cut off, wherever it came', async () => {
    await run(await anApprovedSet('b-1', [approved(told('a'))], seeds))
    const whole = await pipeline.snapshot()
    for (let at = 0; at < 10; at++)
      for (const carriedOut of [false, true]) {
        const fresh = aPipeline()
        try {
          const event = await anApprovedSet('b-1', [approved(told('a'))], seeds, fresh)
          await expect(run(event, fresh, dyingPorts(fresh.ports, at, carriedOut))).rejects.toThrow(Killed)
          await run(event, fresh)
          expect(await fresh.snapshot()).toEqual(whole)
        } finally {
          fresh.remove()
        }
      }
  })
})
