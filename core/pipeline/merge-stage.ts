import { createHash } from 'node:crypto'
import * as z from 'zod'
import { InputError } from '../errors.ts'
import { mergeDatasets, type MergeInput } from '../merge/merge-datasets.ts'
import { TRAINING_FILES, type TrainingFile } from '../merge/training-files.ts'
import type { ObjectStore, Ports } from '../ports.ts'
import { approvedReportKey, ApprovedReportSchema } from './approved-report.ts'
import { createProblemList, orInputError, problemOf, writeErrorReport } from './error-report.ts'
import { jsonBytes, readJsonObject } from './json-object.ts'
import type { PipelineSettings } from './settings.ts'
import type { UploadEvent } from './stages.ts'
import { batchOfKey, findUpload, nameOf, type StageOutcome, type Upload } from './upload.ts'

/**
 * Every approved set there is, merged with the seeds that its batch came from, into `training/<version>/`; the version is
 * a hash of what went in, so each is written once. `training/latest.json` then names it, by compare-and-swap.
 *
 * Events may come in any order: a merge always takes all sets that are there, and `latest.json` is read before they are
 * listed. Sets are only ever added, so whoever still finds it unchanged at the end has at least as many as it names.
 */
export async function runMerge(event: UploadEvent, ports: Ports, _settings: PipelineSettings): Promise<StageOutcome> {
  const upload = await findUpload(event, ports)
  if (upload === undefined) return { outcome: 'overtaken' }
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = await mergeOnce(upload, ports)
    if (outcome !== undefined) return outcome
  }
  throw new Error('Other merges kept changing training/latest.json; a retry will find it at rest.')
}

/** Each lost race means that another merge has finished; so many at a time would be a fault. */
const MOST_ATTEMPTS = 20

export const LATEST_KEY = 'training/latest.json'

export const LatestSchema = z.looseObject({
  version: z.string(),
  /** Keys in the datasets store. */
  folder: z.string(),
  manifest: z.string(),
  files: z.array(z.string()),
  dialogues: z.number().int(),
  approved: z.array(z.object({ id: z.string(), key: z.string(), sha256: z.string(), dialogues: z.number().int() })),
  seeds: z.array(z.object({ file: z.string(), key: z.string(), sha256: z.string() })),
})
export type Latest = z.infer<typeof LatestSchema>

/** Undefined when somebody else changed `latest.json` meanwhile. */
async function mergeOnce(upload: Upload, ports: Ports): Promise<StageOutcome | undefined> {
  const { datasets } = ports
  const latest = await orInputError(() => readJsonObject(datasets, LATEST_KEY, LatestSchema))
  const inputs = await findInputs(datasets)
  const version = versionOf(inputs)
  const known = latest instanceof InputError ? undefined : latest
  if (known?.value.version === version) return { outcome: 'already_done' }
  const sets = inputs.approved.filter((set) => set.dialogues > 0)
  if (sets.length + inputs.seeds.length === 0) {
    ports.log.info('training_set.empty', { version })
    return { outcome: 'done', outputs: [] }
  }

  const folder = `training/${version}/`
  const problems = createProblemList()
  const merged = await orInputError(() => mergeInto(folder, inputs, problems.add, datasets))
  if (merged instanceof InputError) {
    const { message } = merged
    const all = createProblemList([problemOf(merged, upload.name), ...problems.kept])
    const report = await writeErrorReport(
      'merge',
      version,
      upload,
      { outcome: 'failed', message, problems: all },
      ports,
    )
    return { outcome: 'failed', report, message }
  }

  const content: Latest = {
    version,
    folder,
    manifest: `${folder}manifest.json`,
    files: [...TRAINING_FILES],
    dialogues: merged.written,
    approved: inputs.approved,
    seeds: inputs.seeds,
  }
  const outputs = [LATEST_KEY, content.manifest]
  if (problems.count > 0) {
    const message = `${problems.count} records cannot be used; the others are in training set ${version}.`
    outputs.push(await writeErrorReport('merge', version, upload, { outcome: 'partial', message, problems }, ports))
  }
  const etag = latest instanceof InputError ? (await datasets.head(LATEST_KEY))?.etag : latest?.etag
  const { outcome } = await datasets.put(LATEST_KEY, [jsonBytes(content)], {
    condition: etag === undefined ? { if: 'absent' } : { if: 'unchanged', etag },
    content_type: 'application/json',
  })
  if (outcome === 'precondition_failed') return undefined
  ports.log.info('training_set.published', { version, dialogues: merged.written, sets: inputs.approved.length })
  return { outcome: 'done', outputs }
}

