import { contentSha256 } from '../dialogue/content-hash.ts'
import type { Dialogue, Message } from '../dialogue/schema.ts'
import {
  highestRisk,
  type Intent,
  type Sentiment,
  type SessionType,
  type TherapeuticTechnique,
} from '../dialogue/vocabulary.ts'
import { readDialogueRisk } from '../quality/risk-signals.ts'
import { RISK_SIGNALS, type RiskSignal } from '../quality/rules/risk-signal-patterns.ts'
import { countWords } from '../quality/turn-text.ts'
import { GENERATOR_VERSION } from './random.ts'
import type { PlannedDialogue } from './plan.ts'
import type { FactOrAct } from './templates/bank-schema.ts'
import type { Conversation } from './templates/conversation.ts'
import type { Draft, DraftReply } from './templates/session-writer.ts'

export interface LabelContext {
  dialogue_id: string
  random_seed: number
  /** Milliseconds since the epoch at which the session starts. */
  startsAt: number
  generated_at: string
  age_range: string
  seedsOf: (template_id: string) => readonly string[]
}

/** Everything but the words: labels, times, provenance, hash. */
export function labelled(
  draft: Draft,
  plan: PlannedDialogue,
  conversation: Conversation,
  context: LabelContext,
): Dialogue {
  const replies = draft.messages.filter((message): message is DraftReply => message.role === 'assistant')
  const sentiments = replies.map((reply, at) => sentimentOf(reply, at, replies.length, conversation))
  let at = -1
  let now = context.startsAt
  const messages: Message[] = draft.messages.map((message) => {
    now += pauseBefore(message)
    const timestamp = rfc3339(now)
    if (message.role === 'user') return { role: 'user', text: message.text, timestamp }
    at++
    return {
      role: 'assistant',
      text: message.text,
      timestamp,
      intent: message.intent,
      sentiment: sentiments[at] ?? 'neutral',
      risk_level: message.risk_level,
      stage: message.stage,
      techniques: [...message.techniques],
    }
  })
  const seed_dialogue_ids = [...new Set(draft.template_ids.flatMap((id) => context.seedsOf(id)))].sort()
  const body = {
    dialogue_id: context.dialogue_id,
    session_type: plan.session_type,
    user_profile: { age_range: context.age_range, concern: plan.concern, mood_score: conversation.mood },
    messages,
    labels: {
      primary_intent: primaryIntent(replies),
      overall_sentiment: mostFrequent(sentiments),
      max_risk_level: highestRisk(replies.map(({ risk_level }) => risk_level)),
      therapeutic_technique: techniqueOf(draft, replies, plan.session_type),
      synthetic: true,
      generated_at: context.generated_at,
    },
    risk: { signals: signalsIn(draft, messages), imminent: draft.disclosure?.imminent ?? false },
    plan: { voice: plan.voice, arc: conversation.arc, situation: conversation.bundle.id },
    provenance: {
      method: 'template' as const,
      generator_version: GENERATOR_VERSION,
      random_seed: context.random_seed,
      template_ids: [...new Set(draft.template_ids)],
      seed_dialogue_ids,
    },
  }
  return { ...body, content_sha256: contentSha256(body) }
}

/** Those of the disclosure, and what the client says besides when asked. */
function signalsIn({ disclosure }: Draft, messages: Message[]): RiskSignal[] {
  if (disclosure === undefined) return []
  const voiced = new Set([...disclosure.signals, ...readDialogueRisk({ messages }).signals])
  if (!disclosure.imminent) voiced.delete('imminent')
  return RISK_SIGNALS.filter((signal) => voiced.has(signal))
}

/** People take their time to type, programs hardly any; milliseconds. */
export function pauseBefore(message: { role: 'user' | 'assistant'; text: string }): number {
  if (message.role === 'assistant') return 5000
  return (15 + 2 * countWords(message.text)) * 1000
}

