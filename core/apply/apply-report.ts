import type { Statistics } from '../datasets/statistics.ts'
import type { VerdictCounts } from './verdict-table.ts'

/** What became of a record of the dataset. */
export const OUTCOMES = [
  'approved',
  /** Written too, when asked for (`includeRevision`). */
  'needs_revision_included',
  'needs_revision',
  'rejected',
  'unreviewed',
  /** The verdict was given for other content: text or labels changed afterwards. */
  'void',
  'disagreement',
  /** The id was met before, and its verdict used up. */
  'duplicate',
  /** No valid dialogue. */
  'failed',
] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface ApplyReport {
  dataset: string
  reviews_files: string[]
  /** All records of the dataset; the sum of `records`. */
  read: number
  /** approved + needs_revision_included */
  written: number
  records: Record<Outcome, number>
  reviews: VerdictCounts
  /** Written dialogues on which a reviewer corrected labels. */
  relabelled: number
  /** Records that are not written although somebody reviewed them, and why; the first {@link LISTED} of each kind. */
  left_out: { dialogue_id: string | null; line: number; outcome: Outcome; detail?: string }[]
  /** For people: what they should know about this run. */
  notes: string[]
  /** Of what was written. */
  statistics: Statistics
}

export const LISTED = 200
const LISTED_OUTCOMES: ReadonlySet<Outcome> = new Set(['void', 'disagreement', 'duplicate', 'failed'])

export function createOutcomes() {
  const records: Record<Outcome, number> = {
    approved: 0,
    needs_revision_included: 0,
    needs_revision: 0,
    rejected: 0,
    unreviewed: 0,
    void: 0,
    disagreement: 0,
    duplicate: 0,
    failed: 0,
  }
  const leftOut: ApplyReport['left_out'] = []
  return {
    records,
    leftOut,
    count(outcome: Outcome): void {
      records[outcome] += 1
    },
    /** Counts it, and lists it when it is of a kind that somebody has to look at. */
    leaveOut(outcome: Outcome, about: () => { dialogue_id: string | null; line: number; detail?: string }): void {
      records[outcome] += 1
      if (LISTED_OUTCOMES.has(outcome) && records[outcome] <= LISTED) leftOut.push({ ...about(), outcome })
    },
  }
}

export function applyNotes(report: Omit<ApplyReport, 'notes'>): string[] {
  const { records, reviews } = report
  const notes: string[] = []
  if (reviews.without_hash > 0)
    notes.push(
      `${plural(reviews.without_hash, 'verdict names', 'verdicts name')} no content hash: such a verdict holds for the dialogue id alone, whatever its text is now.`,
    )
  if (reviews.matched < reviews.verdicts)
    notes.push(`${reviews.matched} of ${reviews.verdicts} verdicts are for dialogues of this dataset.`)
  if (records.void > 0)
    notes.push(
      `${plural(records.void, 'dialogue', 'dialogues')} changed after the verdict, which is void: review again.`,
    )
  if (records.disagreement > 0)
    notes.push(
      `On ${plural(records.disagreement, 'dialogue', 'dialogues')} the reviewers disagree, and no lead has settled it.`,
    )
  if (reviews.superseded > 0)
    notes.push(
      `${plural(reviews.superseded, 'review was', 'reviews were')} superseded by a later one of the same reviewer.`,
    )
  for (const [outcome, count] of Object.entries(records))
    if (count > LISTED && report.left_out.some((entry) => entry.outcome === outcome))
      notes.push(`Of the ${count} records left out as ${outcome} the first ${LISTED} are listed.`)
  return notes
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
