import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PADDING, createRecordWalker } from '../../../core/datasets/record-walker.ts'
import { collectStatistics, createStatisticsCounter } from '../../../core/datasets/statistics.ts'
import { DialogueSchema } from '../../../core/dialogue/schema.ts'
import { aDialogue, anAssistantMessage, aUserMessage } from '../../builders/a-dialogue.ts'
import { anyDialogue, anyJsonStyle } from '../../builders/arbitrary-dialogue.ts'

const collect = (dialogues: ReturnType<typeof aDialogue>[]) =>
  collectStatistics(dialogues.map((dialogue) => ({ dialogue })))

describe('statistics', () => {
  it('count by dialogue and by turn, under the names of the present tools', async () => {
    const statistics = await collect([
      aDialogue(),
      aDialogue({
        session_type: 'gentle_deep',
        user_profile: { concern: 'perfectionism' },
        messages: [
          aUserMessage({ text: '😀é' }),
          anAssistantMessage({ intent: 'close', techniques: ['validation', 'summary'] }),
        ],
        labels: { overall_sentiment: 'positive', max_risk_level: 'low', therapeutic_technique: 'grounding' },
      }),
    ])
    expect(statistics).toMatchObject({
      total_dialogues: 2,
      session_types: { 'check-in': 1, gentle_deep: 1, micro_practice: 0 },
      intent_distribution: { validate: 1, probe_story: 1, close: 1 },
      sentiment_distribution: { negative: 1, positive: 1 },
      risk_level_distribution: { none: 1, low: 1, medium: 0, high: 0 },
      therapeutic_techniques: { validation: 1, grounding: 1 },
      concerns: { anxiety: 1, perfectionism: 1 },
      concern_groups: { anxiety: 1, 'self-worth': 1, grief: 0 },
      turn_techniques: { validation: 1, summary: 1 },
      methods: { synthetic: 1, seed: 1 },
      turns: { total: 6, mean: 3, min: 2, p50: 2, max: 4 },
      user_characters: { min: 2 },
      unknown_concerns: [],
    })
  })

  it('compare with the target, share by share', async () => {
    const { against_target } = await collect([aDialogue(), aDialogue({ session_type: 'gentle_deep' })])
    expect(against_target.find(({ value }) => value === 'gentle_deep')).toEqual({
      axis: 'session_type',
      value: 'gentle_deep',
      count: 1,
      share: 0.5,
      target: 0.5,
    })
    for (const axis of ['session_type', 'concern', 'risk'])
      expect(against_target.filter((row) => row.axis === axis).reduce((sum, row) => sum + row.target, 0)).toBeCloseTo(
        1,
        3,
      )
  })

  it('name the concerns that no group knows, and count them as other', async () => {
    const statistics = await collect([aDialogue({ user_profile: { concern: 'ticks' } })])
    expect(statistics).toMatchObject({ unknown_concerns: ['ticks'], concern_groups: { other: 1 } })
  })

  it('take the risk of the turns where the dialogue states none', async () => {
    const messages = [
      aUserMessage(),
      anAssistantMessage({ risk_level: 'low' }),
      anAssistantMessage({ risk_level: 'medium' }),
    ]
    expect((await collect([aDialogue({ messages, labels: {} })])).risk_level_distribution).toMatchObject({ medium: 1 })
  })

  it('of nothing are zeros', async () => {
    expect(await collect([])).toMatchObject({
      total_dialogues: 0,
      turns: { total: 0, mean: 0, min: 0, p50: 0, max: 0 },
    })
  })

  it('are the same from the bytes of a record as from the parsed dialogue, whatever the order of the dialogues', () => {
    const walker = createRecordWalker()
    fc.assert(
      fc.property(fc.array(anyDialogue, { maxLength: 5 }), anyJsonStyle, (dialogues, style) => {
        const fromBytes = createStatisticsCounter()
        const parsed = createStatisticsCounter()
        for (const dialogue of dialogues) {
          const bytes = Buffer.concat([Buffer.from(style(dialogue)), Buffer.alloc(PADDING)])
          if (walker.walk(bytes, 0, bytes.length - PADDING)) fromBytes.addWalked(walker, bytes)
          else fromBytes.add(DialogueSchema.parse(JSON.parse(JSON.stringify(dialogue))))
        }
        for (const dialogue of dialogues.toReversed())
          parsed.add(DialogueSchema.parse(JSON.parse(JSON.stringify(dialogue))))
        const { unknown_concerns, ...rest } = fromBytes.statistics()
        const { unknown_concerns: unknown, ...expected } = parsed.statistics()
        expect(rest).toEqual(expected)
        expect(unknown_concerns.toSorted()).toEqual(unknown.toSorted())
      }),
      { numRuns: 200 },
    )
  })
})
