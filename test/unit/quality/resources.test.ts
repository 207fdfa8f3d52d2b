import { describe, expect, it } from 'vitest'
import { lintDialogue } from '../../../core/quality/lint-dialogue.ts'
import { LOCALES, RESOURCES, resourceMentions } from '../../../core/quality/resources.ts'
import { conversationAround } from './lint-case-files.ts'

describe('crisis resources', () => {
  it.each(LOCALES)('of %s: each can be reached, is free and confidential, and says where it was read', (locale) => {
    const { emergency, crisis } = RESOURCES[locale]
    expect(emergency.length).toBeGreaterThan(0)
    for (const resource of crisis) {
      expect(resource.free && resource.confidential).toBe(true)
      expect(resource.url).toMatch(/^https:\/\//)
      expect(resource.call ?? resource.text?.number ?? resource.note).toBeTruthy()
    }
  })

  it.each(LOCALES.filter((locale) => locale !== 'generic'))(
    'of %s are at home there, and no telephone number',
    (locale) => {
      for (const { call, text } of RESOURCES[locale].crisis) {
        for (const number of [call, text?.number]) {
          if (number === undefined) continue
          const line = `you can call or text ${number}, free and confidential, at any hour.`
          expect(resourceMentions(line, locale), line).toMatchObject({ crisis: true, fits: true, foreign: undefined })
          const codes = lintDialogue(conversationAround('reply', line)).findings.map(({ code }) => code)
          expect(codes).not.toContain('pii.phone')
        }
      }
    },
  )

  it.each(LOCALES.filter((locale) => locale !== 'generic'))('of %s have a name that is at home there', (locale) => {
    for (const { name } of RESOURCES[locale].crisis)
      expect(
        resourceMentions(`there is the ${name.toLowerCase()}, day and night.`, locale).foreign,
        name,
      ).toBeUndefined()
  })

  it.each([
    ['988', 'UK', '988'],
    ['116 123', 'US', '116 123'],
    ['13 11 14', 'NZ', '13 11 14'],
    ['call 999', 'US', 'call 999'],
  ] as const)('%s does not exist in %s', (named, locale, foreign) => {
    expect(resourceMentions(`please ${named} now`, locale).foreign).toBe(foreign)
  })

  it.each(['there were 112 people', 'at 9:11', 'route 111', 'the it helpline', 'work was my lifeline', 'in 1988'])(
    '%s names none',
    (text) => {
      expect(resourceMentions(text)).toMatchObject({ crisis: false, emergency: false })
    },
  )
})
