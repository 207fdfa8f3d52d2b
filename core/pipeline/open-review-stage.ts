import * as z from 'zod'
import { readDialogues } from '../datasets/read-dialogues.ts'
import { InputError, type Problem } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { DialogueRecord } from '../review/new-item.ts'
import { createReviewService, type ReviewService } from '../review/service.ts'
import { createProblemList, orInputError, problemOf, writeErrorReport } from './error-report.ts'
import { GenerationManifestSchema, manifestKey } from './generation-manifest.ts'
import { readJsonObject } from './json-object.ts'
import type { PipelineSettings } from './settings.ts'
import type { UploadEvent } from './stages.ts'
import { batchIdFor, batchOfKey, findUpload, hashUpload, readUpload, type StageOutcome, type Upload } from './upload.ts'

/** Dialogues handed to the store at a time; what a crash has to do again. */
const CHUNK = 200

/**
 * A dataset, generated here or uploaded from elsewhere, becomes a batch under review: every dialogue linted, one item
 * each. A crash leaves the batch opening, and the next event adds what is missing.
 */
export async function runOpenReview(
  event: UploadEvent,
  ports: Ports,
  settings: PipelineSettings,
): Promise<StageOutcome> {
  const upload = await findUpload(event, ports)
  if (upload === undefined) return { outcome: 'overtaken' }
  const service = createReviewService({ store: ports.reviews, clock: ports.clock, log: ports.log })

  const tooLarge = upload.head.size > settings.mostUploadBytes
  const batch_id =
    event.store === 'datasets'
      ? batchOfKey(event.key)
      : batchIdFor(event.key, tooLarge ? event.etag : await hashUpload(upload))
  const asked = await whatWasAsked(upload, ports, settings)
  const reviews_per_dialogue = asked.reviews_per_dialogue

  const { batch } = await service.openBatch({
    batch_id,
    title: asked.title,
    source: { key: event.key, etag: event.etag, location: upload.store.locate(event.key) },
    dataset: { store: event.store, key: event.key },
    reviews_per_dialogue,
    overlap: settings.overlap,
    guidelines_version: settings.guidelinesVersion,
  })
  if (batch.status !== 'opening') return { outcome: 'already_done', batch_id }

  const fail = async (message: string, problems = createProblemList()): Promise<StageOutcome> => {
    const report = await writeErrorReport(
      'open-review',
      batch_id,
      upload,
      { outcome: 'failed', batch_id, message, problems },
      ports,
    )
    await service.failBatch(batch_id, message)
    return { outcome: 'failed', report, message, batch_id }
  }
  if (asked.problem !== undefined)
    return fail(asked.problem.message, createProblemList([problemOf(asked.problem, upload.name)]))
  if (tooLarge)
    return fail(`${upload.name} is larger than the ${mebibytes(settings.mostUploadBytes)} MiB that one batch may have.`)
  if (upload.head.size === 0) return fail(`${upload.name} is empty.`)

  const problems = createProblemList()
  const added = await orInputError(() => addAll(upload, batch_id, service, settings, problems.add))
  if (added instanceof InputError) return fail(added.message, createProblemList([problemOf(added, upload.name)]))
  if (added === 0)
    return fail(
      `${upload.name} has no dialogue that can be reviewed: ${problems.kept[0]?.message ?? 'it holds none'}.`,
      problems,
    )

  const outputs: string[] = []
  if (problems.count > 0) {
    const message = `${problems.count} of ${added + problems.count} records of ${upload.name} cannot be reviewed; the others are in the batch.`
    const counts = { read: added + problems.count, written: added, failed: problems.count }
    outputs.push(
      await writeErrorReport(
        'open-review',
        batch_id,
        upload,
        { outcome: 'partial', batch_id, message, counts, problems },
        ports,
      ),
    )
  }
  await service.finishOpening(batch_id)
  return { outcome: 'done', batch_id, outputs }
}

/** @returns how many good dialogues the dataset holds; those that are in the batch already are not added again */
async function addAll(
  upload: Upload,
  batch_id: string,
  service: ReviewService,
  settings: PipelineSettings,
  onProblem: (problem: Problem) => void,
): Promise<number> {
  // Of use to what gets this far: an event that comes again, or an upload that is refused, starts without its 90 KB of rules.
  const { lintDialogue } = await import('../quality/lint-dialogue.ts')
  let good = 0
  let chunk: DialogueRecord[] = []
  const options = { file: upload.name, onProblem, maxRecordBytes: settings.mostDialogueBytes }
  for await (const { dialogue, json, index } of readDialogues(readUpload(upload), options)) {
    chunk.push({ dialogue, json, index, ...lintDialogue(dialogue) })
    good += 1
    if (chunk.length < CHUNK) continue
    await service.addDialogues(batch_id, chunk)
    chunk = []
  }
  await service.addDialogues(batch_id, chunk)
  return good
}

interface Asked {
  title: string
  reviews_per_dialogue: number
  problem?: InputError
}

const ReviewsPerDialogueSchema = z.coerce.number().int().min(1).max(3)

/** A generated dataset has its manifest, an uploaded one its metadata. */
async function whatWasAsked(upload: Upload, ports: Ports, settings: PipelineSettings): Promise<Asked> {
  const standard = { title: upload.name, reviews_per_dialogue: settings.reviewsPerDialogue }
  if (upload.event.store === 'datasets') {
    const manifest = await readJsonObject(
      ports.datasets,
      manifestKey(batchOfKey(upload.event.key)),
      GenerationManifestSchema,
    )
    if (manifest === undefined) return standard
    const { title, request } = manifest.value
    return { title, reviews_per_dialogue: request.reviews_per_dialogue ?? standard.reviews_per_dialogue }
  }
  const said = upload.head.metadata['reviews_per_dialogue'] ?? upload.head.metadata['reviews-per-dialogue']
  if (said === undefined) return standard
  const parsed = ReviewsPerDialogueSchema.safeParse(said)
  if (parsed.success) return { ...standard, reviews_per_dialogue: parsed.data }
  const problem = new InputError(`the metadata say reviews_per_dialogue=${said}`, {
    where: upload.name,
    expected: '1, 2 or 3',
    fix: 'Upload the file again with a number that fits.',
  })
  return { ...standard, problem }
}

const mebibytes = (bytes: number) => Math.floor(bytes / 1024 / 1024)
