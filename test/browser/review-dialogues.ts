import type { Dialogue } from '../../core/dialogue/schema.ts'
import { aDialogue, anAssistantMessage, aUserMessage } from '../builders/a-dialogue.ts'

const CONCERNS = ['anxiety', 'self-worth', 'work_life_balance', 'grief', 'loneliness', 'sleep']

/** Dialogues that look like real ones, each with words of its own. */
export function dialoguesToReview(count: number): Dialogue[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1
    return aDialogue({
      dialogue_id: `syn-${String(number).padStart(4, '0')}`,
      session_type: (['check-in', 'gentle_deep', 'micro_practice'] as const)[index % 3] ?? 'check-in',
      user_profile: { age_range: '25-30', concern: CONCERNS[index % CONCERNS.length] ?? 'other', mood_score: 4 },
      messages: [
        aUserMessage({
          text: `This is story number ${number}. Since Tuesday I keep going over one sentence that I said.`,
        }),
        anAssistantMessage({
          text: 'Going over one sentence for days sounds tiring. Would it be all right to look at it together for a moment?',
          techniques: ['reflection_of_feelings', 'consent'],
        }),
        aUserMessage({ text: 'Yes. I told my sister that I could not come, and she only said “fine”.' }),
        anAssistantMessage({
          text: 'You said no to someone you care about, and got one small word back. What did you hear in that “fine”?',
          intent: 'probe_story',
        }),
        aUserMessage({ text: 'That I let her down. I always do that, and then I cannot sleep.' }),
        anAssistantMessage({
          text: 'So the word “fine” turned into “I always let her down”, and that is what keeps you awake. Is there a time when you said no and it did not mean that?',
          intent: 'reframe',
          risk_level: index % 7 === 3 ? 'low' : 'none',
        }),
        aUserMessage({ text: 'Maybe at Easter. She laughed about it then.' }),
        anAssistantMessage({
          text: 'Easter is a useful memory. Before bed tonight, would you like to write that one down next to the other one, and see how both look in the morning?',
          intent: 'suggest_experiment',
          techniques: ['between_session_step'],
        }),
      ],
      labels: {
        primary_intent: 'reframe',
        overall_sentiment: 'negative',
        max_risk_level: index % 7 === 3 ? 'low' : 'none',
        therapeutic_technique: 'cognitive_reframing',
        synthetic: true,
      },
    })
  })
}
