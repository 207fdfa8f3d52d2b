import type { Dialogue } from '../../core/dialogue/schema.ts'
import {
  highestRisk,
  INTENTS,
  KNOWN_CONCERNS,
  RISK_LEVELS,
  SENTIMENTS,
  SESSION_TYPES,
  THERAPEUTIC_TECHNIQUES,
} from '../../core/dialogue/vocabulary.ts'
import { LabelAdjustmentsSchema } from '../../core/review/review.ts'
import type { LabelAdjustments } from '../../core/review/review.ts'

/** The labels of a dialogue as rows that a reviewer can change one by one. */
export interface LabelForm {
  rows: readonly LabelRow[]
  /** Index into `rows`. */
  focus: number
}

export interface LabelRow {
  /** As in the reviews file: `max_risk_level`, or for a turn `intent`, `risk_level`. */
  field: string
  /** 0-based message; undefined for a label of the whole dialogue. */
  turn: number | undefined
  title: string
  original: string | null
  final: string | null
  options: readonly string[]
}

/** Every label with the value that it has now, earlier corrections included. */
export function labelForm(dialogue: Dialogue, earlier: LabelAdjustments): LabelForm {
  const { labels, user_profile } = dialogue
  const row = (
    field: keyof Omit<LabelAdjustments, 'turns'>,
    title: string,
    value: string | undefined,
    options: readonly string[],
  ) => oneRow(field, undefined, title, value, earlier[field]?.final, options)
  const rows = [
    row('max_risk_level', 'risk', labels.max_risk_level, RISK_LEVELS),
    row('session_type', 'session type', dialogue.session_type, SESSION_TYPES),
    row('concern', 'concern', user_profile.concern, KNOWN_CONCERNS),
    row('therapeutic_technique', 'technique', labels.therapeutic_technique, THERAPEUTIC_TECHNIQUES),
    row('primary_intent', 'main intent', labels.primary_intent, INTENTS),
    row('overall_sentiment', 'sentiment', labels.overall_sentiment, SENTIMENTS),
  ]
  dialogue.messages.forEach((message, turn) => {
    if (message.role !== 'assistant') return
    const before = earlier.turns?.[String(turn)]
    rows.push(
      oneRow('risk_level', turn, `turn ${turn + 1} risk`, message.risk_level, before?.risk_level?.final, RISK_LEVELS),
      oneRow('intent', turn, `turn ${turn + 1} intent`, message.intent, before?.intent?.final, INTENTS),
    )
  })
  return { rows, focus: 0 }
}

function oneRow(
  field: string,
  turn: number | undefined,
  title: string,
  value: string | undefined,
  corrected: string | undefined,
  known: readonly string[],
): LabelRow {
  // An open set may hold a value of the file's own, which must stay a choice.
  const options = value === undefined || known.includes(value) ? known : [value, ...known]
  return { field, turn, title, original: value ?? null, final: corrected ?? value ?? null, options }
}

export function focusMoved(form: LabelForm, by: number): LabelForm {
  return { ...form, focus: Math.max(0, Math.min(form.rows.length - 1, form.focus + by)) }
}

/** The next (1) or previous (-1) value of the row in focus, round the end. */
export function valueMoved(form: LabelForm, by: 1 | -1): LabelForm {
  const row = form.rows[form.focus]
  if (row === undefined) return form
  const at = row.final === null ? (by === 1 ? -1 : 0) : row.options.indexOf(row.final)
  return valueChosen(form, (at + by + row.options.length) % row.options.length)
}

/** The value at that place of the row in focus. A dialogue carries the risk of its highest turn, so that follows. */
export function valueChosen(form: LabelForm, option: number): LabelForm {
  const row = form.rows[form.focus]
  const final = row?.options[option]
  if (row === undefined || final === undefined) return form
  const rows = form.rows.with(form.focus, { ...row, final })
  if (row.field !== 'risk_level') return { ...form, rows }
  const highest = highestRisk(
    rows.flatMap((one) => (one.field === 'risk_level' ? RISK_LEVELS.filter((level) => level === one.final) : [])),
  )
  return { ...form, rows: rows.map((one) => (one.field === 'max_risk_level' ? { ...one, final: highest } : one)) }
}

/** What of it differs from the dialogue, as the reviews file has it. */
export function adjustmentsOf(form: LabelForm): LabelAdjustments {
  const whole: Record<string, unknown> = {}
  const turns: Record<string, Record<string, unknown>> = {}
  for (const { field, turn, original, final } of form.rows) {
    if (final === null || final === original) continue
    const adjustment = { original, final, adjustment: 'adjusted' }
    if (turn === undefined) whole[field] = adjustment
    else turns[String(turn)] = { ...turns[String(turn)], [field]: adjustment }
  }
  return LabelAdjustmentsSchema.parse(Object.keys(turns).length === 0 ? whole : { ...whole, turns })
}

/** `risk none → low`, one for each correction. */
export function correctionsIn(labels: LabelAdjustments): string[] {
  const { turns, ...whole } = labels
  const said = (name: string, change: { original: string | null; final: string } | undefined) =>
    change === undefined ? [] : [`${name} ${change.original ?? '(none)'} → ${change.final}`]
  return [
    ...Object.entries(whole).flatMap(([name, change]) => said(name, change)),
    ...Object.entries(turns ?? {}).flatMap(([turn, changes]) =>
      Object.entries(changes).flatMap(([name, change]) => said(`turn ${Number(turn) + 1} ${name}`, change)),
    ),
  ]
}
