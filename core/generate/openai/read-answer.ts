import { contentSha256 } from '../../dialogue/content-hash.ts'
import type { Dialogue, Message } from '../../dialogue/schema.ts'
import {
  highestRisk,
  type Intent,
  type RiskLevel,
  type Sentiment,
  type Stage,
  type TurnTechnique,
} from '../../dialogue/vocabulary.ts'
import { automaticRiskLabels } from '../../quality/automatic-risk-labels.ts'
import type { Finding } from '../../quality/finding.ts'
import type { Locale } from '../../quality/resources.ts'
import type { SeedTextIndex } from '../../quality/seed-text-index.ts'
import { wordsOf } from '../../quality/turn-text.ts'
import type { Lint } from '../acceptance/acceptance.ts'
import { mostFrequent, pauseBefore, primaryIntent, rfc3339 } from '../labels.ts'
import { AnswerSchema, type Answer } from './answer-schema.ts'
import type { Brief } from './brief.ts'

/** What a dialogue gets that does not come from the answer. */
export interface AnswerContext {
  dialogue_id: string
  /** Milliseconds since the epoch at which the session starts. */
  startsAt: number
  generated_at: string
  provenance: NonNullable<Dialogue['provenance']>
  lint: Lint
  locale: Locale
  seedIndex: SeedTextIndex | undefined
  /** Runs of the instructions, which no dialogue may repeat. */
  promptIndex: SeedTextIndex
}

export type ReadAnswer =
  | { dialogue: Dialogue; findings: undefined }
  /** `reason`: the first in the order of the checks; goes into reports and into `provenance.fallback_reason`. */
  | { dialogue: undefined; reason: AnswerFault; findings: Finding[] }

export const ANSWER_FAULTS = ['wrong_schema', 'plan', 'personal_data', 'memorised', 'lint'] as const
export type AnswerFault = (typeof ANSWER_FAULTS)[number]

/** A longer message is no chat message. */
const MOST_CHARACTERS = 1500

/**
 * An answer as a dialogue: text put in order, labels held against the text and the plan and recomputed where they do not
 * hold, then everything that can be checked without the other dialogues: plan, personal data, text of seeds or of the
 * prompt, lint. An answer is untrusted; what is wrong with it comes back as findings, in words that a prompt can quote.
 */
export function readAnswer(value: unknown, brief: Brief, context: AnswerContext): ReadAnswer {
  const parsed = AnswerSchema.safeParse(value)
  if (!parsed.success)
    return fault('wrong_schema', [
      { code: 'answer.schema', severity: 'error', message: 'The answer is not JSON of the schema that was asked for.' },
    ])
  const answer = tidied(parsed.data)
  const shape = shapeFindings(answer, brief)
  if (shape.length > 0) return fault('plan', shape)

  const draft = dialogueOf(answer, brief, context)
  const risk = riskFindings(draft, brief)
  if (risk.length > 0) return fault('plan', risk)

  const { dialogue, findings } = relabelled(draft, context)
  const personal = findings.filter(({ code }) => code.startsWith('pii.'))
  if (personal.length > 0) return fault('personal_data', personal)
  const memorised = [
    ...findings.filter(({ code }) => code === 'seeds.memorised-text'),
    ...promptFindings(dialogue, context.promptIndex),
  ]
  if (memorised.length > 0) return fault('memorised', memorised)
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return fault('lint', errors)
  return { dialogue: { ...dialogue, content_sha256: contentSha256(dialogue) }, findings: undefined }
}

function fault(reason: AnswerFault, findings: Finding[]): ReadAnswer {
  return { dialogue: undefined, reason, findings }
}

/** Marks that models put in, as the templates and the seeds write them; no control characters. */
function tidied({ exchanges }: Answer): Answer {
  const text = (raw: string): string =>
    raw
      .normalize('NFC')
      .replace(/\s+/g, ' ')
      // Control and format characters: nobody sees them, and they can turn text around.
      .replace(/[\p{Cc}\p{Cf}]/gu, '')
      .replace(/[\u2018\u2019]/g, "'")
      .replace(/[\u201c\u201d]/g, '"')
      .trim()
  return { exchanges: exchanges.map((one) => ({ ...one, client: text(one.client), reply: text(one.reply) })) }
}

const planFinding = (code: string, message: string, turn?: number): Finding => ({
  code,
  severity: 'error',
  message,
  ...(turn === undefined ? {} : { turn }),
})

