import type { Dialogue } from '../dialogue/schema.ts'
import type { RiskLevel } from '../dialogue/vocabulary.ts'
import { highestRisk } from '../dialogue/vocabulary.ts'
import type { RiskSignal, RiskTable } from './risk-signals.ts'
import { levelOfSignals, readDialogueRisk } from './risk-signals.ts'

export interface AutomaticRiskLabels {
  max_risk_level: RiskLevel
  /** As `risk` of a dialogue. */
  risk: { signals: RiskSignal[]; imminent: boolean }
  /** By index of the message: the level of each reply, which is that of all that the client voiced before it. */
  turns: Readonly<Record<number, RiskLevel>>
  /** The table that gave the levels, with its version. */
  table: string
  /** Words that may be a signal and set no level: a person should look before the labels are believed. */
  uncertain: boolean
}

/** Risk labels for a dialogue that came without them, from the client's explicit words alone. Suggestions, not verdicts. */
export function automaticRiskLabels(
  dialogue: Pick<Dialogue, 'messages'>,
  table: RiskTable = 'c-ssrs',
): AutomaticRiskLabels {
  const reading = readDialogueRisk(dialogue, table)
  const turns: Record<number, RiskLevel> = {}
  for (const [index, { role }] of dialogue.messages.entries()) {
    if (role !== 'assistant') continue
    const voiced = reading.found.filter((one) => one.certainty === 'clear' && one.turn < index)
    turns[index] =
      voiced.length === 0
        ? 'none'
        : levelOfSignals(
            voiced.map((one) => one.signal),
            table,
          )
  }
  return {
    max_risk_level: highestRisk([reading.level, ...Object.values(turns)]),
    risk: { signals: reading.signals, imminent: reading.imminent },
    turns,
    table: reading.table,
    uncertain: reading.found.some((one) => one.certainty === 'possible'),
  }
}
