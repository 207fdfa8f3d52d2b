import { DialogueSchema, type Dialogue } from '../../dialogue/schema.ts'
import type { Checked, Finding } from '../../quality/finding.ts'
import type { Locale } from '../../quality/resources.ts'
import type { SeedTextIndex } from '../../quality/seed-text-index.ts'
import type { PlannedDialogue } from '../plan.ts'
import { count, countWritten, type GenerationReport, type Rejection } from '../report.ts'
import { createRunBudgets } from './budgets.ts'
import { fingerprint, type Fingerprint, type Said } from './fingerprint.ts'
import { createShingleIndex, shinglesOf } from './near-duplicates.ts'
import { isPlainlyValid } from './plainly-valid.ts'

/** `lintDialogue` of core/quality, or another that keeps its promise. */
export type Lint = (dialogue: Dialogue, options?: { locale?: Locale; seedIndex?: SeedTextIndex }) => Checked

/** What a candidate is held to: Jaccard index over runs of five words; shares of a dialogue's sentences and of a run's replies. */
export interface Limits {
  name: string
  near_duplicate: number
  sentence_reuse: number
  opener_share: number
}

/**
 * Limits of templates, in the declared order of loosening. `attempts` candidates are written under a row before the next one
 * holds; a row first looks at those that tighter rows have refused. Whatever the row, nothing with a lint error and no exact
 * duplicate is accepted.
 */
export const LIMITS = [
  { name: 'none', attempts: 6, near_duplicate: 0.05, sentence_reuse: 0.15, opener_share: 0.02 },
  { name: 'sentence_reuse', attempts: 0, near_duplicate: 0.05, sentence_reuse: 0.3, opener_share: 0.02 },
  { name: 'opener', attempts: 0, near_duplicate: 0.06, sentence_reuse: 0.3, opener_share: 1 },
  { name: 'near_duplicate', attempts: 4, near_duplicate: 0.1, sentence_reuse: 0.6, opener_share: 1 },
  { name: 'best_of_all', attempts: 8, near_duplicate: 1, sentence_reuse: 1, opener_share: 1 },
] as const satisfies readonly (Limits & { attempts: number })[]

/**
 * Limits of a model's answers. The first is held to what language models reach when they are varied well (clinical guide
 * 5.3: nearest of the reference set up to 0.085); the second, which has been paid for twice, to the hard limit alone.
 */
export const MODEL_LIMITS = {
  first: { name: 'model_first', near_duplicate: 0.08, sentence_reuse: 0.2, opener_share: 0.05 },
  second: { name: 'model_second', near_duplicate: 0.1, sentence_reuse: 0.4, opener_share: 1 },
} as const satisfies Record<string, Limits>

/** A candidate as far from all others as the goals of the quality report ask is taken at once. */
const GOOD = { near_duplicate: 0.03, sentence_reuse: 0.07, opener_share: 0.015 }

/** A candidate measured against all that was accepted before it. */
export interface Measured {
  print: Fingerprint
  shingles: Uint32Array
  /** To the nearest dialogue or seed. */
  jaccard: number
  /** Share of its sentences that some accepted dialogue has, too. */
  reuse: number
  /** The share of all replies that begin as its most worn reply does. */
  opener: number
  /** Lower is further from everything else. */
  score: number
}

/** What the lint and the schema make of a finished dialogue. */
export type CheckedDialogue =
  | { rejection: undefined; dialogue: Dialogue; findings: Finding[] }
  | { rejection: 'schema' | 'lint'; findings: Finding[] }

/**
 * What every dialogue of a run must pass, whoever wrote it: distance from everything accepted so far and from the seeds,
 * then schema and lint. It keeps the indexes of the run and counts into its report.
 */
export interface Acceptance {
  /** Changes nothing; the same candidate may be measured again later, when more was accepted. */
  measure(messages: readonly Said[]): Measured | 'exact_duplicate'
  /** Changes nothing but the report's count of lint codes. */
  check(dialogue: Dialogue): CheckedDialogue
  /** From now on everything is held against this one. */
  accept(planned: PlannedDialogue, measured: Measured, taken: { dialogue: Dialogue; findings: Finding[] }): void
}

export interface AcceptanceOptions {
  /** Dialogues planned. */
  expected: number
  /** Nothing may come near these. */
  seeds: { shingles: readonly Uint32Array[]; textIndex: SeedTextIndex } | undefined
  lint: Lint
  locale: Locale
  /** Counted into, and told how pairs are compared. */
  report: GenerationReport
}

