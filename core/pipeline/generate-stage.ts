import { createHash } from 'node:crypto'
import { readDialogues } from '../datasets/read-dialogues.ts'
import { writeJsonLines } from '../datasets/write-dialogues.ts'
import { InputError, type Problem } from '../errors.ts'
import type { generateDialogues as GenerateDialogues, GenerationReport } from '../generate/generate-dialogues.ts'
import { ModelStopped } from '../generate/openai/model-stopped.ts'
import type { GenerationRequest } from '../generate/request.ts'
import { readSeedPatterns, type SeedPatterns } from '../generate/seeds/read-seed-patterns.ts'
import type { Banks } from '../generate/templates/banks.ts'
import type { Ports } from '../ports.ts'
import { createProblemList, orInputError, problemOf, writeErrorReport, type ProblemList } from './error-report.ts'
import { datasetKey, manifestKey, seedsKey, type GenerationManifest } from './generation-manifest.ts'
import { jsonBytes } from './json-object.ts'
import type { openModelSide as OpenModelSide } from './model-of-batch.ts'
import { missingSeed, requestOfUpload, type Asked } from './request-of-upload.ts'
import type { PipelineSettings } from './settings.ts'
import type { UploadEvent } from './stages.ts'
import { batchIdFor, findUpload, hashUpload, nameOf, readUpload, type StageOutcome, type Upload } from './upload.ts'

/**
 * A seed file or a request becomes a dataset: `synthetic/<batch>.jsonl`, with its manifest there before it and the good
 * records of the seed file kept under `seeds/`. Each is written once; whatever a crash left out, the next event adds.
 */
export async function runGenerate(event: UploadEvent, ports: Ports, settings: PipelineSettings): Promise<StageOutcome> {
  if (event.store === 'datasets') return whenAnswered(event, ports, settings)
  const upload = await findUpload(event, ports)
  if (upload === undefined) return { outcome: 'overtaken' }

  // What is refused gets an id of its own: once it is put right, the batch's own is still to be had.
  const refusedId = batchIdFor(event.key, event.etag)
  const found = await orInputError(() => prepare(upload, ports, settings))
  if (found instanceof InputError) return fail(upload, refusedId, found, ports, settings)
  const { batch_id } = found
  if (await isDone(batch_id, ports)) return { outcome: 'already_done', batch_id }

  // The writer is a third of this stage's code, and half of what a function would read before its first event: an event
  // that comes again, or an upload that is refused, goes without it. Faults in the banks are not the upload's: they are thrown.
  const [{ generateDialogues }, { lintDialogue }, banks] = await Promise.all([
    import('../generate/generate-dialogues.ts'),
    import('../quality/lint-dialogue.ts'),
    settings.banks(),
  ])
  const { request, seeds } = found
  const asking = await orInputError(() => handOutAsking(upload, found, banks, ports, settings))
  if (asking instanceof InputError) return fail(upload, refusedId, asking, ports, settings)
  if (asking !== undefined) return asking
  const side = await orInputError(() => modelFor(found, ports, settings))
  if (side instanceof InputError) return fail(upload, refusedId, side, ports, settings)
  const start = (): Generation =>
    generateDialogues({
      request,
      banks,
      seeds: seeds?.patterns,
      batchId: batch_id,
      baseTime: settings.baseTime,
      lint: lintDialogue,
      ...(side === undefined ? {} : { model: side.side }),
    })
  try {
    const written = await orInputError(() => generate(upload, found, start, ports, settings))
    if (written instanceof InputError) return fail(upload, batch_id, written, ports, settings)
    await side?.answers.forget()
    return await finished(upload, found, written, ports)
  } catch (error) {
    if (!(error instanceof ModelStopped) || error.why === 'aborted') throw error
    return fail(upload, refusedId, stoppedError(error, upload.name), ports, settings)
  } finally {
    await side?.answers.close()
  }
}

