import { CRITERIA, REASONS } from '../../core/dialogue/vocabulary.ts'
import type { Review } from '../../core/review/review.ts'
import type { Colours } from './dialogue-lines.ts'
import { correctionsIn } from './label-form.ts'
import { fit, wrapped } from './safe-text.ts'
import type { Span } from './safe-text.ts'
import { criteriaRows, LABEL_ROWS, SIDE } from './screen-layout.ts'
import type { ScreenWorld } from './screen-layout.ts'
import type { Mode, ScreenState } from './screen-state.ts'
import { reviewAt } from './session.ts'
import { shownPart } from './text-field.ts'

export const VERDICT_NAMES = { approved: 'approved', needs_revision: 'needs revision', rejected: 'rejected' } as const

export interface Panel {
  title: string
  lines: string[]
  /** Row within the panel. */
  cursor?: { row: number; column: number }
}

/** What opens over the lower part of the dialogue, which stays readable above it. */
export function panelLines(state: ScreenState, world: ScreenWorld): Panel | undefined {
  const { mode, columns } = state
  const { colour } = world
  if (mode.name === 'note') {
    const { text, column } = shownPart(mode.field, columns - 4)
    return { title: 'Note', lines: [fit([['  '], [text]], columns)], cursor: { row: 0, column: 2 + column } }
  }
  if (mode.name === 'reasons') {
    const half = Math.min(Math.floor((columns - 2) / 2), 40)
    const box = (on: boolean, key: string, name: string): Span[] => [
      [`  ${key} `, colour.bold],
      [on ? '[x] ' : '[ ] ', on ? colour.green : colour.dim],
      [name.replaceAll('_', ' '), on ? colour.bold : undefined],
    ]
    const reasons = REASONS.map((reason, index) => box(mode.reasons.includes(reason), String(index + 1), reason))
    const rows = Math.ceil(reasons.length / 2)
    const lines = Array.from(
      { length: rows },
      (_, row) => fit(reasons[row] ?? [], half) + fit(reasons[row + rows] ?? [], columns - half),
    )
    const criteria = CRITERIA.flatMap((name): Span[] => {
      const on = mode.failed.includes(name)
      return [[` ${name.charAt(0)} `, colour.bold], [on ? '[x] ' : '[ ] ', on ? colour.red : colour.dim], [name]]
    })
    const cut = criteriaRows(columns) === 1 ? criteria.length : 9
    const failing = [criteria.slice(0, cut), criteria.slice(cut)].filter((row) => row.length > 0)
    const title = mode.verdict === 'rejected' ? 'Reject: why?' : 'Needs revision: why?'
    return {
      title,
      lines: [
        ...lines,
        fit([['  Criteria that fail:', colour.dim]], columns),
        ...failing.map((row) => fit(row, columns)),
      ],
    }
  }
  if (mode.name === 'labels') return labelsPanel(state, mode, colour)
  return undefined
}

function labelsPanel(state: ScreenState, mode: Extract<Mode, { name: 'labels' }>, colour: Colours): Panel {
  const { rows, focus } = mode.form
  const first = Math.max(0, Math.min(rows.length - LABEL_ROWS, focus - Math.floor(LABEL_ROWS / 2)))
  const lines = rows.slice(first, first + LABEL_ROWS).map((row, index) => {
    const focused = first + index === focus
    const changed = row.final !== row.original
    const value: Span[] = [
      [focused ? '‹ ' : '  ', colour.dim],
      [row.final ?? '(none)', changed ? (text) => colour.bold(colour.yellow(text)) : undefined],
      [focused ? ' ›' : '  ', colour.dim],
      [changed ? `  was ${row.original ?? '(none)'}` : '', colour.dim],
    ]
    return fit(
      [[focused ? ' ▸ ' : '   ', colour.bold], [row.title.padEnd(16), focused ? colour.bold : undefined], ...value],
      state.columns,
    )
  })
  const options = (rows[focus]?.options ?? []).slice(0, 9).map((option, index) => `${index + 1} ${option}`)
  return {
    title: 'Correct the labels',
    lines: [...lines, fit([[`   ${options.join('  ')}`, colour.dim]], state.columns)],
  }
}

export function sideLines(state: ScreenState, world: ScreenWorld): string[] {
  const { colour } = world
  const { dialogue, findings } = world.dialogueAt(state.session.position)
  const { labels, user_profile } = dialogue
  const lines: string[] = []
  const heading = (text: string) => {
    if (lines.length > 0) lines.push(fit([], SIDE))
    lines.push(fit([[text, colour.bold]], SIDE))
  }
  const pair = (name: string, value: string | number | undefined) => {
    if (value !== undefined) lines.push(fit([[name.padEnd(13), colour.dim], [String(value)]], SIDE))
  }
  const prose = (text: string, indent = '') => {
    wrapped(text, SIDE - 2).forEach((line, index) => lines.push(fit([[index === 0 ? indent : '  '], [line]], SIDE)))
  }
  heading('Labels')
  pair('risk', labels.max_risk_level)
  pair('session type', dialogue.session_type)
  pair('concern', user_profile.concern)
  pair('technique', labels.therapeutic_technique)
  pair('main intent', labels.primary_intent)
  pair('sentiment', labels.overall_sentiment)
  pair('mood', user_profile.mood_score === undefined ? undefined : `${user_profile.mood_score} of 10`)
  pair('age', user_profile.age_range)
  const shown = findings.filter((finding) => finding.severity !== 'info')
  heading('Findings')
  if (shown.length === 0) prose('None.')
  for (const finding of shown.slice(0, 6))
    prose(`${finding.turn === undefined ? '' : `turn ${finding.turn + 1}: `}${finding.code}`, '! ')
  if (shown.length > 6) prose(`… and ${shown.length - 6} more`)
  const said = reviewLines(reviewAt(state.session))
  if (said.length > 0) heading('Your review')
  for (const line of said) prose(line)
  return lines
}

function reviewLines(review: Review | undefined): string[] {
  if (review === undefined) return []
  const failed = CRITERIA.filter((criterion) => review.criteria[criterion] === 'fail')
  return [
    ...(review.status === null ? [] : [VERDICT_NAMES[review.status]]),
    ...review.reasons.map((reason) => `– ${reason.replaceAll('_', ' ')}`),
    ...(failed.length === 0 ? [] : [`fails: ${failed.join(', ')}`]),
    ...correctionsIn(review.labels),
    ...review.notes.map(({ note }) => `“${note}”`),
  ]
}
