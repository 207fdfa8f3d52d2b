import type { Dialogue } from '../dialogue/schema.ts'
import { RISK_LEVELS, highestRisk, type RiskLevel } from '../dialogue/vocabulary.ts'
import type { LabelChange } from './label-changes.ts'

/** Where labels are read and written; the walked record and the parsed one each have their own. */
export interface LabelAccess {
  messages: number
  /** The label as it stands; undefined when there is none. */
  get(field: LabelChange['field'], turn: number | undefined): string | undefined
  isAssistant(turn: number): boolean
}

export interface Relabelling {
  /** What has to be written so that the labels are as the reviewers left them. */
  set: { field: LabelChange['field']; turn: number | undefined; value: string }[]
  /** A label that was something else when it was judged, or a turn that is not there: `labels.max_risk_level`. */
  mismatch: string | undefined
}

/**
 * What the reviewers' label changes come to. `checkOriginals` where the verdict names no hash: then a label that was
 * something else when it was judged tells that it was given for another text. When a turn's risk was corrected and the dialogue's own was not, the
 * dialogue's highest risk follows: up always, down only where it had been the highest of the turns before (else it was
 * set for another reason, such as the client's words).
 */
export function relabelling(
  changes: readonly LabelChange[],
  labels: LabelAccess,
  checkOriginals: boolean,
): Relabelling {
  const set: Relabelling['set'] = []
  const turnRisks = new Map<number, RiskLevel>()
  let maxNamed = false
  for (const { field, turn, original, final } of changes) {
    const place = turn === undefined ? field : `messages[${turn}].${field}`
    if (turn !== undefined && turn >= labels.messages) return { set: [], mismatch: place }
    const current = labels.get(field, turn)
    // What already has the final value was corrected before: applying twice is applying once.
    if (checkOriginals && current !== final && (current ?? null) !== original) return { set: [], mismatch: place }
    if (current !== final) {
      set.push({ field, turn, value: final })
      const level = RISK_LEVELS.find((risk) => risk === final)
      if (field === 'risk_level' && turn !== undefined && level !== undefined) turnRisks.set(turn, level)
    }
    if (field === 'max_risk_level') maxNamed = true
  }
  if (turnRisks.size > 0 && !maxNamed) {
    const before: RiskLevel[] = []
    const after: RiskLevel[] = []
    for (let turn = 0; turn < labels.messages; turn++) {
      if (!labels.isAssistant(turn) && !turnRisks.has(turn)) continue
      const level = RISK_LEVELS.find((risk) => risk === labels.get('risk_level', turn)) ?? 'none'
      before.push(level)
      after.push(turnRisks.get(turn) ?? level)
    }
    const stated = RISK_LEVELS.find((risk) => risk === labels.get('max_risk_level', undefined))
    const highest = highestRisk(after)
    const follows = stated === undefined || stated === highestRisk(before) ? highest : highestRisk([stated, highest])
    if (follows !== stated) set.push({ field: 'max_risk_level', turn: undefined, value: follows })
  }
  return { set, mismatch: undefined }
}

/** For a dialogue that was parsed. */
export function labelsOf(dialogue: Dialogue): LabelAccess {
  return {
    messages: dialogue.messages.length,
    isAssistant: (turn) => dialogue.messages[turn]?.role === 'assistant',
    get(field, turn) {
      if (turn !== undefined) return text(dialogue.messages[turn]?.[field])
      if (field === 'session_type') return dialogue.session_type
      if (field === 'concern') return dialogue.user_profile.concern
      return text(dialogue.labels[field])
    },
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
