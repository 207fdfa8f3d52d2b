import type { RiskLevel } from '../../core/dialogue/vocabulary.ts'
import { RISK_SIGNS } from './wording.ts'

/** Risk as a shape and a word; the colour only repeats them. */
export function RiskBadge({ level, imminent, quiet }: { level: RiskLevel; imminent?: boolean; quiet?: boolean }) {
  return (
    <span class={`risk ${level}`}>
      <span aria-hidden="true">{RISK_SIGNS[level]}</span> {quiet === true ? level : `risk ${level}`}
      {imminent === true && ', imminent'}
    </span>
  )
}
