import type { Dialogue } from '../../core/dialogue/schema.ts'
import { CRITERIA, REASONS } from '../../core/dialogue/vocabulary.ts'
import type { Criterion, Reason, Verdict } from '../../core/dialogue/vocabulary.ts'
import type { Finding } from '../../core/quality/finding.ts'
import type { Review } from '../../core/review/review.ts'
import type { Key } from './keys.ts'
import { adjustmentsOf, correctionsIn, focusMoved, labelForm, valueChosen, valueMoved } from './label-form.ts'
import type { LabelForm } from './label-form.ts'
import {
  addNote,
  attended,
  correctLabels,
  goTo,
  isComplete,
  judge,
  nextOpen,
  reviewAt,
  skip,
  undo,
  verdictAt,
} from './session.ts'
import type { Saved, Session } from './session.ts'
import { textField, textOf, typed } from './text-field.ts'
import type { TextField } from './text-field.ts'

/** What is on the screen. Pure: `reduce` makes the next state of a key, `render` makes lines of a state. */
export interface ScreenState {
  session: Session
  mode: Mode
  /** First line of the dialogue that is shown. */
  scroll: number
  columns: number
  rows: number
  /** One line about what just happened. */
  message: string
  /** For telling a held key from a pressed one. */
  lastKey: { name: string; at: number } | undefined
  /** Between the marks that a terminal puts around pasted text. */
  pasting: boolean
}

export type Mode =
  | { name: 'reviewer'; field: TextField }
  | { name: 'dialogue' }
  | { name: 'reasons'; verdict: Exclude<Verdict, 'approved'>; reasons: readonly Reason[]; failed: readonly Criterion[] }
  | { name: 'note'; field: TextField; back: Mode }
  | { name: 'labels'; form: LabelForm }
  | { name: 'guidelines'; scroll: number; back: Mode }
  | { name: 'keys'; back: Mode }
  | { name: 'summary' }

/** What the reducer asks about the world; answers depend on nothing but the arguments. */
export interface ScreenContext {
  dialogueAt(position: number): { dialogue: Dialogue; findings: readonly Finding[] }
  /** How far the dialogue (or the guidelines) can scroll, in lines. */
  lastScroll(state: ScreenState): number
  /** Lines of the dialogue, or the guidelines, that fit the screen. */
  pageRows(state: ScreenState): number
  /** Where each turn begins. */
  turnLines(state: ScreenState): readonly number[]
}

export type ScreenEvent = { type: 'key'; key: Key; at: number } | { type: 'resize'; columns: number; rows: number }

export interface Step {
  state: ScreenState
  /** To be on the disk before the next key is taken. */
  save?: Review
  /** The reviewer leaves: by `q`, or by Ctrl-C. */
  leave?: 'done' | 'interrupted'
}

/**
 * A key that comes again sooner than this (ms) is held down. Keyboards begin to repeat after 250 to 660 ms: not one
 * dialogue may be judged by that. Taking back and skipping lose nothing, so there a quick finger counts.
 */
export const HELD_KEY_MS: Readonly<Record<string, number>> = { a: 700, v: 700, x: 700, s: 250, u: 250 }

export function openScreen(session: Session, columns: number, rows: number): ScreenState {
  const mode: Mode =
    session.reviewer === ''
      ? { name: 'reviewer', field: textField() }
      : isComplete(session)
        ? { name: 'summary' }
        : { name: 'dialogue' }
  return { session, mode, scroll: 0, columns, rows, message: '', lastKey: undefined, pasting: false }
}

export function reduce(state: ScreenState, event: ScreenEvent, context: ScreenContext): Step {
  if (event.type === 'resize') {
    const resized = { ...state, columns: event.columns, rows: event.rows }
    return { state: { ...resized, scroll: Math.min(state.scroll, context.lastScroll(resized)) } }
  }
  const { key, at } = event
  if (key.name === 'paste-start') return { state: { ...state, pasting: true } }
  if (key.name === 'paste-end') return { state: { ...state, pasting: false } }
  if (key.name === 'ctrl+c') return { state, leave: 'interrupted' }
  const typing = state.mode.name === 'reviewer' || state.mode.name === 'note'
  if (state.pasting) {
    // Pasted text types; it presses nothing: no line of it may become a verdict.
    if (!typing) return { state }
    return byMode(state, key.name === 'enter' ? { name: 'space', text: ' ' } : key, at, context)
  }
  const held = state.lastKey?.name === key.name && at - state.lastKey.at < (HELD_KEY_MS[key.name] ?? 0)
  const noted = { ...state, session: attended(state.session, at), lastKey: { name: key.name, at } }
  if (held && state.mode.name === 'dialogue')
    return { state: { ...noted, message: 'A held key counts once: let go of it.' } }
  return byMode({ ...noted, message: '' }, key, at, context)
}

