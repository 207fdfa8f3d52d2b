import { readVerdicts, type ReviewsSource, type VerdictTable, type Verdicted } from '../apply/verdict-table.ts'
import type { LabelChange } from '../apply/label-changes.ts'
import { readDialogues } from '../datasets/read-dialogues.ts'
import { contentSha256 } from '../dialogue/content-hash.ts'
import type { Dialogue } from '../dialogue/schema.ts'
import { RISK_LEVELS } from '../dialogue/vocabulary.ts'
import type { Problem } from '../errors.ts'
import { createDigestTable, digestOf, type DigestTable } from './digest-table.ts'

interface Source {
  file: string
  source: AsyncIterable<Uint8Array>
}

export interface VerifyOptions {
  /** `combined.json`, `combined.jsonl` or one of the splits. */
  training: Source
  reviews: readonly ReviewsSource[]
  /** What apply wrote. Without them the content hash on the training line stands for it. */
  approved?: readonly Source[]
  /** Without them seeds are counted, not traced. */
  seeds?: readonly Source[]
  onProblem: (problem: Problem) => void
}

/** Where a chain breaks. */
export const BREAKS = [
  /** Text or labels are not those of the content hash on the record. */
  'changed',
  /** No approved set holds this content. */
  'not_in_approved',
  /** No review names this dialogue. */
  'no_verdict',
  /** The reviews are for other content. */
  'void',
  'disagreement',
  /** Rejected, or to be revised. */
  'not_approved',
  /** Its labels are not what the reviewer's corrections make of the labels that were judged. */
  'labels_not_as_reviewed',
  /** No seed file holds this content. */
  'unknown_seed',
] as const
export type Break = (typeof BREAKS)[number]

export interface VerifyReport {
  training: string
  /** verified + seeds + the sum of `broken` + failed */
  read: number
  /** From the training line to the verdict. */
  verified: number
  /** Of those verified, by the dialogue id alone: the verdict names no content hash. */
  by_id_alone: number
  seeds: { traced: number; not_traced: number }
  broken: Record<Break, number>
  /** Records that are no valid dialogues; each was given to onProblem. */
  failed: number
  /** The first {@link LISTED_BREAKS}. */
  breaks: { dialogue_id: string; line: number; reason: Break }[]
  /** Nothing broken, nothing failed. */
  sound: boolean
}

export const LISTED_BREAKS = 1000

/**
 * Recomputes the chain from each training line to the verdict behind it (design rule 4): the content hash of the line
 * is worked out anew, looked for in the approved sets, and led back over the reviewer's label corrections to the hash
 * of what was judged, which an approval in the reviews files must name. A chain that holds at every link is verified;
 * any other is named with the link that breaks.
 */
export async function verifyTraining(options: VerifyOptions): Promise<VerifyReport> {
  let failed = 0
  const onProblem = (problem: Problem): void => {
    if (problem.file === options.training.file) failed += 1
    options.onProblem(problem)
  }
  const verdicts = await readVerdicts(options.reviews, onProblem)
  const approved = options.approved === undefined ? undefined : await contentOf(options.approved, onProblem)
  const seeds = options.seeds === undefined ? undefined : await contentOf(options.seeds, onProblem)
  const report: VerifyReport = {
    training: options.training.file,
    read: 0,
    verified: 0,
    by_id_alone: 0,
    seeds: { traced: 0, not_traced: 0 },
    broken: noBreaks(),
    failed: 0,
    breaks: [],
    sound: true,
  }
  for await (const { dialogue, line } of readDialogues(options.training.source, {
    file: options.training.file,
    onProblem,
  })) {
    report.read += 1
    const link = isSeed(dialogue) ? traceSeed(dialogue, seeds) : traceVerdict(dialogue, verdicts, approved)
    if (link === 'seed traced') report.seeds.traced += 1
    else if (link === 'seed not traced') report.seeds.not_traced += 1
    else if (link === 'verified') report.verified += 1
    else if (link === 'verified by id') {
      report.verified += 1
      report.by_id_alone += 1
    } else {
      report.broken[link] += 1
      report.sound = false
      if (report.breaks.length < LISTED_BREAKS)
        report.breaks.push({ dialogue_id: dialogue.dialogue_id, line, reason: link })
    }
  }
  report.read += failed
  report.failed = failed
  report.sound &&= failed === 0
  return report
}

