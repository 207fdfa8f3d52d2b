import { createHash } from 'node:crypto'
import { DialogueSchema, type Dialogue } from '../dialogue/schema.ts'
import { InputError } from '../errors.ts'
import type { Checked, Finding } from '../quality/finding.ts'
import type { Locale } from '../quality/resources.ts'
import type { SeedTextIndex } from '../quality/seed-text-index.ts'
import { createRunBudgets } from './acceptance/budgets.ts'
import { fingerprint, type Fingerprint } from './acceptance/fingerprint.ts'
import { createShingleIndex, shinglesOf } from './acceptance/near-duplicates.ts'
import { labelled } from './labels.ts'
import { planDialogues, type PlannedDialogue } from './plan.ts'
import { GENERATOR_VERSION, rngFamily } from './random.ts'
import { count, countWritten, emptyReport, type GenerationReport, type Rejection } from './report.ts'
import type { GenerationRequest } from './request.ts'
import { crisisWords, localeOf } from './safety/crisis-words.ts'
import type { SeedPatterns } from './seeds/read-seed-patterns.ts'
import { seedFrames } from './seeds/seed-frames.ts'
import type { Banks } from './templates/banks.ts'
import { createSessionSource, type WrittenSession } from './templates/session-source.ts'

export type { GenerationReport } from './report.ts'

export interface GeneratedDialogue {
  dialogue: Dialogue
  /** Of the lint: warnings and notes; a dialogue with an error is never accepted. */
  findings: Finding[]
}

/** `lintDialogue` of core/quality, or another that keeps its promise. */
export type Lint = (dialogue: Dialogue, options?: { locale?: Locale; seedIndex?: SeedTextIndex }) => Checked

export interface Generation {
  request: GenerationRequest
  banks: Banks
  seeds: SeedPatterns | undefined
  /** Part of every dialogue id: two batches never share one. */
  batchId: string
  /** RFC 3339. Session times start here; nothing inside a file comes from the clock. */
  baseTime: string
  lint: Lint
}

/**
 * Limits that a candidate is held to, in the declared order of loosening: after `attempts` candidates of one dialogue the
 * next row holds. Jaccard index over runs of five words; shares of a dialogue's sentences and of a run's replies.
 * Whatever the row, nothing with a lint error and no exact duplicate is accepted.
 */
const LIMITS = [
  { name: 'none', attempts: 8, near_duplicate: 0.05, sentence_reuse: 0.2, opener_share: 0.02 },
  { name: 'sentence_reuse', attempts: 4, near_duplicate: 0.05, sentence_reuse: 0.35, opener_share: 0.02 },
  { name: 'opener', attempts: 4, near_duplicate: 0.06, sentence_reuse: 0.5, opener_share: 1 },
  { name: 'near_duplicate', attempts: 6, near_duplicate: 0.1, sentence_reuse: 1, opener_share: 1 },
  { name: 'best_of_all', attempts: 8, near_duplicate: 1, sentence_reuse: 1, opener_share: 1 },
] as const

/** A candidate as far from all others as the goals of the quality report ask is taken at once. */
const GOOD = { near_duplicate: 0.02, sentence_reuse: 0.04, opener_share: 0.01 }

/** Passing candidates of which the one furthest from all others is taken; more would cost speed and gain little. */
function candidatesWanted(total: number): number {
  return total <= 2000 ? 3 : 2
}

/** Minutes between the starts of two sessions of a batch. */
const MINUTES_APART = 30

/** A session that was written, measured against all that is accepted; labels and lint come when it is chosen. */
interface Candidate {
  session: WrittenSession
  print: Fingerprint
  shingles: Uint32Array
  jaccard: number
  reuse: number
  opener: number
  /** Lower is further from everything else. */
  score: number
}

/**
 * Dialogues one after the other, as planned; returns the report when all are out. The same request, seeds, banks and
 * random seed give the same bytes. Memory grows only with the duplicate indexes (about 5 KB a dialogue up to 5,000).
 * @throws InputError for a request that cannot be carried out, before the first dialogue
 */
