import type { Dialogue } from '../../dialogue/schema.ts'
import type { TurnTechnique } from '../../dialogue/vocabulary.ts'
import { MEMORISED_RUN } from '../../quality/seed-text-index.ts'
import { wordsOf } from '../../quality/turn-text.ts'
import type { FactOrAct } from '../templates/bank-schema.ts'

/** A seed sentence with everything of its own life taken out: a frame in the little language of the banks. */
export interface MinedPattern {
  speaker: 'assistant' | 'client'
  text: string
  /** For the assistant: what it does, and the fact it asks for. */
  technique: TurnTechnique | undefined
  asks: FactOrAct | undefined
  hears: FactOrAct[] | undefined
  /** For the client. */
  gives: FactOrAct | undefined
  seed_dialogue_ids: string[]
}

interface Rule {
  match: RegExp
  /** The frame; `$1` … are groups of the match that stay as they are. */
  frame: string
  technique?: TurnTechnique
  asks?: FactOrAct
  hears?: FactOrAct[]
  gives?: FactOrAct
}

/** Where a seed says what it is about, a slot takes its place. First rule that matches wins. */
const ASSISTANT_RULES: readonly Rule[] = [
  // Questions, by what they ask for.
  {
    match: /^((?:can|could|would) you )?tell me about (?:the|a) (most recent|last) time\b.*\?$/i,
    frame: '$1tell me about the $2 time?',
    technique: 'open_question',
    asks: 'trigger',
  },
  {
    match: /^when did you first (remember|notice)\b.*\?$/i,
    frame: 'When did you first $1 this?',
    technique: 'open_question',
    asks: 'origin',
  },
  {
    match: /^what did that (\w+) remind you of\?$/i,
    frame: 'What did that $1 remind you of?',
    technique: 'open_question',
    asks: 'origin',
  },
  {
    match: /^what would it mean\b.*\?$/i,
    frame: 'What would it mean if {thought}?',
    technique: 'open_question',
    asks: 'meaning',
  },
  {
    match: /^.*\bwhat evidence supports\b.*\?$/i,
    frame: 'What evidence supports {thought|quoted}?',
    technique: 'open_question',
    asks: 'evidence_for',
  },
  {
    match: /^and what evidence contradicts it\?$/i,
    frame: 'And what evidence contradicts it?',
    technique: 'open_question',
    asks: 'evidence_against',
  },
  {
    match: /^what would you (tell|say to) a friend\b.*\?$/i,
    frame: 'What would you $1 a friend with {topic}?',
    technique: 'open_question',
    asks: 'friend',
  },
  {
    match: /^what's one small (\w+) you could (try|do)( this week)?\?$/i,
    frame: "What's one small $1 you could $2$3?",
    technique: 'open_question',
    asks: 'step',
  },
  {
    match:
      /^(would you like to|are you ready to) (gently )?(explore|look at) what's (underneath|behind|keeping you)\b.*\?$/i,
    frame: "$1 $2$3 what's behind {topic}?",
    technique: 'consent',
    asks: 'consent',
  },
  {
    match: /^(would you like to|are you ready to) (gently )?(explore|look at) (this|that|it)( together)?\?$/i,
    frame: '$1 $2$3 $4$5?',
    technique: 'consent',
    asks: 'consent',
  },
  {
    match: /^how does it feel\b.*\?$/i,
    frame: 'How does it feel to say that {evidence_against}?',
    technique: 'open_question',
    asks: 'new_view',
  },
  // Statements that respond.
  {
    match: /^(?:it sounds like )?there's a part of you that (believes|thinks|feels)\b.*$/i,
    frame: "There's a part of you that $1 {thought}.",
    technique: 'complex_reflection',
    hears: ['thought'],
  },
  {
    match: /^.*\bbelief that\b.*$/i,
    frame: "There's a belief here that {meaning}.",
    technique: 'complex_reflection',
    hears: ['meaning'],
  },
  {
    match: /^that (worry|feeling|fear|wish|hope|thought) makes sense\.$/i,
    frame: 'That $1 makes sense.',
    technique: 'validation',
    hears: ['thought', 'meaning', 'wish'],
  },
  {
    match: /^thank you for (sharing|trusting me with) (this|that)\.$/i,
    frame: 'Thank you for $1 $2.',
    technique: 'validation',
    hears: ['trigger', 'origin', 'meaning', 'thought'],
  },
  {
    match:
      /^that (?:must feel|sounds) (so |really )?(heavy|exhausting|painful|frustrating|stressful|hard|difficult|lonely)\b.*$/i,
    frame: 'That sounds $1$2.',
    technique: 'validation',
    hears: ['trigger', 'impact', 'opening', 'focus', 'body'],
  },
]