function shapeFindings({ exchanges }: Answer, { exchanges: planned }: Brief): Finding[] {
  const findings: Finding[] = []
  const room = Math.max(1, Math.round(planned.length / 4))
  if (Math.abs(exchanges.length - planned.length) > room)
    findings.push(
      planFinding('plan.length', `There are ${exchanges.length} exchanges; the plan has ${planned.length}.`),
    )
  exchanges.forEach(({ client, reply }, at) => {
    for (const [turn, text] of [
      [at * 2, client],
      [at * 2 + 1, reply],
    ] as const) {
      if (text === '') findings.push(planFinding('plan.empty-message', 'The message is empty.', turn))
      if (text.length > MOST_CHARACTERS)
        findings.push(planFinding('plan.long-message', 'The message is far too long for a chat.', turn))
    }
  })
  return findings
}

function riskFindings(dialogue: Dialogue, { planned, disclosure }: Brief): Finding[] {
  const reading = automaticRiskLabels(dialogue)
  if (reading.max_risk_level !== planned.risk)
    return [
      planFinding(
        'plan.risk',
        planned.risk === 'none'
          ? `The client's words signal risk (${reading.risk.signals.join(', ').replaceAll('_', ' ')}), and the plan has none.`
          : `The client's words read as risk ${reading.max_risk_level}; the plan is ${planned.risk}. The client says, in these words: "${disclosure?.words ?? ''}" Nothing that the client says later goes further than the path.`,
      ),
    ]
  if (reading.risk.imminent !== planned.imminent)
    return [
      planFinding(
        'plan.imminent',
        planned.imminent
          ? `It does not show that danger is imminent. The client says, in these words: "${disclosure?.words ?? ''}"`
          : 'The client names an intent and a time within a day; the plan has no imminent danger.',
      ),
    ]
  return []
}

function dialogueOf({ exchanges }: Answer, brief: Brief, context: AnswerContext): Dialogue {
  const { planned } = brief
  let now = context.startsAt
  const messages: Message[] = exchanges.flatMap(
    ({ client, reply, stage, intent, sentiment, techniques }): Message[] => {
      now += pauseBefore({ role: 'user', text: client })
      const asked = rfc3339(now)
      now += pauseBefore({ role: 'assistant', text: reply })
      return [
        { role: 'user', text: client, timestamp: asked },
        {
          role: 'assistant',
          text: reply,
          timestamp: rfc3339(now),
          intent,
          sentiment,
          risk_level: 'none',
          stage,
          techniques: [...new Set(techniques)].slice(0, 4),
        },
      ]
    },
  )
  const { turns, risk } = automaticRiskLabels({ messages })
  messages.forEach((message, at) => {
    if (message.role === 'assistant') message.risk_level = turns[at] ?? 'none'
  })
  return summed({
    dialogue_id: context.dialogue_id,
    session_type: planned.session_type,
    user_profile: { age_range: brief.age_range, concern: planned.concern, mood_score: brief.mood },
    messages,
    labels: { therapeutic_technique: brief.technique, synthetic: true, generated_at: context.generated_at },
    risk,
    plan: {
      voice: planned.voice,
      arc: planned.risk === 'none' ? planned.arc : 'partial',
      situation: brief.bundle.id,
    },
    provenance: context.provenance,
  })
}

/** With the labels of the whole worked out from those of its replies; each reply's brought into line with its risk. */
function summed(dialogue: Dialogue): Dialogue {
  const messages = dialogue.messages.map((message): Message => {
    if (message.role !== 'assistant') return message
    const risk = message.risk_level ?? 'none'
    return { ...message, sentiment: sentimentAt(risk, message.stage, message.sentiment ?? 'neutral') }
  })
  const replies = messages.filter((message) => message.role === 'assistant')
  const sentiments = replies.map(({ sentiment }) => sentiment ?? 'neutral')
  return {
    ...dialogue,
    messages,
    labels: {
      primary_intent: primaryIntent(replies.map(({ intent }) => ({ intent: intent ?? 'other' }))),
      overall_sentiment: mostFrequent(sentiments),
      max_risk_level: highestRisk(replies.map(({ risk_level }) => risk_level ?? 'none')),
      ...dialogue.labels,
    },
  }
}

