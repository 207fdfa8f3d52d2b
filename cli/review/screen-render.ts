import { CRITERIA, REASONS } from '../../core/dialogue/vocabulary.ts'
import type { Review } from '../../core/review/review.ts'
import { count, duration } from '../progress.ts'
import { dialogueLines } from './dialogue-lines.ts'
import type { Colours, DialogueLines } from './dialogue-lines.ts'
import { guidelineLines } from './guidelines.ts'
import { correctionsIn } from './label-form.ts'
import { ends, fit, spansWidth, wrapped } from './safe-text.ts'
import type { Span } from './safe-text.ts'
import type { Mode, ScreenContext, ScreenState } from './screen-state.ts'
import { reviewAt, tally, verdictAt } from './session.ts'
import type { Tally } from './session.ts'
import { shownPart } from './text-field.ts'

export interface Frame {
  /** Exactly `rows` lines of exactly `columns` columns. */
  lines: string[]
  /** 0-based; hidden when undefined. */
  cursor?: { row: number; column: number }
}

/** What the screen is drawn from, beside the state. */
export interface ScreenWorld {
  /** The input file, as the person knows it. */
  title: string
  guidelines: string
  colour: Colours
  dialogueAt: ScreenContext['dialogueAt']
}

export const SMALLEST = { columns: 44, rows: 14 }
/** From here on labels and keys stand beside the dialogue instead of being left out. */
const WIDE = 112
const SIDE = 36

const HEADER_ROWS = 3
const FOOTER_ROWS = 3

export function screenContext(world: ScreenWorld): ScreenContext {
  const body = remembered((position: number, width: number) => {
    const { dialogue, findings } = world.dialogueAt(position)
    return dialogueLines(dialogue, findings, width, world.colour)
  })
  const layout = (state: ScreenState): DialogueLines =>
    state.mode.name === 'guidelines'
      ? { lines: guidelineLines(world.guidelines, guidelinesWidth(state), world.colour.bold), turns: [] }
      : body(state.session.position, bodyWidth(state))
  return {
    dialogueAt: world.dialogueAt,
    lastScroll: (state) => Math.max(0, layout(state).lines.length - pageRows(state)),
    pageRows,
    turnLines: (state) => layout(state).turns,
  }
}

/** Keeps the last answer: a screen asks for the same dialogue several times at every key. */
function remembered<T>(make: (position: number, width: number) => T): (position: number, width: number) => T {
  let last: { position: number; width: number; value: T } | undefined
  return (position, width) => {
    if (last?.position !== position || last.width !== width) last = { position, width, value: make(position, width) }
    return last.value
  }
}

export function render(state: ScreenState, world: ScreenWorld): Frame {
  const { columns, rows } = state
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return tooSmall(state)
  switch (state.mode.name) {
    case 'reviewer':
      return reviewerFrame(state, state.mode, world)
    case 'guidelines':
      return guidelinesFrame(state, state.mode, world)
    case 'keys':
      return pageFrame(state, world, 'Keys', keysPage(world.colour), 'Any key goes back.')
    case 'summary':
      return pageFrame(
        state,
        world,
        'Every dialogue has a verdict',
        summarySpans(tally(state.session), world.colour),
        'Enter finishes · u takes the last verdict back · p looks at them again',
      )
    default:
      return dialogueFrame(state, world)
  }
}

function dialogueFrame(state: ScreenState, world: ScreenWorld): Frame {
  const { columns, rows } = state
  const { colour } = world
  const panel = panelLines(state, world)
  const shown = pageRows(state)
  const width = bodyWidth(state)
  const { dialogue, findings } = world.dialogueAt(state.session.position)
  const { lines } = dialogueLines(dialogue, findings, width, colour)
  const scroll = Math.min(state.scroll, Math.max(0, lines.length - shown))
  const page = padded(lines.slice(scroll, scroll + shown), shown, width)
  const side = isWide(state) ? padded(sideLines(state, world), shown, SIDE) : undefined
  const body = page.map((line, row) =>
    side === undefined ? ` ${line} ` : ` ${line} ${colour.dim('│')} ${side[row] ?? ''}`,
  )
  const below = lines.length - scroll - shown
  const more =
    below > 0 ? `${count(below)} more lines below, space shows them` : scroll > 0 ? 'end of the dialogue' : ''

  const frame: Frame = {
    lines: [
      ...headerLines(state, world),
      ...body.map((line) => line),
      rule(columns, panel?.title ?? more, colour, panel === undefined ? 'right' : 'left'),
      ...(panel?.lines ?? []),
      ...footerLines(state, world),
    ].slice(0, rows),
  }
  return panel?.cursor === undefined
    ? frame
    : { ...frame, cursor: { row: HEADER_ROWS + shown + 1 + panel.cursor.row, column: panel.cursor.column } }
}

