import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lintDialogue } from '../../../core/quality/lint-dialogue.ts'
import { createSeedTextIndex } from '../../../core/quality/seed-text-index.ts'
import { wordsOf } from '../../../core/quality/turn-text.ts'
import { conversationAround } from './lint-case-files.ts'

const seed = (dialogue_id: string, ...texts: string[]) => ({
  dialogue_id,
  messages: texts.map((text) => ({ role: 'user' as const, text })),
})

describe('the index of seed text', () => {
  const index = createSeedTextIndex([
    seed('seed_1', 'The kettle had been cold for an hour when she finally sat down again.'),
    seed('seed_2', 'Nothing in common here.', 'We walked as far as the old pier and turned back at dusk, slowly.'),
  ])

  it('finds the longest run of eight or more words and the seed it stands in', () => {
    const words = wordsOf('So: we walked as far as the old pier and turned around.')
    expect(index.longestRun(words)).toEqual({ seed_dialogue_id: 'seed_2', words: 10, at: 1 })
  })

  it('lets seven words pass', () => {
    expect(index.longestRun(wordsOf('we walked as far as the old lighthouse and turned back'))).toBeUndefined()
  })

  it('does not run over from one message of a seed into the next', () => {
    expect(index.longestRun(wordsOf('nothing in common here we walked as far as'))).toBeUndefined()
  })

  it('does not mind case, punctuation or typographic apostrophes', () => {
    expect(index.longestRun(wordsOf('THE KETTLE — had been cold, for an hour; when'))?.words).toBe(9)
  })

  it('finds every run of eight words that was put into other words', () => {
    const word = fc.constantFrom(...'ash bay cot dew elm fig gem hay ivy jug kin log mud nut oak pea'.split(' '))
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 8, maxLength: 20 }),
        fc.array(word, { maxLength: 10 }),
        fc.array(word, { maxLength: 10 }),
        (text, before, after) => {
          const own = createSeedTextIndex([seed('s', text.join(' '))])
          const within = [...before, ...text, ...after]
          expect(own.longestRun(within)?.words).toBeGreaterThanOrEqual(text.length)
          expect(own.mayHoldRun(within.join(' ')), 'the quick look').toBe(true)
        },
      ),
    )
  })

  it('sees at a glance that most texts hold no run', () => {
    const word = fc.constantFrom(...'ash bay cot dew elm fig gem hay ivy jug kin log mud nut oak pea'.split(' '))
    const texts = fc.sample(fc.array(word, { minLength: 40, maxLength: 40 }), { numRuns: 200, seed: 4 })
    expect(texts.filter((text) => index.mayHoldRun(text.join(' '))).length).toBeLessThan(20)
    expect(index.mayHoldRun('we walked as far as the old lighthouse and turned back')).toBe(false)
  })

  it('makes the lint report a memorised run with the words it is about', () => {
    const { findings } = lintDialogue(
      conversationAround('reply', 'It is late. The kettle had been cold for an hour when you spoke.'),
      { seedIndex: index },
    )
    expect(findings.find(({ code }) => code === 'seeds.memorised-text')).toMatchObject({
      severity: 'error',
      turn: 1,
      message: '9 words in a row stand so in seed dialogue seed_1.',
      excerpt: 'The kettle had been cold for an hour when you spoke.',
    })
  })
})
