import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CONCERN_GROUPS,
  concernGroup,
  KNOWN_CONCERNS,
  RISK_LEVELS,
  SESSION_TYPES,
} from '../../../core/dialogue/vocabulary.ts'
import { InputError } from '../../../core/errors.ts'
import { planDialogues, SEEDS_FOR_LENGTHS, type Plan } from '../../../core/generate/plan.ts'
import { MAX_COUNT, parseRequest } from '../../../core/generate/request.ts'
import { DEFAULT_TARGET, largestRemainder, rescaleShares } from '../../../core/generate/target.ts'

const paths = new Map(SESSION_TYPES.map((type) => [type, { lengths: new Map([[8, 1]]) }]))
const banks = {
  situations: new Map(['anxiety', 'grief', 'self-worth', 'stress', 'panic'].map((name) => [name, []])),
  paths,
}

function tally<K>(plan: Plan, of: (index: number) => K): Map<K, number> {
  const counts = new Map<K, number>()
  for (let index = 0; index < plan.count; index++) counts.set(of(index), (counts.get(of(index)) ?? 0) + 1)
  return counts
}

describe('quotas', () => {
  it('sum to the total and miss no share by a whole one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 5000 }),
        (weights, total) => {
          fc.pre(weights.some((weight) => weight > 0))
          const shares = new Map(weights.map((weight, key) => [key, weight]))
          const counts = largestRemainder(shares, total)
          const sum = weights.reduce((a, b) => a + b, 0)
          expect([...counts.values()].reduce((a, b) => a + b, 0)).toBe(total)
          for (const [key, count] of counts)
            expect(Math.abs(count - ((shares.get(key) ?? 0) / sum) * total)).toBeLessThan(1)
        },
      ),
    )
  })

  it('are met by the plan to less than one dialogue in every dimension, whatever is asked for', () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 1, max: 400 }),
          random_seed: fc.integer({ min: 0, max: 1000 }),
          session_types: fc.option(fc.subarray([...SESSION_TYPES], { minLength: 1 }), { nil: undefined }),
          concerns: fc.option(fc.subarray([...KNOWN_CONCERNS], { minLength: 1 }), { nil: undefined }),
        }),
        (asked) => {
          const plan = planDialogues(parseRequest(asked), undefined, banks)
          const sessions = rescaleShares(DEFAULT_TARGET.session_type, asked.session_types)
          const bySession = tally(plan, (index) => plan.at(index).session_type)
          for (const [type, share] of sessions)
            expect(Math.abs((bySession.get(type) ?? 0) - share * asked.count)).toBeLessThan(1)
          const groups =
            asked.concerns === undefined
              ? undefined
              : CONCERN_GROUPS.filter((group) =>
                  asked.concerns?.some((concern) => concernGroup(concern).group === group),
                )
          const byGroup = tally(plan, (index) => plan.at(index).group)
          for (const [group, share] of rescaleShares(DEFAULT_TARGET.concern, groups))
            expect(Math.abs((byGroup.get(group) ?? 0) - share * asked.count)).toBeLessThan(1)
          const byRisk = tally(plan, (index) => plan.at(index).risk)
          for (const [level, share] of rescaleShares(DEFAULT_TARGET.risk, undefined))
            expect(Math.abs((byRisk.get(level) ?? 0) - share * asked.count)).toBeLessThan(1)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are spread over each other: no session type or concern holds all the risk', () => {
    const plan = planDialogues(parseRequest({ count: 2000 }), undefined, banks)
    for (const type of SESSION_TYPES) {
      const own = Array.from({ length: plan.count }, (_, index) => plan.at(index)).filter(
        ({ session_type }) => session_type === type,
      )
      for (const level of RISK_LEVELS) {
        const share = own.filter(({ risk }) => risk === level).length / own.length
        expect(Math.abs(share - DEFAULT_TARGET.risk[level] / 100)).toBeLessThan(0.01)
      }
      for (const group of CONCERN_GROUPS) {
        const share = own.filter((one) => one.group === group).length / own.length
        expect(Math.abs(share - DEFAULT_TARGET.concern[group] / 100)).toBeLessThan(0.02)
      }
    }
  })
})

