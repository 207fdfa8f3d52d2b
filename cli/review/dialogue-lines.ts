import type pc from 'picocolors'
import type { Dialogue, Message } from '../../core/dialogue/schema.ts'
import type { Finding } from '../../core/quality/finding.ts'
import { ends, fit, wrapped } from './safe-text.ts'
import type { Span, Style } from './safe-text.ts'

export type Colours = ReturnType<typeof pc.createColors>

/** A dialogue as lines of exactly `width` columns, and where each turn begins among them. */
export interface DialogueLines {
  lines: string[]
  /** Index into `lines` of each message's heading. */
  turns: number[]
}

/** Prose wider than this is hard to read, however wide the terminal. */
const WIDEST_TEXT = 92

/**
 * Role and labels over each turn, its findings under it; findings about the whole dialogue come first. `info` findings
 * are left out: they are for those who ask.
 */
export function dialogueLines(
  dialogue: Dialogue,
  findings: readonly Finding[],
  width: number,
  colour: Colours,
): DialogueLines {
  const lines: string[] = []
  const turns: number[] = []
  const column = Math.min(width, WIDEST_TEXT)
  const put = (spans: readonly Span[]) => lines.push(fit(spans, width))

  const shown = findings.filter((finding) => finding.severity !== 'info')
  const whole = shown.filter((finding) => finding.turn === undefined)
  for (const finding of whole) for (const line of findingLines(finding, '', column, colour)) put(line)
  if (whole.length > 0) put([])

  dialogue.messages.forEach((message, turn) => {
    if (turn > 0) put([])
    turns.push(lines.length)
    lines.push(
      fit([[turnHeading(message, turn, dialogue.messages.length, column, colour)]], column) +
        ' '.repeat(width - column),
    )
    for (const line of wrapped(message.text, column - 2)) put([[`  ${line}`]])
    for (const finding of shown.filter((one) => one.turn === turn))
      for (const line of findingLines(finding, '  ', column, colour)) put(line)
  })
  return { lines, turns }
}

/** How a role is called for the people who review. */
export function roleName(role: Message['role']): string {
  return role === 'user' ? 'Client' : 'Assistant'
}

function turnHeading(message: Message, turn: number, total: number, width: number, colour: Colours): string {
  const style: Style = message.role === 'user' ? colour.cyan : colour.green
  const left: Span[] = [
    [roleName(message.role), (text) => colour.bold(style(text))],
    [` · turn ${turn + 1} of ${total}`, colour.dim],
  ]
  return ends(left, message.role === 'assistant' ? turnLabels(message, colour) : [], width)
}

/** Intent, feeling and risk of an assistant turn. Risk is said in words; the colour only helps to find it. */
function turnLabels(message: Extract<Message, { role: 'assistant' }>, colour: Colours): Span[] {
  const risk = message.risk_level
  const quiet = [message.intent, message.sentiment].filter((label) => label !== undefined).join(' · ')
  const spans: Span[] = quiet === '' ? [] : [[quiet, colour.dim]]
  if (risk === undefined) return spans
  const gap = quiet === '' ? '' : ' · '
  return risk === 'none'
    ? [...spans, [`${gap}risk none`, colour.dim]]
    : [...spans, [gap, colour.dim], [`risk ${risk}`, (text) => colour.bold(colour.magenta(text))]]
}

/** `! warning: what is wrong (code)`, wrapped with a hanging indent. */
function findingLines(finding: Finding, indent: string, width: number, colour: Colours): Span[][] {
  const [mark, style]: [string, Style] =
    finding.severity === 'error' ? ['✗ error: ', colour.red] : ['! warning: ', colour.yellow]
  const excerpt = finding.excerpt === undefined ? '' : ` “${finding.excerpt}”`
  const hang = ' '.repeat(2)
  const text = wrapped(`${mark}${finding.message}${excerpt} (${finding.code})`, width - indent.length - hang.length)
  return text.map((line, index) => [[indent + (index === 0 ? '' : hang)], [line, style]])
}
