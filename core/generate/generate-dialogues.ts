import { createHash } from 'node:crypto'
import type { Dialogue } from '../dialogue/schema.ts'
import { InputError } from '../errors.ts'
import type { Finding } from '../quality/finding.ts'
import { createAcceptance, LIMITS, type Lint } from './acceptance/acceptance.ts'
import { writeWithModel, type ModelSide } from './openai/model-dialogues.ts'
import { shareOf } from './openai/model-share.ts'
import { planDialogues, type Plan } from './plan.ts'
import { GENERATOR_VERSION } from './random.ts'
import { emptyReport, type GenerationReport } from './report.ts'
import type { GenerationRequest } from './request.ts'
import { localeOf } from './safety/crisis-words.ts'
import type { SeedPatterns } from './seeds/read-seed-patterns.ts'
import { seedFrames } from './seeds/seed-frames.ts'
import { createTemplateWriter, type RunFrame } from './template-writer.ts'
import type { Banks } from './templates/banks.ts'

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
  /** Needed where the request's method is openai or hybrid. */
  model?: ModelSide
}

/** Minutes between the starts of two sessions of a batch. */
const MINUTES_APART = 30

/**
 * Dialogues one after the other, as planned, whoever writes them; returns the report when all are out. The same request,
 * seeds, banks, random seed and answers of the model give the same bytes. Memory grows only with the duplicate indexes
 * (about 5 KB a dialogue up to 5,000), and with answers that wait for an earlier one.
 * @throws InputError for a request that cannot be carried out, before the first dialogue
 * @throws ModelStopped when the model cannot be used any more and the caller does not want templates instead
 */
export async function* generateDialogues(
  generation: Generation,
): AsyncGenerator<GeneratedDialogue, GenerationReport, undefined> {
  const { request, banks, seeds, lint } = generation
  const locale = localeOf(request.locale)
  const plan = planDialogues(request, seeds, banks)
  const frame = frameOf(generation, plan)
  const mined = seedFrames(seeds, banks.numbered)
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
  const templates = createTemplateWriter({ banks, seeds, mined, locale, frame, acceptance, report })

  const share = shareOf(request)
  if (share > 0) {
    const { model } = generation
    if (model === undefined) throw new Error(`method ${request.method} needs a model`)
    yield* writeWithModel({ plan, share, banks, seeds, lint, locale, frame, acceptance, templates, report, model })
    return report
  }
  for (let at = 0; at < plan.count; at++) {
    const generated = templates.write(plan.at(at))
    if (generated === undefined) report.failed++
    else yield generated
  }
  return report
}

/** @throws InputError for a base time that is none */
export function frameOf(
  { batchId, baseTime }: Pick<Generation, 'batchId' | 'baseTime'>,
  { count, random_seed }: Plan,
): RunFrame {
  const startsAt = Date.parse(baseTime)
  if (Number.isNaN(startsAt))
    throw new InputError(`"${baseTime}" is no time`, { where: 'base time', expected: '2026-01-01T00:00:00Z' })
  const prefix = createHash('sha256')
    .update(JSON.stringify([batchId, random_seed]))
    .digest('hex')
    .slice(0, 10)
  const digits = Math.max(4, String(count).length)
  return {
    idOf: (index) => `syn_${prefix}_${String(index + 1).padStart(digits, '0')}`,
    startOf: (index) => startsAt + index * MINUTES_APART * 60_000,
    generated_at: baseTime,
    random_seed,
    count,
  }
}
