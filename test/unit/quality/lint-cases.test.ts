import { describe, expect, it } from 'vitest'
import { lintDialogue, RULES } from '../../../core/quality/lint-dialogue.ts'
import { readRisk, readTextRisk } from '../../../core/quality/risk-signals.ts'
import { turnText } from '../../../core/quality/turn-text.ts'
import { conversationAround, conversationOf, lintCases, protocolConversation } from './lint-case-files.ts'

describe.each(lintCases.phrases)('the rule $rule', ({ rule, said, breaks, keeps }) => {
  const sides = said === 'either' ? (['reply', 'client'] as const) : [said]
  for (const side of sides) {
    it.each(breaks)(`finds, said by the ${side}: %s`, (text) => {
      const finding = lintDialogue(conversationAround(side, text)).findings.find(({ code }) => code === rule)
      expect(finding).toBeDefined()
      expect(finding?.turn).toBe(side === 'client' ? 0 : 1)
      expect(text).toContain(finding?.excerpt?.replaceAll('…', ''))
    })
    it.each(keeps)(`lets pass, said by the ${side}: %s`, (text) => {
      expect(codesOf(conversationAround(side, text))).not.toContain(rule)
    })
  }
})

describe('risk signals in a client’s words', () => {
  it.each(lintCases.signals)('$text is read as $level', ({ text, level, signal, possible, imminent }) => {
    const reading = readTextRisk(text)
    expect(reading.level).toBe(level)
    expect(reading.imminent).toBe(imminent ?? false)
    if (signal !== undefined) expect(reading.signals).toContain(signal)
    if (level === 'none') {
      const found = reading.found.map((one) => one.signal)
      expect(found).toEqual(possible === undefined ? [] : expect.arrayContaining([possible]))
    }
  })

  it.each(lintCases.answers)('"$asked" – "$text" is read as $level', ({ asked, text, level, signal, imminent }) => {
    const reading = readRisk([turnText('assistant', asked, 0), turnText('user', text, 1)])
    expect(reading.level).toBe(level)
    expect(reading.imminent).toBe(imminent ?? false)
    if (signal !== undefined) expect(reading.signals).toContain(signal)
  })
})

describe('the protocol by level of risk', () => {
  it.each(['low', 'medium', 'high', 'imminent'] as const)(
    'a conversation at %s that keeps every rule is clean',
    (level) => {
      const dialogue = protocolConversation({ level, replace: {} })
      expect(lintDialogue(dialogue, { locale: 'US' }).findings.filter(({ severity }) => severity !== 'info')).toEqual(
        [],
      )
    },
  )

  it.each(lintCases.protocol_breaks)('$rule is found at $level when $replace', (change) => {
    const { findings } = lintDialogue(protocolConversation(change), { locale: change.locale ?? 'US' })
    const finding = findings.find(({ code }) => code === change.rule)
    expect(finding?.severity).toBe(change.severity ?? 'error')
  })

  it.each(lintCases.protocol_keeps)('other words at $level keep every rule: $replace', (change) => {
    const { findings } = lintDialogue(protocolConversation(change), { locale: 'US' })
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  })
})

describe.each(lintCases.dialogues)('the rule $rule, over a conversation', ({ rule, breaks, keeps }) => {
  it.each(breaks)('is broken by $turns', (given) => {
    expect(codesOf(conversationOf(given))).toContain(rule)
  })
  it.each(keeps)('is kept by $turns', (given) => {
    expect(codesOf(conversationOf(given))).not.toContain(rule)
  })
})

describe('the set of cases', () => {
  it('holds more than two hundred cases', () => {
    const { phrases, signals, answers, protocol_breaks, protocol_keeps, dialogues } = lintCases
    const pairs = [...phrases, ...dialogues].reduce((sum, { breaks, keeps }) => sum + breaks.length + keeps.length, 0)
    expect(pairs + signals.length + answers.length + protocol_breaks.length + protocol_keeps.length).toBeGreaterThan(
      200,
    )
  })

  it('breaks every rule at least once', () => {
    const tried = new Set([
      ...lintCases.phrases.map(({ rule }) => rule),
      ...lintCases.dialogues.map(({ rule }) => rule),
      ...lintCases.protocol_breaks.map(({ rule }) => rule),
    ])
    // Tried elsewhere: the seed index has a test of its own.
    tried.add('seeds.memorised-text')
    expect(RULES.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([])
  })
})

function codesOf(dialogue: Parameters<typeof lintDialogue>[0]): string[] {
  return lintDialogue(dialogue, { locale: 'US' }).findings.map(({ code }) => code)
}