const CLIENT_RULES: readonly Rule[] = [
  {
    match: /^i(?:'ve| have) been feeling (really |so |quite )?\w+( lately)?( about\b.*)?$/i,
    frame: "I've been feeling $1{feeling}$2 about {topic}.",
    gives: 'opening',
  },
  { match: /^i can't stop thinking about\b.*$/i, frame: "I can't stop thinking about {topic}.", gives: 'opening' },
  { match: /^i keep thinking about\b.*$/i, frame: 'I keep thinking about {topic}.', gives: 'opening' },
  { match: /^i keep thinking i\b.*$/i, frame: 'I keep thinking {thought}.', gives: 'thought' },
  {
    match: /^i'm (really |so )?(?:feeling (really |so )?)?\w+ right now\b.*$/i,
    frame: "I'm $1{feeling} right now.",
    gives: 'need',
  },
  { match: /^i feel like\b.*$/i, frame: 'I feel like {thought}.', gives: 'thought' },
  { match: /^(i guess |well, )?i'm worried\b.*$/i, frame: "$1I'm worried that {thought}.", gives: 'thought' },
  { match: /^(i guess )?it would mean\b.*$/i, frame: '$1it would mean {meaning}.', gives: 'meaning' },
  {
    match: /^i guess (it reminds me of|in|when)\b.*$/i,
    frame: 'I guess it goes back to when {origin}.',
    gives: 'origin',
  },
  { match: /^(yes, please|yes, i think so|i think so|yes|okay|sure)\.$/i, frame: '$1.', gives: 'consent' },
]

/** The sentences of a seed that follow a rule, as frames of four words or more that keep no run of eight words of the seed. */
export function mineSentences(dialogue: Pick<Dialogue, 'dialogue_id' | 'messages'>): MinedPattern[] {
  const mined: MinedPattern[] = []
  dialogue.messages.forEach((message, at) => {
    const rules = message.role === 'assistant' ? ASSISTANT_RULES : CLIENT_RULES
    const sentences = message.text.split(/(?<=[.!?])\s+|\s+[—–]\s+/)
    for (const sentence of sentences) {
      const whole = /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
      const rule = rules.find(({ match }) => match.test(whole))
      if (rule === undefined) continue
      // Openings are openings only where they stand first.
      const gives = rule.gives === 'opening' && at > 0 ? undefined : rule.gives
      if (message.role === 'user' && gives === undefined) continue
      const text = framed(whole, rule)
      if (text === undefined) continue
      mined.push({
        speaker: message.role === 'assistant' ? 'assistant' : 'client',
        text,
        technique: rule.technique,
        asks: rule.asks,
        hears: rule.hears === undefined ? undefined : [...rule.hears],
        gives,
        seed_dialogue_ids: [dialogue.dialogue_id],
      })
    }
  })
  return mined
}

/** In small letters, but for the *I* of English. */
function small(words: string): string {
  return words.toLowerCase().replace(/\bi\b/g, 'I')
}

function framed(sentence: string, { match, frame, gives }: Rule): string | undefined {
  const groups = match.exec(sentence)
  const text = frame
    .replace(/\$(\d)/g, (_whole, number: string) => small(groups?.[Number(number)] ?? ''))
    .replace(/\s+/g, ' ')
    .trim()
  const words = wordsOf(text)
  // "Yes, please." is short and everybody's; other frames of fewer than four words say too little to be worth keeping.
  if (words.length < 4 && gives !== 'consent') return undefined
  const longestRun = Math.max(...text.split(/\{[^}]*\}/).map((part) => wordsOf(part).length))
  return longestRun >= MEMORISED_RUN ? undefined : text.charAt(0).toUpperCase() + text.slice(1)
}
