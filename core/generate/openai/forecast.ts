import type { Locale } from '../../quality/resources.ts'
import type { Plan } from '../plan.ts'
import { crisisWords } from '../safety/crisis-words.ts'
import type { SeedExample } from '../seeds/seed-examples.ts'
import type { Banks } from '../templates/banks.ts'
import { createBriefs } from './brief.ts'
import { dialoguePrompt } from './dialogue-prompt.ts'
import { modelShare } from './model-share.ts'
import type { ModelPrice } from './prices.ts'
import type { Prompts } from './prompts.ts'
import { forecastCost } from './token-estimate.ts'
import { NOTHING_WORN } from './worn-phrases.ts'

/** What a plan is going to ask a model for, before anything is sent. */
export interface Forecast {
  /** Dialogues that the model writes. */
  dialogues: number
  /** First calls and the second ones that experience expects. */
  calls: number
  input_tokens: number
  output_tokens: number
  /** US dollars; undefined for a model without a price. */
  cost_usd: number | undefined
}

export interface Asking {
  plan: Plan
  /** 0 to 1. */
  share: number
  banks: Banks
  examples: readonly SeedExample[]
  locale: Locale
  prompts: Prompts
  model: string
  temperature: number | undefined
}

/** Answers that are turned away and asked for once more, of a hundred; as the acceptance of the fake service's answers has it. */
const SECOND_ATTEMPTS = 0.05
/** Beyond it prompts are sampled evenly: each costs a third of a millisecond. */
const MOST_PROMPTS = 2000

export function forecast(asking: Asking, price: ModelPrice | undefined): Forecast {
  const { length, prompts } = promptsOf(asking)
  const step = Math.max(1, Math.ceil(length / MOST_PROMPTS))
  let [input, output, seen] = [0, 0, 0]
  for (let ordinal = 0; ordinal < length; ordinal += step) {
    const call = prompts(ordinal).call({ number: 1, worn: NOTHING_WORN })
    // The second call carries the first answer, too.
    input +=
      call.estimated_input_tokens + SECOND_ATTEMPTS * (call.estimated_input_tokens + call.estimated_output_tokens)
    output += call.estimated_output_tokens * (1 + SECOND_ATTEMPTS)
    seen++
  }
  const scale = seen === 0 ? 0 : length / seen
  const tokens = { input_tokens: Math.round(input * scale), output_tokens: Math.round(output * scale) }
  return {
    dialogues: length,
    calls: Math.round(length * (1 + SECOND_ATTEMPTS)),
    ...tokens,
    cost_usd: price === undefined ? undefined : forecastCost(tokens, price),
  }
}

/** Keys of every prompt of the plan: what kept answers are recognised by. */
export function keysOf(asking: Asking): Set<string> {
  const { length, prompts } = promptsOf(asking)
  const keys = new Set<string>()
  for (let ordinal = 0; ordinal < length; ordinal++) keys.add(prompts(ordinal).key)
  return keys
}

function promptsOf({ plan, share, banks, examples, locale, prompts, model, temperature }: Asking) {
  const mine = modelShare(plan, share)
  const briefs = createBriefs(banks, mine, plan.random_seed)
  const settings = { prompts, model, temperature, words: crisisWords(locale), examples }
  return {
    length: mine.count,
    prompts: (ordinal: number) => dialoguePrompt(briefs(plan.at(mine.indices[ordinal] ?? 0), ordinal), settings),
  }
}
