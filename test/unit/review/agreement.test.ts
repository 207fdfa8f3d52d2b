import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  alphaInterval,
  bandOf,
  cohensKappa,
  fleissKappa,
  krippendorffAlpha,
  percentAgreement,
} from '../../../core/review/agreement.ts'
import type { Measure, Unit } from '../../../core/review/agreement.ts'
import { agreementReport } from '../../../core/review/agreement-report.ts'
import { anItem } from '../../builders/a-batch.ts'
import { aReview } from '../../builders/a-review.ts'

/** One word a unit, one letter a rater, `.` where that rater did not judge it. */
const unitsOf = (text: string): Unit[] =>
  text
    .trim()
    .split(/\s+/)
    .map((word) => new Map([...word].flatMap((value, rater) => (value === '.' ? [] : [[`r${rater}`, value] as const]))))
const times = (count: number, word: string) => `${word} `.repeat(count)
const valueOf = (measure: Measure) => ('value' in measure ? measure.value : NaN)

/** Of two raters on 40 dialogues: both approve 18, only the first 4, only the second 6, neither 12. */
const FORTY = unitsOf(times(18, 'aa') + times(4, 'ar') + times(6, 'ra') + times(12, 'rr'))

describe('percent agreement', () => {
  it('of two raters is the share of units on which they agree', () => {
    expect(percentAgreement(FORTY)).toEqual({ value: 30 / 40, n: 40 })
  })

  it('of more raters counts pairs of judgements', () => {
    // aaa: 3 of 3 pairs, aab: 1 of 3, ab: 0 of 1; a unit with one judgement says nothing.
    expect(valueOf(percentAgreement(unitsOf('aaa aab ab. a..')))).toBeCloseTo(4 / 7, 12)
    expect(percentAgreement(unitsOf('aaa aab ab. a..')).n).toBe(3)
  })
})

describe('Cohen’s kappa', () => {
  it('agrees with the sum done by hand', () => {
    // p_o = 30/40 = .75; first approves 22/40 = .55, second 24/40 = .60; p_e = .55 × .60 + .45 × .40 = .51
    expect(valueOf(cohensKappa(FORTY, 'r0', 'r1'))).toBeCloseTo((0.75 - 0.51) / (1 - 0.51), 12)
    expect(cohensKappa(FORTY, 'r0', 'r1').n).toBe(40)
  })

  it('agrees with the sum done by hand for three categories', () => {
    const units = unitsOf(
      times(7, 'aa') +
        times(2, 'an') +
        times(1, 'ar') +
        times(3, 'nn') +
        times(1, 'na') +
        times(4, 'rr') +
        times(2, 'rn'),
    )
    // n = 20, p_o = 14/20; first a 10, n 4, r 6; second a 8, n 7, r 5; p_e = (10×8 + 4×7 + 6×5) / 400 = 138/400
    expect(valueOf(cohensKappa(units, 'r0', 'r1'))).toBeCloseTo((0.7 - 0.345) / (1 - 0.345), 12)
  })

  it('is 1 for perfect agreement, 0 for that of chance, and below for less', () => {
    expect(valueOf(cohensKappa(unitsOf('aa bb aa bb'), 'r0', 'r1'))).toBe(1)
    expect(valueOf(cohensKappa(unitsOf('aa ab ba bb'), 'r0', 'r1'))).toBe(0)
    expect(valueOf(cohensKappa(unitsOf('ab ba'), 'r0', 'r1'))).toBe(-1)
  })

  it('takes only what both judged', () => {
    expect(cohensKappa(unitsOf('aa. bb. .aa a.b'), 'r0', 'r1').n).toBe(2)
    expect(cohensKappa(unitsOf('a.a .bb'), 'r0', 'r1')).toEqual({
      undefined_because: 'they have judged nothing in common',
      n: 0,
    })
  })

  it('says why it is undefined when both gave one value throughout', () => {
    expect(cohensKappa(unitsOf('aa aa aa'), 'r0', 'r1')).toHaveProperty(
      'undefined_because',
      expect.stringContaining('one and the same'),
    )
  })
})

