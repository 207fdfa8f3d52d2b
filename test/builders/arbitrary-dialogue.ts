import fc from 'fast-check'
import {
  INTENTS,
  KNOWN_CONCERNS,
  RISK_LEVELS,
  SENTIMENTS,
  SESSION_TYPES,
  STAGES,
} from '../../core/dialogue/vocabulary.ts'

/** Texts that try what is special in JSON, in UTF-8 and in our normal form of texts. */
export const anyText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'plain words',
      'Two  spaces',
      ' led by one',
      'trailed by one ',
      'a\nb\tc',
      '“Quoted” — and so’ on…',
      '"x"',
      'back\\slash',
      'é',
      'e\u0301',
      '\u2003wide',
      '😀 smile',
      '\u0001',
      '\u001f',
      '\u007f',
      'a/b',
      '}, {',
    ),
  },
  { weight: 2, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()) },
)

const anyCost = fc.oneof(
  { weight: 5, arbitrary: fc.nat().map((n) => n / 1000) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
)
const label = fc.oneof(
  anyText,
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 2 }),
)
const extraName = fc.constantFrom(
  'note',
  'extra',
  'zeta',
  'Alpha',
  'ünder',
  'a"b',
  '',
  '__proto__',
  'role2',
  'text2',
  '10',
)

const messageWith = (role: 'user' | 'assistant') =>
  fc
    .tuple(
      fc.record(
        {
          role: fc.constant(role),
          text: anyText.map((text) => `x${text}`),
          timestamp: fc.constant('2026-01-05T09:00:00Z'),
          ...(role === 'assistant'
            ? {
                intent: fc.constantFrom(...INTENTS),
                sentiment: fc.constantFrom(...SENTIMENTS),
                risk_level: fc.constantFrom(...RISK_LEVELS),
                stage: fc.constantFrom(...STAGES),
                techniques: fc.array(fc.constantFrom('validation', 'open question', 'a"b'), { maxLength: 3 }),
              }
            : {}),
        },
        { requiredKeys: ['role', 'text'] },
      ),
      fc.dictionary(extraName, label, { maxKeys: 2 }),
    )
    .map(([known, extra]) => shuffledMembers({ ...extra, ...known }))

/** Changes the order of the members by their names' lengths, deterministically: files have any order. */
function shuffledMembers<T extends object>(value: T): T {
  const entries = Object.entries(value)
  const turn = JSON.stringify(value).length % entries.length
  return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)]) as T
}

/** Dialogues that the schema accepts, with unknown fields, odd labels and every kind of text. */
export const anyDialogue = fc
  .record(
    {
      dialogue_id: fc.oneof(
        fc.stringMatching(/^[a-z_]{1,8}[0-9]{1,4}$/),
        fc.constantFrom('ünï', 'a/b', 'with "quotes"'),
      ),
      session_type: fc.constantFrom(...SESSION_TYPES),
      user_profile: fc.record(
        {
          age_range: fc.constant('20-25'),
          concern: fc.constantFrom(...KNOWN_CONCERNS, 'été'),
          mood_score: fc.integer({ min: 1, max: 10 }),
        },
        { requiredKeys: ['concern'] },
      ),
      messages: fc.array(fc.oneof(messageWith('user'), messageWith('assistant')), { minLength: 2, maxLength: 5 }),
      labels: fc
        .tuple(
          fc.record(
            {
              primary_intent: fc.constantFrom(...INTENTS),
              overall_sentiment: fc.constantFrom(...SENTIMENTS),
              max_risk_level: fc.constantFrom(...RISK_LEVELS),
              therapeutic_technique: fc.constantFrom('validation', 'a "new" one'),
              synthetic: fc.boolean(),
              generated_at: fc.constant('2026-01-05T09:00:00Z'),
              reviewed_at: label,
              review_status: label,
              clinician_approved: label,
            },
            { requiredKeys: [] },
          ),
          fc.dictionary(extraName, label, { maxKeys: 3 }),
        )
        .map(([known, extra]) => ({ ...extra, ...known })),
      risk: fc.record({ signals: fc.array(anyText, { maxLength: 2 }), imminent: fc.boolean() }),
      provenance: fc.record(
        {
          method: fc.constantFrom('template', 'openai', 'seed'),
          generator_version: fc.constant('1'),
          random_seed: fc.integer(),
          template_ids: fc.array(fc.string(), { maxLength: 2 }),
          tokens: fc.record({ prompt: fc.nat(), completion: fc.nat() }),
          cost_usd: anyCost,
        },
        { requiredKeys: ['method', 'generator_version'] },
      ),
      content_sha256: fc.constant('0'.repeat(64)),
      extra: fc.jsonValue(),
    },
    { requiredKeys: ['dialogue_id', 'session_type', 'user_profile', 'messages', 'labels'] },
  )
  .map((dialogue) => shuffledMembers(dialogue))

/** One of the ways in which a JSON writer may put the same value. */
export const anyJsonStyle: fc.Arbitrary<(value: unknown) => string> = fc.constantFrom(
  (value: unknown) => JSON.stringify(value),
  (value: unknown) => JSON.stringify(value, null, 2),
  // As Python's json.dumps does by default: spaces after separators, everything beyond ASCII escaped.
  (value: unknown) =>
    JSON.stringify(value, null, 1)
      .replace(/\n\s*/g, ' ')
      .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  (value: unknown) => JSON.stringify(value, null, '\t').replaceAll('/', '\\/').replaceAll('\n', '\r\n'),
)