/** Every answer of a batch is there: the upload that asked for it is carried out once more, to its end this time. */
async function whenAnswered(event: UploadEvent, ports: Ports, settings: PipelineSettings): Promise<StageOutcome> {
  const { readComplete } = await import('./asking.ts')
  const asked = await readComplete(ports.datasets, event.key)
  return asked === undefined || asked.store !== 'inbox' ? { outcome: 'overtaken' } : runGenerate(asked, ports, settings)
}

/** Where many workers ask: hands the batch out. Undefined when nobody has to be asked, any more or at all. */
async function handOutAsking(
  upload: Upload,
  batch: Prepared,
  banks: Banks,
  { datasets, log }: Ports,
  { model }: PipelineSettings,
): Promise<StageOutcome | undefined> {
  const { batch_id, request, seeds } = batch
  if (request.method === 'template' || 'missing' in model || model.parts === undefined) return undefined
  const { handOut, isComplete } = await import('./asking.ts')
  if (await isComplete(datasets, batch_id)) return undefined
  const [{ modelTerms }, { modelDialogues }] = await Promise.all([
    import('./model-of-batch.ts'),
    import('../generate/openai/model-parts.ts'),
  ])
  const terms = modelTerms(batch, model, upload.name)
  const dialogues = modelDialogues({ request, seeds: seeds?.patterns, banks })
  if (dialogues === 0) return undefined
  const { event, name: title } = upload
  const job = { batch_id, title, event, request, model: terms.model, max_cost_usd: terms.max_cost_usd, dialogues }
  const kept = seeds === undefined ? {} : { seeds: { name: seeds.name, key: seedsKey(seeds.sha256) } }
  const { parts } = await handOut(datasets, { ...job, ...kept }, model.parts.dialogues)
  log.info('asking.handed_out', { batch_id, dialogues, parts, model: terms.model })
  return { outcome: 'asking', batch_id, parts }
}

/** Answers that were paid for are kept under the batch, so a request that is saved again goes on from them. */
function stoppedError({ message }: ModelStopped, where: string): InputError {
  return new InputError(`the model could not be asked: ${message}`, {
    where,
    fix: 'When that is put right, save the request again: what was paid for is used. With "on_failure": "fallback" templates write the rest.',
  })
}

/** Undefined where templates write everything. */
async function modelFor(
  batch: Prepared,
  ports: Ports,
  { model }: PipelineSettings,
): Promise<Awaited<ReturnType<typeof OpenModelSide>> | undefined> {
  if (batch.request.method === 'template' || 'missing' in model) return undefined
  const { modelTerms, openModelSide } = await import('./model-of-batch.ts')
  const terms = modelTerms(batch, model, batch.seeds?.name ?? 'request')
  return openModelSide(batch, terms, model, ports.log)
}

async function finished(
  upload: Upload,
  { batch_id, seeds }: Prepared,
  written: Written,
  ports: Ports,
): Promise<StageOutcome> {
  ports.log.info('dataset.generated', { batch_id, dialogues: written.dialogues, outcome: written.outcome })

  const outputs = [datasetKey(batch_id), manifestKey(batch_id)]
  const messages: string[] = []
  if (seeds !== undefined && seeds.problems.count > 0)
    messages.push(
      `${seeds.problems.count} of ${seeds.kept + seeds.problems.count} seed dialogues of ${seeds.name} cannot be used; the others were.`,
    )
  const stopped = written.report?.sources?.stopped
  if (stopped !== undefined)
    messages.push(
      `The model was given up before the end (${stopped.message}); templates wrote the rest of its share. The manifest says which.`,
    )
  if (messages.length > 0) {
    const problems = seeds?.problems ?? createProblemList()
    const counts =
      seeds === undefined
        ? {}
        : { counts: { read: seeds.kept + problems.count, written: seeds.kept, failed: problems.count } }
    const report = { outcome: 'partial' as const, batch_id, message: messages.join(' '), ...counts, problems }
    outputs.push(await writeErrorReport('generate', batch_id, upload, report, ports))
  }
  return { outcome: 'done', batch_id, outputs }
}

