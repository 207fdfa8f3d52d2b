import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { modelShare, shareOf } from '../../../../core/generate/openai/model-share.ts'
import { planDialogues } from '../../../../core/generate/plan.ts'
import { parseRequest } from '../../../../core/generate/request.ts'
import { RISK_LEVELS, SESSION_TYPES } from '../../../../core/dialogue/vocabulary.ts'
import { banks } from '../../../builders/a-scripted-model.ts'

const planOf = (count: number, random_seed: number) =>
  planDialogues(parseRequest({ count, random_seed }), undefined, banks)

describe("The model's share of a plan", () => {
  it('is exact to one dialogue, each index once, in the order of the plan', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(1000),
        (count, share, seed) => {
          const { indices, count: chosen } = modelShare(planOf(count, seed), share)
          expect(Math.abs(chosen - share * count)).toBeLessThanOrEqual(0.5 + 1e-9)
          expect(indices).toHaveLength(chosen)
          expect([...indices]).toEqual([...new Set(indices)].sort((a, b) => a - b))
          expect(indices.every((index) => index < count)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes its part of each level of risk and each session type, to less than one and a half dialogues', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 600 }),
        fc.constantFrom(0.1, 0.3, 0.5, 0.77),
        fc.nat(50),
        (count, share, seed) => {
          const plan = planOf(count, seed)
          const { indices } = modelShare(plan, share)
          const mine = [...indices].map((index) => plan.at(index))
          for (const level of RISK_LEVELS) {
            const got = mine.filter(({ risk }) => risk === level).length
            expect(Math.abs(got - share * (plan.quotas.risk.get(level) ?? 0))).toBeLessThan(1.5)
          }
          for (const type of SESSION_TYPES) {
            const got = mine.filter(({ session_type }) => session_type === type).length
            // A run of one type for each level of risk, imminent apart: five at the most.
            expect(Math.abs(got - share * (plan.quotas.session_type.get(type) ?? 0))).toBeLessThan(5)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is the same for the same plan, and deals out concerns in turn', () => {
    const [one, again] = [modelShare(planOf(200, 4), 0.3), modelShare(planOf(200, 4), 0.3)]
    expect(again).toEqual(one)
    const plan = planOf(200, 4)
    const seen = new Map<string, number>()
    one.indices.forEach((index, ordinal) => {
      const { concern } = plan.at(index)
      expect(one.nth_of_concern[ordinal]).toBe(seen.get(concern) ?? 0)
      seen.set(concern, (seen.get(concern) ?? 0) + 1)
    })
  })

  it('is nothing for templates, everything for openai, three in ten for hybrid', () => {
    expect(shareOf({ method: 'template', openai_share: 0.5 })).toBe(0)
    expect(shareOf({ method: 'openai' })).toBe(1)
    expect(shareOf({ method: 'hybrid' })).toBe(0.3)
    expect(shareOf({ method: 'hybrid', openai_share: 0.5 })).toBe(0.5)
  })
})
