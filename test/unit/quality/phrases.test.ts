import { readFileSync, readdirSync } from 'node:fs'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { PLAN_CUES, SUICIDE_CUES } from '../../../core/quality/act-cues.ts'
import { hasCue } from '../../../core/quality/cues.ts'
import { compilePhrases } from '../../../core/quality/phrases.ts'
import { ASKS_ABOUT_SUICIDE, ASKS_PLAN } from '../../../core/quality/rules/assistant-acts.ts'
import { FORBIDDEN } from '../../../core/quality/rules/forbidden.ts'
import { LANGUAGE } from '../../../core/quality/rules/language.ts'
import { RISK_PATTERNS } from '../../../core/quality/rules/risk-signal-patterns.ts'
import { turnText } from '../../../core/quality/turn-text.ts'
import { lintCases } from './lint-case-files.ts'

const bank = readdirSync(new URL('../../../content/safety/', import.meta.url)).flatMap((name) =>
  textsIn(load(readFileSync(new URL(`../../../content/safety/${name}`, import.meta.url), 'utf8'))),
)
const texts = [...new Set([...textsIn(lintCases), ...bank])]

describe('cues', () => {
  it('are only a short cut: without them the rules find the same', () => {
    const rules = [...FORBIDDEN, ...LANGUAGE]
    const withCues = compilePhrases(rules)
    const without = compilePhrases(rules, { useCues: false })
    for (const text of texts) {
      const turn = turnText('assistant', text)
      expect(withCues(turn).map(hitOf), text).toEqual(without(turn).map(hitOf))
    }
  })

  it('are only a short cut for risk signals, too', () => {
    const withCues = compilePhrases(RISK_PATTERNS, { hitsPerSet: 3 })
    const without = compilePhrases(RISK_PATTERNS, { hitsPerSet: 3, useCues: false })
    for (const text of texts) {
      const turn = turnText('user', text)
      expect(withCues(turn).map(hitOf), text).toEqual(without(turn).map(hitOf))
    }
  })

  it.each([
    ['asking about suicide', ASKS_ABOUT_SUICIDE, SUICIDE_CUES, 100],
    ['asking for a plan', ASKS_PLAN, PLAN_CUES, 20],
  ])('stand in every text that is %s', (_, expression, cues, fewest) => {
    const matching = texts.map((text) => turnText('assistant', text)).filter(({ lower }) => expression.test(lower))
    expect(matching.length).toBeGreaterThan(fewest)
    expect(matching.filter((turn) => !hasCue(turn.cues, cues)).map(({ text }) => text)).toEqual([])
  })

  it.each([
    'Do you think about not being here anymore?',
    'Are you having thoughts of ending things for good?',
    'Do you feel you would be better off dead?',
    'Do you wish you could be dead?',
    'Do you think about harming yourself?',
    'Is there any self-harm?',
  ])('of suicide stand in "%s"', (text) => {
    const turn = turnText('assistant', text)
    expect(ASKS_ABOUT_SUICIDE.test(turn.lower)).toBe(true)
    expect(hasCue(turn.cues, SUICIDE_CUES)).toBe(true)
  })

  it('are found whether or not people type the apostrophe', () => {
    const match = compilePhrases([{ cues: ["don't tell"], phrases: [/don'?t tell/] }])
    expect(match(turnText('user', 'Please dont tell.'))).toHaveLength(1)
    expect(match(turnText('user', 'Please don’t tell.'))).toHaveLength(1)
    expect(match(turnText('user', "Please don't, tell."))).toHaveLength(0)
  })
})

function hitOf({ set, start, end }: { set: object; start: number; end: number }): unknown {
  return { rule: 'id' in set ? set.id : 'signal' in set ? set.signal : '', start, end }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
