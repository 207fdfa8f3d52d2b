import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateInputTokens, forecastCost, mostUsage } from '../../../../core/generate/openai/token-estimate.ts'
import { aModelCall } from '../../../builders/a-simulated-service.ts'

describe('the token estimate', () => {
  it('counts about four characters a token, the schema of the answer included', () => {
    const estimate = estimateInputTokens(aModelCall({ messages: [{ role: 'user', content: 'x'.repeat(4_000) }] }))
    expect(estimate).toBeGreaterThan(1_000)
    expect(estimate).toBeLessThan(1_100)
  })

  it('has an upper bound of a token for each byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (content) => {
        const most = mostUsage(aModelCall({ messages: [{ role: 'user', content }], estimated_input_tokens: 0 }))
        expect(most.input_tokens).toBeGreaterThan(Buffer.byteLength(content))
        expect(most.input_tokens).toBeLessThan(Buffer.byteLength(content) + 250)
      }),
    )
  })

  it('becomes money, corrected by what the answers so far took', () => {
    const price = { input: 1, cached_input: 0.5, output: 10 }
    const expected = { input_tokens: 1_000_000, output_tokens: 100_000 }
    expect(forecastCost(expected, price)).toBeCloseTo(2)
    expect(forecastCost(expected, price, { input: 1.2, output: 0.5, cached_share: 0.5 })).toBeCloseTo(0.9 + 0.5)
  })
})