interface Prepared {
  batch_id: string
  request: GenerationRequest & { random_seed: number }
  seeds: Seeds | undefined
}

interface Seeds {
  name: string
  sha256: string
  patterns: SeedPatterns
  kept: number
  problems: ProblemList
}

async function prepare(upload: Upload, ports: Ports, settings: PipelineSettings): Promise<Prepared> {
  notTooLarge(upload, settings)
  const asked = await requestOfUpload(upload, ports, settings)
  const seedUpload = await findSeed(upload, asked, ports, settings)
  const sha256 = seedUpload === undefined ? undefined : await hashUpload(seedUpload)
  const random_seed = asked.request.random_seed ?? randomSeedOf(upload.event.key, sha256)
  const request = { ...asked.request, random_seed }
  const batch_id = batchIdFor(upload.event.key, JSON.stringify(request), sha256 ?? '')
  const seeds =
    seedUpload === undefined || sha256 === undefined ? undefined : await readSeeds(seedUpload, sha256, ports)
  return { batch_id, request, seeds }
}

async function findSeed(
  upload: Upload,
  { seed }: Asked,
  ports: Ports,
  settings: PipelineSettings,
): Promise<Upload | undefined> {
  if (seed === undefined) return undefined
  if (seed === upload.event.key) return upload
  const head = await ports.inbox.head(seed)
  if (head === undefined) throw await missingSeed(seed, upload.name, ports)
  const event: UploadEvent = { store: 'inbox', key: seed, etag: head.etag }
  const found: Upload = { event, store: ports.inbox, head, name: nameOf(seed) }
  notTooLarge(found, settings)
  return found
}

function notTooLarge({ head, name }: Upload, settings: PipelineSettings): void {
  if (head.size > settings.mostUploadBytes)
    throw new InputError(`the file has ${head.size} bytes`, {
      where: name,
      expected: `at most ${settings.mostUploadBytes}`,
      fix: 'Upload it in several files.',
    })
}

/** Nobody chose one: another file, or the same under another name, shall still give other dialogues. */
function randomSeedOf(key: string, sha256: string | undefined): number {
  return createHash('sha256')
    .update(JSON.stringify(['synthetic-dialogues/random-seed/1', key, sha256 ?? '']))
    .digest()
    .readUInt32BE(0)
}

/** The report then lists what is wrong with each record. */
class NoSeeds extends InputError {
  readonly problems: ProblemList

  constructor(name: string, problems: ProblemList) {
    const first = problems.kept[0]
    super(`no dialogue in it can be used as a seed: ${first?.message ?? 'it holds none'}`, {
      where: name,
      line: first?.line,
    })
    this.problems = problems
  }
}

/** Reads the seed file for its patterns, and keeps its good records where merge will find them. */
async function readSeeds(upload: Upload, sha256: string, ports: Ports): Promise<Seeds> {
  const problems = createProblemList()
  let kept = 0
  const good = (onProblem: (problem: Problem) => void) =>
    readDialogues(readUpload(upload), { file: upload.name, onProblem })
  const counted = async function* () {
    for await (const record of good(problems.add)) {
      kept += 1
      yield record
    }
  }
  const patterns = await readSeedPatterns(counted())
  if (kept === 0) throw new NoSeeds(upload.name, problems)
  const key = seedsKey(sha256)
  if ((await ports.datasets.head(key)) === undefined) {
    const records = async function* () {
      for await (const { json } of good(() => undefined)) yield json
    }
    await ports.datasets.put(key, writeJsonLines(records()), {
      condition: { if: 'absent' },
      content_type: 'application/x-ndjson',
    })
  }
  return { name: upload.name, sha256, patterns, kept, problems }
}

async function isDone(batch_id: string, ports: Ports): Promise<boolean> {
  return (await ports.datasets.head(datasetKey(batch_id))) !== undefined
}

