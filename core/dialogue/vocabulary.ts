/**
 * The closed and open vocabularies of a dialogue, in one place. Names are those of the files that exist already
 * (docs/guides/file-formats.md), so nothing here may be renamed without a migration of the users' data.
 */

export const SESSION_TYPES = ['check-in', 'gentle_deep', 'micro_practice'] as const
export type SessionType = (typeof SESSION_TYPES)[number]

/** The groups that the target distribution speaks of. `concern` itself is an open set: see {@link concernGroup}. */
export const CONCERN_GROUPS = ['self-worth', 'anxiety', 'relationships', 'stress', 'grief', 'other'] as const
export type ConcernGroup = (typeof CONCERN_GROUPS)[number]

export const INTENTS = [
  'validate',
  'probe_story',
  'probe_root',
  'reframe',
  'suggest_experiment',
  'offer_mindfulness',
  'safety_check',
  'emergency',
  'close',
  'other',
] as const
export type Intent = (typeof INTENTS)[number]

export const SENTIMENTS = ['very_negative', 'negative', 'neutral', 'positive'] as const
export type Sentiment = (typeof SENTIMENTS)[number]

/** In rising order: {@link riskRank} relies on it. */
export const RISK_LEVELS = ['none', 'low', 'medium', 'high'] as const
export type RiskLevel = (typeof RISK_LEVELS)[number]

/** `labels.therapeutic_technique`: an open set; these are the ones seen in seed files and the ones we write. */
export const THERAPEUTIC_TECHNIQUES = [
  'validation',
  'exploration',
  'cognitive_reframing',
  'behavioral_experiment',
  'mindfulness',
  'compassion_focused',
  'socratic_questioning',
  'grounding',
  'breathing',
  'body_scan',
  'safety_planning',
  'other',
] as const
export type TherapeuticTechnique = (typeof THERAPEUTIC_TECHNIQUES)[number]

/** What one assistant turn does (`messages[].techniques`), after the taxonomies that supervisors use. */
export const TURN_TECHNIQUES = [
  'open_question',
  'closed_question',
  'simple_reflection',
  'complex_reflection',
  'reflection_of_feelings',
  'restatement',
  'affirmation',
  'validation',
  'normalising',
  'information',
  'suggestion',
  'collaborative_planning',
  'reframing',
  'summary',
  'practice_step',
  'between_session_step',
  'instilling_hope',
  'immediacy',
  'safety_inquiry',
  'means_safety',
  'resource_provision',
  'warm_handover',
  'ai_disclosure',
  'consent',
  'greeting',
  'closing',
] as const
export type TurnTechnique = (typeof TURN_TECHNIQUES)[number]

/** Where in the session a turn stands (`messages[].stage`), over all three session types. */
export const STAGES = [
  'open',
  'mood_check',
  'bridge',
  'focus',
  'explore',
  'reflect',
  'discover',
  'new_view',
  'consent',
  'rationale',
  'practice',
  'rerate',
  'adapt',
  'safety',
  'step',
  'summary',
  'close',
] as const
export type Stage = (typeof STAGES)[number]

export const VERDICTS = ['approved', 'needs_revision', 'rejected'] as const
export type Verdict = (typeof VERDICTS)[number]

export const CRITERIA = ['realistic', 'appropriate', 'techniques', 'safety', 'labels'] as const
export type Criterion = (typeof CRITERIA)[number]

/** Why a dialogue was not approved; a closed list, so that reasons can be counted. */
export const REASONS = [
  'unrealistic',
  'inappropriate',
  'safety_not_addressed',
  'labels_incorrect',
  'harmful',
  'minor_issues',
  'labels_need_adjustment',
  'tone',
] as const
export type Reason = (typeof REASONS)[number]

const GROUP_OF: Readonly<Record<string, ConcernGroup>> = {
  'self-worth': 'self-worth',
  perfectionism: 'self-worth',
  imposter_syndrome: 'self-worth',
  body_image: 'self-worth',
  comparison: 'self-worth',
  anxiety: 'anxiety',
  social_anxiety: 'anxiety',
  panic: 'anxiety',
  relationships: 'relationships',
  loneliness: 'relationships',
  rejection: 'relationships',
  boundaries: 'relationships',
  parenting_guilt: 'relationships',
  stress: 'stress',
  work_life_balance: 'stress',
  procrastination: 'stress',
  sleep: 'stress',
  grief: 'grief',
  regret: 'other',
  anger: 'other',
  depression: 'other',
  other: 'other',
}

/** Other spellings that data may carry; taken as they come, but never proposed. */
const SAME_CONCERN: Readonly<Record<string, string>> = { self_worth: 'self-worth' }

/** Every concern that has a group of its own in the table, sorted, each in one spelling. */
export const KNOWN_CONCERNS: readonly string[] = Object.keys(GROUP_OF).sort()

/** `self-worth` for `self_worth`; any other concern as it is. */
export function usualSpelling(concern: string): string {
  return SAME_CONCERN[concern] ?? concern
}

/** The group that a concern counts under, and whether the table knows the concern. An unknown one counts as other. */
export function concernGroup(concern: string): { group: ConcernGroup; known: boolean } {
  const group = GROUP_OF[usualSpelling(concern)]
  return group === undefined ? { group: 'other', known: false } : { group, known: true }
}

/** 0 for none … 3 for high. */
export function riskRank(level: RiskLevel): number {
  return RISK_LEVELS.indexOf(level)
}

/** The highest of the given levels; `none` for an empty list. */
export function highestRisk(levels: Iterable<RiskLevel>): RiskLevel {
  let highest: RiskLevel = 'none'
  for (const level of levels) if (riskRank(level) > riskRank(highest)) highest = level
  return highest
}