describe('Fleiss’ kappa', () => {
  it('agrees with the sum done by hand', () => {
    // Four units of three: P = 1, 1/3, 1, 1/3, mean 2/3. Shares: a 3+2 = 5, b 1+3+1 = 5, c 2, of 12; P_e = (25+25+4)/144 = .375
    const units = unitsOf('aaa aab bbb bcc')
    expect(valueOf(fleissKappa(units))).toBeCloseTo((2 / 3 - 0.375) / (1 - 0.375), 12)
    expect(fleissKappa(units).n).toBe(4)
  })

  it('says why it is undefined', () => {
    expect(fleissKappa(unitsOf('aaa ab.'))).toHaveProperty('undefined_because', expect.stringContaining('same number'))
    expect(fleissKappa(unitsOf('aa aa'))).toHaveProperty(
      'undefined_because',
      expect.stringContaining('one and the same'),
    )
    expect(fleissKappa(unitsOf('a. .b'))).toEqual({ undefined_because: 'nothing was judged by two', n: 0 })
  })
})

describe('Krippendorff’s alpha', () => {
  it('agrees with the sum done by hand, with gaps and any number of raters', () => {
    // Pairable: aaa, ab, bbc, bb (the single c is not): n = 10 values, a 4, b 5, c 1.
    // D_o = (0 + 2/1 + 4/2 + 0) / 10 = .4; D_e = (100 - 16 - 25 - 1) / (10 × 9) = 58/90
    const units = unitsOf('aaa. a.b. bb.c .b.b ...c')
    expect(valueOf(krippendorffAlpha(units))).toBeCloseTo(1 - 0.4 / (58 / 90), 12)
    expect(krippendorffAlpha(units).n).toBe(4)
  })

  it('is 1 for perfect agreement', () => {
    expect(valueOf(krippendorffAlpha(unitsOf('aa bb a.a cc'.replace('a.a', 'aa'))))).toBe(1)
  })

  it('says why it is undefined', () => {
    expect(krippendorffAlpha(unitsOf('aa aa'))).toHaveProperty(
      'undefined_because',
      expect.stringContaining('one and the same'),
    )
    expect(krippendorffAlpha(unitsOf('a. .b'))).toEqual({ undefined_because: 'nothing was judged by two', n: 0 })
    expect(krippendorffAlpha([])).toEqual({ undefined_because: 'nothing was judged by two', n: 0 })
  })

  it('without gaps stands to Fleiss’ kappa as the two definitions say', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 20 }), (words) => {
        const units = unitsOf(words.join(' '))
        const [fleiss, alpha] = [fleissKappa(units), krippendorffAlpha(units)]
        fc.pre('value' in fleiss && 'value' in alpha)
        // Both divide the same disagreement; D_e draws without putting back: 1 - α = (1 - κ) (N - 1) / N for N values.
        const values = 3 * words.length
        expect(1 - valueOf(alpha)).toBeCloseTo(((1 - valueOf(fleiss)) * (values - 1)) / values, 10)
      }),
    )
  })

  it('does not care who is who, nor in which order, nor what the values are called', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 15 }), (words) => {
        const turned = words
          .map((one) => [...one].reverse().join('').replaceAll('a', 'X').replaceAll('b', 'a'))
          .reverse()
        const [alpha, other] = [
          krippendorffAlpha(unitsOf(words.join(' '))),
          krippendorffAlpha(unitsOf(turned.join(' '))),
        ]
        expect(other.n).toBe(alpha.n)
        expect('value' in other).toBe('value' in alpha)
        if ('value' in alpha) expect(valueOf(other)).toBeCloseTo(alpha.value, 12)
      }),
    )
  })

  it.each([
    [0.8, 'good'],
    [0.799, 'tentative'],
    [0.67, 'tentative'],
    [0.669, 'poor'],
    [-1, 'poor'],
  ])('of %d is %s', (alpha, band) => {
    expect(bandOf(alpha)).toBe(band)
  })
})

