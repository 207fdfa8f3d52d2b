import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import * as z from 'zod'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import { DialogueSchema } from '../../../core/dialogue/schema.ts'
import { LOCALES } from '../../../core/quality/resources.ts'

/** Reads test/fixtures/lint-cases.yaml: the shorthand there, whole dialogues here. */

const TurnSchema = z.union([
  z.string().regex(/^(?:client|reply): /),
  z.strictObject({ client: z.string() }),
  z.strictObject({
    reply: z.string(),
    intent: z.string().optional(),
    sentiment: z.string().optional(),
    risk: z.string().optional(),
    techniques: z.array(z.string()).optional(),
  }),
])
type Turn = z.infer<typeof TurnSchema>

const ConversationSchema = z.strictObject({
  level: z.string().optional(),
  session: z.string().optional(),
  concern: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  risk: z.strictObject({ signals: z.array(z.string()), imminent: z.boolean() }).optional(),
  turns: z.array(TurnSchema),
})

const ProtocolBaseSchema = z.strictObject({
  concern: z.string(),
  imminent: z.boolean().optional(),
  turns: z.array(TurnSchema),
})
const LEVELS = ['low', 'medium', 'high', 'imminent'] as const
const ChangeSchema = z.strictObject({
  level: z.enum(LEVELS),
  rule: z.string().optional(),
  severity: z.string().optional(),
  replace: z.record(z.string(), z.string()).default({}),
  intents: z.string().optional(),
  label: z.string().optional(),
  locale: z.enum(LOCALES).optional(),
})
type Change = z.infer<typeof ChangeSchema>

const CasesSchema = z.strictObject({
  phrases: z.array(
    z.strictObject({
      rule: z.string(),
      said: z.enum(['reply', 'client', 'either']),
      breaks: z.array(z.string()),
      keeps: z.array(z.string()),
    }),
  ),
  signals: z.array(
    z.strictObject({
      text: z.string(),
      level: z.string(),
      signal: z.string().optional(),
      possible: z.string().optional(),
      imminent: z.boolean().optional(),
    }),
  ),
  answers: z.array(
    z.strictObject({
      asked: z.string(),
      text: z.string(),
      level: z.string(),
      signal: z.string().optional(),
      imminent: z.boolean().optional(),
    }),
  ),
  protocol: z.record(z.enum(LEVELS), ProtocolBaseSchema),
  protocol_breaks: z.array(ChangeSchema),
  protocol_keeps: z.array(ChangeSchema),
  dialogues: z.array(
    z.strictObject({
      name: z.string().optional(),
      rule: z.string(),
      breaks: z.array(ConversationSchema),
      keeps: z.array(ConversationSchema),
    }),
  ),
})

export const lintCases = CasesSchema.parse(
  load(readFileSync(new URL('../../fixtures/lint-cases.yaml', import.meta.url), 'utf8')),
)

/** The turn under test within an everyday conversation of level none. */
export function conversationAround(said: 'reply' | 'client', text: string): Dialogue {
  return conversationOf({
    turns:
      said === 'client'
        ? [{ client: text }, { reply: 'Thank you for telling me. What has that been like?' }]
        : [{ client: 'It has been a long week and I keep turning it over.' }, { reply: text }],
  })
}

export function conversationOf(given: z.infer<typeof ConversationSchema>): Dialogue {
  const level = given.level ?? 'none'
  return DialogueSchema.parse({
    dialogue_id: 'case',
    session_type: given.session ?? 'check-in',
    user_profile: { concern: given.concern ?? 'stress', mood_score: 4 },
    messages: given.turns.map(messageOf),
    labels: { max_risk_level: level, ...given.labels },
    ...(given.risk === undefined ? {} : { risk: given.risk }),
  })
}

/** The base conversation of a level with the turns of a change put in. */
export function protocolConversation(change: Change): Dialogue {
  const base = lintCases.protocol[change.level]
  const high = change.level === 'imminent' ? 'high' : change.level
  const turns = base.turns.map((turn, index): Turn => {
    const text = change.replace[String(index)]
    const replaced = text === undefined ? turn : withText(turn, text)
    return change.intents !== undefined && typeof replaced === 'object' && 'reply' in replaced
      ? { ...replaced, intent: change.intents }
      : replaced
  })
  return conversationOf({
    level: change.label ?? high,
    session: 'gentle_deep',
    concern: base.concern,
    turns: turns.map((turn) =>
      typeof turn === 'object' && 'reply' in turn ? { ...turn, risk: change.label ?? high } : turn,
    ),
    ...(base.imminent === true ? { risk: { signals: ['plan', 'intent'], imminent: true } } : {}),
  })
}

function withText(turn: Turn, text: string): Turn {
  if (typeof turn === 'string') return `${turn.slice(0, turn.indexOf(':'))}: ${text}`
  return 'client' in turn ? { client: text } : { ...turn, reply: text }
}

function messageOf(turn: Turn): unknown {
  if (typeof turn === 'string') {
    const [who, text] = [turn.slice(0, turn.indexOf(':')), turn.slice(turn.indexOf(':') + 2)]
    return who === 'client' ? { role: 'user', text } : { role: 'assistant', text }
  }
  if ('client' in turn) return { role: 'user', text: turn.client }
  const { reply, risk, ...labels } = turn
  return { role: 'assistant', text: reply, ...labels, ...(risk === undefined ? {} : { risk_level: risk }) }
}
