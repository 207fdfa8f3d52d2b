import type { LabelAdjustments } from '../review/review.ts'

/** One label as a reviewer left it. */
export interface LabelChange {
  /** `concern`, `session_type`, the labels of the dialogue, or those of one turn. */
  field:
    | 'concern'
    | 'session_type'
    | 'max_risk_level'
    | 'primary_intent'
    | 'overall_sentiment'
    | 'therapeutic_technique'
    | 'intent'
    | 'risk_level'
    | 'sentiment'
  /** 0-based index of the message; undefined for a label of the dialogue. */
  turn: number | undefined
  original: string | null
  final: string
}

const OF_DIALOGUE = [
  'concern',
  'session_type',
  'max_risk_level',
  'primary_intent',
  'overall_sentiment',
  'therapeutic_technique',
] as const
const OF_TURN = ['intent', 'risk_level', 'sentiment'] as const

/** Verified ones are in it too: they say what the label was when it was judged. */
export function labelChanges(labels: LabelAdjustments): LabelChange[] {
  const changes: LabelChange[] = []
  for (const field of OF_DIALOGUE) {
    const label = labels[field]
    if (label !== undefined) changes.push({ field, turn: undefined, original: label.original, final: label.final })
  }
  for (const [turn, fields] of Object.entries(labels.turns ?? {}))
    for (const field of OF_TURN) {
      const label = fields[field]
      if (label !== undefined) changes.push({ field, turn: Number(turn), original: label.original, final: label.final })
    }
  return changes
}

/**
 * The changes of several reviews that agree on the verdict; undefined when two of them left one label at different
 * values: the approved dialogue can carry only one. A label that a reviewer left alone agrees with anything.
 */
export function jointChanges(reviews: readonly LabelChange[][]): LabelChange[] | undefined {
  const joint = new Map<string, LabelChange>()
  for (const change of reviews.flat()) {
    const key = `${change.turn ?? ''}.${change.field}`
    const earlier = joint.get(key)
    if (earlier !== undefined && earlier.final !== change.final) return undefined
    joint.set(key, change)
  }
  return [...joint.values()]
}