describe('the interval of alpha', () => {
  it('holds alpha, is the same for the same random numbers, and narrows with more units', () => {
    const alpha = valueOf(krippendorffAlpha(FORTY))
    const interval = alphaInterval(FORTY, seeded(1))!

    expect(interval).toEqual(alphaInterval(FORTY, seeded(1)))
    expect(interval).not.toEqual(alphaInterval(FORTY, seeded(2)))
    expect(interval.level).toBe(0.95)
    expect(interval.low).toBeLessThan(alpha)
    expect(interval.high).toBeGreaterThan(alpha)
    const wide = alphaInterval(Array.from({ length: 25 }, () => FORTY).flat(), seeded(1))!
    // 25 times the units: a fifth of the width, give or take what 1,000 draws scatter.
    expect((interval.high - interval.low) / (wide.high - wide.low)).toBeGreaterThan(4)
    expect((interval.high - interval.low) / (wide.high - wide.low)).toBeLessThan(6.3)
  })

  it('covers the truth about as often as it says', () => {
    // Two raters who each copy a fair coin with probability .8 and toss their own else: alpha is .64 in the long run.
    const rng = seeded(7)
    const toss = () => (rng() < 0.5 ? 'a' : 'b')
    let covered = 0
    for (let run = 0; run < 100; run++) {
      const units = Array.from({ length: 60 }, () => {
        const truth = toss()
        return new Map(['r0', 'r1'].map((rater) => [rater, rng() < 0.8 ? truth : toss()]))
      })
      const { low, high } = alphaInterval(units, rng, { draws: 200 })!
      if (low <= 0.64 && 0.64 <= high) covered++
    }

    // 95 of 100 expected, a little fewer at 60 units; 5 standard deviations (2.2) of slack below, none needed above.
    expect(covered).toBeGreaterThanOrEqual(84)
  })

  it('is undefined where alpha is', () => {
    expect(alphaInterval(unitsOf('aa aa'), seeded(1))).toBeUndefined()
    expect(alphaInterval([], seeded(1))).toBeUndefined()
  })
})

describe('the report', () => {
  const intent = (turn: number, final: 'close' | 'validate') => ({
    turns: { [turn]: { intent: { original: 'other' as const, final, adjustment: 'adjusted' as const } } },
  })

  it('has a row for the verdict, each criterion and each label that two reviewers spoke on', async () => {
    const reviews = (one: 'approved' | 'rejected', other: 'approved' | 'rejected') => [
      aReview({ reviewer: 'clara', status: one, labels: intent(1, 'close') }),
      aReview({ reviewer: 'eva', status: other, labels: intent(1, 'close'), criteria: { safety: 'fail' } }),
    ]
    const items = [
      anItem({ dialogue_id: 'd1', reviews: reviews('approved', 'approved') }),
      anItem({ dialogue_id: 'd2', reviews: reviews('rejected', 'rejected') }),
      anItem({ dialogue_id: 'd3', reviews: reviews('approved', 'rejected') }),
      anItem({ dialogue_id: 'd4', reviews: reviews('approved', 'approved').slice(0, 1) }),
      anItem({ dialogue_id: 'd5', reviews: reviews('approved', 'rejected'), version: 2 }),
    ]
    const report = await agreementReport(items, seeded(3))

    expect(report.map((row) => row.field)).toEqual([
      'verdict',
      'criteria.appropriate',
      'criteria.labels',
      'criteria.realistic',
      'criteria.safety',
      'criteria.techniques',
      'labels.turns.intent',
    ])
    const [verdict] = report
    expect(verdict).toMatchObject({
      percent: { value: 2 / 3, n: 3 },
      pairs: [{ reviewers: ['clara', 'eva'], kappa: { n: 3 } }],
    })
    // a a, r r, a r: D_o = 2/6, D_e = (36 - 9 - 9) / 30
    expect(valueOf(verdict!.alpha)).toBeCloseTo(1 - 1 / 3 / 0.6, 12)
    expect(verdict!.alpha.band).toBe('poor')
    expect(report.find((row) => row.field === 'criteria.safety')?.percent).toEqual({ value: 0, n: 3 })
    expect(report.find((row) => row.field === 'criteria.labels')?.alpha).toMatchObject({
      undefined_because: 'nothing was judged by two',
    })
    expect(report.at(-1)?.alpha).toHaveProperty('undefined_because', expect.stringContaining('one and the same'))
  })
})

/** Numbers that are the same on every run; nothing of quality is asked of them. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
