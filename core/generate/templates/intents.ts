import type { Intent, Stage, TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { FactOrAct } from './bank-schema.ts'

const BY_ASKED: Readonly<Partial<Record<FactOrAct, Intent>>> = {
  trigger: 'probe_story',
  since: 'probe_story',
  time: 'probe_story',
  body: 'probe_story',
  impact: 'probe_story',
  coping: 'probe_story',
  support: 'probe_story',
  feelings: 'probe_story',
  change: 'probe_story',
  last: 'probe_story',
  focus: 'probe_story',
  strength: 'probe_story',
  exception: 'probe_story',
  mood: 'probe_story',
  thought: 'probe_root',
  meaning: 'probe_root',
  origin: 'probe_root',
  value: 'probe_root',
  wish: 'probe_story',
  evidence_for: 'reframe',
  evidence_against: 'reframe',
  friend: 'reframe',
  new_view: 'reframe',
  step: 'suggest_experiment',
  when: 'suggest_experiment',
  obstacle: 'suggest_experiment',
  consent: 'validate',
  rerate: 'offer_mindfulness',
  feedback: 'close',
}

/** The intent of a reply: what it moves towards; a reply that only responds validates, the last one closes. */
export function intentOf(stage: Stage, asks: FactOrAct | undefined, techniques: readonly TurnTechnique[]): Intent {
  // Near the story, "what went through your mind" is part of the story.
  if (asks === 'thought' && (stage === 'explore' || stage === 'open')) return 'probe_story'
  if (asks !== undefined) return BY_ASKED[asks] ?? 'other'
  if (stage === 'close') return 'close'
  return techniques.includes('reframing') ? 'reframe' : 'validate'
}
