import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_TARGET } from '../../../../core/generate/target.ts'
import { rngFrom } from '../../../../core/generate/random.ts'
import { METRICS, bandTurns, gradeOf } from '../../../../core/quality/metrics/bands.ts'
import { histogram } from '../../../../core/quality/metrics/histogram.ts'
import { againstTarget, quotaError } from '../../../../core/quality/metrics/quota-error.ts'
import { createReservoir, drawSamples } from '../../../../core/quality/metrics/sampling.ts'

describe('quota error', () => {
  const met = {
    session_type: { 'check-in': 60, gentle_deep: 100, micro_practice: 40 },
    concern: { 'self-worth': 40, anxiety: 50, relationships: 30, stress: 30, grief: 20, other: 30 },
    risk: { none: 170, low: 20, medium: 8, high: 2 },
  }

  it('is 0 where every axis meets its quotas', () => {
    expect(quotaError(againstTarget(met, DEFAULT_TARGET))).toBe(0)
  })

  it('is how many dialogues would have to move, on the worst axis', () => {
    const counts = {
      ...met,
      session_type: { 'check-in': 61, gentle_deep: 99, micro_practice: 40 },
      risk: { none: 173, low: 20, medium: 6, high: 1 },
    }
    expect(quotaError(againstTarget(counts, DEFAULT_TARGET))).toBe(3)
  })

  it('takes quotas as whole dialogues, by largest remainder', () => {
    // Ten dialogues: 85 / 10 / 4 / 1 per cent are 8.5, 1, 0.4, 0.1; the last seat goes to none.
    const rows = againstTarget({ ...met, risk: { none: 9, low: 1, medium: 0, high: 0 } }, DEFAULT_TARGET).filter(
      ({ axis }) => axis === 'risk',
    )
    expect(rows.map(({ quota }) => quota)).toEqual([9, 1, 0, 0])
  })
})

describe('grades', () => {
  const metric = METRICS[0]
  if (metric === undefined) throw new Error('no metrics')

  it('say goal, gate or missed, whichever way is better', () => {
    const lower = { ...metric, better: 'lower', gate: 0.5, goal: 0.4 } as const
    expect([0.4, 0.45, 0.5, 0.51].map((value) => gradeOf(lower, value))).toEqual(['goal', 'gate', 'gate', 'missed'])
    const higher = { ...metric, better: 'higher', gate: 0.4, goal: 0.5 } as const
    expect([0.5, 0.45, 0.39].map((value) => gradeOf(higher, value))).toEqual(['goal', 'gate', 'missed'])
    expect(gradeOf({ ...metric, gate: undefined, goal: undefined }, 1)).toBe('ungraded')
  })

  it('have bands for 6, 10 and 14 turns; the nearest is taken', () => {
    expect([2, 6, 9, 10, 13, 40].map(bandTurns)).toEqual([6, 6, 10, 10, 14, 14])
  })
})

describe('histogram', () => {
  it('puts a value on a border into the bin that begins there, and what lies beyond into the last', () => {
    expect(histogram([0, 0.005, 0.03, 0.0299, 9], { width: 0.005, upTo: 0.03 }).counts).toEqual([1, 1, 0, 0, 0, 1, 2])
  })
})

describe('samples', () => {
  it('are the items themselves where they fit', () => {
    expect(drawSamples([1, 2, 3], 3, 5, () => rngFrom('x'))).toEqual([[1, 2, 3]])
    expect(drawSamples([], 3, 5, () => rngFrom('x'))).toEqual([])
  })

  it('hold different items, in order, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 60 }), fc.nat(), (length, seed) => {
        const items = Array.from({ length }, (_, at) => at)
        const draw = () => drawSamples(items, 10, 2, (sample) => rngFrom('test', seed, sample))
        for (const sample of draw()) {
          expect(sample).toHaveLength(10)
          expect(sample).toEqual([...new Set(sample)].sort((a, b) => a - b))
        }
        expect(draw()).toEqual(draw())
      }),
    )
  })

  it('take every item of a stream equally often', () => {
    const times = new Array<number>(20).fill(0)
    for (let draw = 0; draw < 2000; draw++) {
      const reservoir = createReservoir<number>(5, rngFrom('even', draw))
      for (let item = 0; item < 20; item++) reservoir.add(item)
      for (const item of reservoir.kept()) times[item] = (times[item] ?? 0) + 1
    }
    // 500 expected of each; the standard deviation is sqrt(2000 × ¼ × ¾) ≈ 19, five of them either way.
    for (const count of times) expect(Math.abs(count - 500)).toBeLessThan(97)
  })
})