describe('the plan', () => {
  it('is a function of request and random seed', () => {
    const list = (random_seed: number) => {
      const plan = planDialogues(parseRequest({ count: 60, random_seed }), undefined, banks)
      return Array.from({ length: 60 }, (_, index) => plan.at(index))
    }
    expect(list(7)).toEqual(list(7))
    expect(list(7)).not.toEqual(list(8))
  })

  it('honours the concerns of the seeds within their groups, also one that nobody knows', () => {
    const seeds = { concerns: ['panic', 'a concern nobody knows'], lengths: new Map() }
    const plan = planDialogues(parseRequest({ count: 200 }), seeds, banks)
    const concerns = tally(plan, (index) => plan.at(index).concern)
    expect(concerns.get('panic')).toBe(50)
    expect(concerns.get('anxiety')).toBeUndefined()
    expect(concerns.get('a concern nobody knows')).toBe(30)
  })

  it('takes lengths from the seeds where there are enough of them, and makes them even', () => {
    const seeds = {
      concerns: [],
      lengths: new Map([
        ['gentle_deep' as const, Array.from({ length: SEEDS_FOR_LENGTHS }, (_, index) => (index % 2 === 0 ? 5 : 10))],
      ]),
    }
    const plan = planDialogues(parseRequest({ count: 100, session_types: ['gentle_deep'] }), seeds, banks)
    expect([...tally(plan, (index) => plan.at(index).messages).keys()].sort((a, b) => a - b)).toEqual([6, 10])
  })

  it('lets 10 to 15 % of the sessions end partly or not better', () => {
    const plan = planDialogues(parseRequest({ count: 1000 }), undefined, banks)
    const arcs = tally(plan, (index) => plan.at(index).arc)
    const notBetter = (arcs.get('partial') ?? 0) + (arcs.get('stuck') ?? 0)
    expect(notBetter).toBeGreaterThanOrEqual(100)
    expect(notBetter).toBeLessThanOrEqual(150)
  })

  it('calls imminent only what is high', () => {
    const plan = planDialogues(parseRequest({ count: 1500 }), undefined, banks)
    const imminent = Array.from({ length: 1500 }, (_, index) => plan.at(index)).filter((one) => one.imminent)
    expect(imminent.length).toBeGreaterThan(0)
    expect(imminent.every(({ risk }) => risk === 'high')).toBe(true)
  })
})

describe('a request', () => {
  it.each([0, -5, 1.5, 1e9, MAX_COUNT + 1, 'ten', undefined])('with count %s is refused with the field', (count) => {
    expect(() => parseRequest({ count })).toThrow(InputError)
    expect(() => parseRequest({ count })).toThrow(/count/)
  })

  it('with a mistyped session type names the nearest', () => {
    expect(() => parseRequest({ count: 1, session_types: ['gentle-deep'] })).toThrow(
      /unknown session type "gentle-deep"[^]*Did you mean "gentle_deep"/,
    )
  })

  it('with a mistyped concern names the nearest', () => {
    expect(() => planDialogues(parseRequest({ count: 1, concerns: ['anxeity'] }), undefined, banks)).toThrow(
      /unknown concern "anxeity"[^]*Did you mean "anxiety"/,
    )
  })

  it('takes another spelling of a concern, but proposes only the usual one', () => {
    const request = parseRequest({ count: 4, concerns: ['self_worth'] })
    expect(planDialogues(request, undefined, banks).at(0)).toMatchObject({ group: 'self-worth' })
    const seeds = { concerns: ['self_worth'], lengths: new Map() }
    const mistyped = parseRequest({ count: 4, concerns: ['anxeity'] })
    expect(() => planDialogues(mistyped, seeds, banks)).toThrow(/self-worth/)
    expect(() => planDialogues(mistyped, seeds, banks)).not.toThrow(/self_worth/)
    expect(KNOWN_CONCERNS).toContain('self-worth')
    expect(KNOWN_CONCERNS).not.toContain('self_worth')
  })

  it('may name a concern that only the seeds or a bank know', () => {
    const named = parseRequest({ count: 4, concerns: ['moving house'] })
    expect(planDialogues(named, { concerns: ['moving house'], lengths: new Map() }, banks).at(0).concern).toBe(
      'moving house',
    )
    expect(
      planDialogues(named, undefined, { ...banks, situations: new Map([['moving house', []]]) }).at(0).concern,
    ).toBe('moving house')
  })
})
