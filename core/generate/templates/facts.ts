/**
 * The facts of a situation bundle and the grammatical type of each: what `docs/guides/banks.md` calls the fact table.
 * A frame may put a fact only where its type fits, and the loader holds both sides to it.
 */
export const FACT_TYPES = [
  'noun_phrase',
  'clause',
  'verb_phrase',
  'gerund_phrase',
  'adjective',
  'adverbial',
  'speech',
] as const
export type FactType = (typeof FACT_TYPES)[number]

interface FactRule {
  type: FactType
  required: boolean
  /** Where the fact must fit, for people: shown when a value does not. */
  fits: string
  /** More than one value at a time: `feelings`, `detail`, `tangent` are sets, not wordings of one thing. */
  many?: boolean
}

const rule = (type: FactType, fits: string, more: Partial<FactRule> = {}): FactRule => ({
  type,
  fits,
  required: true,
  ...more,
})

export const FACTS = {
  topic: rule('noun_phrase', 'I keep coming back to ___.'),
  trigger: rule('clause', 'What happened is that ___.'),
  person: rule('noun_phrase', 'It was about ___.', { required: false }),
  since: rule('adverbial', 'It has been like this ___.'),
  time: rule('adverbial', 'It is worst ___.'),
  body: rule('clause', 'When it comes, ___.'),
  feelings: rule('adjective', 'I feel ___.', { many: true }),
  thought: rule('clause', 'I keep thinking ___.'),
  meaning: rule('clause', 'If that were true, it would mean ___.'),
  origin: rule('clause', 'It goes back to when ___.'),
  impact: rule('clause', 'Because of it, ___.'),
  coping: rule('gerund_phrase', "I've tried ___."),
  evidence_for: rule('clause', 'It feels true because ___.'),
  evidence_against: rule('clause', 'On the other hand, ___.'),
  exception: rule('clause', 'It is a bit quieter when ___.'),
  friend: rule('speech', "I'd tell a friend: '___'"),
  support: rule('noun_phrase', 'I could talk to ___.'),
  value: rule('noun_phrase', 'What matters to me in this is ___.'),
  wish: rule('verb_phrase', 'I just want to ___.'),
  strength: rule('clause', 'Even so, ___.'),
  new_view: rule('clause', 'Maybe ___.'),
  step: rule('verb_phrase', 'This week I could ___.'),
  when: rule('adverbial', 'I could do it ___.'),
  obstacle: rule('clause', 'What could get in the way is that ___.'),
  last_step: rule('verb_phrase', 'Last time I said I would ___.'),
  last_result: rule('clause', 'As for that, ___.'),
  change: rule('clause', 'Since last time, ___.'),
  detail: rule('clause', '___. (a sentence of its own)', { many: true }),
  tangent: rule('clause', '___. (a sentence of its own)', { many: true }),
} as const satisfies Record<string, FactRule>

export type FactName = keyof typeof FACTS

export function isFactName(name: string): name is FactName {
  return Object.hasOwn(FACTS, name)
}
export const FACT_NAMES: readonly FactName[] = Object.keys(FACTS).filter(isFactName)

/** Slots that are no fact of a bundle: one or two of the feelings, and the ratings of the plan. */
export const SLOT_OF: Readonly<Record<string, { fact?: FactName; type: FactType | 'number' }>> = {
  ...Object.fromEntries(
    Object.entries(FACTS).map(([name, { type }]) => [name, { fact: isFactName(name) ? name : undefined, type }]),
  ),
  feeling: { fact: 'feelings', type: 'adjective' },
  feeling2: { fact: 'feelings', type: 'adjective' },
  feelings: { fact: 'feelings', type: 'adjective' },
  mood: { type: 'number' },
  mood_after: { type: 'number' },
  concern: { type: 'noun_phrase' },
}

/** What the assistant can ask and the client can give besides facts (docs/guides/banks.md has the table). */
export const ACTS = [
  'opening',
  'checkin_opening',
  'need',
  'consent',
  'mood',
  'focus',
  'last',
  'rerate',
  'feedback',
  'thanks',
  'reaction',
  'aside',
  'withheld',
  'drift',
] as const
export type Act = (typeof ACTS)[number]

export const VOICES = ['plain', 'verbose', 'tangent', 'upset', 'reserved', 'pleasing'] as const
export type Voice = (typeof VOICES)[number]

export const ARCS = ['improves', 'partial', 'stuck'] as const
export type Arc = (typeof ARCS)[number]

export const LIFE_CONTEXTS = [
  'student',
  'employed',
  'job_seeking',
  'self_employed',
  'parent',
  'caregiver',
  'retired',
  'partnered',
  'single',
  'newcomer',
  'any',
] as const
export type LifeContext = (typeof LIFE_CONTEXTS)[number]

/** Modifiers of a slot and the types that they apply to; `ing` turns a verb phrase into a gerund phrase. */
export const MODIFIERS: Readonly<Record<string, readonly FactType[]>> = {
  quoted: ['clause', 'speech'],
  ing: ['verb_phrase'],
}
