import { INTENTS, RISK_LEVELS, SENTIMENTS, SESSION_TYPES, STAGES } from '../dialogue/vocabulary.ts'
import { CONTENT_STAMPS } from '../dialogue/content-hash.ts'

/**
 * The dialogue's schema (core/dialogue/schema.ts) as tables for the record walker. A property test holds the two
 * equal: what the walker accepts, the schema accepts.
 */

/** Numbers, because the walker switches on them for every field of every record. */
export const KIND = {
  any: 0,
  string: 1,
  /** At least one character. */
  nonEmpty: 2,
  /** At least one character that is no white space. */
  text: 3,
  strings: 4,
  boolean: 5,
  number: 6,
  /** Within JavaScript's exact range. */
  integer: 7,
  oneOf: 8,
  object: 9,
  messages: 10,
} as const
type FieldKind = (typeof KIND)[keyof typeof KIND]

/** A word of a vocabulary with its closing quote, in pieces of four bytes: compared so, a key costs a quarter. */
export interface Literal {
  /** Without the quote. */
  length: number
  words: Int32Array
  /** All ones but in the last piece, where the bytes that do not belong to it are masked out. */
  masks: Int32Array
}

export interface Field {
  name: Literal
  kind: FieldKind
  /** Where the walker notes the place of the value; -1 when nobody asks for it. */
  slot: number
  required: boolean
  /** A bit of its own within the shape. */
  bit: number
  /** For `oneOf`, in the order of the vocabulary. */
  values: readonly Literal[]
  /** For `object`. */
  shape: Shape | undefined
  /** For `integer`: the bounds. */
  least: number
  most: number
  /** Says what became of the dialogue: no part of its content hash. */
  stamp: boolean
  /** The field that came after this one last time: records of one file mostly have one order. */
  follower: Field | undefined
}

export interface Shape {
  /** Open addressing by {@link keyHash}; its length is a power of two. */
  table: readonly (Field | undefined)[]
  /** The bits of the fields that must be there. */
  required: number
  /** The walker lists all members of this object, known or not. */
  listed: boolean
}

/** Slots of the dialogue itself. */
export const SLOT = {
  dialogue_id: 0,
  session_type: 1,
  user_profile: 2,
  concern: 3,
  messages: 4,
  labels: 5,
  primary_intent: 6,
  overall_sentiment: 7,
  max_risk_level: 8,
  therapeutic_technique: 9,
  synthetic: 10,
  clinician_reviewed: 11,
  clinician_approved: 12,
  review_status: 13,
  reviewed_at: 14,
  reviewer: 15,
  content_sha256: 16,
  provenance: 17,
  method: 18,
  original_dialogue_id: 19,
  /** `labels.content_sha256`: of what was judged. */
  judged_sha256: 20,
} as const
export const DIALOGUE_SLOTS = 21

/** Slots of one message, counted from the first slot of that message. */
export const MESSAGE_SLOT = {
  role: 0,
  text: 1,
  intent: 2,
  sentiment: 3,
  risk_level: 4,
  stage: 5,
  techniques: 6,
  /** The message itself, braces included. */
  whole: 7,
} as const
export const MESSAGE_SLOTS = 8

export const ROLES = ['user', 'assistant'] as const
export const METHODS = ['template', 'openai', 'seed'] as const

/** `least` and `most` of an integer that may be any. */
export const NO_BOUND = -1

type Spec = Partial<Omit<Field, 'name' | 'values' | 'bit' | 'follower'>> & {
  kind: FieldKind
  values?: readonly string[]
}

function shape(fields: Readonly<Record<string, Spec>>, listed = false): Shape {
  const size = 64
  const table: (Field | undefined)[] = Array.from({ length: size }, () => undefined)
  let required = 0
  for (const [index, [name, spec]] of Object.entries(fields).entries()) {
    // Each field spelled out, so that all have one hidden class.
    const field: Field = {
      name: literal(name),
      kind: spec.kind,
      slot: spec.slot ?? -1,
      required: spec.required ?? false,
      bit: 1 << index,
      values: (spec.values ?? []).map(literal),
      shape: spec.shape,
      least: spec.least ?? NO_BOUND,
      most: spec.most ?? NO_BOUND,
      stamp: spec.stamp ?? false,
      follower: undefined,
    }
    let at = keyHash(Buffer.from(name), 0, name.length) & (size - 1)
    while (table[at] !== undefined) at = (at + 1) & (size - 1)
    table[at] = field
    if (field.required) required |= field.bit
  }
  return { table, required, listed }
}

function literal(text: string): Literal {
  const bytes = Buffer.from(`${text}"`)
  const pieces = Math.ceil(bytes.length / 4)
  const padded = Buffer.alloc(pieces * 4)
  bytes.copy(padded)
  const words = Int32Array.from({ length: pieces }, (_, piece) => padded.readInt32LE(piece * 4))
  const masks = new Int32Array(pieces).fill(-1)
  const over = padded.length - bytes.length
  if (over > 0) masks[pieces - 1] = -1 >>> (over * 8)
  return { length: text.length, words, masks }
}

