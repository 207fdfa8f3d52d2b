import type * as z from 'zod'
import { syntaxFault } from '../datasets/syntax-problem.ts'
import { InputError } from '../errors.ts'
import type { ObjectStore } from '../ports.ts'

/** Small JSON objects (manifests, reports, requests): read and written whole. */
export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value, null, 2) + '\n')
}

/** Longer than any manifest or request; what is larger is something else under a wrong name. */
const MOST_BYTES = 8 * 1024 * 1024

/**
 * Undefined when there is no such object.
 * @throws InputError when it is not JSON, or not of this shape
 */
export async function readJsonObject<Schema extends z.ZodType>(
  store: ObjectStore,
  key: string,
  schema: Schema,
): Promise<{ value: z.infer<Schema>; etag: string } | undefined> {
  const object = await store.get(key)
  if (object === undefined) return undefined
  const where = key
  const text = await readText(object.body, where)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    const { at, cut } = syntaxFault(text)
    throw new InputError(cut ? 'this is not JSON: it ends in the middle' : 'this is not JSON', {
      where,
      line: text.slice(0, at).split('\n').length,
      expected: 'one JSON object',
      fix: 'A JSON editor shows the place. Put it right and save the file again.',
      cause,
    })
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return { value: parsed.data, etag: object.head.etag }
  const issue = parsed.error.issues[0]
  throw new InputError(issue?.message ?? 'this has another shape', {
    where: issue === undefined || issue.path.length === 0 ? where : `${where}: ${issue.path.join('.')}`,
    field: issue === undefined || issue.path.length === 0 ? undefined : issue.path.join('.'),
  })
}

async function readText(body: AsyncIterable<Uint8Array>, where: string): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true }) // a BOM is taken off
  let text = ''
  let size = 0
  try {
    for await (const chunk of body) {
      size += chunk.length
      if (size > MOST_BYTES) throw new InputError(`this is larger than ${MOST_BYTES / 1024 / 1024} MiB`, { where })
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new InputError('this is not UTF-8 text', { where, fix: 'Save it as UTF-8.', cause: error })
  }
}
