import * as z from 'zod'
import { InputError } from '../errors.ts'
import type { GenerationRequestSchema } from '../generate/request.ts'
import { parseRequest, type GenerationRequest } from '../generate/request.ts'
import { isSlipOf } from '../nearest-name.ts'
import type { Ports } from '../ports.ts'
import { errorReportKey } from './error-report.ts'
import { readJsonObject } from './json-object.ts'
import type { PipelineSettings } from './settings.ts'
import { DATASET_SUFFIXES } from './stages.ts'
import { batchIdFor, nameOf, type Upload } from './upload.ts'

/** What an upload to `seeds/` or `requests/` asks for. The random seed may still be open. */
export interface Asked {
  request: GenerationRequest
  /** Key of the seed file in the inbox. */
  seed: string | undefined
}

/**
 * A seed file alone asks for the environment's default request, overridden by its metadata; a request file says all
 * itself and names its seed file.
 * @throws InputError with the field, and what would be right
 */
export async function requestOfUpload(upload: Upload, ports: Ports, settings: PipelineSettings): Promise<Asked> {
  const isSeed = upload.event.key.startsWith('seeds/')
  const said = isSeed
    ? { ...requestOfMetadata(upload.head.metadata, upload.name), seed: upload.event.key }
    : await requestOfFile(upload, ports)
  const request = parseRequest({ ...settings.defaultRequest, ...said }, upload.name)
  if (request.method !== 'template' && 'missing' in settings.model)
    throw new InputError(`method ${request.method} needs a language model, and none is set up here`, {
      where: upload.name,
      field: 'method',
      fix: settings.model.missing,
    })
  if ((request.reviews_per_dialogue ?? 1) > 3)
    throw new InputError(`reviews_per_dialogue is ${request.reviews_per_dialogue}`, {
      where: upload.name,
      field: 'reviews_per_dialogue',
      expected: '1, 2 or 3',
    })
  return { request, seed: request.seed === undefined ? undefined : seedKey(request.seed) }
}

async function requestOfFile(upload: Upload, ports: Ports): Promise<Record<string, unknown>> {
  const read = await readJsonObject(upload.store, upload.event.key, z.looseObject({}))
  if (read === undefined)
    throw new Error(`${ports.inbox.locate(upload.event.key)} was removed while it was being read.`)
  return read.value
}

/** People write the key, or just the name of the file that they put into `seeds/`. */
function seedKey(seed: string): string {
  const key = seed.replace(/^\.?\//, '')
  return key.startsWith('seeds/') ? key : `seeds/${key}`
}

const LISTS: readonly string[] = ['concerns', 'session_types']
const NUMBERS: readonly string[] = [
  'count',
  'random_seed',
  'openai_share',
  'temperature',
  'max_cost_usd',
  'reviews_per_dialogue',
]
const TEXTS: readonly string[] = ['method', 'model', 'locale', 'on_failure']
const FLAGS: readonly string[] = ['mask_pii']
const NAMES = [...LISTS, ...NUMBERS, ...TEXTS, ...FLAGS]
/** What file systems on S3 write with every object, and what is near to a name of ours. */
const FOREIGN: readonly string[] = ['mode']

/**
 * `count=100,method=hybrid,concerns=anxiety;grief`: S3's metadata are texts. A list is split at `;`, `,` and spaces (the
 * command line of AWS splits at commas itself). Names that are not ours are other programs' business, unless they are ours
 * but for a slip.
 * @throws InputError for such a name, and for a number that is none
 */
export function requestOfMetadata(
  metadata: Readonly<Record<string, string>>,
  where: string,
): Partial<Record<keyof typeof GenerationRequestSchema.shape, unknown>> {
  const request: Record<string, unknown> = {}
  for (const [given, value] of Object.entries(metadata)) {
    const name = given.toLowerCase().replaceAll('-', '_')
    if (LISTS.includes(name)) request[name] = value.split(/[;,\s]+/).filter((part) => part !== '')
    else if (NUMBERS.includes(name)) request[name] = numberOf(name, value, where)
    else if (TEXTS.includes(name)) request[name] = value
    else if (FLAGS.includes(name)) request[name] = /^(?:true|yes|1)$/i.test(value.trim())
    else refuseSlip(given, name, where)
  }
  return request
}

function refuseSlip(given: string, name: string, where: string): void {
  const meant = FOREIGN.includes(name) ? undefined : NAMES.find((known) => isSlipOf(name, known))
  if (meant === undefined) return
  throw new InputError(`unknown name "${given}" in the metadata`, {
    where,
    field: given,
    expected: `one of ${NAMES.join(', ')}`,
    fix: `Did you mean "${meant}"?`,
  })
}

function numberOf(name: string, value: string, where: string): number {
  const number = Number(value)
  if (value.trim() !== '' && Number.isFinite(number)) return number
  throw new InputError(`the metadata say ${name}=${value}`, {
    where,
    field: name,
    expected: `${name} to be a number`,
    fix: `Upload the file again, for example with --metadata ${name}=50.`,
  })
}

/** What of the inbox's `seeds/` can be a seed file, for a request that names none of it. */
export async function missingSeed(key: string, where: string, ports: Ports): Promise<InputError> {
  const there: string[] = []
  for await (const head of ports.inbox.list('seeds/')) {
    if (!DATASET_SUFFIXES.some((suffix) => head.key.toLowerCase().endsWith(suffix))) continue
    const refused = errorReportKey('generate', batchIdFor(head.key, head.etag))
    if ((await ports.datasets.head(refused)) !== undefined) continue
    there.push(nameOf(head.key))
    if (there.length >= 10) break
  }
  return new InputError(`there is no seed file ${nameOf(key)}`, {
    where,
    field: 'seed',
    expected: there.length === 0 ? 'a seed file in the inbox, under seeds/' : `one of ${there.join(', ')}`,
    fix: 'Upload the seed file first, then the request again.',
  })
}
