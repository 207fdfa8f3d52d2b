import type { Statistics } from '../datasets/statistics.ts'
import type { Split } from './splits.ts'

/** What became of a record of an input. */
export const MERGE_OUTCOMES = [
  'written',
  /** The same id and the same text stand in an earlier record. */
  'same_id_and_text',
  /** The same text stands under another id. */
  'same_text',
  /** Synthetic, and no clinician's approval on it (only where approval is required). */
  'unapproved',
  /** Text or labels are not those of the content hash that apply wrote (only where approval is required). */
  'changed',
  /** No valid dialogue. */
  'failed',
] as const
export type MergeOutcome = (typeof MERGE_OUTCOMES)[number]

export type SourceKind = 'seed' | 'synthetic'

/** Also the contents of `manifest.json`. */
export interface MergeReport {
  version: '1.0'
  /** As it was given; absent otherwise. */
  generated_at?: string
  inputs: {
    file: string
    kind: SourceKind | 'mixed'
    /** Of the file as it is; both absent when no manifest was asked for. */
    sha256?: string
    bytes?: number
    /** The sum of `records`. */
    read: number
    records: Record<MergeOutcome, number>
    /** Of those written: under a new id, because theirs was taken by another text. */
    renamed: number
  }[]
  /** Over all inputs. */
  read: number
  written: number
  records: Record<MergeOutcome, number>
  renamed: number
  /** Of those written. */
  by_source: Record<SourceKind, number>
  /** Synthetic dialogues that were written without a clinician's approval. */
  without_approval: number
  splits: Record<Split, { dialogues: number; by_stratum: Record<string, number> }>
  /** Duplicates that were left out, and what they repeat; the first {@link LISTED_MERGE}. */
  duplicates: { dialogue_id: string; file: string; line: number; reason: MergeOutcome; same_as: string }[]
  /** Dialogues that had to take another id; the first {@link LISTED_MERGE}. */
  renames: { dialogue_id: string; file: string; line: number; new_id: string }[]
  /** By name; those that were asked for, the manifest itself aside. */
  files: Record<string, { records: number; bytes: number; sha256?: string }>
  statistics: Statistics
  notes: string[]
}

export const LISTED_MERGE = 1000

export function noOutcomes(): Record<MergeOutcome, number> {
  return { written: 0, same_id_and_text: 0, same_text: 0, unapproved: 0, changed: 0, failed: 0 }
}

export function mergeNotes(report: Omit<MergeReport, 'notes'>): string[] {
  const notes: string[] = []
  const { records } = report
  if (report.without_approval > 0)
    notes.push(`${count(report.without_approval, 'synthetic dialogue')} in it carry no clinician's approval.`)
  if (records.unapproved > 0)
    notes.push(`${count(records.unapproved, 'synthetic dialogue')} without a clinician's approval left out.`)
  if (records.changed > 0)
    notes.push(`${count(records.changed, 'dialogue')} left out: text or labels changed after the approval.`)
  if (report.renamed > 0)
    notes.push(`${count(report.renamed, 'dialogue')} under a new id: the id was taken by another text.`)
  if (report.statistics.unknown_concerns.length > 0)
    notes.push(`Concerns that count as other, being in no group: ${report.statistics.unknown_concerns.join(', ')}.`)
  for (const [listed, all, what] of [
    [report.duplicates.length, records.same_id_and_text + records.same_text, 'duplicates'],
    [report.renames.length, report.renamed, 'renamed dialogues'],
  ] as const)
    if (listed < all) notes.push(`Of ${all} ${what} the first ${listed} are listed.`)
  return notes
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
