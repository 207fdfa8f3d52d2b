import { describe, expect, it } from 'vitest'
import { costOf, parsePrice, parsePrices, priceOf, unknownPrice } from '../../../../core/generate/openai/prices.ts'
import prices from '../../../../content/prices.json' with { type: 'json' }

describe('prices', () => {
  const table = parsePrices(prices, 'content/prices.json')

  it('are listed with the day they were read', () => {
    expect(table.as_of).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect(priceOf(table, 'gpt-4.1-mini')).toEqual({ input: 0.4, cached_input: 0.1, output: 1.6 })
  })

  it('of a dated version are those of its family', () => {
    expect(priceOf(table, 'gpt-4.1-mini-2025-04-14')).toEqual(priceOf(table, 'gpt-4.1-mini'))
    expect(priceOf(table, 'gpt-4.1-mini-tuned')).toBeUndefined()
  })

  it('of an unknown model are asked for, with the name that was probably meant', () => {
    expect(unknownPrice(table, 'gpt-4.1-minni').message).toMatch(
      /Did you mean "gpt-4.1-mini"\? Give its price .* --price input,output/,
    )
  })

  it('can be given in words', () => {
    expect(parsePrice('0.4,1.6')).toEqual({ input: 0.4, cached_input: 0.4, output: 1.6 })
    expect(parsePrice('0.4, 0.1, 1.6')).toEqual({ input: 0.4, cached_input: 0.1, output: 1.6 })
    for (const wrong of ['', '1', '1,2,3,4', '-1,2', '1,two', '1,'])
      expect(() => parsePrice(wrong)).toThrow(/expected two or three numbers/)
  })

  it('count cached input at its own price', () => {
    const usage = { input_tokens: 1_000_000, cached_input_tokens: 400_000, output_tokens: 100_000 }
    expect(costOf(usage, { input: 2, cached_input: 0.5, output: 8 })).toBeCloseTo(1.2 + 0.2 + 0.8, 10)
  })

  it('that are not of the form say what is wrong', () => {
    expect(() => parsePrices({ as_of: 'today', source: '', models: {} }, 'prices.json')).toThrow(/^prices.json: as_of/)
  })
})
