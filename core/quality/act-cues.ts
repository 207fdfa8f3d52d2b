import { registerCues } from './cues.ts'

/*
 * Cues of the longer expressions in rules/assistant-acts.ts: a turn with none of the words cannot match, and need not be
 * looked through. test/unit/quality/phrases.test.ts holds each against its expression.
 */

export const SUICIDE_CUES = registerCues([
  ...['suicid*', 'kill', 'killing', 'life', 'alive', 'live', 'die', 'dying', 'dead', 'death', 'exist', 'end', 'ending'],
  ...['hurt', 'hurting', 'harm*', 'self', 'wake', 'waking', 'anymore', 'any more'],
])

export const PLAN_CUES = registerCues([
  ...['plan*', 'prepar*', 'how you', 'step to', 'step toward', 'step towards', 'steps to', 'steps toward'],
  ...['steps towards', 'thought', 'thoughts', 'think', 'thinking', 'considered', 'worked', 'idea', 'ideas'],
  ...['picture', 'pictured', 'decided', 'know'],
])
