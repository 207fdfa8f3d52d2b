import type { RiskLevel } from '../../dialogue/vocabulary.ts'
import type { Finding } from '../finding.ts'
import type { PhraseSet } from '../phrases.ts'

export type Severity = Finding['severity']

/** What every rule has, whether it is found by phrases or by a check in code. A finding carries the id as its code. */
export interface Rule {
  /** `<family>.<what-is-wrong>`; never re-used for another meaning. */
  id: string
  /** Raised with every change of what the rule finds. */
  version: number
  severity: Severity
  /** Levels of risk of the dialogue at which the rule holds. */
  levels: 'all' | readonly RiskLevel[]
  /** For a clinician: what is wrong and what was expected. `{…}` is filled in by the check. */
  message: string
  /** Where the rule comes from: `house rules`, `VERA-MH Q28`, `C-SSRS`, `safe messaging guidelines` … */
  source: string
}

/** A rule that is broken by certain words in one turn. */
export interface PhraseRule extends Rule, PhraseSet {
  /** Whose words it is about. */
  said_by: 'assistant' | 'client' | 'either'
  /** Words between quotation marks count too (by default they do not: they are offered or repeated, not said). */
  even_in_quotes?: boolean
  /** Only in assistant turns after the client has voiced something that the risk table knows. */
  after_disclosure?: boolean
}
