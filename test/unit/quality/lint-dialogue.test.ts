import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FindingSchema } from '../../../core/quality/finding.ts'
import { lintDialogue, RULES, RULES_VERSION } from '../../../core/quality/lint-dialogue.ts'
import { conversationAround, conversationOf, lintCases, protocolConversation } from './lint-case-files.ts'

const flawed = conversationAround('reply', 'Just think positive. You should sleep more. It sounds like you have OCD.')

describe('lintDialogue', () => {
  it('gives findings that fit the schema, in order of their turn, with the version of the rules', () => {
    const { findings, rules_version } = lintDialogue(flawed)
    expect(findings.length).toBeGreaterThan(2)
    for (const finding of findings) expect(FindingSchema.parse(finding)).toEqual(finding)
    const turns = findings.map(({ turn }) => turn ?? Infinity)
    expect(turns).toEqual([...turns].sort((a, b) => a - b))
    expect(rules_version).toBe(RULES_VERSION)
    expect(RULES_VERSION).toMatch(/^1\.[0-9a-f]{8}$/)
  })

  it('gives the same findings every time it is asked', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...lintCases.dialogues.flatMap(({ breaks, keeps }) => [...breaks, ...keeps])),
        (given) => {
          const dialogue = conversationOf(given)
          expect(lintDialogue(dialogue)).toEqual(lintDialogue(dialogue))
        },
      ),
    )
  })

  it('never throws, whatever the texts are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 2, maxLength: 6 }), (texts) => {
        const messages = texts.map((text, at) => ({
          role: at % 2 === 0 ? ('user' as const) : ('assistant' as const),
          text,
        }))
        const { findings } = lintDialogue({ ...flawed, messages })
        for (const { turn, excerpt } of findings) {
          if (turn === undefined || excerpt === undefined) continue
          expect(messages[turn]?.text).toContain(excerpt.replaceAll('…', ''))
        }
      }),
    )
  })

  it('leaves out a rule that is switched off, and weighs one otherwise when told so', () => {
    const off = lintDialogue(flawed, { rules: { off: ['forbidden.minimising'] } })
    expect(off.findings.map(({ code }) => code)).not.toContain('forbidden.minimising')
    const weighed = lintDialogue(flawed, { rules: { severity: { 'forbidden.minimising': 'info' } } })
    expect(weighed.findings.find(({ code }) => code === 'forbidden.minimising')?.severity).toBe('info')
    expect(
      lintDialogue(flawed, { rules: { severity: { 'forbidden.minimising': 'info' } }, info: false }).findings,
    ).toEqual(weighed.findings.filter(({ severity }) => severity !== 'info'))
  })

  it('holds active thoughts to the rules for high risk when the stricter table is chosen', () => {
    const dialogue = protocolConversation({ level: 'medium', replace: {} })
    const strict = lintDialogue(dialogue, { riskTable: 'vera-mh' }).findings.map(({ code }) => code)
    expect(strict).toContain('labels.risk-understated')
    expect(strict).toContain('safety.no-means-distance')
    expect(lintDialogue(dialogue).findings.map(({ code }) => code)).not.toContain('labels.risk-understated')
  })

  it('asks nothing of a dialogue labelled low in which nobody speaks of risk', () => {
    const dialogue = conversationOf({
      level: 'low',
      concern: 'grief',
      turns: [
        { client: 'I lost someone last year, and I still can’t move on.' },
        { reply: 'I’m so sorry. What does moving on mean to you?' },
      ],
    })
    expect(lintDialogue(dialogue).findings).toEqual([])
  })

  it('has rules with ids of their own', () => {
    const ids = RULES.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
