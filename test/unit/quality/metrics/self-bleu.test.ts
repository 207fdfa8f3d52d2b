import { describe, expect, it } from 'vitest'
import { selfBleu } from '../../../../core/quality/metrics/self-bleu.ts'
import { documentsOf } from './corpus-of-texts.ts'

describe('self-BLEU', () => {
  it('is 1 for a document that stands twice', () => {
    expect(selfBleu(documentsOf('a b c d e', 'a b c d e'))).toBeCloseTo(1, 12)
  })

  it('is the geometric mean of the n-gram precisions where one word of five differs', () => {
    // Each document: 4 of 5 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 quadruples stand in the other.
    const expected = ((4 / 5) * (3 / 4) * (2 / 3) * (1 / 2)) ** (1 / 4)
    expect(selfBleu(documentsOf('a b c d e', 'a b c d f'))).toBeCloseTo(expected, 12)
    expect(expected).toBeCloseTo(0.6687, 4)
  })

  it('counts an order without a match as a tenth of one (smoothing 1)', () => {
    // Four words, nothing shared: 0.1/4, 0.1/3, 0.1/2, 0.1/1.
    const expected = ((0.1 / 4) * (0.1 / 3) * (0.1 / 2) * 0.1) ** (1 / 4)
    expect(selfBleu(documentsOf('a b c d', 'e f g h'))).toBeCloseTo(expected, 12)
    expect(expected).toBeCloseTo(0.0452, 4)
  })

  it('clips a word to its highest count in one other document, and punishes what is shorter than all others', () => {
    // "the" four times, twice in the other: 2/4; no pair, triple, quadruple; 4 words against 5: exp(1 - 5/4).
    const first = ((2 / 4) * (0.1 / 3) * (0.1 / 2) * (0.1 / 1)) ** (1 / 4) * Math.exp(1 - 5 / 4)
    // The other: 2 of 5 words; no pair, triple or quadruple; it is the longer one.
    const second = ((2 / 5) * (0.1 / 4) * (0.1 / 3) * (0.1 / 2)) ** (1 / 4)
    expect(selfBleu(documentsOf('the the the the', 'the cat sat on the'))).toBeCloseTo((first + second) / 2, 12)
  })

  it('takes the best of several references for each n-gram', () => {
    const three = selfBleu(documentsOf('a b c d e f', 'a b c d x y', 'p q c d e f'))
    // First: all 6 words stand elsewhere; pairs ab bc cd de ef all 5; triples abc bcd cde def all 4; abcd and cdef of 3.
    const first = (1 * 1 * 1 * (2 / 3)) ** (1 / 4)
    // Second: abcd of abcdxy: 4/6, 3/5, 2/4, 1/3. Third: cdef likewise.
    const other = ((4 / 6) * (3 / 5) * (2 / 4) * (1 / 3)) ** (1 / 4)
    expect(three).toBeCloseTo((first + 2 * other) / 3, 12)
  })

  it('leaves out what has fewer words than the order, and is 0 where nothing can be compared', () => {
    expect(selfBleu(documentsOf('a b c d e', 'a b c d e', 'a b'))).toBeCloseTo(1, 12)
    expect(selfBleu(documentsOf('a b c d e'))).toBe(0)
    expect(selfBleu([])).toBe(0)
  })
})
