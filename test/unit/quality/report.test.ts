import { describe, expect, it } from 'vitest'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import { DEFAULT_TARGET } from '../../../core/generate/target.ts'
import { METRICS } from '../../../core/quality/metrics/bands.ts'
import { renderReportHtml } from '../../../core/quality/report-html.ts'
import { buildQualityReport } from '../../../core/quality/report.ts'
import { conversationOf } from './lint-case-files.ts'

/** Dialogues that differ in every word that counts. */
function different(count: number): Dialogue[] {
  return Array.from({ length: count }, (_, at) => ({
    ...conversationOf({
      turns: [
        `client: The ${word(at, 1)} and the ${word(at, 2)} kept me up until ${word(at, 3)}.`,
        `reply: So ${word(at, 4)} stayed with you. What was ${word(at, 5)} like after ${word(at, 6)}?`,
      ],
    }),
    dialogue_id: `d${at}`,
  }))
}
const word = (at: number, place: number): string => `w${at}x${place}`

const seed = {
  ...conversationOf({
    turns: ['client: One two three four five six seven eight nine.', 'reply: I hear you. What then?'],
  }),
  dialogue_id: 'seed_1',
}
const copied = {
  ...conversationOf({
    turns: [
      'client: Well: one two three four five six seven eight, and so on.',
      'reply: You should sleep. Just think positive.',
    ],
  }),
  dialogue_id: 'copied <script>alert(1)</script>',
}

describe('the quality report', () => {
  it('counts every dialogue against the target, with the findings of the lint by code', async () => {
    const report = await buildQualityReport({ dialogues: [...different(3), copied], target: DEFAULT_TARGET })
    expect(report.dialogues).toBe(4)
    expect(report.distribution.filter(({ axis }) => axis === 'session_type').map(({ count }) => count)).toEqual([
      4, 0, 0,
    ])
    const minimising = report.findings.by_code.find(({ code }) => code === 'forbidden.minimising')
    expect(minimising).toMatchObject({ severity: 'error', count: 1, dialogues: 1, example: { turn: 1 } })
    expect(report.findings.clean_dialogues).toBe(3)
    expect(report.metrics.find(({ name }) => name === 'lint_errors')?.value).toBe(report.findings.errors)
    expect(report.metrics.map(({ name }) => name)).toEqual(METRICS.map(({ name }) => name))
  })

  it('finds memorised runs of the seeds and how near the set comes to them', async () => {
    const report = await buildQualityReport({
      dialogues: [...different(3), copied],
      seeds: [seed],
      target: DEFAULT_TARGET,
    })
    expect(report.memorised).toEqual([
      {
        dialogue_id: copied.dialogue_id,
        turn: 0,
        words: 8,
        seed_dialogue_id: 'seed_1',
        text: 'one two three four five six seven eight',
      },
    ])
    expect(report.metrics.find(({ name }) => name === 'memorised_runs')).toMatchObject({ value: 1, grade: 'missed' })
    expect(report.nearest_seed?.max).toBeGreaterThan(0.1)
  })

  it('measures only the first messages, as many as asked for', async () => {
    const [long] = different(1)
    if (long === undefined) throw new Error('no dialogue')
    const twice = { ...long, messages: [...long.messages, ...long.messages] }
    const report = await buildQualityReport({ dialogues: [twice], target: DEFAULT_TARGET, turns: 2 })
    expect(report.metrics.find(({ name }) => name === 'sentence_reuse')?.value).toBe(0)
    const whole = await buildQualityReport({ dialogues: [twice], target: DEFAULT_TARGET, turns: 4 })
    expect(whole.metrics.find(({ name }) => name === 'sentence_reuse')?.value).toBe(1)
  })

  it('draws five samples of two hundred from a larger set, the same for the same seed', async () => {
    const build = (sampleSeed: number) =>
      buildQualityReport({ dialogues: different(230), target: DEFAULT_TARGET, sampleSeed })
    const report = await build(1)
    expect(report.sample).toEqual({ size: 200, count: 5, seed: 1, kept: 230 })
    const vocabulary = report.metrics.find(({ name }) => name === 'vocabulary')
    expect(vocabulary?.min).toBeLessThanOrEqual(vocabulary?.value ?? 0)
    expect(await build(1)).toEqual(report)
  })

  it('takes a stream, and says of an empty one that there is nothing to measure', async () => {
    const stream = (async function* (): AsyncGenerator<Dialogue> {
      yield* different(2)
    })()
    expect((await buildQualityReport({ dialogues: stream, target: DEFAULT_TARGET })).dialogues).toBe(2)
    const empty = await buildQualityReport({ dialogues: [], target: DEFAULT_TARGET })
    expect(empty.notes.join(' ')).toContain('nothing to measure')
    for (const { value, min, max } of empty.metrics) expect([value, min, max].every(Number.isFinite)).toBe(true)
  })
})

describe('the report as a page', () => {
  it('needs nothing but itself: no script, nothing fetched, and text of the set never becomes a tag', async () => {
    const report = await buildQualityReport({
      dialogues: [...different(3), copied, { ...copied, dialogue_id: 'x' }],
      seeds: [seed],
      target: DEFAULT_TARGET,
    })
    const page = renderReportHtml(report, { title: 'set <b>1</b>.json' })
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|javascript:|url\(|@import/i)
    expect(page).not.toMatch(/\b(?:src|href)=/)
    expect(page).toContain('copied &lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).toContain('set &lt;b&gt;1&lt;/b&gt;.json')
    for (const { title } of METRICS) expect(page).toContain(`<h3>${title}</h3>`)
    expect(page).toContain('<mark>')
    expect(page).toContain('prefers-color-scheme: dark')
  })

  it('can be made of an empty set', async () => {
    const page = renderReportHtml(await buildQualityReport({ dialogues: [], target: DEFAULT_TARGET }), {
      title: 'none',
    })
    expect(page).toContain('nothing to measure')
    expect(page).not.toMatch(/NaN|Infinity|undefined/)
  })
})