/** Memory grows only with the duplicate indexes: about 5 KB a dialogue up to 5,000, see {@link createShingleIndex}. */
export function createAcceptance({ expected, seeds, lint, locale, report }: AcceptanceOptions): Acceptance {
  const index = createShingleIndex(expected + (seeds?.shingles.length ?? 0))
  for (const shingles of seeds?.shingles ?? []) index.add(shingles)
  report.duplicate_check_sampling = index.sampling
  const budgets = createRunBudgets()
  const texts = new Set<number>()
  const lintOptions = { locale, ...(seeds === undefined ? {} : { seedIndex: seeds.textIndex }) }

  return {
    measure(messages) {
      const print = fingerprint(messages)
      if (texts.has(print.text)) return 'exact_duplicate'
      const shingles = shinglesOf(print.words)
      const { jaccard } = index.nearest(shingles)
      const reuse = budgets.reuse(print)
      const opener = budgets.worstOpener(print)
      return { print, shingles, jaccard, reuse, opener, score: jaccard * 10 + reuse * 2 + opener * 5 }
    },

    check(dialogue) {
      if (!isPlainlyValid(dialogue) && !DialogueSchema.safeParse(dialogue).success)
        return { rejection: 'schema', findings: [] }
      const { findings } = lint(dialogue, lintOptions)
      const errors = findings.filter(({ severity }) => severity === 'error')
      for (const { code } of errors) count(report.lint_codes, code)
      return errors.length > 0 ? { rejection: 'lint', findings } : { rejection: undefined, dialogue, findings }
    },

    accept(planned, { print, shingles, jaccard }, { dialogue, findings }) {
      texts.add(print.text)
      index.add(shingles)
      budgets.accept(print)
      countWritten(report, planned)
      report.most_similar = Math.max(report.most_similar, Math.round(jaccard * 1e4) / 1e4)
      for (const { code } of findings) count(report.warnings, code)
      if (report.seeds !== undefined && (dialogue.provenance?.seed_dialogue_ids?.length ?? 0) > 0)
        report.seeds.dialogues_using_patterns++
    },
  }
}

/** Why the limits refuse what was measured; undefined when they do not. */
export function refusedBy(limits: Limits, { jaccard, reuse, opener }: Measured): Rejection | undefined {
  if (jaccard > limits.near_duplicate) return 'near_duplicate'
  if (reuse > limits.sentence_reuse) return 'sentence_reuse'
  return opener > limits.opener_share ? 'opener' : undefined
}

/** Where candidates of one planned dialogue come from. */
export interface CandidateSource<Words> {
  /** Another one for each attempt; undefined when nothing fits. */
  write(attempt: number): Words | undefined
  messages(words: Words): readonly Said[]
  /** With labels, times and provenance: only made for a candidate that is about to be taken. */
  finished(words: Words): Dialogue
  /** The lint or the schema has refused it: whatever it was made of is not worth trying again soon. */
  refused?(words: Words): void
}

export interface Chosen<Words> {
  words: Words
  measured: Measured
  dialogue: Dialogue
  findings: Finding[]
}

interface Candidate<Words> extends Measured {
  words: Words
}

/**
 * The best of the candidates that pass the tightest limits for which there are any; a candidate that the lint refuses
 * makes room for the next best. Undefined when not one of all attempts passes. The caller accepts what it takes.
 * @param wanted passing candidates to choose from while no limit is loosened
 */
export function chooseBest<Words>(
  source: CandidateSource<Words>,
  acceptance: Acceptance,
  wanted: number,
  report: GenerationReport,
): Chosen<Words> | undefined {
  const candidateOf = (attempt: number): Candidate<Words> | Rejection => {
    report.candidates++
    const words = source.write(attempt)
    if (words === undefined) return 'nothing_fits'
    const measured = acceptance.measure(source.messages(words))
    return measured === 'exact_duplicate' ? measured : { ...measured, words }
  }

  let seen: Candidate<Words>[] = []
  let attempt = 0
  for (const limits of LIMITS) {
    let passed = seen.filter((candidate) => refusedBy(limits, candidate) === undefined)
    for (let left = attemptsUnder(limits.attempts, report); ;) {
      while (left > 0 && passed.length < (limits.name === 'none' ? wanted : 1)) {
        left--
        const candidate = candidateOf(attempt++)
        const rejection = typeof candidate === 'string' ? candidate : refusedBy(limits, candidate)
        if (rejection !== undefined) report.rejections[rejection]++
        if (typeof candidate === 'string') continue
        seen.push(candidate)
        if (rejection !== undefined) continue
        passed.push(candidate)
        if (isGood(candidate)) break
      }
      const best = lowestScore(passed)
      if (best === undefined) break
      const checked = acceptance.check(source.finished(best.words))
      if (checked.rejection === undefined) {
        if (limits.name !== 'none') count(report.relaxations, limits.name)
        return { words: best.words, measured: best, dialogue: checked.dialogue, findings: checked.findings }
      }
      report.rejections[checked.rejection]++
      source.refused?.(best.words)
      seen = seen.filter((candidate) => candidate !== best)
      passed = passed.filter((candidate) => candidate !== best)
    }
  }
  return undefined
}

/**
 * A run far beyond its banks finds hardly a candidate that is far from all others: then a third of the attempts tells as much,
 * and the limits loosen sooner. The report counts every loosening either way.
 */
function attemptsUnder(attempts: number, { candidates, rejections }: GenerationReport): number {
  const isSaturated = candidates > CANDIDATES_TO_TELL && rejections.near_duplicate > candidates / 2
  return isSaturated ? Math.ceil(attempts / 3) : attempts
}
const CANDIDATES_TO_TELL = 500

function isGood({ jaccard, reuse, opener }: Measured): boolean {
  return jaccard <= GOOD.near_duplicate && reuse <= GOOD.sentence_reuse && opener <= GOOD.opener_share
}

function lowestScore<C extends Measured>(candidates: readonly C[]): C | undefined {
  let lowest: C | undefined
  for (const candidate of candidates) if (lowest === undefined || candidate.score < lowest.score) lowest = candidate
  return lowest
}