/** Length, first, middle and last byte are enough to tell a dozen keys apart at a glance. */
export function keyHash(bytes: Uint8Array, start: number, end: number): number {
  return (end - start) * 7 + (bytes[start] ?? 0) * 3 + (bytes[(start + end) >> 1] ?? 0) * 5 + (bytes[end - 1] ?? 0)
}

const stamps: Record<string, Spec> = {}
for (const name of CONTENT_STAMPS) stamps[name] = { kind: KIND.any, stamp: true }

export const MESSAGE_SHAPE = shape({
  role: { kind: KIND.oneOf, values: ROLES, slot: MESSAGE_SLOT.role, required: true },
  text: { kind: KIND.text, slot: MESSAGE_SLOT.text, required: true },
  timestamp: { kind: KIND.string },
  intent: { kind: KIND.oneOf, values: INTENTS, slot: MESSAGE_SLOT.intent },
  sentiment: { kind: KIND.oneOf, values: SENTIMENTS, slot: MESSAGE_SLOT.sentiment },
  risk_level: { kind: KIND.oneOf, values: RISK_LEVELS, slot: MESSAGE_SLOT.risk_level },
  stage: { kind: KIND.oneOf, values: STAGES, slot: MESSAGE_SLOT.stage },
  techniques: { kind: KIND.strings, slot: MESSAGE_SLOT.techniques },
})

export const DIALOGUE_SHAPE = shape({
  dialogue_id: { kind: KIND.nonEmpty, slot: SLOT.dialogue_id, required: true },
  session_type: { kind: KIND.oneOf, values: SESSION_TYPES, slot: SLOT.session_type, required: true },
  user_profile: {
    kind: KIND.object,
    slot: SLOT.user_profile,
    required: true,
    shape: shape({
      age_range: { kind: KIND.string },
      concern: { kind: KIND.nonEmpty, slot: SLOT.concern, required: true },
      mood_score: { kind: KIND.integer, least: 1, most: 10 },
    }),
  },
  messages: { kind: KIND.messages, slot: SLOT.messages, required: true },
  labels: {
    kind: KIND.object,
    slot: SLOT.labels,
    required: true,
    shape: shape(
      {
        ...stamps,
        primary_intent: { kind: KIND.oneOf, values: INTENTS, slot: SLOT.primary_intent },
        overall_sentiment: { kind: KIND.oneOf, values: SENTIMENTS, slot: SLOT.overall_sentiment },
        max_risk_level: { kind: KIND.oneOf, values: RISK_LEVELS, slot: SLOT.max_risk_level },
        therapeutic_technique: { kind: KIND.string, slot: SLOT.therapeutic_technique },
        synthetic: { kind: KIND.boolean, slot: SLOT.synthetic, stamp: true },
        generated_at: { kind: KIND.string, stamp: true },
        clinician_reviewed: { kind: KIND.any, slot: SLOT.clinician_reviewed, stamp: true },
        clinician_approved: { kind: KIND.any, slot: SLOT.clinician_approved, stamp: true },
        review_status: { kind: KIND.any, slot: SLOT.review_status, stamp: true },
        reviewed_at: { kind: KIND.any, slot: SLOT.reviewed_at, stamp: true },
        reviewer: { kind: KIND.any, slot: SLOT.reviewer, stamp: true },
        content_sha256: { kind: KIND.any, slot: SLOT.judged_sha256, stamp: true },
      },
      true,
    ),
  },
  risk: {
    kind: KIND.object,
    shape: shape({
      signals: { kind: KIND.strings, required: true },
      imminent: { kind: KIND.boolean, required: true },
    }),
  },
  provenance: {
    kind: KIND.object,
    slot: SLOT.provenance,
    shape: shape({
      method: { kind: KIND.oneOf, values: METHODS, slot: SLOT.method, required: true },
      generator_version: { kind: KIND.string, required: true },
      random_seed: { kind: KIND.integer },
      template_ids: { kind: KIND.strings },
      seed_dialogue_ids: { kind: KIND.strings },
      model: { kind: KIND.string },
      prompt_sha256: { kind: KIND.string },
      tokens: {
        kind: KIND.object,
        shape: shape({
          prompt: { kind: KIND.number, required: true },
          completion: { kind: KIND.number, required: true },
        }),
      },
      cost_usd: { kind: KIND.number },
      fallback_reason: { kind: KIND.string },
    }),
  },
  content_sha256: { kind: KIND.string, slot: SLOT.content_sha256 },
  original_dialogue_id: { kind: KIND.string, slot: SLOT.original_dialogue_id },
})
