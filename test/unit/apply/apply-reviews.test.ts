import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyReviews, type ApplyOptions } from '../../../core/apply/apply-reviews.ts'
import { LISTED, type ApplyReport } from '../../../core/apply/apply-report.ts'
import { contentSha256 } from '../../../core/dialogue/content-hash.ts'
import { DialogueSchema, type Dialogue } from '../../../core/dialogue/schema.ts'
import type { Problem } from '../../../core/errors.ts'
import { collectStatistics } from '../../../core/datasets/statistics.ts'
import { readDialogues } from '../../../core/datasets/read-dialogues.ts'
import { aDatasetText, aDialogue, anAssistantMessage, aUserMessage, someDialogues } from '../../builders/a-dialogue.ts'
import { aPlainReview, aReview } from '../../builders/a-review.ts'
import { anyDialogue, anyJsonStyle } from '../../builders/arbitrary-dialogue.ts'
import { all, byteSource, textOf } from '../../builders/byte-source.ts'

async function apply(
  dataset: string,
  reviews: readonly object[] | readonly object[][],
  options: Partial<ApplyOptions> = {},
): Promise<{ text: string; dialogues: Dialogue[]; report: ApplyReport; problems: Problem[] }> {
  const problems: Problem[] = []
  const files = reviews.length > 0 && Array.isArray(reviews[0]) ? (reviews as object[][]) : [reviews as object[]]
  const run = applyReviews({
    dataset: { file: 'set.json', source: byteSource(dataset) },
    reviews: files.map((file, index) => ({
      file: `reviews-${index}.json`,
      source: byteSource(JSON.stringify({ version: '1.0', reviews: file })),
    })),
    onProblem: (problem) => problems.push(problem),
    ...options,
  })
  const text = await textOf(run.body)
  const read = await all(
    readDialogues(byteSource(text === '' ? '[]' : text), { file: 'out', onProblem: (p) => expect.fail(p.message) }),
  )
  return { text, dialogues: read.map(({ dialogue }) => dialogue), report: run.report(), problems }
}

const lines = (dialogues: readonly unknown[]): string => dialogues.map((d) => JSON.stringify(d)).join('\n')
const ids = (dialogues: readonly Dialogue[]): string[] => dialogues.map((dialogue) => dialogue.dialogue_id)

function expectAccounted(report: ApplyReport): void {
  const { records } = report
  expect(Object.values(records).reduce((sum, count) => sum + count, 0)).toBe(report.read)
  expect(records.approved + records.needs_revision_included).toBe(report.written)
  expect(report.statistics.total_dialogues).toBe(report.written)
}

