import { describe, expect, it } from 'vitest'
import { applyReviews } from '../../../core/apply/apply-reviews.ts'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import { mergeDatasets } from '../../../core/merge/merge-datasets.ts'
import { verifyTraining } from '../../../core/merge/verify.ts'
import { aDialogue, anAssistantMessage, aUserMessage, someDialogues } from '../../builders/a-dialogue.ts'
import { aPlainReview, aReview } from '../../builders/a-review.ts'
import { byteSource, textOf } from '../../builders/byte-source.ts'

const lines = (dialogues: readonly unknown[]): string => dialogues.map((d) => `${JSON.stringify(d)}\n`).join('')
const fail = (problem: unknown) => expect.fail(JSON.stringify(problem))

const seeds = [1, 2].map((number) =>
  aDialogue({
    dialogue_id: `seed_${number}`,
    messages: [aUserMessage({ text: `Seed ${number}.` }), anAssistantMessage()],
    labels: { max_risk_level: 'none' },
  }),
)

/** The whole way: reviews applied, the approved merged with the seeds. */
async function trainingSet(made: readonly Dialogue[], reviews: readonly object[]) {
  const run = applyReviews({
    dataset: { file: 'made', source: byteSource(lines(made)) },
    reviews: [{ file: 'reviews', source: byteSource(JSON.stringify(reviews)) }],
    format: 'lines',
    onProblem: fail,
  })
  const approved = await textOf(run.body)
  let training = ''
  await mergeDatasets({
    inputs: [
      { file: 'seeds', kind: 'auto', open: () => byteSource(lines(seeds)) },
      { file: 'approved', kind: 'auto', open: () => byteSource(approved) },
    ],
    outputs: ['combined.jsonl'],
    write: async (_, body) => {
      training = await textOf(body)
    },
    onProblem: fail,
  })
  return { approved, training, reviews }
}

const verify = (set: { approved?: string; training: string; reviews: readonly object[]; seeds?: string }) =>
  verifyTraining({
    training: { file: 'training', source: byteSource(set.training) },
    reviews: [{ file: 'reviews', source: byteSource(JSON.stringify(set.reviews)) }],
    ...(set.approved === undefined ? {} : { approved: [{ file: 'approved', source: byteSource(set.approved) }] }),
    ...(set.seeds === undefined ? {} : { seeds: [{ file: 'seeds', source: byteSource(set.seeds) }] }),
    onProblem: () => undefined,
  })

describe('verifying a training set', () => {
  const made = someDialogues(4)
  const adjusted = (original: string | null, final: string) => ({ original, final, adjustment: 'adjusted' })
  const reviews = [
    aReview({}, made[0]),
    {
      ...aReview({}, made[1]),
      labels: { concern: adjusted('anxiety', 'sleep'), therapeutic_technique: adjusted('validation', 'grounding') },
    },
    { ...aReview({}, made[2]), labels: { turns: { '1': { risk_level: adjusted('none', 'medium') } } } },
    aReview({ status: 'rejected' }, made[3]),
  ]

  it('follows every line to its verdict, over corrected labels and a risk that followed a turn', async () => {
    const set = await trainingSet(made, reviews)
    expect(await verify({ ...set, seeds: lines(seeds) })).toMatchObject({
      read: 5,
      verified: 3,
      by_id_alone: 0,
      seeds: { traced: 2, not_traced: 0 },
      sound: true,
    })
    expect(await verify(set)).toMatchObject({ seeds: { traced: 0, not_traced: 2 }, sound: true })
  })

  it('says when a verdict holds for the id alone', async () => {
    const set = await trainingSet(made, [aPlainReview({ dialogue_id: made[0]?.dialogue_id })])
    expect(await verify(set)).toMatchObject({ verified: 1, by_id_alone: 1, sound: true })
  })

  it('finds a dialogue under the id that it was reviewed by when the merge renamed it', async () => {
    const taken = { ...(made[0] as Dialogue), dialogue_id: 'seed_1' }
    const set = await trainingSet([taken], [aReview({}, taken)])
    expect(set.training).toContain('"original_dialogue_id":"seed_1"')
    expect(await verify(set)).toMatchObject({ verified: 1, sound: true })
  })

  const tampered: [string, string, (text: string) => string, object][] = [
    ['a changed text', 'changed', (text) => text.replace('number 1 ', 'number 9 '), {}],
    [
      'a changed text with a new hash on it',
      'not_in_approved',
      (text) => text.replace('number 1 ', 'number 9 ').replaceAll(/,?"content_sha256":"[0-9a-f]{64}"/g, ''),
      {},
    ],
    ['a dialogue that nobody approved', 'no_verdict', (text) => text, { reviews: reviews.slice(1) }],
    [
      'a verdict that was taken back',
      'not_approved',
      (text) => text,
      { reviews: [{ ...reviews[0], status: 'rejected', revision: 2 }, ...reviews.slice(1)] },
    ],
    [
      'reviewers who disagree',
      'disagreement',
      (text) => text,
      { reviews: [...reviews, aReview({ reviewer: 'lea', status: 'rejected' }, made[0])] },
    ],
    [
      'a verdict for other text',
      'void',
      (text) => text,
      { reviews: [{ ...reviews[0], content_sha256: '0'.repeat(64) }, ...reviews.slice(1)] },
    ],
    [
      'labels that no reviewer set',
      'labels_not_as_reviewed',
      (text) => text,
      { reviews: [reviews[0], { ...reviews[1], labels: {} }, ...reviews.slice(2)] },
    ],
    ['a seed that is none', 'unknown_seed', (text) => text.replace('Seed 1.', 'Seed 3.'), { seeds: lines(seeds) }],
  ]
  for (const [name, reason, change, more] of tampered)
    it(`names ${name}`, async () => {
      const set = await trainingSet(made, reviews)
      const report = await verify({ ...set, ...more, training: change(set.training) })
      expect(report.sound).toBe(false)
      expect(report.broken[reason as 'void']).toBeGreaterThan(0)
      expect(report.breaks[0]?.reason).toBe(reason)
      const { traced, not_traced } = report.seeds
      const breaks = Object.values(report.broken).reduce((a, b) => a + b, 0)
      expect(report.verified + traced + not_traced + breaks).toBe(report.read)
    })

  it('is not sound when a line is no dialogue', async () => {
    const set = await trainingSet(made, reviews)
    expect(await verify({ ...set, training: `${set.training}{"oops"\n` })).toMatchObject({
      failed: 1,
      sound: false,
      read: 6,
    })
  })
})
