import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compressionRatio } from '../../../../core/quality/metrics/compression.ts'
import { distinct, vocabularySize } from '../../../../core/quality/metrics/distinct.ts'
import { nGramsOf } from '../../../../core/quality/metrics/n-grams.ts'
import { meanNearestCosine } from '../../../../core/quality/metrics/tf-idf.ts'
import { corpusOfTexts, documentsOf } from './corpus-of-texts.ts'

const words = fc.array(fc.array(fc.nat(6), { maxLength: 15 }), { maxLength: 6 })

describe('n-grams', () => {
  it('have equal numbers exactly where their words are equal', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 4 }), (documents, n) => {
        const named = new Map<string, number>()
        nGramsOf(documents, 4)[n - 1]?.forEach((grams, index) => {
          const document = documents[index] ?? []
          expect(grams).toHaveLength(Math.max(0, document.length - n + 1))
          grams.forEach((gram, at) => {
            const key = document.slice(at, at + n).join(' ')
            expect(named.get(key) ?? gram).toBe(gram)
            named.set(key, gram)
          })
        })
        expect(new Set(named.values()).size).toBe(named.size)
      }),
    )
  })
})

describe('distinct-n', () => {
  it('is different n-grams over all n-grams', () => {
    // ab ba ab | ab: four pairs, two different. aba bab: two triples, two different.
    const documents = documentsOf('a b a b', 'a b')
    expect(distinct(documents, 2)).toBe(2 / 4)
    expect(distinct(documents, 3)).toBe(1)
  })

  it('does not run over from one document into the next, and is 0 for nothing', () => {
    expect(distinct(documentsOf('a', 'b', 'c'), 2)).toBe(0)
    expect(distinct([], 2)).toBe(0)
  })
})

describe('vocabulary', () => {
  it('is the number of different words', () => {
    expect(vocabularySize(documentsOf('a b a', 'b c'))).toBe(3)
  })
})

describe('compression', () => {
  it('is bytes, not characters, over bytes under zlib at level 9', () => {
    const { dialogues } = corpusOfTexts(['Ça va – non.', 'Je vous écoute.'], ['So-so 🙂', 'Thank you.'])
    const text = 'Ça va – non.\nJe vous écoute.\n\nSo-so 🙂\nThank you.'
    expect(compressionRatio(dialogues)).toBe(Buffer.byteLength(text) / deflateSync(text, { level: 9 }).length)
  })

  it('rises with repetition and is 0 for no text', () => {
    const once = corpusOfTexts(['One thing.', 'And another one.'])
    const often = corpusOfTexts(...Array.from({ length: 20 }, () => ['One thing.', 'And another one.']))
    expect(compressionRatio(often.dialogues)).toBeGreaterThan(4 * compressionRatio(once.dialogues))
    expect(compressionRatio([])).toBe(0)
  })
})

describe('nearest topic', () => {
  it('is the cosine of the TF-IDF vectors, worked out by hand for two documents', () => {
    // x in both: idf ln(3/3) + 1 = 1; y and z in one: ln(3/2) + 1. Cosine 1 / (1 + idf²).
    const idf = Math.log(3 / 2) + 1
    expect(meanNearestCosine(documentsOf('x y', 'x z'), () => true)).toBeCloseTo(1 / (1 + idf ** 2), 12)
  })

  it('takes the nearest other document of each, and averages', () => {
    const value = meanNearestCosine(documentsOf('x y', 'x y', 'z'), () => true)
    expect(value).toBeCloseTo((1 + 1 + 0) / 3, 12)
  })

  it('does not count words that are no terms', () => {
    const documents = documentsOf('x y', 'x z')
    expect(meanNearestCosine(documents, (word) => word !== 0)).toBe(0)
  })
})
