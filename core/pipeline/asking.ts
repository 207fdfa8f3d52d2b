import * as z from 'zod'
import { AnswerRecordSchema, type AnswerRecord } from '../generate/openai/answers.ts'
import { GenerationRequestSchema } from '../generate/request.ts'
import type { ObjectStore } from '../ports.ts'
import { jsonBytes, readJsonObject } from './json-object.ts'

/**
 * A batch whose model's share many workers ask for at once, as objects of the datasets store:
 *
 * | key | written by | holds |
 * |---|---|---|
 * | `asking/<batch>/job.json` | generate | {@link Job}: what is asked for, and the upload that asked |
 * | `asking/<batch>/<part>.part.json` | generate | {@link PartRequest}; its upload starts a worker |
 * | `answers/<batch>/claims/<part>.json` | ask-model | who works on the part, and until when |
 * | `answers/<batch>/kept/<part>/<answer>.json` | ask-model | one answer, there before the next one is paid for |
 * | `answers/<batch>/parts/<part>.jsonl` | ask-model | all answers of the part, written once |
 * | `answers/<batch>/stopped.json` | ask-model | why nobody need ask any more |
 * | `answers/<batch>/complete.json` | ask-model | written once, by whoever finds every part there; its upload lets generate write the batch |
 *
 * What is written once is written under "if absent", so a message that comes twice, late or out of order changes nothing.
 */
export const ASKING_PREFIX = 'asking/'
export const ANSWERS_PREFIX = 'answers/'
export const PART_SUFFIX = '.part.json'
export const COMPLETE_SUFFIX = '/complete.json'

const EventSchema = z.object({
  store: z.enum(['inbox', 'datasets']),
  key: z.string(),
  etag: z.string(),
  version: z.string().optional(),
})

export const JobSchema = z.object({
  version: z.literal('1.0'),
  batch_id: z.string(),
  /** For people: the file that was uploaded. */
  title: z.string(),
  /** What asked for it; carried out again when every answer is there. */
  event: EventSchema,
  request: GenerationRequestSchema.extend({ random_seed: z.number().int() }),
  /** Where the good records of the seed file are kept. */
  seeds: z.object({ name: z.string(), key: z.string() }).optional(),
  model: z.string(),
  /** For all parts together; each has its share by its dialogues. */
  max_cost_usd: z.number().optional(),
  /** Dialogues that the model writes. */
  dialogues: z.number().int(),
  parts: z.number().int(),
})
export type Job = z.infer<typeof JobSchema>

export const PartRequestSchema = z.object({
  batch_id: z.string(),
  /** 1 to the number of parts. */
  part: z.number().int(),
  /** Ordinals within the model's share; `to` is the first that is not in it. */
  from: z.number().int(),
  to: z.number().int(),
})
export type PartRequest = z.infer<typeof PartRequestSchema>

const CompleteSchema = z.object({ event: EventSchema })
const StoppedSchema = z.object({ why: z.string(), message: z.string() })

/** In byte order as in the order of their numbers, up to a million parts. */
const named = (part: number) => String(part).padStart(6, '0')
const jobKey = (batch_id: string) => `${ASKING_PREFIX}${batch_id}/job.json`
const partRequestKey = (batch_id: string, part: number) => `${ASKING_PREFIX}${batch_id}/${named(part)}${PART_SUFFIX}`
const partsPrefix = (batch_id: string) => `${ANSWERS_PREFIX}${batch_id}/parts/`
const keptPrefix = (batch_id: string, part: number) => `${ANSWERS_PREFIX}${batch_id}/kept/${named(part)}/`
const completeKey = (batch_id: string) => `${ANSWERS_PREFIX}${batch_id}${COMPLETE_SUFFIX}`
const stoppedKey = (batch_id: string) => `${ANSWERS_PREFIX}${batch_id}/stopped.json`
export const claimKey = (batch_id: string, part: number) => `${ANSWERS_PREFIX}${batch_id}/claims/${named(part)}.json`
export const partKey = (batch_id: string, part: number) => `${partsPrefix(batch_id)}${named(part)}.jsonl`

const ABSENT = { condition: { if: 'absent' }, content_type: 'application/json' } as const

export async function readJob(datasets: ObjectStore, batch_id: string): Promise<Job | undefined> {
  return (await readJsonObject(datasets, jobKey(batch_id), JobSchema))?.value
}

/** Cuts the share into parts and hands them out. What is there already stays as it is, so a crash half way is made good by the next try. */
export async function handOut(
  datasets: ObjectStore,
  job: Omit<Job, 'version' | 'parts'>,
  dialoguesAPart: number,
): Promise<Job> {
  const parts = Math.ceil(job.dialogues / dialoguesAPart)
  await datasets.put(jobKey(job.batch_id), [jsonBytes({ version: '1.0', ...job, parts })], ABSENT)
  // A deployment in between may cut differently: what was written first counts.
  const written = await readJob(datasets, job.batch_id)
  if (written === undefined) throw new Error(`the job of ${job.batch_id} is not there although it was written`)
  const size = Math.ceil(written.dialogues / written.parts)
  for (let part = 1; part <= written.parts; part++) {
    const request: PartRequest = {
      batch_id: job.batch_id,
      part,
      from: (part - 1) * size,
      to: Math.min(part * size, written.dialogues),
    }
    await datasets.put(partRequestKey(job.batch_id, part), [jsonBytes(request)], ABSENT)
  }
  return written
}

