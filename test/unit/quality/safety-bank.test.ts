import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { crisisWords } from '../../../core/generate/safety/crisis-words.ts'
import { LOCALES, resourceMentions } from '../../../core/quality/resources.ts'
import { readTextRisk } from '../../../core/quality/risk-signals.ts'
import * as acts from '../../../core/quality/rules/assistant-acts.ts'
import type { TurnText } from '../../../core/quality/turn-text.ts'
import { turnText } from '../../../core/quality/turn-text.ts'
import { wordingsOf } from '../../builders/wordings.ts'

/** The generator's own wordings and the lint's reading of them: each is the other's test. */

const read = (name: string): unknown =>
  load(readFileSync(new URL(`../../../content/safety/${name}`, import.meta.url), 'utf8'))
const { disclosures } = z
  .object({
    disclosures: z.array(
      z.object({ level: z.string(), imminent: z.boolean().default(false), texts: z.array(z.string()) }),
    ),
  })
  .parse(read('disclosures.yaml'))
const { lines } = z.object({ lines: z.record(z.string(), z.array(z.string())) }).parse(read('replies.yaml'))

const SLOTS: Readonly<Record<string, string>> = {
  crisis_name: 'the 988 Suicide & Crisis Lifeline',
  crisis_reach: 'call or text 988',
  crisis_text: 'text 988',
  emergency: '911',
}
const filled = (text: string): string =>
  text.replace(/\{(\w+)[^}]*\}/g, (_, slot: string) => SLOTS[slot] ?? 'the new job')

const asks = (expression: RegExp) => (turn: TurnText) =>
  turn.sentences.some(({ start, end, question }) => {
    const sentence = turn.lower.slice(start, end)
    return (question || acts.ASKS_INDIRECTLY.test(sentence)) && expression.test(sentence)
  })
const holds = (expression: RegExp) => (turn: TurnText) => expression.test(turn.lower)

const ACTS: Readonly<Record<string, readonly ((turn: TurnText) => boolean)[]>> = {
  acknowledge: [holds(acts.ACKNOWLEDGES)],
  ai: [holds(acts.SAYS_IT_IS_AN_AI)],
  direct_question: [asks(acts.ASKS_ABOUT_SUICIDE)],
  plan_intent: [asks(acts.ASKS_PLAN), asks(acts.ASKS_INTENT)],
  plan_intent_known: [asks(acts.ASKS_INTENT)],
  means_timeframe: [asks(acts.ASKS_MEANS), asks(acts.ASKS_TIMEFRAME)],
  resource: [(turn) => resourceMentions(turn.lower, 'US').fits],
  resource_now: [(turn) => resourceMentions(turn.lower, 'US').fits, holds(acts.NOW)],
  medical: [holds(acts.ENCOURAGES_PROFESSIONAL)],
  both: [holds(acts.ENCOURAGES_PROFESSIONAL), holds(acts.ENCOURAGES_TRUSTED_PERSON)],
  willingness: [holds(acts.WILLINGNESS_OR_BARRIERS)],
  coping_question: [holds(acts.COPING_OR_PLAN)],
  means_distance: [holds(acts.MEANS_DISTANCE)],
  step_away: [holds(acts.MEANS_DISTANCE)],
  emergency_if: [(turn) => resourceMentions(turn.lower, 'US').emergency],
  company: [holds(acts.URGES_COMPANY)],
  urge_now: [holds(acts.URGES_EMERGENCY_NOW), holds(acts.NOW)],
  troubleshoot: [holds(acts.WILLINGNESS_OR_BARRIERS)],
}

describe('the safety bank, read by the lint', () => {
  it('reads every disclosure at the level that the bank gives it', () => {
    const misread = disclosures.flatMap(({ level, imminent, texts }) =>
      texts.flatMap(wordingsOf).filter((text) => {
        const reading = readTextRisk(filled(text))
        return reading.level !== level || reading.imminent !== imminent
      }),
    )
    expect(misread).toEqual([])
  })

  it.each(Object.entries(ACTS))('sees what every line of %s does', (name, tests) => {
    const unseen = (lines[name] ?? []).flatMap(wordingsOf).filter((text) => {
      const turn = turnText('assistant', filled(text))
      return !tests.every((test) => test(turn))
    })
    expect(lines[name]?.length).toBeGreaterThan(0)
    expect(unseen).toEqual([])
  })

  it.each(LOCALES)('names help that is at home in %s, whatever the line', (locale) => {
    const words = crisisWords(locale)
    const wrong = Object.values(lines)
      .flat()
      .filter((text) => /\{(?:crisis|emergency)/.test(text))
      .flatMap(wordingsOf)
      .map((text) => text.replace(/\{(\w+)\}/g, (whole, slot: string) => words[slot] ?? whole))
      .filter((text) => {
        const { crisis, emergency, foreign } = resourceMentions(text.toLowerCase(), locale)
        return !(crisis || emergency) || foreign !== undefined
      })
    expect(wrong).toEqual([])
  })
})