function headerLines(state: ScreenState, world: ScreenWorld): string[] {
  const { session, columns } = state
  const { colour } = world
  const { dialogue } = world.dialogueAt(session.position)
  const so = tally(session)
  const place: Span[] = [
    [` ${session.position + 1} of ${count(so.total)}`, colour.bold],
    [`  ${dialogue.dialogue_id}`],
    [`  ${world.title}`, colour.dim],
  ]
  const { labels, user_profile } = dialogue
  const risk = labels.max_risk_level
  const about: Span[] = [
    [` ${[dialogue.session_type, user_profile.concern].join(' · ')}`],
    [user_profile.mood_score === undefined ? '' : ` · mood ${user_profile.mood_score} of 10`],
    [risk === undefined ? '' : ' · '],
    [
      risk === undefined ? '' : `risk ${risk}`,
      risk === 'none' ? undefined : (text) => colour.bold(colour.magenta(text)),
    ],
    [labels.therapeutic_technique === undefined ? '' : ` · ${labels.therapeutic_technique}`],
  ]
  return [
    ends(place, progressSpans(so, columns, colour), columns),
    ends(about, verdictSpans(state, colour), columns),
    rule(columns, '', colour),
  ]
}

function progressSpans(so: Tally, columns: number, colour: Colours): Span[] {
  const cells = columns >= 100 ? 20 : 10
  const full = so.total === 0 ? 0 : Math.floor((cells * so.judged) / so.total)
  return [
    [`${count(so.judged)} judged `],
    ['━'.repeat(full), colour.green],
    ['─'.repeat(cells - full), colour.dim],
    [` ${so.total === 0 ? 0 : Math.floor((100 * so.judged) / so.total)} % `],
  ]
}

const VERDICT_NAMES = { approved: 'approved', needs_revision: 'needs revision', rejected: 'rejected' } as const

function verdictSpans(state: ScreenState, colour: Colours): Span[] {
  const review = reviewAt(state.session)
  const verdict = verdictAt(state.session)
  if (verdict !== undefined)
    return [
      ['you said: '],
      [VERDICT_NAMES[verdict], (text) => colour.bold(verdictColour(verdict, colour)(text))],
      [' '],
    ]
  if (review !== undefined && review.status !== null) return [['the text changed since your verdict ', colour.yellow]]
  if (state.session.skipped.has(state.session.position)) return [['skipped before ', colour.dim]]
  return []
}

function verdictColour(verdict: keyof typeof VERDICT_NAMES, colour: Colours) {
  return verdict === 'approved' ? colour.green : verdict === 'rejected' ? colour.red : colour.yellow
}

function footerLines(state: ScreenState, world: ScreenWorld): string[] {
  const { columns, session } = state
  const { colour } = world
  const so = tally(session)
  const pace: Span[] =
    so.median_ms === undefined || so.left_ms === undefined
      ? []
      : [[`${duration(so.median_ms)} each, about ${duration(so.left_ms)} left `, colour.dim]]
  return [ends([[` ${state.message}`]], pace, columns), keyLine(keysFor(state.mode), columns, colour)]
}

/** Most needed first: what does not fit is left out, and `?` shows it. */
function keysFor(mode: Mode): readonly (readonly [key: string, what: string])[] {
  switch (mode.name) {
    case 'note':
      return [
        ['Enter', 'save the note'],
        ['Esc', 'back without'],
      ]
    case 'reasons':
      return [
        ['Enter', 'give the verdict'],
        ['1-8', 'reasons'],
        ['r a t s l', 'criteria'],
        ['n', 'note'],
        ['Esc', 'back'],
      ]
    case 'labels':
      return [
        ['↑ ↓', 'label'],
        ['← →', 'value'],
        ['1-9', 'value'],
        ['Enter', 'save'],
        ['Esc', 'back'],
      ]
    default:
      return [
        ['a', 'approve'],
        ['v', 'revise'],
        ['x', 'reject'],
        ['s', 'skip'],
        ['n', 'note'],
        ['u', 'undo'],
        ['?', 'keys'],
        ['q', 'quit'],
        ['l', 'labels'],
        ['g', 'guidelines'],
        ['← →', 'previous, next'],
      ]
  }
}

