import * as z from 'zod'
import { InputError } from '../../errors.ts'
import { nearestName } from '../../nearest-name.ts'
import type { TokenUsage } from './dialogue-model.ts'

/** US dollars per 1,000,000 tokens. */
export interface ModelPrice {
  input: number
  /** Input that the service read from its cache. */
  cached_input: number
  output: number
}

const Price = z.strictObject({
  input: z.number().nonnegative(),
  cached_input: z.number().nonnegative().optional(),
  output: z.number().nonnegative(),
})

const PriceTableSchema = z.strictObject({
  /** The day the list was read. */
  as_of: z.iso.date(),
  source: z.string(),
  models: z.record(z.string(), Price),
})
export type PriceTable = z.infer<typeof PriceTableSchema>

/** Throws InputError for a table that is not of the form of content/prices.json. */
export function parsePrices(value: unknown, where: string): PriceTable {
  const parsed = PriceTableSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new InputError(`${issue?.path.map(String).join('.') ?? 'the table'}: ${issue?.message ?? 'is not valid'}`, {
    where,
    expected: '{ as_of, source, models: { <model>: { input, cached_input, output } } }, US dollars per million tokens',
  })
}

/**
 * The price of a model; undefined for one that the table does not name. A dated version
 * (`gpt-4.1-mini-2025-04-14`) costs what its family does, unless it is listed itself.
 */
export function priceOf(table: PriceTable, model: string): ModelPrice | undefined {
  const listed = table.models[model] ?? table.models[model.replace(/-\d{4}-\d{2}-\d{2}$/, '')]
  return listed === undefined ? undefined : withCached(listed)
}

/** `input,output` or `input,cached,output`, e.g. `0.4,1.6`: what `--price` takes. Throws InputError. */
export function parsePrice(text: string, where = '--price'): ModelPrice {
  const parts = text.split(',').map((part) => part.trim())
  const numbers = parts.map(Number)
  const [first, second, third] = numbers
  const valid = parts.every((part) => part !== '') && numbers.every((number) => Number.isFinite(number) && number >= 0)
  if (!valid || first === undefined || second === undefined || numbers.length > 3)
    throw new InputError(`"${text}" is not a price`, {
      where,
      expected:
        'two or three numbers, US dollars per million tokens: input,output or input,cached,output; e.g. 0.40,1.60',
    })
  return third === undefined
    ? { input: first, cached_input: first, output: second }
    : { input: first, cached_input: second, output: third }
}

/** For a model without a price, when a budget or a forecast needs one. */
export function unknownPrice(table: PriceTable, model: string): InputError {
  const near = nearestName(model, Object.keys(table.models))
  return new InputError(`no price is known for the model "${model}"`, {
    where: `content/prices.json of ${table.as_of}`,
    expected: `one of ${Object.keys(table.models).join(', ')}`,
    fix: `${near === undefined ? '' : `Did you mean "${near}"? `}Give its price in US dollars per million tokens with --price input,output (0,0 for a model of your own), or leave the budget out.`,
  })
}

/** US dollars. */
export function costOf(usage: TokenUsage, price: ModelPrice): number {
  const cached = Math.min(usage.cached_input_tokens, usage.input_tokens)
  return (
    ((usage.input_tokens - cached) * price.input + cached * price.cached_input + usage.output_tokens * price.output) /
    1_000_000
  )
}

function withCached(price: z.infer<typeof Price>): ModelPrice {
  return { input: price.input, cached_input: price.cached_input ?? price.input, output: price.output }
}
