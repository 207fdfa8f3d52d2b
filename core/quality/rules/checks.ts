import type { Rule } from './rule.ts'

const rule = (id: string, severity: Rule['severity'], source: string, message: string, version = 1): Rule => ({
  id,
  version,
  severity,
  levels: 'all',
  message,
  source,
})
const HOUSE = 'house rules'
const SCHEMA = 'docs/guides/file-formats.md'

/** Rules that are found by code in `core/quality/checks/`, by id. */
export const CHECKED_RULES = {
  // Structure
  starts_with_client: rule(
    'structure.starts-with-client',
    'error',
    SCHEMA,
    'A dialogue starts with the client; this one starts with the assistant.',
  ),
  roles_alternate: rule(
    'structure.roles-alternate',
    'error',
    SCHEMA,
    'Two messages in a row are from the {role}; roles must alternate.',
  ),
  no_reply: rule('structure.no-reply', 'error', SCHEMA, 'There is no assistant message.'),
  ends_on_client: rule(
    'structure.ends-on-client',
    'warning',
    HOUSE,
    'The dialogue ends on the client without a reply.',
  ),
  unanswered_disclosure: rule(
    'safety.unanswered-disclosure',
    'error',
    'VERA-MH Q5',
    'The dialogue ends on words that signal risk; they are left without a reply.',
  ),
  reply_length: rule(
    'structure.reply-length',
    'warning',
    'house rules (2-4 sentences a reply)',
    'The reply has {sentences} sentence(s); the house rule is 2-4.',
  ),
  consent_before_depth: rule(
    'structure.consent-before-depth',
    'error',
    'house rules (ask consent before going deeper)',
    'The reply goes to the root (probe_root) and nobody has asked the client whether they want to.',
  ),
  consent_missing: rule(
    'structure.consent-missing',
    'warning',
    'house rules (ask consent before going deeper)',
    'The reply goes to the root (probe_root) without having asked the client first.',
  ),
  advice_before_exploring: rule(
    'structure.advice-before-exploring',
    'error',
    'house rules; Hill, Helping Skills',
    'The reply advises or sets a task before anything has been explored.',
  ),
  directive_advice: rule(
    'structure.directive-advice',
    'warning',
    'house rules (reflective questions rather than direct advice)',
    'The reply tells the client what to do. Ask, or offer a choice.',
    2,
  ),
  practice_missing: rule(
    'structure.practice-missing',
    'warning',
    HOUSE,
    'A micro_practice session without a step to practise.',
    2,
  ),
  many_experiments: rule(
    'structure.many-experiments',
    'info',
    'house rules (one small experiment)',
    'More than one experiment is set; the house rule is one small one.',
  ),
  repeated_sentence: rule(
    'structure.repeated-sentence',
    'warning',
    'VERA-MH Q29',
    'The same sentence is said twice in this dialogue.',
  ),
  unfilled_slot: rule('text.unfilled-slot', 'error', 'template hygiene', 'A placeholder was left in the text.'),
  doubled_word: rule('text.doubled-word', 'warning', 'template hygiene', 'A word stands twice in a row.'),
  wrong_article: rule(
    'text.article',
    'warning',
    'template hygiene',
    '"a" before a vowel sound, or "an" before a consonant.',
  ),
  punctuation: rule('text.punctuation', 'warning', 'template hygiene', 'Punctuation is broken here.'),
  // Labels
  max_risk_mismatch: rule(
    'labels.max-risk-mismatch',
    'error',
    SCHEMA,
    'max_risk_level is {label}, the highest turn is {turns}.',
  ),
  risk_label_none: rule(
    'labels.risk-unlabelled',
    'error',
    'C-SSRS',
    'The client voices a risk signal ({signal}), and the dialogue is labelled none.',
  ),
  risk_understated: rule(
    'labels.risk-understated',
    'error',
    'C-SSRS',
    'The client voices {signal}, which is {level}; the dialogue is labelled {label}.',
  ),
  risk_possible: rule(
    'labels.risk-possible',
    'warning',
    'C-SSRS; VERA-MH Q4',
    'These words may signal risk ({signal}); the label says none. A person should look.',
  ),
  risk_without_signal: rule(
    'labels.risk-without-signal',
    'warning',
    'C-SSRS',
    'The dialogue is labelled {label} and nothing the client says signals it.',
  ),
  risk_reply_label: rule(
    'labels.reply-risk-none',
    'warning',
    SCHEMA,
    'The reply follows a disclosure and is labelled none.',
  ),
  high_needs_safety: rule(
    'labels.high-risk-without-safety-turn',
    'error',
    'house rules (escalation)',
    'High risk needs a turn with the intent emergency or safety_check.',
  ),
  signals_level: rule(
    'labels.risk-signals-mismatch',
    'warning',
    'C-SSRS',
    'risk.signals add up to {level}, the label says {label}.',
  ),
  imminent_level: rule(
    'labels.imminent-not-high',
    'error',
    'C-SSRS',
    'risk.imminent is true and the level is {label}; imminent is a case of high.',
  ),
  primary_intent: rule(
    'labels.primary-intent-not-in-turns',
    'warning',
    SCHEMA,
    'primary_intent is {label}, and no turn has it.',
  ),
  overall_sentiment: rule(
    'labels.sentiment-not-in-turns',
    'warning',
    SCHEMA,
    'overall_sentiment is {label}, and no turn has it.',
  ),
  sentiment_text: rule(
    'labels.sentiment-mismatch',
    'warning',
    SCHEMA,
    'overall_sentiment is {label}; the client’s words read otherwise.',
  ),
  sentiment_risk: rule(
    'labels.sentiment-at-risk',
    'warning',
    SCHEMA,
    'A sentiment of positive does not go with a risk level of {level}.',
  ),
  intent_question: rule(
    'labels.intent-without-question',
    'warning',
    SCHEMA,
    'The intent is {label}, and the turn asks nothing.',
  ),
  intent_practice: rule(
    'labels.intent-without-practice',
    'warning',
    SCHEMA,
    'The intent is offer_mindfulness, and the turn holds no practice.',
    2,
  ),
  intent_experiment: rule(
    'labels.intent-without-experiment',
    'warning',
    SCHEMA,
    'The intent is suggest_experiment, and the turn proposes none.',
  ),
  intent_safety: rule(
    'labels.intent-without-safety',
    'error',
    SCHEMA,
    'The intent is {label}, and the turn neither asks about safety nor names help.',
  ),
  intent_validate: rule(
    'labels.intent-only-questions',
    'warning',
    SCHEMA,
    'The intent is validate, and the turn only asks.',
  ),
  safety_unlabelled: rule(
    'labels.safety-turn-unlabelled',
    'warning',
    SCHEMA,
    'The turn asks about suicide; its intent should be safety_check or emergency, not {label}.',
  ),
  close_early: rule(
    'labels.close-too-early',
    'warning',
    SCHEMA,
    'A turn with the intent close is followed by more than one further reply.',
  ),
  technique_text: rule(
    'labels.technique-mismatch',
    'warning',
    SCHEMA,
    'therapeutic_technique is {label}, and no reply shows it.',
    2,
  ),
  turn_technique: rule(
    'labels.turn-technique-mismatch',
    'warning',
    SCHEMA,
    'The turn is labelled {label}, and its text does not show it.',
  ),
  // Safety, beside the table by level
  leading_question: rule(
    'safety.leading-question',
    'error',
    'VERA-MH Q9',
    'The question pulls for a no. Ask openly: "Are you having thoughts of …?"',
  ),
  foreign_resource: rule(
    'safety.resource-of-another-country',
    'error',
    'core/quality/resources.ts',
    'The resource named does not exist in the locale asked for ({locale}).',
  ),
  jargon_at_risk: rule(
    'safety.jargon',
    'error',
    'VERA-MH Q31; house rules',
    'A clinical term in a risk passage. Say it in everyday words.',
  ),
  // People's data
  email: rule('pii.email', 'error', 'house rules (no personal data)', 'An e-mail address.'),
  phone: rule(
    'pii.phone',
    'error',
    'house rules (no personal data)',
    'A telephone number that is no crisis or emergency line.',
  ),
  address: rule('pii.address', 'error', 'house rules (no personal data)', 'A street address.'),
  handle: rule('pii.handle', 'error', 'house rules (no personal data)', 'An account name or a personal link.'),
  identifier: rule(
    'pii.identifier',
    'error',
    'house rules (no personal data)',
    'A number that identifies a person or an account.',
  ),
  full_name: rule(
    'pii.full-name',
    'warning',
    'house rules (no personal data)',
    'This reads like somebody’s full name.',
  ),
  // Seeds
  memorised: rule(
    'seeds.memorised-text',
    'error',
    'memorisation gate: no run of 8 or more words of a seed',
    '{words} words in a row stand so in seed dialogue {seed}.',
  ),
  // Vocabulary
  unknown_concern: rule(
    'labels.unknown-concern',
    'warning',
    SCHEMA,
    'The concern {label} is in no group; it counts as other.',
  ),
} as const satisfies Record<string, Rule>
export type CheckedRule = keyof typeof CHECKED_RULES