function byMode(state: ScreenState, key: Key, at: number, context: ScreenContext): Step {
  const { mode } = state
  switch (mode.name) {
    case 'reviewer':
      return inReviewer(state, mode, key)
    case 'dialogue':
      return inDialogue(state, key, at, context)
    case 'reasons':
      return inReasons(state, mode, key, at, context)
    case 'note':
      return inNote(state, mode, key, at)
    case 'labels':
      return inLabels(state, mode, key, at)
    case 'guidelines':
      return inGuidelines(state, mode, key, context)
    case 'keys':
      return { state: { ...state, mode: mode.back } }
    case 'summary':
      return inSummary(state, key, at)
  }
}

function inReviewer(state: ScreenState, mode: Extract<Mode, { name: 'reviewer' }>, key: Key): Step {
  if (key.name === 'escape') return { state, leave: 'done' }
  if (key.name !== 'enter') return { state: { ...state, mode: { ...mode, field: typed(mode.field, key) } } }
  const reviewer = textOf(mode.field).trim()
  if (reviewer === '') return { state: { ...state, message: 'Type a name first.' } }
  return { state: openScreen({ ...state.session, reviewer }, state.columns, state.rows) }
}

function inDialogue(state: ScreenState, key: Key, at: number, context: ScreenContext): Step {
  const { session } = state
  switch (key.name) {
    case 'a':
      return verdictAt(session) === 'approved'
        ? { state: { ...state, message: 'Approved already.' } }
        : judged(state, judge(session, 'approved', {}, at))
    case 'v':
    case 'x': {
      const verdict = key.name === 'v' ? 'needs_revision' : 'rejected'
      const earlier = verdictAt(session) === undefined ? undefined : reviewAt(session)
      const failed = CRITERIA.filter((criterion) => earlier?.criteria[criterion] === 'fail')
      return { state: { ...state, mode: { name: 'reasons', verdict, reasons: earlier?.reasons ?? [], failed } } }
    }
    case 's':
      if (verdictAt(session) !== undefined) return moved(state, session.position + 1, at)
      return shown(state, skip(session, at), 'Skipped; it comes back at the end.')
    case 'right':
      return moved(state, session.position + 1, at)
    case 'left':
    case 'p':
      return moved(state, session.position - 1, at)
    case 'u':
      return undone(state, at)
    case 'n':
      return { state: { ...state, mode: { name: 'note', field: textField(), back: state.mode } } }
    case 'l': {
      const { dialogue } = context.dialogueAt(session.position)
      const form = labelForm(dialogue, reviewAt(session)?.labels ?? {})
      return { state: { ...state, mode: { name: 'labels', form } } }
    }
    case 'g':
      return { state: { ...state, mode: { name: 'guidelines', scroll: 0, back: state.mode } } }
    case '?':
      return { state: { ...state, mode: { name: 'keys', back: state.mode } } }
    case 'q':
      return { state, leave: 'done' }
    default:
      return { state: scrolled(state, key, context) }
  }
}

function scrolled(state: ScreenState, key: Key, context: ScreenContext): ScreenState {
  const last = context.lastScroll(state)
  const to = (line: number) => ({ ...state, scroll: Math.max(0, Math.min(last, line)) })
  const turns = context.turnLines(state)
  switch (key.name) {
    case 'j':
      return to(turns.find((line) => line > state.scroll) ?? last)
    case 'k':
      return to(turns.findLast((line) => line < state.scroll) ?? 0)
    default: {
      const line = scrollTarget(state.scroll, key, context.pageRows(state), last)
      return line === undefined ? state : to(line)
    }
  }
}

/** Where a scrolling key leads; undefined for other keys. A page keeps two lines of the last one in view. */
function scrollTarget(scroll: number, key: Key, page: number, last: number): number | undefined {
  switch (key.name) {
    case 'down':
      return scroll + 1
    case 'up':
      return scroll - 1
    case 'space':
    case 'pagedown':
      return scroll + Math.max(1, page - 2)
    case 'b':
    case 'pageup':
      return scroll - Math.max(1, page - 2)
    case 'home':
      return 0
    case 'end':
      return last
    default:
      return undefined
  }
}

function inReasons(
  state: ScreenState,
  mode: Extract<Mode, { name: 'reasons' }>,
  key: Key,
  at: number,
  context: ScreenContext,
): Step {
  const reason = REASONS[Number(key.name) - 1]
  if (/^[1-8]$/.test(key.name) && reason !== undefined)
    return { state: { ...state, mode: { ...mode, reasons: toggled(mode.reasons, reason) } } }
  const criterion = CRITERIA.find((name) => name.startsWith(key.name))
  if (key.name.length === 1 && criterion !== undefined)
    return { state: { ...state, mode: { ...mode, failed: toggled(mode.failed, criterion) } } }
  switch (key.name) {
    case 'enter':
      if (mode.reasons.length === 0)
        return { state: { ...state, message: 'Say why: choose at least one reason (1 to 8).' } }
      return judged(state, judge(state.session, mode.verdict, mode, at))
    case 'escape':
    case 'q':
      return { state: { ...state, mode: { name: 'dialogue' }, message: 'No verdict given.' } }
    case 'n':
      return { state: { ...state, mode: { name: 'note', field: textField(), back: mode } } }
    case 'g':
      return { state: { ...state, mode: { name: 'guidelines', scroll: 0, back: mode } } }
    case '?':
      return { state: { ...state, mode: { name: 'keys', back: mode } } }
    default:
      return { state: scrolled(state, key, context) }
  }
}

