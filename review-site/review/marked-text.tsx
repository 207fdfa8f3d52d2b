interface Span {
  start: number
  end: number
}

/** The text of a turn, as text: nothing in it is ever markup. Parts that somebody commented on are marked. */
export function MarkedText({ text, spans }: { text: string; spans: readonly Span[] }) {
  return <>{pieces(text, spans).map(({ part, marked }) => (marked ? <mark>{part}</mark> : part))}</>
}

/** Cuts the text at the bounds of the spans; overlapping spans become one mark. */
export function pieces(text: string, spans: readonly Span[]): { part: string; marked: boolean }[] {
  const result: { part: string; marked: boolean }[] = []
  let at = 0
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const from = Math.max(at, Math.min(start, text.length))
    const to = Math.min(end, text.length)
    if (to <= from) continue
    if (from > at) result.push({ part: text.slice(at, from), marked: false })
    result.push({ part: text.slice(from, to), marked: true })
    at = to
  }
  if (at < text.length) result.push({ part: text.slice(at), marked: false })
  return result
}

/** What is selected inside `element`, as UTF-16 offsets into its text; undefined when nothing is, or more than it. */
export function selectedSpan(element: Element, selection: Selection | null): Span | undefined {
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return undefined
  const range = selection.getRangeAt(0)
  if (!element.contains(range.startContainer) || !element.contains(range.endContainer)) return undefined
  const before = range.cloneRange()
  before.selectNodeContents(element)
  before.setEnd(range.startContainer, range.startOffset)
  const start = before.toString().length
  const end = start + range.toString().length
  return end > start ? { start, end } : undefined
}