describe('applying reviews', () => {
  const five = someDialogues(5)
  const [one, two, three, four] = five as [Dialogue, Dialogue, Dialogue, Dialogue]

  it('keeps exactly what was approved and accounts for every record', async () => {
    const { dialogues, report } = await apply(lines(five), [
      aReview({}, one),
      aReview({ status: 'rejected' }, two),
      aReview({ status: 'needs_revision' }, three),
      aReview({ status: null }, four),
    ])
    expect(ids(dialogues)).toEqual([one.dialogue_id])
    expect(report).toMatchObject({
      read: 5,
      written: 1,
      records: { approved: 1, rejected: 1, needs_revision: 1, unreviewed: 2 },
      reviews: { read: 4, verdicts: 3, matched: 3, without_verdict: 1, without_hash: 0 },
      notes: [],
    })
    expectAccounted(report)
  })

  it('keeps what needs revision too when asked, and says so in the record', async () => {
    const { dialogues, report } = await apply(
      lines(five),
      [aReview({}, one), aReview({ status: 'needs_revision' }, two)],
      {
        includeRevision: true,
      },
    )
    expect(dialogues.map(({ labels }) => [labels['review_status'], labels['clinician_approved']])).toEqual([
      ['approved', true],
      ['needs_revision', false],
    ])
    expect(report.records).toMatchObject({ approved: 1, needs_revision_included: 1, needs_revision: 0, unreviewed: 3 })
    expectAccounted(report)
  })

  it('adds its stamps and leaves the rest of the record as it stands, character for character', async () => {
    const own = '{ "extra" : 1.0, "big":12345678901234567890, ' + JSON.stringify(one).slice(1)
    const { text } = await apply(own, [aReview({ reviewer: 'Dr "X"' }, one)], { format: 'lines' })
    const hash = contentSha256(one)
    const stamps = `,"clinician_reviewed":true,"clinician_approved":true,"review_status":"approved","reviewed_at":"2026-02-03T10:00:00Z","reviewer":"Dr \\"X\\"","content_sha256":"${hash}"`
    expect(text).toBe(`${own.slice(0, -2)}${stamps}},"content_sha256":"${hash}"}\n`)
  })

  it('gives the same bytes for the same files', async () => {
    const reviews = five.map((dialogue) => aReview({}, dialogue))
    expect((await apply(lines(five), reviews)).text).toBe((await apply(lines(five), reviews)).text)
  })

  it('writes a dataset whose fields outlive it and whose numbers are counted anew', async () => {
    const dataset = JSON.stringify({
      version: '1.0',
      total_dialogues: 99,
      metadata: { a: [1] },
      dialogues: five,
      statistics: { total_dialogues: 99 },
      end: 'kept',
    })
    const { text, report } = await apply(dataset, [aReview({}, one), aReview({}, two)])
    const written = JSON.parse(text) as Record<string, unknown>
    expect(Object.keys(written)).toEqual(['version', 'metadata', 'dialogues', 'end', 'total_dialogues', 'statistics'])
    expect(written).toMatchObject({ metadata: { a: [1] }, total_dialogues: 2, statistics: { total_dialogues: 2 } })
    expect(report.statistics.session_types).toMatchObject({ 'check-in': 2 })
  })

  it('puts a dialogue that stands over several lines on one in JSONL', async () => {
    const { text, dialogues } = await apply(aDatasetText([one, two]), [aReview({}, one), aReview({}, two)], {
      format: 'lines',
    })
    expect(text.trimEnd().split('\n')).toHaveLength(2)
    expect(ids(dialogues)).toEqual([one.dialogue_id, two.dialogue_id])
  })

  it('replaces the stamps of an earlier review', async () => {
    const first = await apply(lines([one]), [aReview({ reviewer: 'old' }, one)], { format: 'lines' })
    const again = await apply(first.text, [aPlainReview({ dialogue_id: one.dialogue_id, reviewed_at: 'later' })], {
      format: 'lines',
    })
    expect(again.dialogues[0]?.labels).toMatchObject({ reviewer: null, reviewed_at: 'later', clinician_approved: true })
    expect(Object.keys(again.dialogues[0]?.labels ?? {})).toEqual(Object.keys(first.dialogues[0]?.labels ?? {}))
  })

  it('takes verdicts of the present tools for the id alone, and says so', async () => {
    const { dialogues, report } = await apply(lines(five), [
      aPlainReview({ dialogue_id: two.dialogue_id }),
      aPlainReview({ dialogue_id: three.dialogue_id, status: 'rejected' }),
    ])
    expect(ids(dialogues)).toEqual([two.dialogue_id])
    expect(dialogues[0]?.labels).toMatchObject({ clinician_reviewed: true, reviewed_at: '2026-02-03T10:00:00.123456' })
    expect(report.reviews.without_hash).toBe(2)
    expect(report.notes.join()).toMatch(/2 verdicts name no content hash/)
  })

  it('holds a verdict void when text or labels changed after it', async () => {
    const changed = [
      { ...one, messages: [aUserMessage({ text: 'other words' }), anAssistantMessage()] },
      { ...two, labels: { ...two.labels, max_risk_level: 'low' } },
      three,
    ]
    const { dialogues, report } = await apply(lines(changed), [
      aReview({}, one),
      aReview({ status: 'rejected' }, two),
      aReview({}, three),
    ])
    expect(ids(dialogues)).toEqual([three.dialogue_id])
    expect(report.records).toMatchObject({ approved: 1, void: 2, rejected: 0 })
    expect(report.left_out).toMatchObject([
      { dialogue_id: one.dialogue_id, line: 1, outcome: 'void' },
      { dialogue_id: two.dialogue_id, line: 2, outcome: 'void' },
    ])
    expectAccounted(report)
  })

  it('refuses reviews that are all for other dialogues, and says how many there were', async () => {
    await expect(
      apply(lines(five), [aPlainReview({ dialogue_id: 'x' }), aPlainReview({ dialogue_id: 'y' })]),
    ).rejects.toThrow(/none of the 2 verdicts is for one of the 5 dialogues of set\.json \(0 matched\)/)
  })

  it('says how many of the verdicts matched when some did', async () => {
    const { report } = await apply(lines(five), [aReview({}, one), aPlainReview({ dialogue_id: 'elsewhere' })])
    expect(report.notes.join()).toMatch(/1 of 2 verdicts are for dialogues of this dataset/)
  })

  it('keeps the good dialogues of a partly bad dataset and counts the rest as failed', async () => {
    const bad = { ...aDialogue({ dialogue_id: 'bad' }), session_type: 'chat' }
    const { dialogues, report, problems } = await apply(`${lines([one, bad])}\n{"cut": \n${lines([two])}`, [
      aReview({}, one),
      aReview({}, two),
      aPlainReview({ dialogue_id: 'bad' }),
    ])
    expect(ids(dialogues)).toEqual([one.dialogue_id, two.dialogue_id])
    expect(report.records.failed).toBe(2)
    expect(problems.map(({ line }) => line)).toEqual([2, 3])
    expectAccounted(report)
  })

  it('keeps the good reviews of a partly bad file', async () => {
    const { report, problems } = await apply(lines(five), [aReview({}, one), { dialogue_id: 'x', status: 'yes' }])
    expect(report.reviews).toMatchObject({ read: 2, failed: 1, verdicts: 1 })
    expect(problems).toMatchObject([{ file: 'reviews-0.json', record: 1, field: 'status' }])
  })

  it('an empty reviews file approves nothing, which is no error', async () => {
    const { dialogues, report } = await apply(lines(five), [])
    expect(dialogues).toEqual([])
    expect(report.records.unreviewed).toBe(5)
  })
})