function inNote(state: ScreenState, mode: Extract<Mode, { name: 'note' }>, key: Key, at: number): Step {
  if (key.name === 'escape') return { state: { ...state, mode: mode.back, message: 'No note added.' } }
  if (key.name !== 'enter') return { state: { ...state, mode: { ...mode, field: typed(mode.field, key) } } }
  const note = textOf(mode.field).trim()
  if (note === '') return { state: { ...state, mode: mode.back, message: 'No note added.' } }
  const saved = addNote(state.session, note, at)
  return { state: { ...state, session: saved.session, mode: mode.back, message: 'Note saved.' }, save: saved.review }
}

function inLabels(state: ScreenState, mode: Extract<Mode, { name: 'labels' }>, key: Key, at: number): Step {
  const into = (form: LabelForm): Step => ({ state: { ...state, mode: { ...mode, form } } })
  if (/^[1-9]$/.test(key.name)) return into(valueChosen(mode.form, Number(key.name) - 1))
  switch (key.name) {
    case 'up':
    case 'k':
      return into(focusMoved(mode.form, -1))
    case 'down':
    case 'j':
      return into(focusMoved(mode.form, 1))
    case 'left':
      return into(valueMoved(mode.form, -1))
    case 'right':
    case 'space':
      return into(valueMoved(mode.form, 1))
    case 'enter': {
      const labels = adjustmentsOf(mode.form)
      const same = JSON.stringify(labels) === JSON.stringify(reviewAt(state.session)?.labels ?? {})
      if (same) return { state: { ...state, mode: { name: 'dialogue' }, message: 'No label changed.' } }
      const saved = correctLabels(state.session, labels, at)
      const changes = correctionsIn(labels)
      const message = changes.length === 0 ? 'Labels as in the file again.' : `Saved: ${changes.join(', ')}.`
      return { state: { ...state, session: saved.session, mode: { name: 'dialogue' }, message }, save: saved.review }
    }
    case 'escape':
    case 'q':
      return { state: { ...state, mode: { name: 'dialogue' }, message: 'Labels left as they were.' } }
    default:
      return { state }
  }
}

function inGuidelines(
  state: ScreenState,
  mode: Extract<Mode, { name: 'guidelines' }>,
  key: Key,
  context: ScreenContext,
): Step {
  const name = key.name === 'j' ? 'down' : key.name === 'k' ? 'up' : key.name
  const last = context.lastScroll(state)
  const line = scrollTarget(mode.scroll, { name }, context.pageRows(state), last)
  if (line === undefined) {
    const closes = ['g', 'q', 'escape', 'enter'].includes(name)
    return { state: closes ? { ...state, mode: mode.back } : state }
  }
  return { state: { ...state, mode: { ...mode, scroll: Math.max(0, Math.min(last, line)) } } }
}

function inSummary(state: ScreenState, key: Key, at: number): Step {
  switch (key.name) {
    case 'enter':
    case 'q':
    case 'escape':
      return { state, leave: 'done' }
    case 'u':
      return undone(state, at)
    case 'left':
    case 'p': {
      const last = nextOpen(state.session, 0) ?? state.session.items.length - 1
      return { state: { ...state, mode: { name: 'dialogue' }, session: goTo(state.session, last, at), scroll: 0 } }
    }
    default:
      return { state }
  }
}

const SAID: Readonly<Record<Verdict, string>> = {
  approved: 'Approved',
  needs_revision: 'Marked as needing revision',
  rejected: 'Rejected',
}

function judged(state: ScreenState, saved: Saved): Step {
  // The session goes on to an open dialogue, unless there is none.
  const done = verdictAt(saved.session) !== undefined
  const message = `${SAID[saved.review.status ?? 'approved']}: ${saved.review.dialogue_id}. u takes it back.`
  const mode: Mode = done ? { name: 'summary' } : { name: 'dialogue' }
  return { state: { ...state, session: saved.session, mode, scroll: 0, message }, save: saved.review }
}

function undone(state: ScreenState, at: number): Step {
  const saved = undo(state.session, at)
  if (saved === undefined) return { state: { ...state, message: 'There is nothing to take back.' } }
  const message = `Taken back: ${saved.took}.`
  return {
    state: { ...state, session: saved.session, mode: { name: 'dialogue' }, scroll: 0, message },
    save: saved.review,
  }
}

function moved(state: ScreenState, position: number, at: number): Step {
  const { items } = state.session
  if (position < 0) return { state: { ...state, message: 'This is the first one.' } }
  if (position >= items.length)
    return {
      state: {
        ...state,
        message: isComplete(state.session) ? 'This is the last one; q finishes.' : 'This is the last one.',
      },
    }
  return shown(state, goTo(state.session, position, at), '')
}

function shown(state: ScreenState, session: Session, message: string): Step {
  return { state: { ...state, session, scroll: 0, message } }
}

function toggled<T>(list: readonly T[], item: T): T[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item]
}
