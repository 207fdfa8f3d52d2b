import type { Dialogue, Message, Provenance } from '../../dialogue/schema.ts'
import { INTENTS, RISK_LEVELS, SENTIMENTS, SESSION_TYPES, STAGES } from '../../dialogue/vocabulary.ts'

/**
 * Whether the dialogue plainly keeps to `DialogueSchema`, told by a look at each field and without the copy that the schema
 * makes. True is a promise that the schema takes it; false means only that the schema must be asked. The tests hold the two
 * together over dialogues with any field spoilt.
 */
export function isPlainlyValid(dialogue: Dialogue): boolean {
  const { dialogue_id, session_type, user_profile, messages, labels, risk, provenance, content_sha256 } = dialogue
  return (
    isFilled(dialogue_id) &&
    isOneOf(SESSION_NAMES, session_type) &&
    isRecord(user_profile) &&
    isText(user_profile.age_range) &&
    isFilled(user_profile.concern) &&
    isMood(user_profile.mood_score) &&
    Array.isArray(messages) &&
    messages.length >= 2 &&
    areMessages(messages) &&
    isRecord(labels) &&
    isOneOf(INTENT_NAMES, labels.primary_intent) &&
    isOneOf(SENTIMENT_NAMES, labels.overall_sentiment) &&
    isOneOf(RISK_NAMES, labels.max_risk_level) &&
    isText(labels.therapeutic_technique) &&
    (labels.synthetic === undefined || typeof labels.synthetic === 'boolean') &&
    isText(labels.generated_at) &&
    (risk === undefined || (isRecord(risk) && isTexts(risk.signals) && typeof risk.imminent === 'boolean')) &&
    (provenance === undefined || isOfTemplates(provenance)) &&
    isText(content_sha256)
  )
}

const SESSION_NAMES: ReadonlySet<unknown> = new Set(SESSION_TYPES)
const OPTIONAL = [undefined]
const INTENT_NAMES: ReadonlySet<unknown> = new Set([...INTENTS, ...OPTIONAL])
const SENTIMENT_NAMES: ReadonlySet<unknown> = new Set([...SENTIMENTS, ...OPTIONAL])
const RISK_NAMES: ReadonlySet<unknown> = new Set([...RISK_LEVELS, ...OPTIONAL])
const STAGE_NAMES: ReadonlySet<unknown> = new Set([...STAGES, ...OPTIONAL])

function areMessages(messages: readonly Message[]): boolean {
  // A loop, not every(): that would pass over the holes of a sparse list.
  for (const message of messages) if (!isMessage(message)) return false
  return true
}

function isMessage(message: Message): boolean {
  if (!isRecord(message) || typeof message.text !== 'string' || message.text.trim() === '') return false
  if (!isText(message.timestamp)) return false
  if (message.role === 'user') return true
  return (
    message.role === 'assistant' &&
    isOneOf(INTENT_NAMES, message.intent) &&
    isOneOf(SENTIMENT_NAMES, message.sentiment) &&
    isOneOf(RISK_NAMES, message.risk_level) &&
    isOneOf(STAGE_NAMES, message.stage) &&
    (message.techniques === undefined || isTexts(message.techniques))
  )
}

/** What a model wrote has more to look at, and is rarer: it is left to the schema. */
function isOfTemplates(provenance: Provenance): boolean {
  if (!isRecord(provenance) || provenance.method !== 'template' || typeof provenance.generator_version !== 'string')
    return false
  const { random_seed, template_ids, seed_dialogue_ids, model, prompt_sha256, tokens, cost_usd, fallback_reason } =
    provenance
  return (
    (random_seed === undefined || Number.isSafeInteger(random_seed)) &&
    (template_ids === undefined || isTexts(template_ids)) &&
    (seed_dialogue_ids === undefined || isTexts(seed_dialogue_ids)) &&
    isText(model) &&
    isText(prompt_sha256) &&
    tokens === undefined &&
    cost_usd === undefined &&
    isText(fallback_reason)
  )
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function isTexts(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  for (const one of value) if (typeof one !== 'string') return false
  return true
}

function isMood(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= 10)
}

function isOneOf(names: ReadonlySet<unknown>, value: unknown): boolean {
  return names.has(value)
}
