import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { visible } from '../visible-text.ts'

/** A style from picocolors, or none. */
export type Style = (text: string) => string

/** A line in pieces, each with its own style; styles are put on last, so that widths are those of what is seen. */
export type Span = readonly [text: string, style?: Style]

/** `text` (made visible) in lines of at most `width` columns; its own line ends are kept. */
export function wrapped(text: string, width: number): string[] {
  return wrapAnsi(visible(text), Math.max(1, width), { hard: true, trim: true }).split('\n')
}

/** The spans in exactly `width` columns: cut with … or filled with blanks. */
export function fit(spans: readonly Span[], width: number): string {
  let left = width
  let line = ''
  for (const [text, style] of spans) {
    if (left <= 0) break
    const cut = truncate(text, left)
    left -= stringWidth(cut)
    line += style === undefined ? cut : style(cut)
  }
  return line + ' '.repeat(Math.max(0, left))
}

/** `left` and `right` at the two ends of a line of exactly `width` columns; `left` gives way. */
export function ends(left: readonly Span[], right: readonly Span[], width: number): string {
  const rightWidth = spansWidth(right)
  if (rightWidth + 2 > width) return fit(left, width)
  return `${fit(left, width - rightWidth - 1)} ${fit(right, rightWidth)}`
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, [text]) => sum + stringWidth(text), 0)
}

export function truncate(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of SEGMENTS.segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** What a person takes for one character. */
const SEGMENTS = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

export function characters(text: string): string[] {
  return Array.from(SEGMENTS.segment(text), ({ segment }) => segment)
}
