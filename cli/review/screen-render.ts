import { count, duration } from '../progress.ts'
import { dialogueLines } from './dialogue-lines.ts'
import type { Colours, DialogueLines } from './dialogue-lines.ts'
import { guidelineLines } from './guidelines.ts'
import { ends } from './safe-text.ts'
import type { Span } from './safe-text.ts'
import {
  bodyWidth,
  guidelinesWidth,
  HEADER_ROWS,
  isWide,
  keyLine,
  padded,
  pageRows,
  rule,
  SIDE,
  SMALLEST,
} from './screen-layout.ts'
import type { Frame, ScreenWorld } from './screen-layout.ts'
import { guidelinesFrame, keysPage, pageFrame, reviewerFrame, summarySpans, tooSmall } from './screen-pages.ts'
import { panelLines, sideLines, VERDICT_NAMES } from './screen-panels.ts'
import type { Mode, ScreenContext, ScreenState } from './screen-state.ts'
import { reviewAt, tally, verdictAt } from './session.ts'
import type { Tally } from './session.ts'

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
