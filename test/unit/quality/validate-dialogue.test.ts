import { describe, expect, it } from 'vitest'
import { validateDialogue } from '../../../core/quality/validate-dialogue.ts'
import { conversationAround } from './lint-case-files.ts'

const where = { file: 'set.jsonl', line: 7, record: 6 }

describe('validateDialogue', () => {
  it('gives the dialogue and its findings when it has the shape of one', () => {
    const { dialogue, problems, findings } = validateDialogue(
      conversationAround('reply', 'Just think positive. What else?'),
      where,
    )
    expect(dialogue?.dialogue_id).toBe('case')
    expect(problems).toEqual([])
    expect(findings.map(({ code }) => code)).toContain('forbidden.minimising')
  })

  it('names every field that is wrong, where the record stands, and what was expected', () => {
    const { dialogue, problems, findings } = validateDialogue(
      {
        dialogue_id: 'd1',
        session_type: 'check-in',
        user_profile: { concern: 'grief', mood_score: 11 },
        messages: [
          { role: 'bot', text: 'Hello' },
          { role: 'user', text: ' ' },
        ],
        labels: {},
      },
      where,
    )
    expect(dialogue).toBeUndefined()
    expect(findings).toEqual([])
    expect(problems.map(({ field }) => field)).toEqual([
      'user_profile.mood_score',
      'messages[0].role',
      'messages[1].text',
    ])
    for (const problem of problems) {
      expect(problem).toMatchObject({ ...where, dialogue_id: 'd1' })
      expect(problem.expected).toBeTruthy()
    }
  })

  it('says so when the value is no object at all', () => {
    expect(validateDialogue('hello', where).problems).toHaveLength(1)
  })
})