/** Dialogues one by one, and the report on them at the end. */
type Generation = ReturnType<typeof GenerateDialogues>

interface Written {
  dialogues: number
  outcome: 'written' | 'precondition_failed'
  /** Undefined when somebody else's dataset was there first. */
  report: GenerationReport | undefined
}

async function generate(
  upload: Upload,
  prepared: Prepared,
  start: () => Generation,
  ports: Ports,
  settings: PipelineSettings,
): Promise<Written> {
  const { batch_id, request, seeds } = prepared
  const generation = start()
  let dialogues = 0
  let report: GenerationReport | undefined
  const records = async function* () {
    for (;;) {
      const next = await generation.next()
      if (next.done === true) {
        report = next.value
        return
      }
      dialogues += 1
      yield JSON.stringify(next.value.dialogue)
    }
  }
  const body = async function* () {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const piece of writeJsonLines(records())) {
      hash.update(piece)
      bytes += piece.length
      yield piece
    }
    if (dialogues === 0) throw new InputError('no dialogue that passes the checks came of it', { where: upload.name })
    // Before the dataset can be seen: whoever sees a dataset finds its manifest beside it.
    const dataset = { key: datasetKey(batch_id), sha256: hash.digest('hex'), bytes, dialogues }
    await putManifest({ upload, batch_id, request, seeds, dataset, report }, ports, settings)
  }
  const { outcome } = await ports.datasets.put(datasetKey(batch_id), body(), {
    condition: { if: 'absent' },
    content_type: 'application/x-ndjson',
  })
  return { dialogues, outcome, report }
}

async function putManifest(
  about: Prepared & { upload: Upload; dataset: GenerationManifest['dataset']; report: unknown },
  ports: Ports,
  settings: PipelineSettings,
): Promise<void> {
  const { upload, batch_id, request, seeds, dataset, report } = about
  const manifest: GenerationManifest = {
    version: '1.0',
    batch_id,
    title: upload.name,
    upload: { store: upload.event.store, key: upload.event.key },
    request,
    ...(seeds === undefined
      ? {}
      : {
          seeds: {
            file: seeds.name,
            sha256: seeds.sha256,
            key: seedsKey(seeds.sha256),
            read: seeds.kept + seeds.problems.count,
            kept: seeds.kept,
            failed: seeds.problems.count,
          },
        }),
    dataset,
    base_time: settings.baseTime,
    report,
  }
  await ports.datasets.put(manifestKey(batch_id), [jsonBytes(manifest)], {
    condition: { if: 'always' },
    content_type: 'application/json',
  })
}

/** The report for whoever uploaded it, and a failed batch where the reviewers look. */
async function fail(
  upload: Upload,
  batch_id: string,
  error: InputError,
  ports: Ports,
  settings: PipelineSettings,
): Promise<StageOutcome> {
  const { message } = error
  const each = error instanceof NoSeeds && error.problems.count > 0 ? error.problems : undefined
  const problems = each ?? createProblemList([problemOf(error, upload.name)])
  const report = await writeErrorReport(
    'generate',
    batch_id,
    upload,
    { outcome: 'failed', batch_id, message, problems },
    ports,
  )
  const { createReviewService } = await import('../review/service.ts') // only an upload that is refused needs it
  const service = createReviewService({ store: ports.reviews, clock: ports.clock, log: ports.log })
  await service.openBatch({
    batch_id,
    title: upload.name,
    source: { key: upload.event.key, etag: upload.event.etag, location: upload.store.locate(upload.event.key) },
    dataset: { store: 'datasets', key: datasetKey(batch_id) },
    reviews_per_dialogue: settings.reviewsPerDialogue,
    overlap: settings.overlap,
    guidelines_version: settings.guidelinesVersion,
  })
  await service.failBatch(batch_id, message)
  return { outcome: 'failed', report, message, batch_id }
}