interface Inputs {
  approved: Latest['approved']
  seeds: Latest['seeds']
}

/** All approved sets in order of their keys, and the seed files behind them, each once, in order of their hashes. */
async function findInputs(datasets: ObjectStore): Promise<Inputs> {
  const approved: Inputs['approved'] = []
  const seeds = new Map<string, Inputs['seeds'][number]>()
  for await (const { key } of datasets.list('approved/')) {
    if (!key.endsWith('.jsonl')) continue
    const id = batchOfKey(key)
    const report = await readJsonObject(datasets, approvedReportKey(id), ApprovedReportSchema)
    // It is written first, so its absence is a store that has not caught up with itself, or a hand that took it away.
    if (report === undefined) throw new Error(`${datasets.locate(key)} has no report beside it.`)
    const { approved: set, seeds: behind } = report.value
    approved.push({ id, key, sha256: set.sha256, dialogues: set.dialogues })
    // One file under two names is one seed file; the earlier name by order stands for it, whoever was first.
    const same = behind && seeds.get(behind.key)
    if (behind !== undefined && (same === undefined || behind.file < same.file)) seeds.set(behind.key, behind)
  }
  return { approved, seeds: [...seeds.values()].sort((one, other) => (one.key < other.key ? -1 : 1)) }
}

/** `0003-9f2ab84c11d0`: how many approved sets, for people, and a hash of what they and the seeds hold. */
function versionOf({ approved, seeds }: Inputs): string {
  const content = [
    'synthetic-dialogues/training/1',
    seeds.map(({ sha256 }) => sha256),
    approved.map(({ id, sha256 }) => [id, sha256]),
  ]
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return `${String(approved.length).padStart(4, '0')}-${hash.slice(0, 12)}`
}

const ManifestSchema = z.looseObject({ written: z.number().int() })

/** Writes what is not there yet. The manifest comes last: with it, the version is whole. */
async function mergeInto(
  folder: string,
  { approved, seeds }: Inputs,
  onProblem: ReturnType<typeof createProblemList>['add'],
  datasets: ObjectStore,
): Promise<{ written: number }> {
  const manifest = await readJsonObject(datasets, `${folder}manifest.json`, ManifestSchema)
  if (manifest !== undefined) return manifest.value
  const input = (key: string, file: string, kind: MergeInput['kind']): MergeInput => ({
    file,
    kind,
    open: () => contentOf(datasets, key),
  })
  return mergeDatasets({
    inputs: [
      ...seeds.map(({ key, file }) => input(key, file, 'seed')),
      ...approved.filter((set) => set.dialogues > 0).map(({ key }) => input(key, nameOf(key), 'synthetic')),
    ],
    approval: 'required',
    write: (name, body) =>
      datasets.put(folder + name, body, { condition: { if: 'absent' }, content_type: contentType(name) }),
    header: { description: 'Seed dialogues and synthetic dialogues, each of these approved by a clinician.' },
    onProblem,
  })
}

async function* contentOf(datasets: ObjectStore, key: string): AsyncGenerator<Uint8Array, void, undefined> {
  const object = await datasets.get(key)
  if (object === undefined) throw new Error(`${datasets.locate(key)} was removed during the merge.`)
  yield* object.body
}

function contentType(name: TrainingFile): string {
  if (name.endsWith('.jsonl')) return 'application/x-ndjson'
  return name.endsWith('.json') ? 'application/json' : 'text/markdown; charset=utf-8'
}