describe('several verdicts on one dialogue', () => {
  const one = aDialogue()
  const outcome = async (...reviews: object[]) => (await apply(lines([one]), reviews)).report.records

  it('of one reviewer: the later supersedes the earlier', async () => {
    const { report, dialogues } = await apply(lines([one]), [
      aReview({ status: 'rejected', revision: 1 }, one),
      aReview({ status: 'approved', revision: 2 }, one),
    ])
    expect(ids(dialogues)).toEqual([one.dialogue_id])
    expect(report.reviews).toMatchObject({ superseded: 1, verdicts: 1 })
  })

  it('of one reviewer in the wrong order: the higher revision counts', async () => {
    expect(
      await outcome(aReview({ status: 'rejected', revision: 2 }, one), aReview({ revision: 1 }, one)),
    ).toMatchObject({ rejected: 1 })
  })

  it('of two reviewers who agree: both are named', async () => {
    const { dialogues } = await apply(lines([one]), [
      aReview({ reviewer: 'zoe', reviewed_at: '2026-02-03T10:00:00Z' }, one),
      aReview({ reviewer: 'amy', reviewed_at: '2026-02-04T10:00:00Z' }, one),
    ])
    expect(dialogues[0]?.labels).toMatchObject({ reviewer: 'amy, zoe', reviewed_at: '2026-02-04T10:00:00Z' })
  })

  it('of two reviewers who disagree: left out and reported', async () => {
    expect(await outcome(aReview({}, one), aReview({ reviewer: 'lea', status: 'rejected' }, one))).toMatchObject({
      disagreement: 1,
    })
  })

  it('of nameless reviewers in two files: they may be two people', async () => {
    const { report } = await apply(lines([one]), [[aPlainReview()], [aPlainReview({ status: 'rejected' })]])
    expect(report.records.disagreement).toBe(1)
  })

  it('a settlement decides', async () => {
    expect(
      await outcome(aReview({}, one), aReview({ reviewer: 'lea', status: 'rejected' }, one), {
        ...aReview({ reviewer: 'lead' }, one),
        settlement: true,
      }),
    ).toMatchObject({ approved: 1 })
  })

  it('a lead may both review and settle', async () => {
    expect(
      await outcome(aReview({ reviewer: 'lead', status: 'rejected' }, one), aReview({}, one), {
        ...aReview({ reviewer: 'lead', status: 'rejected' }, one),
        settlement: true,
      }),
    ).toMatchObject({ rejected: 1 })
  })

  it('one that was given for other text does not count against one that holds', async () => {
    const other = aReview({ reviewer: 'lea', status: 'rejected', content_sha256: '0'.repeat(64) }, one)
    expect(await outcome(aReview({}, one), other)).toMatchObject({ approved: 1 })
  })

  it('a dialogue that stands twice is written once', async () => {
    const { dialogues, report } = await apply(lines([one, one]), [aReview({}, one)])
    expect(dialogues).toHaveLength(1)
    expect(report.records).toMatchObject({ approved: 1, duplicate: 1 })
    expectAccounted(report)
  })

  it('of two records with one id the one that was judged is written', async () => {
    const other = aDialogue({ messages: [aUserMessage({ text: 'Other words.' }), anAssistantMessage()] })
    const { dialogues, report } = await apply(lines([other, one]), [aReview({}, one)])
    expect(dialogues[0]?.messages).toEqual(one.messages)
    expect(report.records).toMatchObject({ approved: 1, void: 1 })
  })

  it('a long list of what was left out is cut, and says so', async () => {
    const many = Array.from({ length: LISTED + 5 }, () => one)
    const { report } = await apply(lines(many), [aReview({}, one)])
    expect(report.left_out).toHaveLength(LISTED)
    expect(report.notes.join()).toMatch(/first 200 are listed/)
  })
})

