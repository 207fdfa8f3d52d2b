import { contentSha256 } from '../dialogue/content-hash.ts'
import type { Dialogue } from '../dialogue/schema.ts'
import { concernGroup, highestRisk, riskRank } from '../dialogue/vocabulary.ts'
import type { RiskLevel } from '../dialogue/vocabulary.ts'
import type { Finding } from '../quality/finding.ts'
import { requiredReviews } from './overlap.ts'
import type { BatchRules } from './overlap.ts'
import { ringPlace } from './queue.ts'
import type { ItemBody, ItemRecord, NewItem, Priority } from './store.ts'

/** A dialogue on its way into review: its own bytes, what the reader made of them, and what the lint said. */
export interface DialogueRecord {
  /** 0-based place in the dataset. */
  index: number
  json: string
  dialogue: Dialogue
  findings: Finding[]
  rules_version: string
}

export function newItem(batch: BatchRules & { batch_id: string }, record: DialogueRecord): NewItem {
  const { dialogue_id } = record.dialogue
  const { batch_id } = batch
  const body = bodyOf(record, 1)
  const item: ItemRecord = {
    batch_id,
    dialogue_id,
    revision: 1,
    ordinal: record.index,
    ring: ringPlace(batch_id, dialogue_id),
    version: 1,
    content_sha256: body.content_sha256,
    ...aboutDialogue(record.dialogue, record.findings),
    status: 'pending',
    required_reviews: 1,
    reviews: [],
    claims: [],
    skips: {},
  }
  return { item: { ...item, required_reviews: requiredReviews(item, batch) }, body }
}

export function bodyOf(record: Omit<DialogueRecord, 'index'>, version: number): ItemBody {
  return {
    dialogue_id: record.dialogue.dialogue_id,
    version,
    content_sha256: contentSha256(record.dialogue),
    dialogue_json: record.json,
    findings: record.findings,
    rules_version: record.rules_version,
  }
}

/** What lists and counters say about a dialogue without reading it. */
export function aboutDialogue(
  dialogue: Dialogue,
  findings: readonly Finding[],
): Pick<
  ItemRecord,
  'session_type' | 'concern' | 'concern_group' | 'max_risk_level' | 'turns' | 'finding_counts' | 'priority'
> {
  const in_turns = riskInTurns(dialogue)
  const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length
  return {
    session_type: dialogue.session_type,
    concern: dialogue.user_profile.concern,
    concern_group: concernGroup(dialogue.user_profile.concern).group,
    max_risk_level: dialogue.labels.max_risk_level ?? in_turns,
    turns: dialogue.messages.length,
    finding_counts: { error: count('error'), warning: count('warning'), info: count('info') },
    priority: priorityOf(dialogue, in_turns, findings),
  }
}

/** A clinician sees risk before anything else: as labelled, as any turn is labelled, or as the lint suspects it. */
function priorityOf(dialogue: Dialogue, in_turns: RiskLevel, findings: readonly Finding[]): Priority {
  const level = highestRisk([dialogue.labels.max_risk_level ?? 'none', in_turns])
  const risky = riskRank(level) >= riskRank('medium') || dialogue.risk?.imminent === true
  return risky || findings.some(isCrisis) ? 0 : 1
}

/** A finding of the safety rules that is more than a remark. */
function isCrisis(finding: Finding): boolean {
  return finding.code.startsWith('safety.') && finding.severity !== 'info'
}

function riskInTurns(dialogue: Dialogue): RiskLevel {
  return highestRisk(
    dialogue.messages.flatMap((message) =>
      message.role === 'assistant' && message.risk_level !== undefined ? [message.risk_level] : [],
    ),
  )
}