function noBreaks(): Record<Break, number> {
  return {
    changed: 0,
    not_in_approved: 0,
    no_verdict: 0,
    void: 0,
    disagreement: 0,
    not_approved: 0,
    labels_not_as_reviewed: 0,
    unknown_seed: 0,
  }
}

function isSeed({ provenance, labels }: Dialogue): boolean {
  return provenance === undefined ? labels.synthetic !== true : provenance.method === 'seed'
}

async function contentOf(files: readonly Source[], onProblem: (problem: Problem) => void): Promise<DigestTable> {
  const table = createDigestTable()
  for (const { file, source } of files)
    for await (const { dialogue } of readDialogues(source, { file, onProblem })) {
      const digest = digestOf(contentSha256(dialogue))
      if (table.get(digest) === -1) table.add(digest, table.size)
    }
  return table
}

function traceSeed(dialogue: Dialogue, seeds: DigestTable | undefined): 'seed traced' | 'seed not traced' | Break {
  if (seeds === undefined) return 'seed not traced'
  return seeds.get(digestOf(contentSha256(dialogue))) === -1 ? 'unknown_seed' : 'seed traced'
}

function traceVerdict(
  dialogue: Dialogue,
  verdicts: VerdictTable,
  approved: DigestTable | undefined,
): 'verified' | 'verified by id' | Break {
  const final = contentSha256(dialogue)
  if (dialogue.content_sha256 !== undefined && dialogue.content_sha256 !== final) return 'changed'
  if (approved !== undefined && approved.get(digestOf(final)) === -1) return 'not_in_approved'
  // A merge that had to rename it kept the id under which it was reviewed.
  const reviewedAs = dialogue['original_dialogue_id'] ?? dialogue.dialogue_id
  const id = Buffer.from(typeof reviewedAs === 'string' ? reviewedAs : dialogue.dialogue_id)
  const found = verdicts.find(id, 0, id.length)
  if (found === -1) return 'no_verdict'
  const stated = dialogue.labels['content_sha256']
  const judged = typeof stated === 'string' ? stated : final
  const decision = verdicts.decide(found, judged)
  if (decision.outcome === 'void' || decision.outcome === 'disagreement') return decision.outcome
  if (decision.outcome !== 'approved') return 'not_approved'
  if (judged !== final && !leadsBackTo(judged, dialogue, decision)) return 'labels_not_as_reviewed'
  return decision.hashed ? 'verified' : 'verified by id'
}

/**
 * Takes the reviewer's corrections back and compares with the hash of what was judged. A correction of a turn's risk
 * may have moved the risk of the whole dialogue with it, from a value that is written nowhere: each is tried.
 */
function leadsBackTo(judged: string, dialogue: Dialogue, { changes }: Verdicted): boolean {
  const before = structuredClone(dialogue)
  for (const change of changes) takeBack(before, change)
  if (contentSha256(before) === judged) return true
  const riskFollowed = changes.some(({ field, turn }) => field === 'risk_level' && turn !== undefined)
  if (!riskFollowed || changes.some(({ field }) => field === 'max_risk_level')) return false
  return [undefined, ...RISK_LEVELS].some(
    (max_risk_level) => contentSha256({ ...before, labels: { ...before.labels, max_risk_level } }) === judged,
  )
}

function takeBack(dialogue: Dialogue, { field, turn, original }: LabelChange): void {
  const parent: Record<string, unknown> | undefined =
    turn !== undefined
      ? dialogue.messages[turn]
      : field === 'session_type'
        ? dialogue
        : field === 'concern'
          ? dialogue.user_profile
          : dialogue.labels
  if (parent === undefined) return
  if (original === null) delete parent[field]
  else parent[field] = original
}
