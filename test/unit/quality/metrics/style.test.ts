import { describe, expect, it } from 'vitest'
import type { Dialogue } from '../../../../core/dialogue/schema.ts'
import { corpusOf } from '../../../../core/quality/metrics/corpus.ts'
import { openersOf } from '../../../../core/quality/metrics/openers.ts'
import { replyLengths } from '../../../../core/quality/metrics/reply-length.ts'
import { sentenceReuse } from '../../../../core/quality/metrics/sentence-reuse.ts'
import { quantile, standardDeviation } from '../../../../core/quality/metrics/spread.ts'
import { techniqueBalance, techniqueBalanceByText } from '../../../../core/quality/metrics/technique-balance.ts'
import { corpusOfTexts } from './corpus-of-texts.ts'

describe('sentence reuse', () => {
  it('is the share of the sentences of six or more words that are said elsewhere, every saying counted', () => {
    const { dialogues } = corpusOfTexts(
      ['I have been up since four again. Tired.', 'That sounds like a very long night.'],
      ['I have been up since four, again!', 'What kept you awake for so long?'],
      ['Take your time.', 'Take your time.'],
    )
    // Four sentences of six or more words; one is said twice.
    const { share, sentences, repeated } = sentenceReuse(dialogues)
    expect({ share, sentences }).toEqual({ share: 2 / 4, sentences: 4 })
    expect(repeated).toEqual([{ text: 'I have been up since four again.', count: 2, dialogue_ids: ['d0', 'd1'] }])
  })

  it('leaves out lines that name a crisis resource: the same number must be given to everybody', () => {
    const line = 'You can call or text 988 at any hour of the day.'
    expect(sentenceReuse(corpusOfTexts(['Hm.', line], ['Hm.', line]).dialogues)).toMatchObject({
      share: 0,
      sentences: 0,
    })
  })
})

describe('openers', () => {
  it('are the first three words of each reply; the share is that of the ten commonest', () => {
    const replies = [...'abcdefghijkl'].map((letter) => `${letter} b c d`)
    const corpus = corpusOfTexts(...replies.map((reply) => ['Hm.', reply]), ['Hm.', 'A b c, then.'], ['Hm.', 'Yes.'])
    const { top_ten_share, replies: counted, openers } = openersOf(corpus.dialogues, corpus.words, 2)
    expect(counted).toBe(14)
    // a b c twice, and nine of the others once each.
    expect(top_ten_share).toBe(11 / 14)
    expect(openers[0]).toEqual({ text: 'a b c', count: 2, share: 2 / 14 })
    expect(openers).toHaveLength(2)
  })
})

describe('reply lengths', () => {
  it('are counted in words, over replies alone', () => {
    const { dialogues } = corpusOfTexts(['a b c d e f g h i j', 'one two'], ['k', 'one two three four'])
    expect(replyLengths(dialogues)).toEqual({ mean: 3, deviation: Math.sqrt(2) })
  })
})

describe('spread', () => {
  it('is the sample standard deviation', () => {
    // Mean 5; squares 9+1+1+1+0+0+4+16 = 32, over 7.
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12)
    expect(standardDeviation([3])).toBe(0)
  })

  it('interpolates quantiles between the two nearest ranks', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85, 12)
    expect(quantile([7], 0.95)).toBe(7)
    expect(quantile([], 0.5)).toBe(0)
  })
})

describe('the balance of techniques', () => {
  const labelled: Pick<Dialogue, 'dialogue_id' | 'messages'> = {
    dialogue_id: 'd',
    messages: [
      { role: 'user', text: 'Hm.' },
      { role: 'assistant', text: 'x', techniques: ['complex_reflection', 'open_question'] },
      { role: 'assistant', text: 'x', techniques: ['simple_reflection', 'closed_question', 'validation'] },
      { role: 'assistant', text: 'x', techniques: ['restatement', 'open_question', 'safety_inquiry'] },
      { role: 'assistant', text: 'x', techniques: ['complex_reflection'] },
    ],
  }

  it('is counted by the labels where there are any; a safety question is owed and counts as none', () => {
    const { dialogues, words } = corpusOf([labelled])
    expect(techniqueBalance(dialogues, words)).toEqual({
      basis: 'labels',
      reflections: 4,
      questions: 3,
      reflections_to_questions: 4 / 3,
      complex_reflections: 2 / 4,
      open_questions: 2 / 3,
    })
  })

  it('is estimated from the wording where there are none', () => {
    const { dialogues, words } = corpusOfTexts(
      ['Hm.', 'You felt small in that room. What happened next?'],
      ['Hm.', 'It seems you kept the light on as if someone might come. Do you sleep?'],
      ['Hm.', 'Thank you. Are you having thoughts of suicide?'],
    )
    expect(techniqueBalance(dialogues, words)).toEqual(techniqueBalanceByText(dialogues, words))
    expect(techniqueBalance(dialogues, words)).toEqual({
      basis: 'text',
      reflections: 2,
      questions: 2,
      reflections_to_questions: 1,
      complex_reflections: 1 / 2,
      open_questions: 1 / 2,
    })
  })
})
