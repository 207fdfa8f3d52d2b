import {
  INTENTS,
  KNOWN_CONCERNS,
  RISK_LEVELS,
  SENTIMENTS,
  SESSION_TYPES,
  THERAPEUTIC_TECHNIQUES,
} from '../../core/dialogue/vocabulary.ts'
import type { Dialogue, Message } from '../../core/dialogue/schema.ts'
import type { LabelAdjustments } from '../../core/review/review.ts'

/** What a reviewer said about one label: left alone is undefined. */
export interface Adjusted {
  original: string | null
  final: string
  adjustment: 'verified' | 'adjusted'
}

/** One label that can be verified or corrected. */
export interface LabelField {
  key: string
  name: string
  original: string | undefined
  options: readonly string[]
  /** The vocabulary is open: a value of one's own is allowed. */
  open: boolean
  read(labels: LabelAdjustments): Adjusted | undefined
  /** `undefined` takes the adjustment back; the original value verifies it; any other value corrects it. */
  write(labels: LabelAdjustments, value: string | undefined): LabelAdjustments
}

function memberOf<Value extends string>(values: readonly Value[]) {
  return (value: string): value is Value => values.some((known) => known === value)
}

function adjust<Value extends string>(original: Value | undefined, final: Value) {
  const adjustment: Adjusted['adjustment'] = original === final ? 'verified' : 'adjusted'
  return { original: original ?? null, final, adjustment }
}

type Key = Exclude<keyof LabelAdjustments, 'turns'>

function field<Value extends string>(
  key: Key,
  name: string,
  original: Value | undefined,
  options: readonly Value[],
  allowed: (value: string) => value is Value,
  open: boolean,
): LabelField {
  return {
    key,
    name,
    original,
    options: original === undefined || options.includes(original) ? options : [original, ...options],
    open,
    read: (labels) => labels[key],
    write(labels, value) {
      const { [key]: _, ...others } = labels
      if (value === undefined || !allowed(value)) return others
      return { ...others, [key]: adjust(original, value) }
    },
  }
}

const anyText = (value: string): value is string => value.trim() !== ''

export function dialogueLabels(dialogue: Dialogue): LabelField[] {
  const { labels, user_profile, session_type } = dialogue
  return [
    field('concern', 'Concern', user_profile.concern, KNOWN_CONCERNS, anyText, true),
    field('session_type', 'Session type', session_type, SESSION_TYPES, memberOf(SESSION_TYPES), false),
    field('max_risk_level', 'Highest risk', labels.max_risk_level, RISK_LEVELS, memberOf(RISK_LEVELS), false),
    field('therapeutic_technique', 'Technique', labels.therapeutic_technique, THERAPEUTIC_TECHNIQUES, anyText, true),
    field('primary_intent', 'Main intent', labels.primary_intent, INTENTS, memberOf(INTENTS), false),
    field('overall_sentiment', 'Sentiment', labels.overall_sentiment, SENTIMENTS, memberOf(SENTIMENTS), false),
  ]
}

type TurnAdjustments = NonNullable<LabelAdjustments['turns']>[string]

function turnField<Value extends string>(
  turn: number,
  key: keyof TurnAdjustments,
  name: string,
  original: Value | undefined,
  options: readonly Value[],
): LabelField {
  const allowed = memberOf(options)
  return {
    key: `turn-${turn}-${key}`,
    name,
    original,
    options,
    open: false,
    read: (labels) => labels.turns?.[turn]?.[key],
    write(labels, value) {
      const { [key]: _, ...rest } = labels.turns?.[turn] ?? {}
      const changed = value === undefined || !allowed(value) ? rest : { ...rest, [key]: adjust(original, value) }
      const { [turn]: __, ...otherTurns } = labels.turns ?? {}
      const turns = Object.keys(changed).length === 0 ? otherTurns : { ...otherTurns, [turn]: changed }
      const { turns: ___, ...others } = labels
      return Object.keys(turns).length === 0 ? others : { ...others, turns }
    },
  }
}

/** Of an assistant turn; a user's turn carries no labels. */
export function turnLabels(message: Message, turn: number): LabelField[] {
  if (message.role !== 'assistant') return []
  return [
    turnField(turn, 'intent', 'Intent', message.intent, INTENTS),
    turnField(turn, 'risk_level', 'Risk', message.risk_level, RISK_LEVELS),
  ]
}

/** Marks as verified every label of the dialogue that has a value and was not looked at yet. */
export function verifyAll(fields: readonly LabelField[], labels: LabelAdjustments): LabelAdjustments {
  return fields.reduce(
    (result, each) =>
      each.original === undefined || each.read(result) !== undefined ? result : each.write(result, each.original),
    labels,
  )
}
