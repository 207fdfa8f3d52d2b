import { createHash } from 'node:crypto'
import type { Dialogue } from '../dialogue/schema.ts'
import { InputError } from '../errors.ts'
import type { Finding } from '../quality/finding.ts'
import { chooseBest, createAcceptance, LIMITS, type Lint } from './acceptance/acceptance.ts'
import { labelled } from './labels.ts'
import { planDialogues } from './plan.ts'
import { GENERATOR_VERSION, rngFamily } from './random.ts'
import { emptyReport, type GenerationReport } from './report.ts'
import type { GenerationRequest } from './request.ts'
import { crisisWords, localeOf } from './safety/crisis-words.ts'
import type { SeedPatterns } from './seeds/read-seed-patterns.ts'
import { seedFrames } from './seeds/seed-frames.ts'
import type { Banks } from './templates/banks.ts'
import { createSessionSource, type WrittenSession } from './templates/session-source.ts'

export type { Lint } from './acceptance/acceptance.ts'
export type { GenerationReport } from './report.ts'

export interface GeneratedDialogue {
  dialogue: Dialogue
  /** Of the lint: warnings and notes; a dialogue with an error is never accepted. */
  findings: Finding[]
}

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

/** Passing candidates of which the one furthest from all others is taken; more would cost speed and gain little. */
function candidatesWanted(total: number): number {
  return total <= 2000 ? 3 : 2
}

/** Minutes between the starts of two sessions of a batch. */
const MINUTES_APART = 30

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
  const idPrefix = createHash('sha256')
    .update(JSON.stringify([generation.batchId, plan.random_seed]))
    .digest('hex')
    .slice(0, 10)
  const digits = Math.max(4, String(plan.count).length)
  const report = emptyReport(plan, {
    generator_version: GENERATOR_VERSION,
    banks_sha256: banks.sha256,
    limits: LIMITS,
    seeds:
      seeds === undefined
        ? undefined
        : {
            dialogues: seeds.dialogues,
            patterns: mined.assistant.length + mined.client.length,
            dialogues_using_patterns: 0,
          },
  })
  const acceptance = createAcceptance({ expected: plan.count, seeds, lint, locale, report })
  const wanted = candidatesWanted(plan.count)
  const rngOf = rngFamily(plan.random_seed, 'dialogue')

  for (let at = 0; at < plan.count; at++) {
    const planned = plan.at(at)
    const chosen = chooseBest<WrittenSession>(
      {
        write: (attempt) => source.write(planned, rngOf(planned.index, attempt)),
        messages: ({ draft }) => draft.messages,
        finished: (session) =>
          labelled(session.draft, planned, session.conversation, {
            dialogue_id: `syn_${idPrefix}_${String(planned.index + 1).padStart(digits, '0')}`,
            random_seed: plan.random_seed,
            startsAt: startsAt + planned.index * MINUTES_APART * 60_000,
            generated_at: generation.baseTime,
            age_range: session.age_range,
            seedsOf: mined.seedsOf,
          }),
      },
      acceptance,
      wanted,
      report,
    )
    if (chosen === undefined) {
      report.failed++
      continue
    }
    const { dialogue, findings } = chosen
    acceptance.accept(planned, chosen.measured, chosen)
    source.accept(chosen.words)
    yield { dialogue, findings }
  }
  return report
}
