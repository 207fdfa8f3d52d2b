import * as z from 'zod'
import { InputError } from '../errors.ts'
import type { GenerationRequestSchema } from '../generate/request.ts'
import { parseRequest, type GenerationRequest } from '../generate/request.ts'
import type { Ports } from '../ports.ts'
import { readJsonObject } from './json-object.ts'
import type { PipelineSettings } from './settings.ts'
import { nameOf, type Upload } from './upload.ts'

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
      fix: settings.model.missing,
    })
  if ((request.reviews_per_dialogue ?? 1) > 3)
    throw new InputError(`reviews_per_dialogue is ${request.reviews_per_dialogue}`, {
      where: upload.name,
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

/**
 * `count=100,method=hybrid,concerns=anxiety;grief`: S3's metadata are texts. A list is split at `;`, `,` and spaces (the
 * command line of AWS splits at commas itself). Names that are not ours are other programs' business.
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
  }
  return request
}

function numberOf(name: string, value: string, where: string): number {
  const number = Number(value)
  if (value.trim() !== '' && Number.isFinite(number)) return number
  throw new InputError(`the metadata say ${name}=${value}`, {
    where,
    expected: `${name} to be a number`,
    fix: `Upload the file again, for example with --metadata ${name}=50.`,
  })
}

/** What the inbox holds under `seeds/`, for a request that names none of it. */
export async function missingSeed(key: string, where: string, ports: Ports): Promise<InputError> {
  const there: string[] = []
  for await (const head of ports.inbox.list('seeds/')) {
    there.push(nameOf(head.key))
    if (there.length >= 10) break
  }
  return new InputError(`there is no seed file ${nameOf(key)}`, {
    where,
    expected: there.length === 0 ? 'a seed file in the inbox, under seeds/' : `one of ${there.join(', ')}`,
    fix: 'Upload the seed file first, then the request again.',
  })
}
