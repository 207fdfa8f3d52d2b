import * as z from 'zod'
import { readDialogues } from '../datasets/read-dialogues.ts'
import { writeJsonLines } from '../datasets/write-dialogues.ts'
import { createAnswers, type AnswerRecord } from '../generate/openai/answers.ts'
import { FATAL_FAILURES, type ModelCalls } from '../generate/openai/dialogue-model.ts'
import { askForPart, type PartOutcome } from '../generate/openai/model-parts.ts'
import { costOf } from '../generate/openai/prices.ts'
import { readSeedPatterns, type SeedPatterns } from '../generate/seeds/read-seed-patterns.ts'
import type { Ports } from '../ports.ts'
import { lintDialogue } from '../quality/lint-dialogue.ts'
import {
  claimKey,
  completeIfLast,
  keepAnswer,
  keptAnswers,
  partKey,
  PartRequestSchema,
  readJob,
  readStopped,
  sayStopped,
  summaryMetadata,
  type Job,
  type PartRequest,
} from './asking.ts'
import { jsonBytes, readJsonObject } from './json-object.ts'
import { modelTerms, paidFor } from './model-of-batch.ts'
import type { PipelineModel, PipelineSettings } from './settings.ts'
import type { UploadEvent } from './stages.ts'
import { findUpload, type StageOutcome } from './upload.ts'

/**
 * One part of a batch: asks the model for its dialogues and keeps each answer before the next is paid for. A part that is
 * there is not asked for again, one that somebody works on is left to them: the message comes back when their time is up.
 * @throws Error when the part is taken, or its time is up before all is asked; the next try goes on from the kept answers
 */
export async function runAskModel(event: UploadEvent, ports: Ports, settings: PipelineSettings): Promise<StageOutcome> {
  const upload = await findUpload(event, ports)
  if (upload === undefined) return { outcome: 'overtaken' }
  const { model: home } = settings
  if ('missing' in home) throw new Error(`there is no model here: ${home.missing}`)
  const { datasets } = ports
  const part = (await readJsonObject(datasets, event.key, PartRequestSchema))?.value
  const job = part === undefined ? undefined : await readJob(datasets, part.batch_id)
  if (part === undefined || job === undefined) throw new Error(`${event.key} belongs to no job`)
  const { batch_id } = part

  if ((await datasets.head(partKey(batch_id, part.part))) === undefined) {
    const claim = await claimPart(part, home, ports)
    const { outcome, records } = await ask(job, part, home, ports, settings)
    if ((outcome.without['aborted'] ?? 0) > 0) {
      await claim.release()
      throw new Error(`part ${part.part} of ${batch_id} was not finished in its time; the next try goes on`)
    }
    const without = Object.values(outcome.without).reduce((sum, count) => sum + count, 0)
    const summary = { good: outcome.good, without, cost_usd: outcome.cost_usd }
    await datasets.put(partKey(batch_id, part.part), writeJsonLines(linesOf(records)), {
      condition: { if: 'absent' },
      content_type: 'application/x-ndjson',
      metadata: summaryMetadata(summary),
    })
    ports.log.info('part.asked', { batch_id, part: part.part, of: job.parts, ...summary })
  }
  // Also where the part was there: whoever wrote it may have ended before it could look for the others.
  if (await completeIfLast(datasets, job)) ports.log.info('answers.completed', { batch_id, parts: job.parts })
  return { outcome: 'done', batch_id, outputs: [partKey(batch_id, part.part)] }
}

function* linesOf(records: Iterable<AnswerRecord>): Generator<string> {
  for (const record of records) yield JSON.stringify(record)
}

