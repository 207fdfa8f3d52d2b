import prices from '../content/prices.json' with { type: 'json' }
import { parsePrices } from '../core/generate/openai/prices.ts'

/** content/prices.json, which carries the day it was read. */
export const PRICES = parsePrices(prices, 'content/prices.json')
