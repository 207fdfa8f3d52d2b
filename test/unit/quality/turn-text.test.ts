import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countWords,
  insideQuotation,
  plainLowerCase,
  sentenceSpans,
  turnText,
  wordsOf,
} from '../../../core/quality/turn-text.ts'

const sentencesOf = (text: string) => sentenceSpans(text).map(({ start, end }) => text.slice(start, end))

describe('words', () => {
  it('are runs of letters and digits with apostrophes inside, in lower case', () => {
    expect(wordsOf("I DON’T know—it’s 5-4-3 “fine”, naïve 😅 o'clock'")).toEqual([
      'i',
      "don't",
      'know',
      "it's",
      '5',
      '4',
      '3',
      'fine',
      'naïve',
      "o'clock",
    ])
  })

  it('are as many when counted, alone or while the turn is read, as when listed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(turnText('user', text).word_count).toBe(wordsOf(text).length)
        expect(countWords(text)).toBe(wordsOf(text).length)
      }),
    )
  })
})

describe('lower case', () => {
  it('keeps the length of the text, so that offsets carry over', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainLowerCase(text)).toHaveLength(text.length)
      }),
    )
    expect(plainLowerCase('İstanbul')).toHaveLength(8)
  })
})

describe('sentences', () => {
  it.each([
    ['That is hard. What is it like?', ['That is hard.', 'What is it like?']],
    ['Hmm... not sure. Dr. Lee said 3.5, e.g. on Monday.', ['Hmm... not sure.', 'Dr. Lee said 3.5, e.g. on Monday.']],
    ['She said “go on.” Then what?!', ['She said “go on.”', 'Then what?!']],
    ['One line\nanother', ['One line', 'another']],
    ['I see… And then?', ['I see…', 'And then?']],
    ['... !', []],
  ])('of %j', (text, expected) => {
    expect(sentencesOf(text)).toEqual(expected)
  })

  it('cover every word once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('so', 'I', 'left', '.', '?', '!', ' ', '\n', '…', '"', 'Dr.')), (parts) => {
        const text = parts.join(' ')
        expect(sentencesOf(text).flatMap(wordsOf)).toEqual(wordsOf(text))
      }),
    )
  })
})

describe('quotation', () => {
  it.each([
    ["say 'it's okay to rest' now", 'okay', true],
    ["it's okay to rest", 'okay', false],
    ['she said "calm down" and left', 'calm', true],
    ['she said "calm down" and left', 'left', false],
    ["the boys' room was loud", 'loud', false],
  ])('%j: is %j inside one? %j', (text, word, inside) => {
    expect(insideQuotation(text, text.indexOf(word))).toBe(inside)
  })
})