describe('labels that a reviewer corrected', () => {
  const one = aDialogue()
  const adjusted = <T>(original: T, final: T) => ({ original, final, adjustment: 'adjusted' as const })

  it('are corrected in the record, and the hash is of what is written', async () => {
    const { dialogues, report } = await apply(lines([one]), [
      aReview(
        {
          labels: {
            concern: adjusted('anxiety', 'sleep'),
            session_type: adjusted('check-in', 'gentle_deep'),
            primary_intent: adjusted('validate', 'probe_story'),
            therapeutic_technique: { original: 'validation', final: 'validation', adjustment: 'verified' },
            turns: { '3': { intent: adjusted('probe_story', 'reframe') } },
          },
        },
        one,
      ),
    ])
    const [written] = dialogues
    expect(written).toMatchObject({
      session_type: 'gentle_deep',
      user_profile: { ...one.user_profile, concern: 'sleep' },
      labels: {
        primary_intent: 'probe_story',
        therapeutic_technique: 'validation',
        content_sha256: contentSha256(one),
      },
    })
    expect(written?.messages[3]).toMatchObject({ intent: 'reframe' })
    expect(written?.content_sha256).toBe(contentSha256(written as Dialogue))
    expect(written?.content_sha256).not.toBe(contentSha256(one))
    expect(report).toMatchObject({
      relabelled: 1,
      statistics: { concerns: { sleep: 1 }, intent_distribution: { reframe: 1 } },
    })
  })

  it('a higher risk of a turn raises the risk of the dialogue', async () => {
    const labels = { turns: { '1': { risk_level: adjusted('none' as const, 'medium' as const) } } }
    const { dialogues } = await apply(lines([one]), [aReview({ labels }, one)])
    expect(dialogues[0]?.labels.max_risk_level).toBe('medium')
  })

  it('a lower risk of the riskiest turn lowers it, unless it stood above all turns', async () => {
    const risky = (max: 'medium' | 'high') =>
      aDialogue({
        messages: [
          aUserMessage(),
          anAssistantMessage({ risk_level: 'medium' }),
          anAssistantMessage({ risk_level: 'low' }),
        ],
        labels: { max_risk_level: max },
      })
    const labels = { turns: { '1': { risk_level: adjusted('medium' as const, 'none' as const) } } }
    for (const [max, expected] of [
      ['medium', 'low'],
      ['high', 'high'],
    ] as const) {
      const { dialogues } = await apply(lines([risky(max)]), [aReview({ labels }, risky(max))])
      expect(dialogues[0]?.labels.max_risk_level).toBe(expected)
    }
  })

  it('two approvals that correct one label differently are a disagreement; a settlement ends it', async () => {
    const first = aReview({ labels: { concern: adjusted('anxiety', 'sleep') } }, one)
    const second = aReview({ reviewer: 'lea', labels: { concern: adjusted('anxiety', 'stress') } }, one)
    expect((await apply(lines([one]), [first, second])).report.records.disagreement).toBe(1)
    const settled = { ...aReview({ reviewer: 'lead', labels: second.labels }, one), settlement: true }
    const { dialogues } = await apply(lines([one]), [first, second, settled])
    expect(dialogues[0]?.user_profile.concern).toBe('stress')
  })

  it('two approvals that correct different labels are both heard', async () => {
    const { dialogues } = await apply(lines([one]), [
      aReview({ labels: { concern: adjusted('anxiety', 'sleep') } }, one),
      aReview({ reviewer: 'lea', labels: { primary_intent: adjusted('validate', 'close') } }, one),
    ])
    expect(dialogues[0]).toMatchObject({ user_profile: { concern: 'sleep' }, labels: { primary_intent: 'close' } })
  })

  it('a verdict without a hash is void when a label is not what the reviewer saw', async () => {
    const { report } = await apply(lines([one]), [aPlainReview({ labels: { concern: adjusted('grief', 'sleep') } })])
    expect(report.records.void).toBe(1)
    expect(report.left_out[0]?.detail).toMatch(/concern is not what the reviewer saw/)
  })
})