export async function* generateDialogues(
  generation: Generation,
): AsyncGenerator<GeneratedDialogue, GenerationReport, undefined> {
  const { request, banks, seeds, lint } = generation
  const locale = localeOf(request.locale)
  const startsAt = Date.parse(generation.baseTime)
  if (Number.isNaN(startsAt))
    throw new InputError(`"${generation.baseTime}" is no time`, {
      where: 'base time',
      expected: '2026-01-01T00:00:00Z',
    })
  const plan = planDialogues(request, seeds, banks)
  const mined = seedFrames(seeds, banks.numbered)
  const source = createSessionSource({
    banks,
    mined,
    techniques: seeds?.techniques ?? new Map(),
    words: crisisWords(locale),
  })
  const index = createShingleIndex(plan.count + (seeds?.shingles.length ?? 0))
  for (const shingles of seeds?.shingles ?? []) index.add(shingles)
  const budgets = createRunBudgets()
  const texts = new Set<number>()
  const idPrefix = createHash('sha256')
    .update(JSON.stringify([generation.batchId, plan.random_seed]))
    .digest('hex')
    .slice(0, 10)
  const digits = Math.max(4, String(plan.count).length)
  const report = emptyReport(plan, {
    generator_version: GENERATOR_VERSION,
    banks_sha256: banks.sha256,
    limits: LIMITS,
    duplicate_check_sampling: index.sampling,
    seeds:
      seeds === undefined
        ? undefined
        : {
            dialogues: seeds.dialogues,
            patterns: mined.assistant.length + mined.client.length,
            dialogues_using_patterns: 0,
          },
  })
  const lintOptions = { locale, ...(seeds === undefined ? {} : { seedIndex: seeds.textIndex }) }
  const wanted = candidatesWanted(plan.count)
  const rngOf = rngFamily(plan.random_seed, 'dialogue')

  const candidateOf = (planned: PlannedDialogue, attempt: number): Candidate | Rejection => {
    report.candidates++
    const session = source.write(planned, rngOf(planned.index, attempt))
    if (session === undefined) return 'nothing_fits'
    const print = fingerprint(session.draft.messages)
    if (texts.has(print.text)) return 'exact_duplicate'
    const shingles = shinglesOf(print.words)
    const { jaccard } = index.nearest(shingles)
    const reuse = budgets.reuse(print)
    const opener = budgets.worstOpener(print)
    return { session, print, shingles, jaccard, reuse, opener, score: jaccard * 10 + reuse * 2 + opener * 5 }
  }

  const finished = (planned: PlannedDialogue, { session }: Candidate): GeneratedDialogue | Rejection => {
    const dialogue = labelled(session.draft, planned, session.conversation, {
      dialogue_id: `syn_${idPrefix}_${String(planned.index + 1).padStart(digits, '0')}`,
      random_seed: plan.random_seed,
      startsAt: startsAt + planned.index * MINUTES_APART * 60_000,
      generated_at: generation.baseTime,
      age_range: session.age_range,
      seedsOf: mined.seedsOf,
    })
    if (!DialogueSchema.safeParse(dialogue).success) return 'schema'
    const { findings } = lint(dialogue, lintOptions)
    const errors = findings.filter(({ severity }) => severity === 'error')
    for (const { code } of errors) count(report.lint_codes, code)
    return errors.length > 0 ? 'lint' : { dialogue, findings }
  }

  for (let at = 0; at < plan.count; at++) {
    const planned = plan.at(at)
    const taken = choose(planned, { candidateOf, finished, wanted, report })
    if (taken === undefined) {
      report.failed++
      continue
    }
    const { candidate, generated, step } = taken
    if (step !== 'none') count(report.relaxations, step)
    texts.add(candidate.print.text)
    index.add(candidate.shingles)
    budgets.accept(candidate.print)
    source.accept(candidate.session.used)
    countWritten(report, planned)
    report.most_similar = Math.max(report.most_similar, Math.round(candidate.jaccard * 1e4) / 1e4)
    for (const { code } of generated.findings) count(report.warnings, code)
    if (report.seeds !== undefined && (generated.dialogue.provenance?.seed_dialogue_ids?.length ?? 0) > 0)
      report.seeds.dialogues_using_patterns++
    yield generated
  }
  return report
}

interface Choosing {
  candidateOf: (planned: PlannedDialogue, attempt: number) => Candidate | Rejection
  finished: (planned: PlannedDialogue, candidate: Candidate) => GeneratedDialogue | Rejection
  /** Passing candidates to choose from while no limit is loosened. */
  wanted: number
  report: GenerationReport
}

/**
 * The best of the candidates that pass the tightest limits for which there are any; a candidate that the lint refuses
 * makes room for the next best.
 */
function choose(
  planned: PlannedDialogue,
  { candidateOf, finished, wanted, report }: Choosing,
): { candidate: Candidate; generated: GeneratedDialogue; step: string } | undefined {
  let seen: Candidate[] = []
  let attempt = 0
  for (const limits of LIMITS) {
    const rejected = (candidate: Candidate): Rejection | undefined => {
      if (candidate.jaccard > limits.near_duplicate) return 'near_duplicate'
      if (candidate.reuse > limits.sentence_reuse) return 'sentence_reuse'
      return candidate.opener > limits.opener_share ? 'opener' : undefined
    }
    let passed = seen.filter((candidate) => rejected(candidate) === undefined)
    for (let left = limits.attempts; ;) {
      while (left > 0 && passed.length < (limits.name === 'none' ? wanted : 1)) {
        left--
        const candidate = candidateOf(planned, attempt++)
        const rejection = typeof candidate === 'string' ? candidate : rejected(candidate)
        if (rejection !== undefined) report.rejections[rejection]++
        if (typeof candidate === 'string') continue
        seen.push(candidate)
        if (rejection !== undefined) continue
        passed.push(candidate)
        if (isGood(candidate)) break
      }
      const best = lowestScore(passed)
      if (best === undefined) break
      const generated = finished(planned, best)
      if (typeof generated !== 'string') return { candidate: best, generated, step: limits.name }
      report.rejections[generated]++
      seen = seen.filter((candidate) => candidate !== best)
      passed = passed.filter((candidate) => candidate !== best)
    }
  }
  return undefined
}

function isGood({ jaccard, reuse, opener }: Candidate): boolean {
  return jaccard <= GOOD.near_duplicate && reuse <= GOOD.sentence_reuse && opener <= GOOD.opener_share
}

function lowestScore(candidates: readonly Candidate[]): Candidate | undefined {
  let lowest: Candidate | undefined
  for (const candidate of candidates) if (lowest === undefined || candidate.score < lowest.score) lowest = candidate
  return lowest
}
