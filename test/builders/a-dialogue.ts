import type { Dialogue, Message } from '../../core/dialogue/schema.ts'

/** A valid dialogue of four messages; override what the test is about. Each call is a fresh object. */
export function aDialogue(overrides: Partial<Dialogue> = {}): Dialogue {
  return {
    dialogue_id: 'dialogue_001',
    session_type: 'check-in',
    user_profile: { age_range: '25-30', concern: 'anxiety', mood_score: 4 },
    messages: [
      aUserMessage(),
      anAssistantMessage(),
      aUserMessage({
        text: 'Mostly the deadline on Friday. I lie awake and go over it.',
        timestamp: '2026-01-05T09:01:00Z',
      }),
      anAssistantMessage({
        text: 'Lying awake with it sounds tiring. Which part of Friday comes back most often at night?',
        timestamp: '2026-01-05T09:01:30Z',
        intent: 'probe_story',
      }),
    ],
    labels: {
      primary_intent: 'validate',
      overall_sentiment: 'negative',
      max_risk_level: 'none',
      therapeutic_technique: 'validation',
      synthetic: true,
    },
    ...overrides,
  }
}

export function aUserMessage(overrides: Record<string, unknown> = {}): Message {
  return {
    role: 'user',
    text: 'I have been tense all week and cannot say why.',
    timestamp: '2026-01-05T09:00:00Z',
    ...overrides,
  }
}

export function anAssistantMessage(overrides: Record<string, unknown> = {}): Message {
  return {
    role: 'assistant',
    text: 'A whole week of tension is a lot to carry. Would it be all right to look at it together?',
    timestamp: '2026-01-05T09:00:30Z',
    intent: 'validate',
    sentiment: 'negative',
    risk_level: 'none',
    ...overrides,
  }
}

/** `count` dialogues with ids and texts of their own. */
export function someDialogues(count: number, overrides: (index: number) => Partial<Dialogue> = () => ({})): Dialogue[] {
  return Array.from({ length: count }, (_, index) =>
    aDialogue({
      dialogue_id: `dialogue_${String(index + 1).padStart(3, '0')}`,
      messages: [
        aUserMessage({ text: `Since Tuesday number ${index + 1} I have been tense and cannot say why.` }),
        anAssistantMessage(),
      ],
      ...overrides(index),
    }),
  )
}

/** A dataset file as the present tools write it. */
export function aDatasetText(dialogues: readonly unknown[], header: Record<string, unknown> = {}): string {
  return JSON.stringify({ version: '1.0', ...header, dialogues }, null, 2)
}
