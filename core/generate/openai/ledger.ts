import type { ModelCall, ModelOutcome, Spent, TokenUsage } from './dialogue-model.ts'
import { costOf, type ModelPrice } from './prices.ts'
import { mostUsage } from './token-estimate.ts'

/**
 * Money and tokens of many calls. Before a call goes out, the most that it can cost is set aside; so what is paid,
 * what is set aside and what may have been billed never exceed the budget together.
 */
export interface Ledger {
  /** The most that the call can cost, in US dollars; 0 without a price. */
  most(call: ModelCall): number
  covers(usd: number): boolean
  reserve(usd: number): void
  /** Ends a reservation by what came of the call. */
  settle(usd: number, outcome: ModelOutcome): void
  readonly spent: Spent
}

export function createLedger(price: ModelPrice | undefined, max_cost_usd = Infinity): Ledger {
  const tokens: TokenUsage = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 }
  const by_outcome: Record<string, number> = {}
  let calls = 0
  let cost_usd = 0
  let reserved_usd = 0
  let unconfirmed_usd = 0
  let open = 0
  return {
    most: (call) => (price === undefined ? 0 : costOf(mostUsage(call), price)),
    covers: (usd) => cost_usd + unconfirmed_usd + reserved_usd + usd <= max_cost_usd,
    reserve(usd) {
      reserved_usd += usd
      open += 1
    },
    settle(usd, outcome) {
      open -= 1
      reserved_usd = open === 0 ? 0 : reserved_usd - usd // sums of fractions drift; nothing open is nothing reserved
      calls += 1
      const counted = outcome.outcome === 'answered' ? 'answered' : outcome.why
      by_outcome[counted] = (by_outcome[counted] ?? 0) + 1
      if (outcome.outcome === 'failed') {
        if (outcome.may_be_billed === true) unconfirmed_usd += usd
        return
      }
      tokens.input_tokens += outcome.usage.input_tokens
      tokens.cached_input_tokens += outcome.usage.cached_input_tokens
      tokens.output_tokens += outcome.usage.output_tokens
      if (price !== undefined) cost_usd += costOf(outcome.usage, price)
    },
    get spent() {
      return { ...tokens, calls, by_outcome: { ...by_outcome }, cost_usd, reserved_usd, unconfirmed_usd }
    },
  }
}