async function ask(
  job: Job,
  part: PartRequest,
  home: PipelineModel,
  ports: Ports,
  settings: PipelineSettings,
): Promise<{ outcome: PartOutcome; records: Iterable<AnswerRecord> }> {
  const { batch_id, request } = job
  const patterns = await seedsOf(job, ports)
  const seeds = patterns === undefined ? undefined : { name: job.seeds?.name ?? '', patterns }
  const { model, price, examples } = modelTerms({ batch_id, request, seeds }, home, job.title)
  const kept = await keptAnswers(ports.datasets, part)
  const records = new Map(kept.map((record) => [`${record.key} ${record.attempt}`, record]))
  const stopped = await readStopped(ports.datasets, batch_id)
  const share = job.max_cost_usd === undefined ? undefined : (job.max_cost_usd * (part.to - part.from)) / job.dialogues
  const max_cost_usd = share === undefined ? undefined : Math.max(0, share - paidFor(kept))
  const calls = stopped === undefined ? home.calls({ model, price, max_cost_usd }) : noCalls(stopped.message)
  const answers = createAnswers({
    calls,
    costOf: (usage) => (price === undefined ? 0 : costOf(usage, price)),
    kept,
    keepFailures: true,
    keep: async (record) => {
      await keepAnswer(ports.datasets, part, record)
      records.set(`${record.key} ${record.attempt}`, record)
      if (record.outcome === 'failed' && [...FATAL_FAILURES].some((why) => why === record.why))
        await sayStopped(ports.datasets, batch_id, { why: record.why, message: record.message })
    },
  })
  const outcome = await askForPart(
    {
      request,
      banks: await settings.banks(),
      seeds: patterns,
      batchId: batch_id,
      baseTime: settings.baseTime,
      lint: lintDialogue,
      model: {
        model,
        ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
        prompts: await home.prompts(),
        examples,
        answers,
        on_failure: 'fallback',
        signal: AbortSignal.timeout(partsOf(home).part_ms),
      },
    },
    part,
  )
  return { outcome, records: records.values() }
}

async function seedsOf(job: Job, { datasets }: Ports): Promise<SeedPatterns | undefined> {
  if (job.seeds === undefined) return undefined
  const { key } = job.seeds
  const object = await datasets.get(key)
  if (object === undefined) throw new Error(`the seeds of ${job.batch_id} are not at ${datasets.locate(key)}`)
  return readSeedPatterns(readDialogues(object.body, { file: key, onProblem: () => undefined }))
}

/** Another part has found that nobody can ask: this one's dialogues are told so, and cost nothing. */
function noCalls(message: string): ModelCalls | undefined {
  return {
    run: () => Promise.resolve({ outcome: 'not_started', why: 'stopped', message }),
    spent: {
      calls: 0,
      by_outcome: {},
      input_tokens: 0,
      cached_input_tokens: 0,
      output_tokens: 0,
      cost_usd: 0,
      reserved_usd: 0,
      unconfirmed_usd: 0,
    },
    calibration: { input: 1, output: 1, cached_share: 0 },
    load: { in_flight: 0, waiting: 0, window: 1 },
  }
}

const ClaimSchema = z.object({ until: z.number() })
/** Between the end of asking and the end of a claim: time to write the part. */
const WRITING_MS = 15_000

/**
 * Nobody else asks for the part while the claim holds. Whoever is ended in the middle leaves a claim that runs out, before the
 * message comes back.
 * @throws Error when somebody has it
 */
async function claimPart(
  { batch_id, part }: PartRequest,
  home: PipelineModel,
  { datasets, clock }: Ports,
): Promise<{ release(): Promise<void> }> {
  const key = claimKey(batch_id, part)
  const until = clock.now() + partsOf(home).part_ms + WRITING_MS
  const put = (value: z.infer<typeof ClaimSchema>, etag: string | undefined) =>
    datasets.put(key, [jsonBytes(value)], {
      condition: etag === undefined ? { if: 'absent' } : { if: 'unchanged', etag },
      content_type: 'application/json',
    })
  const held = await readJsonObject(datasets, key, ClaimSchema)
  const written = held === undefined || held.value.until <= clock.now() ? await put({ until }, held?.etag) : undefined
  if (written?.outcome !== 'written')
    throw new Error(`part ${part} of ${batch_id} is being asked for by another worker`)
  return {
    async release() {
      await put({ until: 0 }, written.etag)
    },
  }
}

function partsOf({ parts }: PipelineModel): NonNullable<PipelineModel['parts']> {
  if (parts === undefined) throw new Error('this home does not ask by parts')
  return parts
}
