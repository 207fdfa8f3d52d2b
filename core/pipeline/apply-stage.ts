import { createHash } from 'node:crypto'
import * as z from 'zod'
import { applyReviews } from '../apply/apply-reviews.ts'
import { readReviewsFile } from '../datasets/reviews-file.ts'
import { InputError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import { approvedKey, approvedReportKey, type ApprovedReport } from './approved-report.ts'
import { createProblemList, orInputError, problemOf, writeErrorReport, type ProblemList } from './error-report.ts'
import { GenerationManifestSchema, manifestKey } from './generation-manifest.ts'
import { jsonBytes, readJsonObject } from './json-object.ts'
import type { PipelineSettings } from './settings.ts'
import type { StoreName, UploadEvent } from './stages.ts'
import {
  batchIdFor,
  batchOfKey,
  findUpload,
  hashUpload,
  nameOf,
  readUpload,
  type StageOutcome,
  type Upload,
} from './upload.ts'

/**
 * A reviews file, written when a lead closed a batch or made elsewhere and uploaded, is applied to its dataset:
 * `approved/<id>.jsonl` holds exactly what was approved, with its report there before it. Written once.
 */
export async function runApply(event: UploadEvent, ports: Ports, settings: PipelineSettings): Promise<StageOutcome> {
  const upload = await findUpload(event, ports)
  if (upload === undefined) return { outcome: 'overtaken' }
  const tooLarge = upload.head.size > settings.mostUploadBytes
  const id =
    event.store === 'datasets'
      ? batchOfKey(event.key)
      : batchIdFor(event.key, tooLarge ? event.etag : await hashUpload(upload))
  if ((await ports.datasets.head(approvedKey(id))) !== undefined) return { outcome: 'already_done', batch_id: id }

  const problems = createProblemList()
  const applied = await orInputError(async () => {
    if (tooLarge)
      throw new InputError(`the file has ${upload.head.size} bytes`, {
        where: upload.name,
        expected: `at most ${settings.mostUploadBytes}`,
      })
    return apply(upload, id, problems, ports)
  })
  if (applied instanceof InputError) {
    const { message } = applied
    const all = createProblemList([problemOf(applied, upload.name), ...problems.kept])
    const report = await writeErrorReport(
      'apply',
      id,
      upload,
      { outcome: 'failed', batch_id: id, message, problems: all },
      ports,
    )
    return { outcome: 'failed', report, message, batch_id: id }
  }
  ports.log.info('reviews.applied', { id, read: applied.read, written: applied.written })

  const outputs = [approvedKey(id), approvedReportKey(id)]
  if (problems.count > 0) {
    const message = `${problems.count} records of ${upload.name} or its dataset cannot be used; the others were.`
    outputs.push(
      await writeErrorReport('apply', id, upload, { outcome: 'partial', batch_id: id, message, problems }, ports),
    )
  }
  return { outcome: 'done', batch_id: id, outputs }
}

interface Dataset {
  store: StoreName
  key: string
}

async function apply(
  upload: Upload,
  id: string,
  problems: ProblemList,
  ports: Ports,
): Promise<{ read: number; written: number }> {
  const dataset = await findDataset(upload, ports)
  const object = await ports[dataset.store].get(dataset.key)
  if (object === undefined) throw new Error(`${ports[dataset.store].locate(dataset.key)} was removed just now.`)
  const run = applyReviews({
    dataset: { file: nameOf(dataset.key), source: object.body },
    reviews: [{ file: upload.name, source: readUpload(upload) }],
    format: 'lines',
    onProblem: problems.add,
  })
  const body = async function* () {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const piece of run.body) {
      hash.update(piece)
      bytes += piece.length
      yield piece
    }
    const [problem] = problems.kept
    if (problem !== undefined && run.report().reviews.verdicts === 0)
      throw new InputError(`not one of its reviews can be used: ${problem.message}`, { where: upload.name })
    // Before the set can be seen: whoever merges it finds its report beside it.
    const report: ApprovedReport = {
      version: '1.0',
      id,
      dataset,
      reviews: { store: upload.event.store, key: upload.event.key },
      approved: { key: approvedKey(id), sha256: hash.digest('hex'), bytes, dialogues: run.report().written },
      ...(await seedsOf(dataset, ports)),
      report: run.report(),
    }
    await ports.datasets.put(approvedReportKey(id), [jsonBytes(report)], {
      condition: { if: 'always' },
      content_type: 'application/json',
    })
  }
  await ports.datasets.put(approvedKey(id), body(), {
    condition: { if: 'absent' },
    content_type: 'application/x-ndjson',
  })
  return run.report()
}

const ReviewsHeaderSchema = z.looseObject({
  dataset: z
    .object({ store: z.enum(['inbox', 'datasets']), key: z.string() })
    .optional()
    .catch(undefined),
  batch_id: z.string().optional().catch(undefined),
  source_file: z.string().optional().catch(undefined),
})

/**
 * A reviews file of ours names its dataset. One made elsewhere names the file that was reviewed (`source_file`), by
 * whatever path it had there: the dataset of that name is looked for among the uploaded and the generated ones.
 */
async function findDataset(upload: Upload, ports: Ports): Promise<Dataset> {
  const header = await headerOf(upload)
  const named: Dataset[] = []
  if (header.dataset?.key.startsWith('synthetic/') === true) named.push(header.dataset)
  for (const name of [
    header.batch_id === undefined ? undefined : `${header.batch_id}.jsonl`,
    baseName(header.source_file),
  ])
    if (name !== undefined)
      named.push({ store: 'inbox', key: `synthetic/${name}` }, { store: 'datasets', key: `synthetic/${name}` })
  for (const dataset of named) if (await isThere(dataset, ports)) return dataset
  const source = header.dataset?.key ?? header.source_file ?? header.batch_id
  throw new InputError(
    source === undefined ? 'the reviews do not say of which dataset' : `there is no dataset ${nameOf(source)}`,
    {
      where: upload.name,
      expected: 'a field "source_file" before "reviews" that names a dataset under synthetic/',
      fix: 'Upload the dataset to synthetic/ in the inbox, then the reviews again.',
    },
  )
}

async function headerOf(upload: Upload): Promise<z.infer<typeof ReviewsHeaderSchema>> {
  let header: Record<string, unknown> = {}
  const reviews = readReviewsFile(readUpload(upload), {
    file: upload.name,
    onProblem: () => undefined, // told when they are applied
    onHeader: (fields) => (header = fields),
  })
  for await (const _ of reviews) break
  return ReviewsHeaderSchema.parse(header)
}

function baseName(path: string | undefined): string | undefined {
  const name = path?.split(/[/\\]/).at(-1)
  return name === undefined || name === '' ? undefined : name
}

async function isThere({ store, key }: Dataset, ports: Ports): Promise<boolean> {
  const head = await orInputError(() => ports[store].head(key)) // a name that no key can have
  return head !== undefined && !(head instanceof InputError)
}

async function seedsOf(dataset: Dataset, ports: Ports): Promise<Pick<ApprovedReport, 'seeds'>> {
  if (dataset.store === 'inbox') return {}
  const manifest = await readJsonObject(ports.datasets, manifestKey(batchOfKey(dataset.key)), GenerationManifestSchema)
  if (manifest?.value.seeds === undefined) return {}
  const { file, sha256, key } = manifest.value.seeds
  return { seeds: { file, sha256, key } }
}
