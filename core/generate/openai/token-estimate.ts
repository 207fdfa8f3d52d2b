import * as z from 'zod'
import type { Calibration, ModelCall, TokenUsage } from './dialogue-model.ts'
import { costOf, type ModelPrice } from './prices.ts'

/** English text in the tokenizers of the GPT-4 and GPT-5 families; within 15 % for dialogues, hence {@link Calibration}. */
const CHARACTERS_A_TOKEN = 4
/** What the chat format wraps around each message: role and separators. */
const TOKENS_A_MESSAGE = 4

export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_A_TOKEN)
}

/** Input tokens of messages together with the schema that their answer must have. */
export function estimateInputTokens(call: Pick<ModelCall, 'messages' | 'answer'>): number {
  const messages = call.messages.reduce((sum, { content }) => sum + estimateTokens(content) + TOKENS_A_MESSAGE, 0)
  return messages + estimateTokens(schemaText(call.answer.schema))
}

/**
 * No call can take more: in byte-level tokenizers a token is at least one byte. Some four times the estimate; only
 * held back while the call is in flight.
 */
export function mostUsage(call: ModelCall): TokenUsage {
  const bytes = call.messages.reduce((sum, { content }) => sum + utf8Length(content) + 4 * TOKENS_A_MESSAGE, 0)
  const input_tokens = Math.max(bytes + schemaText(call.answer.schema).length, call.estimated_input_tokens)
  return { input_tokens, cached_input_tokens: 0, output_tokens: call.max_output_tokens }
}

const texts = new WeakMap<z.ZodType, string>()
function schemaText(schema: z.ZodType): string {
  const known = texts.get(schema)
  if (known !== undefined) return known
  const text = JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }))
  texts.set(schema, text)
  return text
}

function utf8Length(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > 0x7ff) bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2
    else if (unit > 0x7f) bytes += 1
  }
  return bytes
}

/** Tokens of calls that are not made yet, by their estimates. */
export interface ExpectedTokens {
  input_tokens: number
  output_tokens: number
}

export const NOT_CALIBRATED: Calibration = { input: 1, output: 1, cached_share: 0 }

/** US dollars that calls are going to cost, by their estimates and by how the answers so far compared with theirs. */
export function forecastCost(
  expected: ExpectedTokens,
  price: ModelPrice,
  calibration: Calibration = NOT_CALIBRATED,
): number {
  const input_tokens = expected.input_tokens * calibration.input
  return costOf(
    {
      input_tokens,
      cached_input_tokens: input_tokens * calibration.cached_share,
      output_tokens: expected.output_tokens * calibration.output,
    },
    price,
  )
}

/** Sums what was estimated and what was measured. */
export function createCalibration(): {
  add(call: Pick<ModelCall, 'estimated_input_tokens' | 'estimated_output_tokens'>, usage: TokenUsage): void
  readonly value: Calibration
} {
  const estimated = { input: 0, output: 0 }
  const measured = { input: 0, output: 0, cached: 0 }
  return {
    add(call, usage) {
      estimated.input += call.estimated_input_tokens
      estimated.output += call.estimated_output_tokens
      measured.input += usage.input_tokens
      measured.output += usage.output_tokens
      measured.cached += usage.cached_input_tokens
    },
    get value() {
      return {
        input: ratio(measured.input, estimated.input, 1),
        output: ratio(measured.output, estimated.output, 1),
        cached_share: ratio(measured.cached, measured.input, 0),
      }
    },
  }
}

const ratio = (part: number, whole: number, otherwise: number) => (whole > 0 && part > 0 ? part / whole : otherwise)