describe('the fast and the strict way', () => {
  const change = fc.record(
    {
      concern: fc.constantFrom('sleep', 'été'),
      primary_intent: fc.constantFrom('close', 'other'),
      therapeutic_technique: fc.constantFrom('validation', 'a "new" one'),
    },
    { requiredKeys: [] },
  )

  it('write the same dialogue, which is the record with the changes and the stamps', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDialogue,
        anyJsonStyle,
        change,
        fc.constantFrom('dataset', 'lines'),
        async (dialogue, style, final, format) => {
          const original = DialogueSchema.parse(JSON.parse(JSON.stringify(dialogue)))
          const labels = Object.fromEntries(
            Object.entries(final).map(([name, value]) => [
              name,
              { original: null, final: value, adjustment: 'adjusted' },
            ]),
          )
          const review = { ...aReview({ reviewer: 'r' }, original), labels }
          const { text, report } = await apply(`[${style(dialogue)}]`, [review], {
            format,
          })
          expect(report.written).toBe(1)
          const written = (
            format === 'lines' ? JSON.parse(text) : (JSON.parse(text) as { dialogues: unknown[] }).dialogues[0]
          ) as Dialogue
          const { concern, ...dialogueLabels } = final
          const expected = JSON.parse(JSON.stringify(dialogue)) as Dialogue
          if (concern !== undefined) expected.user_profile.concern = concern
          Object.assign(expected.labels, dialogueLabels)
          // As everywhere, of what the schema lets through: it drops a label called __proto__.
          const hash = contentSha256(DialogueSchema.parse(expected))
          Object.assign(expected.labels, {
            clinician_reviewed: true,
            clinician_approved: true,
            review_status: 'approved',
            reviewed_at: review.reviewed_at,
            reviewer: 'r',
            content_sha256: contentSha256(original),
          })
          expected.content_sha256 = hash
          expect(written).toEqual(expected)
          expect(report.statistics).toEqual(await collectStatistics([{ dialogue: expected }]))
        },
      ),
      { numRuns: 500 },
    )
  })
})