export async function isComplete(datasets: ObjectStore, batch_id: string): Promise<boolean> {
  return (await datasets.head(completeKey(batch_id))) !== undefined
}

/**
 * Says so once every part is there. Whoever writes the last part sees all the others, because lists are consistent; when
 * two do, the condition lets one of them say it.
 */
export async function completeIfLast(datasets: ObjectStore, job: Job): Promise<boolean> {
  let there = 0
  for await (const _ of datasets.list(partsPrefix(job.batch_id))) there++
  if (there < job.parts) return false
  const { outcome } = await datasets.put(completeKey(job.batch_id), [jsonBytes({ event: job.event })], ABSENT)
  return outcome === 'written'
}

/** The upload that asked for a batch whose answers are all there. */
export async function readComplete(
  datasets: ObjectStore,
  key: string,
): Promise<z.infer<typeof EventSchema> | undefined> {
  return (await readJsonObject(datasets, key, CompleteSchema))?.value.event
}

export async function keepAnswer(
  datasets: ObjectStore,
  { batch_id, part }: Pick<PartRequest, 'batch_id' | 'part'>,
  record: AnswerRecord,
): Promise<void> {
  const key = `${keptPrefix(batch_id, part)}${record.key}-${record.attempt}.json`
  // A failure gives way to an answer of a later try; an answer stays.
  const condition = record.outcome === 'failed' ? ABSENT.condition : ({ if: 'always' } as const)
  await datasets.put(key, [jsonBytes(record)], { ...ABSENT, condition })
}

/** Answers that earlier tries at the part have paid for. */
export async function keptAnswers(
  datasets: ObjectStore,
  { batch_id, part }: Pick<PartRequest, 'batch_id' | 'part'>,
): Promise<AnswerRecord[]> {
  const records: AnswerRecord[] = []
  for await (const { key } of datasets.list(keptPrefix(batch_id, part))) {
    const read = await readJsonObject(datasets, key, AnswerRecordSchema)
    if (read !== undefined) records.push(read.value)
  }
  return records
}

/** Answers of all parts that are there; of each as it was written. */
export async function answersOfParts(datasets: ObjectStore, batch_id: string): Promise<AnswerRecord[]> {
  const records: AnswerRecord[] = []
  for await (const { key } of datasets.list(partsPrefix(batch_id))) {
    const object = await datasets.get(key)
    if (object === undefined) continue
    const pieces: Uint8Array[] = []
    for await (const piece of object.body) pieces.push(piece)
    for (const line of Buffer.concat(pieces).toString('utf8').split('\n'))
      if (line !== '') records.push(AnswerRecordSchema.parse(JSON.parse(line)))
  }
  return records
}

export async function sayStopped(
  datasets: ObjectStore,
  batch_id: string,
  stopped: z.infer<typeof StoppedSchema>,
): Promise<void> {
  await datasets.put(stoppedKey(batch_id), [jsonBytes(stopped)], ABSENT)
}

export async function readStopped(
  datasets: ObjectStore,
  batch_id: string,
): Promise<z.infer<typeof StoppedSchema> | undefined> {
  return (await readJsonObject(datasets, stoppedKey(batch_id), StoppedSchema))?.value
}

/** How far the asking for a batch is. */
export interface AskingProgress {
  batch_id: string
  title: string
  model: string
  /** Dialogues that the model writes. */
  dialogues: number
  parts: { all: number; done: number }
  /** Dialogues whose answer passes all checks that need no other dialogue. */
  accepted: number
  /** Dialogues without such an answer; templates write them. */
  failed: number
  cost_usd: number
}

const SummarySchema = z.object({ good: z.coerce.number(), without: z.coerce.number(), cost_usd: z.coerce.number() })
export type PartSummary = z.infer<typeof SummarySchema>

/** As metadata of the part. */
export function summaryMetadata({ good, without, cost_usd }: PartSummary): Record<string, string> {
  return { good: String(good), without: String(without), cost_usd: cost_usd.toFixed(9) }
}

/** Every batch that is or was asked for by parts, by its id. One request for each part, so for people and not for stages. */
export async function* askingProgress(datasets: ObjectStore): AsyncGenerator<AskingProgress> {
  for await (const { key } of datasets.list(ASKING_PREFIX)) {
    if (!key.endsWith('/job.json')) continue
    const job = (await readJsonObject(datasets, key, JobSchema))?.value
    if (job === undefined) continue
    const sums = { done: 0, accepted: 0, failed: 0, cost_usd: 0 }
    for await (const part of datasets.list(partsPrefix(job.batch_id))) {
      const summary = SummarySchema.safeParse((await datasets.head(part.key))?.metadata)
      sums.done += 1
      if (!summary.success) continue
      sums.accepted += summary.data.good
      sums.failed += summary.data.without
      sums.cost_usd += summary.data.cost_usd
    }
    const { batch_id, title, model, dialogues, parts } = job
    const { done, ...found } = sums
    yield { batch_id, title, model, dialogues, parts: { all: parts, done }, ...found }
  }
}
