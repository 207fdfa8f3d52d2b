import type { Dialogue } from '../../dialogue/schema.ts'
import { concernGroup, type RiskLevel, type SessionType } from '../../dialogue/vocabulary.ts'

/** A seed dialogue as a prompt may show it. */
export interface SeedExample {
  dialogue_id: string
  session_type: SessionType
  concern: string
  risk: RiskLevel
  messages: readonly { role: 'user' | 'assistant'; text: string }[]
}

/** More do not make a rotation richer, and each is kept in memory. */
const MOST_EXAMPLES = 400
/** A longer seed would be most of the prompt. */
const MOST_CHARACTERS = 6000

/** Seeds that prompts may show: the first that are short enough, up to a number. */
export function createExampleShelf(): { add(dialogue: Dialogue): void; readonly examples: readonly SeedExample[] } {
  const examples: SeedExample[] = []
  return {
    add({ dialogue_id, session_type, user_profile, labels, messages }) {
      if (examples.length >= MOST_EXAMPLES) return
      if (messages.reduce((sum, { text }) => sum + text.length, 0) > MOST_CHARACTERS) return
      examples.push({
        dialogue_id,
        session_type,
        concern: user_profile.concern,
        risk: labels.max_risk_level ?? 'none',
        messages: messages.map(({ role, text }) => ({ role, text })),
      })
    },
    examples,
  }
}

/**
 * Some examples for one dialogue: near in kind first (risk or none, session type, concern), each as often as the others
 * of its kind over a run.
 */
export function chooseExamples(
  examples: readonly SeedExample[],
  wanted: { session_type: SessionType; concern: string; risk: RiskLevel; turn: number },
  count: number,
): SeedExample[] {
  const { group } = concernGroup(wanted.concern)
  const scored = examples.map((example, at) => ({
    example,
    score:
      ((example.risk === 'none') === (wanted.risk === 'none') ? 4 : 0) +
      (example.session_type === wanted.session_type ? 2 : 0) +
      (concernGroup(example.concern).group === group ? 1 : 0),
    // Everybody moves up one place with each turn.
    place: (at + wanted.turn * count) % Math.max(1, examples.length),
  }))
  // A seed of another risk is no model for this one: crisis talk would spread to where there is none.
  const fitting = wanted.risk === 'none' ? scored.filter(({ score }) => score >= 4) : scored
  return fitting
    .sort((a, b) => Math.min(b.score, 6) - Math.min(a.score, 6) || a.place - b.place)
    .slice(0, count)
    .map(({ example }) => example)
}
