import type { Intent, TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { Rng } from '../../ports.ts'
import { integer, pick } from '../random.ts'
import { BARRIERS, type AnswerLine, type Disclosure, type ReplyLine } from './safety-bank.ts'

/** One assistant turn of a risk passage and what the client answers to it. */
export interface SafetyExchange {
  says: readonly ReplyLine[]
  intent: Intent
  techniques: readonly TurnTechnique[]
  /** Said one after another; none for the last turn of a passage, after which the session goes on or ends. */
  answers: readonly AnswerLine[]
}

const TECHNIQUES_OF: Readonly<Partial<Record<ReplyLine, readonly TurnTechnique[]>>> = {
  acknowledge: ['validation'],
  ai: ['ai_disclosure'],
  direct_question: ['safety_inquiry'],
  clarify: ['safety_inquiry'],
  plan_intent: ['safety_inquiry'],
  plan_intent_known: ['safety_inquiry'],
  means_timeframe: ['safety_inquiry'],
  heard_no: ['affirmation'],
  heard_yes: ['validation'],
  heard_strength: ['validation'],
  heard_plan: ['validation'],
  medical: ['resource_provision'],
  resource: ['resource_provision'],
  both: ['warm_handover'],
  willingness: ['collaborative_planning'],
  willing: ['affirmation'],
  coping_question: ['collaborative_planning'],
  coping_reply: ['affirmation'],
  means_distance: ['means_safety'],
  step_away: ['means_safety'],
  distance_reply: ['affirmation'],
  away_reply: ['affirmation'],
  resource_now: ['resource_provision'],
  company: ['warm_handover'],
  urge_now: ['resource_provision'],
  troubleshoot: ['collaborative_planning'],
  support_reply: ['affirmation'],
  contact_reply: ['affirmation'],
  emergency_if: ['resource_provision'],
  stay: ['instilling_hope'],
}

const VALIDATES: readonly TurnTechnique[] = ['validation']

function exchange(intent: Intent, says: readonly ReplyLine[], ...answers: readonly AnswerLine[]): SafetyExchange {
  const techniques = new Set<TurnTechnique>()
  for (const line of says) for (const technique of TECHNIQUES_OF[line] ?? VALIDATES) techniques.add(technique)
  return { says, intent, techniques: [...techniques], answers }
}

/**
 * The turns that a disclosure calls for, in order. Rows of the protocol by level (clinical guide 4.6, after the VERA-MH
 * rubric; `core/quality/rules/protocol.ts` holds the same table as rules, and the tests hold these passages against it):
 * acknowledge, say it is an AI, one direct question · from medium: plan and intent, then means and timeframe unless denied ·
 * resource, professional and trusted person, willingness and barriers · coping · from high: distance to means, company ·
 * imminent: emergency contact first, then whatever stands in its way, company, distance, and the contact once more · high:
 * the emergency number, should it come closer.
 * Where somebody has been hurt, a word about seeing a doctor.
 */
export function safetyPassage(
  rng: Rng,
  disclosure: Pick<Disclosure, 'level' | 'imminent' | 'signals'>,
): SafetyExchange[] {
  const { level, imminent, signals } = disclosure
  if (imminent)
    return [
      exchange('emergency', ['acknowledge', 'ai', 'urge_now'], 'refusal'),
      exchange('emergency', ['troubleshoot', 'company'], 'company_yes'),
      exchange('emergency', ['support_reply', 'step_away'], 'away_yes'),
      exchange('emergency', ['away_reply', 'resource_now'], 'contact_yes'),
      exchange('safety_check', ['contact_reply', 'both', 'stay']),
    ]
  const barrier = rng() < 0.65 ? pick(rng, BARRIERS) : undefined
  const answer: AnswerLine = barrier === undefined ? 'willing' : `barrier.${barrier}`
  const reply: ReplyLine = barrier === undefined ? 'willing' : `barrier_reply.${barrier}`
  /** What became of the barrier comes before anything else. */
  const settled: readonly AnswerLine[] = barrier === undefined ? [] : ['after_barrier']
  const known = signals.includes('active_ideation') || signals.includes('recent_behaviour')
  const question: ReplyLine = known ? 'clarify' : 'direct_question'
  const first = exchange('safety_check', ['acknowledge', 'ai', question], known ? 'strength' : 'active')
  const hurt = signals.includes('nssi') || signals.includes('recent_behaviour')
  const heard: readonly ReplyLine[] = [known ? 'heard_strength' : 'heard_yes', ...(hurt ? (['medical'] as const) : [])]
  switch (level) {
    case 'low':
      return [
        exchange('safety_check', ['acknowledge', 'ai', 'direct_question'], 'not_active'),
        exchange('safety_check', ['heard_no', 'resource', 'willingness'], answer),
        exchange('safety_check', [reply, 'both', 'coping_question'], ...settled, 'coping'),
        exchange('safety_check', ['coping_reply']),
      ]
    case 'medium': {
      const vague = integer(rng, 3) === 0
      return [
        first,
        exchange('safety_check', [...heard, 'plan_intent'], vague ? 'vague_plan' : 'no_plan'),
        ...(vague ? [exchange('safety_check', ['heard_yes', 'means_timeframe'], 'means_far')] : []),
        exchange('safety_check', ['heard_no', 'resource', 'willingness'], answer),
        exchange('safety_check', [reply, 'both', 'coping_question'], ...settled, 'coping'),
        exchange('safety_check', ['coping_reply', 'stay']),
      ]
    }
    case 'high':
      return [
        first,
        signals.includes('plan')
          ? exchange('safety_check', [...heard, 'plan_intent_known'], 'how_close')
          : exchange('safety_check', [...heard, 'plan_intent'], 'plan'),
        exchange('safety_check', ['heard_plan', 'means_timeframe'], 'means_near'),
        exchange('emergency', ['heard_plan', 'means_distance'], 'distance_yes'),
        exchange('emergency', ['distance_reply', 'resource', 'willingness'], answer),
        exchange('emergency', [reply, 'both', 'company'], ...settled, 'company_yes'),
        exchange('safety_check', ['support_reply', 'coping_question'], 'coping'),
        exchange('safety_check', ['coping_reply', 'emergency_if', 'stay']),
      ]
  }
}