/** As templates have it: after a disclosure a reply meets somebody in a bad way. */
function sentimentAt(risk: RiskLevel, stage: Stage | undefined, said: Sentiment): Sentiment {
  if (risk === 'medium' || risk === 'high') return 'very_negative'
  if (risk === 'low') return stage === 'safety' ? 'very_negative' : said === 'very_negative' ? said : 'negative'
  return said
}

/** Intents that go with a stage, for replies whose own does not hold. */
const INTENT_OF_STAGE: Readonly<Partial<Record<Stage, Intent>>> = {
  safety: 'safety_check',
  consent: 'validate',
  rationale: 'offer_mindfulness',
  practice: 'offer_mindfulness',
  rerate: 'offer_mindfulness',
  adapt: 'offer_mindfulness',
  step: 'suggest_experiment',
  discover: 'reframe',
  new_view: 'reframe',
}

const TECHNIQUE_OF_INTENT: Readonly<Record<Intent, TurnTechnique>> = {
  validate: 'validation',
  probe_story: 'open_question',
  probe_root: 'open_question',
  reframe: 'reframing',
  suggest_experiment: 'between_session_step',
  offer_mindfulness: 'practice_step',
  safety_check: 'validation',
  emergency: 'warm_handover',
  close: 'closing',
  other: 'simple_reflection',
}

/**
 * Labels that the text does not bear out are replaced: the model's is a proposal. Two rounds, since a reply that gets
 * another intent is then held to that one's rule.
 */
function relabelled(draft: Dialogue, context: AnswerContext): { dialogue: Dialogue; findings: Finding[] } {
  const lint = (dialogue: Dialogue): Finding[] =>
    context.lint(dialogue, {
      locale: context.locale,
      ...(context.seedIndex === undefined ? {} : { seedIndex: context.seedIndex }),
    }).findings
  let dialogue = draft
  let findings = lint(dialogue)
  for (const round of [1, 2]) {
    const wrong = findings.filter(({ code }) => code.startsWith('labels.') && !code.startsWith('labels.risk-'))
    if (wrong.length === 0) break
    const messages = dialogue.messages.map((message, at): Message => {
      const about = wrong.filter(({ turn }) => turn === at)
      if (message.role !== 'assistant' || about.length === 0) return message
      const intent = about.some(({ code }) => INTENT_CODES.test(code))
        ? intentFor(message, about, round)
        : (message.intent ?? 'other')
      const unseen = about.flatMap(({ code, message: words }) =>
        code === 'labels.turn-technique-mismatch' ? [/is labelled (\w+),/.exec(words)?.[1] ?? ''] : [],
      )
      const techniques = (message.techniques ?? []).filter((name) => !unseen.includes(name))
      return { ...message, intent, techniques }
    })
    // What was worked out from the old labels is worked out again.
    const { primary_intent: _intent, overall_sentiment: _sentiment, max_risk_level: _risk, ...labels } = dialogue.labels
    dialogue = summed({ ...dialogue, messages, labels })
    findings = lint(dialogue)
  }
  const messages = dialogue.messages.map((message): Message => {
    if (message.role !== 'assistant' || (message.techniques?.length ?? 0) > 0) return message
    const technique = TECHNIQUE_OF_INTENT[message.intent ?? 'other']
    return {
      ...message,
      techniques: [technique === 'open_question' && !message.text.includes('?') ? 'simple_reflection' : technique],
    }
  })
  return { dialogue: { ...dialogue, messages }, findings }
}

const INTENT_CODES = /^labels\.(?:intent-|safety-turn-unlabelled|close-too-early)/

function intentFor(
  { intent, stage, text }: { intent?: Intent | undefined; stage?: Stage | undefined; text: string },
  about: readonly Finding[],
  round: number,
): Intent {
  if (about.some(({ code }) => code === 'labels.safety-turn-unlabelled')) return 'safety_check'
  const usual = stage === undefined ? undefined : INTENT_OF_STAGE[stage]
  if (round === 1 && usual !== undefined && usual !== intent) return usual
  return intent !== 'probe_story' && text.includes('?') ? 'probe_story' : intent === 'validate' ? 'other' : 'validate'
}

function promptFindings({ messages }: Dialogue, index: SeedTextIndex): Finding[] {
  return messages.flatMap(({ text }, turn): Finding[] =>
    index.longestRun(wordsOf(text)) === undefined
      ? []
      : [
          {
            code: 'answer.prompt-text',
            severity: 'error',
            turn,
            message: 'The message repeats the instructions instead of speaking.',
          },
        ],
  )
}
