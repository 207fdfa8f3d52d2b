import { fit, spansWidth } from './safe-text.ts'
import type { Span } from './safe-text.ts'
import type { Colours } from './dialogue-lines.ts'
import type { ScreenContext, ScreenState } from './screen-state.ts'

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
export const SIDE = 36

export const HEADER_ROWS = 3
const FOOTER_ROWS = 3

export function isWide(state: ScreenState): boolean {
  return state.columns >= WIDE
}

export function bodyWidth(state: ScreenState): number {
  return isWide(state) ? state.columns - SIDE - 4 : state.columns - 2
}

export function guidelinesWidth(state: ScreenState): number {
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

/** On a narrow screen the five do not fit one line. */
export function criteriaRows(columns: number): 1 | 2 {
  return columns < 78 ? 2 : 1
}

export const LABEL_ROWS = 6

export function rule(columns: number, title: string, colour: Colours, side: 'left' | 'right' = 'left'): string {
  if (title === '') return colour.dim('─'.repeat(columns))
  const name: Span = [` ${title} `, side === 'left' ? colour.bold : colour.dim]
  const rest = columns - spansWidth([name]) - 2
  if (rest < 0) return fit([name], columns)
  const [before, after] = side === 'left' ? [2, rest] : [rest, 2]
  return fit([['─'.repeat(before), colour.dim], name, ['─'.repeat(after), colour.dim]], columns)
}

export function padded(lines: readonly string[], rows: number, width: number): string[] {
  const blank = ' '.repeat(Math.max(0, width))
  return Array.from({ length: rows }, (_, row) => lines[row] ?? blank)
}

export function keyLine(keys: readonly (readonly [string, string])[], columns: number, colour: Colours): string {
  const spans: Span[] = [[' ']]
  for (const [key, what] of keys) {
    const next: Span[] = [[key, colour.bold], [` ${what}`, colour.dim], ['  ']]
    if (spansWidth(spans) + spansWidth(next) - 2 > columns) break
    spans.push(...next)
  }
  return fit(spans, columns)
}
