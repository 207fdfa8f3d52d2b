import { createHash } from 'node:crypto'
import { highestRisk, riskRank } from '../dialogue/vocabulary.ts'
import type { BatchRecord, ItemRecord, OverlapPolicy } from './store.ts'
import { standingReviews } from './standing.ts'

/** What a batch says about how many reviews a dialogue takes. */
export type BatchRules = Pick<BatchRecord, 'reviews_per_dialogue' | 'overlap'>

/** Nobody gets a second review unless `reviews_per_dialogue` asks for it: a team of one clinician. */
export const NO_OVERLAP: OverlapPolicy = { share: 0, risk_from: null, on_verdicts: [] }

/** A team of several: everything risky, everything to be revised, and one in five of the rest to measure agreement on. */
export const DEFAULT_OVERLAP: OverlapPolicy = { share: 0.2, risk_from: 'medium', on_verdicts: ['needs_revision'] }

/**
 * How many reviews the newest version of the dialogue takes: what the batch asks of all, or 2 where the overlap policy
 * wants a second pair of eyes. Depends on the reviews as they stand, so an undone `needs_revision` takes its second
 * review back with it; a reviewer who corrects the risk upward asks for one.
 */
export function requiredReviews(
  item: Pick<ItemRecord, 'batch_id' | 'dialogue_id' | 'max_risk_level' | 'reviews' | 'version'>,
  rules: BatchRules,
): number {
  return wantsSecond(item, rules.overlap) ? Math.max(2, rules.reviews_per_dialogue) : rules.reviews_per_dialogue
}

function wantsSecond(
  item: Pick<ItemRecord, 'batch_id' | 'dialogue_id' | 'max_risk_level' | 'reviews' | 'version'>,
  policy: OverlapPolicy,
): boolean {
  if (drawn(item.batch_id, item.dialogue_id, policy.share)) return true
  const reviews = standingReviews(item)
  if (policy.risk_from !== null) {
    const levels = reviews.flatMap((review) => review.labels.max_risk_level?.final ?? [])
    if (riskRank(highestRisk([item.max_risk_level, ...levels])) >= riskRank(policy.risk_from)) return true
  }
  return reviews.some((review) => review.status !== null && policy.on_verdicts.includes(review.status))
}

/** The same dialogues on every delivery of the same upload; each with probability `share`. */
function drawn(batch_id: string, dialogue_id: string, share: number): boolean {
  if (share <= 0) return false
  const hash = createHash('sha256').update(`overlap\0${batch_id}\0${dialogue_id}`).digest()
  return hash.readUInt32BE(0) / 2 ** 32 < share
}
