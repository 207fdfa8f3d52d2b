import { describe, expect, it } from 'vitest'
import { automaticRiskLabels } from '../../../core/quality/automatic-risk-labels.ts'
import { conversationOf } from './lint-case-files.ts'

describe('automatic risk labels', () => {
  it('give each reply the level of what was voiced before it', () => {
    const { turns, max_risk_level, risk, table } = automaticRiskLabels(
      conversationOf({
        turns: [
          'client: It has been a long winter.',
          'reply: A long one. What was it like?',
          'client: I wish I was dead, some nights.',
          'reply: I am so sorry. Are you having thoughts of suicide?',
          'client: Yes. Most nights.',
          'reply: Thank you for telling me. Do you have a plan?',
        ],
      }),
    )
    expect(turns).toEqual({ 1: 'none', 3: 'low', 5: 'medium' })
    expect(max_risk_level).toBe('medium')
    expect(risk).toEqual({ signals: ['wish_to_be_dead', 'active_ideation'], imminent: false })
    expect(table).toBe('c-ssrs@1')
  })

  it('set nothing for words that may be a signal, and say that a person should look', () => {
    const labels = automaticRiskLabels(
      conversationOf({ turns: ["client: I can't do this anymore.", 'reply: That sounds exhausting. What is it?'] }),
    )
    expect(labels).toMatchObject({ max_risk_level: 'none', risk: { signals: [] }, uncertain: true })
  })
})
