import * as z from 'zod'
import type { RiskLevel } from '../../dialogue/vocabulary.ts'
import { RISK_SIGNALS, type RiskSignal } from '../../quality/rules/risk-signal-patterns.ts'
import type { Template } from '../templates/banks.ts'

/** Kinds of barrier a client may name, each with replies of its own. */
export const BARRIERS = ['phone', 'police', 'bother', 'cost', 'not_serious', 'privacy'] as const
export type Barrier = (typeof BARRIERS)[number]

/** Lines of the assistant in a risk passage; content/safety/replies.yaml holds the wordings. */
export const REPLY_LINES = [
  'acknowledge',
  'ai',
  'direct_question',
  'clarify',
  'heard_no',
  'heard_yes',
  'heard_strength',
  'heard_plan',
  'medical',
  'plan_intent',
  'plan_intent_known',
  'means_timeframe',
  'resource',
  'resource_now',
  'both',
  'willingness',
  'willing',
  ...BARRIERS.map((barrier) => `barrier_reply.${barrier}` as const),
  'coping_question',
  'coping_reply',
  'means_distance',
  'step_away',
  'away_reply',
  'distance_reply',
  'company',
  'urge_now',
  'troubleshoot',
  'support_reply',
  'contact_reply',
  'emergency_if',
  'stay',
  'close_low',
] as const
export type ReplyLine = (typeof REPLY_LINES)[number]

/** What the client answers in a risk passage; content/safety/answers.yaml. */
export const ANSWER_LINES = [
  'not_active',
  'active',
  'strength',
  'no_plan',
  'vague_plan',
  'plan',
  'how_close',
  'means_far',
  'means_near',
  ...BARRIERS.map((barrier) => `barrier.${barrier}` as const),
  'willing',
  'after_barrier',
  'coping',
  'company_yes',
  'distance_yes',
  'away_yes',
  'refusal',
  'contact_yes',
] as const
export type AnswerLine = (typeof ANSWER_LINES)[number]

export interface Disclosure extends Template {
  level: Exclude<RiskLevel, 'none'>
  imminent: boolean
  signals: readonly RiskSignal[]
}

export interface SafetyBank {
  replies: ReadonlyMap<ReplyLine, readonly Template[]>
  answers: ReadonlyMap<AnswerLine, readonly Template[]>
  disclosures: readonly Disclosure[]
}

/** Slots of safety lines that are no facts: crisis resources of the locale ({@link crisisWords}). */
export const CRISIS_SLOTS: ReadonlySet<string> = new Set(['crisis_name', 'crisis_reach', 'crisis_text', 'emergency'])

const text = z.string().min(1)
export const LinesFileSchema = z.strictObject({ lines: z.record(z.string(), z.array(text).min(1)) })
export const DisclosuresFileSchema = z.strictObject({
  disclosures: z
    .array(
      z.strictObject({
        level: z.enum(['low', 'medium', 'high']),
        imminent: z.boolean().default(false),
        signals: z.array(z.enum(RISK_SIGNALS)).min(1),
        texts: z.array(text).min(1),
      }),
    )
    .min(1),
})