/** `2026-01-01T00:00:00Z`: whole seconds, UTC. */
export function rfc3339(milliseconds: number): string {
  const day = Math.floor(milliseconds / DAY)
  if (day !== dayKnown.day) dayKnown = { day, text: new Date(day * DAY).toISOString().slice(0, 'yyyy-mm-dd'.length) }
  const seconds = Math.floor((milliseconds - day * DAY) / 1000)
  return `${dayKnown.text}T${twoDigits(seconds / 3600)}:${twoDigits((seconds / 60) % 60)}:${twoDigits(seconds % 60)}Z`
}
const DAY = 86_400_000
/** Messages follow one another: a new day comes once in a few hundred of them. */
let dayKnown = { day: NaN, text: '' }

function twoDigits(number: number): string {
  const whole = Math.floor(number)
  return whole < 10 ? `0${whole}` : String(whole)
}

const BEFORE_IT_TURNS: ReadonlySet<string> = new Set([
  'open',
  'mood_check',
  'bridge',
  'focus',
  'explore',
  'consent',
  'reflect',
  'discover',
  'rationale',
  'practice',
])

/** The client's state as the reply meets it: what the labels of seed files mean by a reply's sentiment. */
function sentimentOf(reply: DraftReply, at: number, count: number, { arc, mood, risk }: Conversation): Sentiment {
  if (reply.risk_level === 'medium' || reply.risk_level === 'high') return 'very_negative'
  if (reply.risk_level === 'low') return reply.stage === 'safety' ? 'very_negative' : 'negative'
  if (risk !== 'none') return 'negative'
  if (BEFORE_IT_TURNS.has(reply.stage)) return mood <= 3 && at < count / 2 ? 'very_negative' : 'negative'
  if (arc === 'stuck') return 'negative'
  if (arc === 'partial') return 'neutral'
  return reply.stage === 'close' || reply.stage === 'summary' ? 'positive' : 'neutral'
}

/** The furthest that the session went, by what it did most; a risk passage outranks everything. */
export function primaryIntent(replies: readonly { intent: Intent }[]): Intent {
  const intents = replies.map(({ intent }) => intent)
  if (intents.includes('emergency')) return 'emergency'
  if (intents.includes('safety_check')) return 'safety_check'
  const counted = intents.filter((intent) => intent !== 'close' && intent !== 'other')
  return mostFrequent(
    counted.some((intent) => intent !== 'validate')
      ? counted.filter((intent) => intent !== 'validate')
      : counted.length > 0
        ? counted
        : intents,
  )
}

/** Ties go to the later one: it is what the session arrived at. */
export function mostFrequent<T>(values: readonly T[]): T {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let best = values[0]
  for (const [value, count] of counts) if (best === undefined || count >= (counts.get(best) ?? 0)) best = value
  if (best === undefined) throw new Error('a session without replies')
  return best
}

const EXPLORED: readonly FactOrAct[] = ['thought', 'feelings', 'body', 'impact']
const VALIDATED: readonly FactOrAct[] = ['strength', 'exception', 'support']

function techniqueOf(draft: Draft, replies: readonly DraftReply[], session_type: SessionType): TherapeuticTechnique {
  if (draft.disclosure !== undefined && draft.disclosure.level !== 'low') return 'safety_planning'
  if (draft.practice !== undefined) return draft.practice.technique
  const asked = new Set(replies.map(({ asks }) => asks))
  if (asked.has('friend')) return 'compassion_focused'
  if (asked.has('evidence_against') || asked.has('evidence_for') || asked.has('new_view')) return 'cognitive_reframing'
  if (asked.has('meaning') || asked.has('origin')) return 'socratic_questioning'
  // A step that the session dwells on, or comes to at once; in a check-in it is often only where the talk ends.
  const dwells = asked.has('when') || asked.has('obstacle')
  if (session_type === 'check-in' && !dwells) {
    if (EXPLORED.some((fact) => asked.has(fact))) return 'exploration'
    if (VALIDATED.some((fact) => asked.has(fact))) return 'validation'
  }
  if (asked.has('step')) return 'behavioral_experiment'
  return asked.has('thought') ? 'exploration' : 'validation'
}
