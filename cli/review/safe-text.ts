import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

/** A style from picocolors, or none. */
export type Style = (text: string) => string

/** A line in pieces, each with its own style; styles are put on last, so that widths are those of what is seen. */
export type Span = readonly [text: string, style?: Style]

/**
 * Dialogue text is untrusted: escape sequences in it would move the cursor or rename the window, and direction marks
 * would reorder what is read. They are shown as �; line ends stay, tabs become spaces.
 */
export function visible(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll('\t', '    ').replaceAll(UNSAFE, '\u{fffd}')
}

// C0 but for the line feed, DEL and C1; line separators; bidirectional marks, embeddings and isolates.
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

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