function keyLine(keys: readonly (readonly [string, string])[], columns: number, colour: Colours): string {
  const spans: Span[] = [[' ']]
  for (const [key, what] of keys) {
    const next: Span[] = [[key, colour.bold], [` ${what}`, colour.dim], ['  ']]
    if (spansWidth(spans) + spansWidth(next) - 2 > columns) break
    spans.push(...next)
  }
  return fit(spans, columns)
}

interface Panel {
  title: string
  lines: string[]
  /** Row within the panel. */
  cursor?: { row: number; column: number }
}

/** What opens over the lower part of the dialogue, which stays readable above it. */
function panelLines(state: ScreenState, world: ScreenWorld): Panel | undefined {
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

/** On a narrow screen the five do not fit one line. */
function criteriaRows(columns: number): 1 | 2 {
  return columns < 78 ? 2 : 1
}

const LABEL_ROWS = 6

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

function sideLines(state: ScreenState, world: ScreenWorld): string[] {
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

function reviewerFrame(state: ScreenState, mode: Extract<Mode, { name: 'reviewer' }>, world: ScreenWorld): Frame {
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

function guidelinesFrame(state: ScreenState, mode: Extract<Mode, { name: 'guidelines' }>, world: ScreenWorld): Frame {
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

function pageFrame(state: ScreenState, world: ScreenWorld, title: string, page: Span[][], last: string): Frame {
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

function keysPage(colour: Colours): Span[][] {
  const key = (name: string, what: string): Span[] => [[name.padEnd(10), colour.bold], [what]]
  return [
    key('a', 'approve: all five criteria pass'),
    key('v', 'needs revision: choose why'),
    key('x', 'reject: choose why'),
    key('s', 'skip: it comes back at the end'),
    key('u', 'undo the last verdict, also after a restart'),
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

function tooSmall(state: ScreenState): Frame {
  const text = `Make the terminal at least ${SMALLEST.columns} columns by ${SMALLEST.rows} rows; it is ${state.columns} by ${state.rows}. q quits.`
  const lines = wrapped(text, Math.max(1, state.columns)).map((line) => fit([[line]], state.columns))
  return { lines: padded(lines, state.rows, state.columns) }
}

function isWide(state: ScreenState): boolean {
  return state.columns >= WIDE
}

function bodyWidth(state: ScreenState): number {
  return isWide(state) ? state.columns - SIDE - 4 : state.columns - 2
}

function guidelinesWidth(state: ScreenState): number {
  return Math.min(state.columns - 2, 92)
}

export function pageRows(state: ScreenState): number {
  if (state.mode.name === 'guidelines') return Math.max(1, state.rows - 4)
  return Math.max(1, state.rows - HEADER_ROWS - FOOTER_ROWS - panelRows(state))
}

function panelRows(state: ScreenState): number {
  switch (state.mode.name) {
    case 'note':
      return 1
    case 'reasons':
      return 5 + criteriaRows(state.columns)
    case 'labels':
      return LABEL_ROWS + 1
    default:
      return 0
  }
}

function rule(columns: number, title: string, colour: Colours, side: 'left' | 'right' = 'left'): string {
  if (title === '') return colour.dim('─'.repeat(columns))
  const name: Span = [` ${title} `, side === 'left' ? colour.bold : colour.dim]
  const rest = columns - spansWidth([name]) - 2
  if (rest < 0) return fit([name], columns)
  const [before, after] = side === 'left' ? [2, rest] : [rest, 2]
  return fit([['─'.repeat(before), colour.dim], name, ['─'.repeat(after), colour.dim]], columns)
}

function padded(lines: readonly string[], rows: number, width: number): string[] {
  const blank = ' '.repeat(Math.max(0, width))
  return Array.from({ length: rows }, (_, row) => lines[row] ?? blank)
}
