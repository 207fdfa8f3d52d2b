import { count, duration } from '../progress.ts'
import type { Colours } from './dialogue-lines.ts'
import { guidelineLines } from './guidelines.ts'
import { fit, wrapped } from './safe-text.ts'
import type { Span } from './safe-text.ts'
import { guidelinesWidth, keyLine, padded, pageRows, rule, SMALLEST } from './screen-layout.ts'
import type { Frame, ScreenWorld } from './screen-layout.ts'
import type { Mode, ScreenState } from './screen-state.ts'
import type { Tally } from './session.ts'
import { shownPart } from './text-field.ts'

export function reviewerFrame(
  state: ScreenState,
  mode: Extract<Mode, { name: 'reviewer' }>,
  world: ScreenWorld,
): Frame {
  const { columns, rows } = state
  const { colour } = world
  const { text, column } = shownPart(mode.field, columns - 6)
  const lines = [
    fit([], columns),
    fit([[`  ${world.title}`, colour.bold], [`  ${count(state.session.items.length)} dialogues to review`]], columns),
    fit([], columns),
    fit([['  Who reviews? Your name stands beside every verdict.']], columns),
    fit([], columns),
    fit([['  › ', colour.dim], [text]], columns),
    fit([], columns),
    fit([[`  ${state.message === '' ? 'Enter goes on, Esc leaves.' : state.message}`, colour.dim]], columns),
  ]
  return { lines: padded(lines, rows, columns), cursor: { row: 5, column: 4 + column } }
}

export function guidelinesFrame(
  state: ScreenState,
  mode: Extract<Mode, { name: 'guidelines' }>,
  world: ScreenWorld,
): Frame {
  const { columns, rows } = state
  const { colour } = world
  const width = guidelinesWidth(state)
  const shown = pageRows(state)
  const all = guidelineLines(world.guidelines, width, colour.bold)
  const scroll = Math.min(mode.scroll, Math.max(0, all.length - shown))
  const page = padded(all.slice(scroll, scroll + shown), shown, width)
  const below = all.length - scroll - shown
  const lines = [
    fit(
      [
        [' Guidelines', colour.bold],
        [`  version ${state.session.guidelines_version}`, colour.dim],
      ],
      columns,
    ),
    rule(columns, '', colour),
    ...page.map((line) => ` ${line}${' '.repeat(columns - width - 1)}`),
    rule(columns, below > 0 ? `${count(below)} more lines` : 'end', colour, 'right'),
    keyLine(
      [
        ['space', 'on'],
        ['b', 'back'],
        ['↑ ↓', 'line by line'],
        ['g', 'close'],
      ],
      columns,
      colour,
    ),
  ]
  return { lines: padded(lines, rows, columns) }
}

export function pageFrame(state: ScreenState, world: ScreenWorld, title: string, page: Span[][], last: string): Frame {
  const { columns, rows } = state
  const { colour } = world
  const lines = [
    fit([[` ${title}`, colour.bold]], columns),
    rule(columns, '', colour),
    ...page.slice(0, rows - 4).map((spans) => fit([[' '], ...spans], columns)),
  ]
  return {
    lines: [...padded(lines, rows - 2, columns), rule(columns, '', colour), fit([[` ${last}`, colour.dim]], columns)],
  }
}

export function keysPage(colour: Colours): Span[][] {
  const key = (name: string, what: string): Span[] => [[name.padEnd(10), colour.bold], [what]]
  return [
    key('a', 'approve: all five criteria pass'),
    key('v', 'needs revision: choose why'),
    key('x', 'reject: choose why'),
    key('s', 'skip: it comes back at the end'),
    key('u', 'undo what was saved last: a verdict, a note, labels'),
    key('n', 'add a note'),
    key('l', 'correct labels'),
    key('← →', 'previous and next, without a verdict (also p)'),
    key('space b', 'a page on and back'),
    key('j k', 'next and previous turn'),
    key('↑ ↓', 'line by line; Home and End too'),
    key('g', 'guidelines'),
    key('q', 'quit; every verdict is saved already'),
    key('Ctrl-C', 'the same'),
  ]
}

export function summarySpans(so: Tally, colour: Colours): Span[][] {
  const row = (name: string, value: number, style?: (text: string) => string): Span[] => [
    [`${name.padEnd(16)}`],
    [count(value).padStart(7), style],
  ]
  return [
    row('approved', so.approved, colour.green),
    row('needs revision', so.needs_revision, colour.yellow),
    row('rejected', so.rejected, colour.red),
    row('open', so.open),
    row('all', so.total, colour.bold),
    ...(so.median_ms === undefined ? [] : [[], [[`${duration(so.median_ms)} each (median)`, colour.dim] as const]]),
  ]
}

export function tooSmall(state: ScreenState): Frame {
  const text = `Make the terminal at least ${SMALLEST.columns} columns by ${SMALLEST.rows} rows; it is ${state.columns} by ${state.rows}. q quits.`
  const lines = wrapped(text, Math.max(1, state.columns)).map((line) => fit([[line]], state.columns))
  return { lines: padded(lines, state.rows, state.columns) }
}
