import type { Finding } from '../finding.ts'
import type { Severity } from '../rules/rule.ts'
import type { TurnText } from '../turn-text.ts'
import { excerptAt } from '../turn-text.ts'

/** What a check is handed to say that a rule is broken. */
export type Report = (
  rule: { id: string; severity: Severity; message: string; source: string },
  where?: { turn?: TurnText; start?: number; end?: number; severity?: Severity },
  fill?: Readonly<Record<string, string | number>>,
) => void

export function findingOf(
  rule: { id: string; severity: Severity; message: string; source: string },
  where: { turn?: TurnText; start?: number; end?: number; severity?: Severity },
  fill: Readonly<Record<string, string | number>>,
): Finding {
  const finding: Finding = {
    code: rule.id,
    severity: where.severity ?? rule.severity,
    message: filled(rule.message, fill),
  }
  if (where.turn !== undefined) {
    finding.turn = where.turn.index
    if (where.start !== undefined) finding.excerpt = excerptAt(where.turn, where.start, where.end ?? where.start)
  }
  finding.source = rule.source
  return finding
}

function filled(message: string, fill: Readonly<Record<string, string | number>>): string {
  return message.replace(/\{(\w+)\}/g, (_, name: string) => String(fill[name] ?? '')).trim()
}
