import * as z from 'zod'
import { INTENTS, RISK_LEVELS, SENTIMENTS, SESSION_TYPES, STAGES } from './vocabulary.ts'

/**
 * The dialogue as it stands in a file. Unknown fields pass through untouched (loose objects); the fields that the
 * team's present tools index (`labels`, `messages[i].text`, `user_profile.concern`) are required.
 */

const text = z.string().refine((value) => value.trim() !== '', { message: 'the text is empty' })

export const UserMessageSchema = z.looseObject({
  role: z.literal('user'),
  text,
  timestamp: z.string().optional(),
})

export const AssistantMessageSchema = z.looseObject({
  role: z.literal('assistant'),
  text,
  timestamp: z.string().optional(),
  intent: z.enum(INTENTS).optional(),
  sentiment: z.enum(SENTIMENTS).optional(),
  risk_level: z.enum(RISK_LEVELS).optional(),
  stage: z.enum(STAGES).optional(),
  techniques: z.array(z.string()).optional(),
})

export const MessageSchema = z.discriminatedUnion('role', [UserMessageSchema, AssistantMessageSchema])
export type Message = z.infer<typeof MessageSchema>
export type AssistantMessage = z.infer<typeof AssistantMessageSchema>

export const LabelsSchema = z.looseObject({
  primary_intent: z.enum(INTENTS).optional(),
  overall_sentiment: z.enum(SENTIMENTS).optional(),
  max_risk_level: z.enum(RISK_LEVELS).optional(),
  therapeutic_technique: z.string().optional(),
  synthetic: z.boolean().optional(),
  generated_at: z.string().optional(),
})
export type Labels = z.infer<typeof LabelsSchema>

export const RiskSchema = z.looseObject({
  /** Names of the markers found in or planned for the client's words, e.g. `wish_to_be_dead`, `hopelessness`. */
  signals: z.array(z.string()),
  /** Plan, intent within 24 hours and means: the four levels have no name for it. */
  imminent: z.boolean(),
})

export const ProvenanceSchema = z.looseObject({
  method: z.enum(['template', 'openai', 'seed']),
  generator_version: z.string(),
  random_seed: z.number().int().optional(),
  template_ids: z.array(z.string()).optional(),
  seed_dialogue_ids: z.array(z.string()).optional(),
  model: z.string().optional(),
  prompt_sha256: z.string().optional(),
  tokens: z.looseObject({ prompt: z.number(), completion: z.number() }).optional(),
  cost_usd: z.number().optional(),
  fallback_reason: z.string().optional(),
})
export type Provenance = z.infer<typeof ProvenanceSchema>

export const DialogueSchema = z.looseObject({
  dialogue_id: z.string().min(1),
  session_type: z.enum(SESSION_TYPES),
  user_profile: z.looseObject({
    age_range: z.string().optional(),
    concern: z.string().min(1),
    /** 1 (lowest) .. 10 */
    mood_score: z.number().int().min(1).max(10).optional(),
  }),
  messages: z.array(MessageSchema).min(2),
  labels: LabelsSchema,
  risk: RiskSchema.optional(),
  provenance: ProvenanceSchema.optional(),
  content_sha256: z.string().optional(),
})
export type Dialogue = z.infer<typeof DialogueSchema>
