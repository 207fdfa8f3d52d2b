import * as z from 'zod'
import { KNOWN_CONCERNS, SESSION_TYPES, usualSpelling } from '../dialogue/vocabulary.ts'
import { InputError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { TargetDistributionSchema } from './target.ts'

/** More than any team reviews, less than what fills a disk unnoticed; a bigger set is several requests. */
export const MAX_COUNT = 1_000_000

/** `requests/<name>.json`; field names and meanings are those of docs/guides/file-formats.md. */
export const GenerationRequestSchema = z.object({
  count: z
    .number()
    .int()
    .min(1, { message: 'count is a whole number from 1' })
    .max(MAX_COUNT, { message: `count is at most ${MAX_COUNT}; ask for more in several requests` }),
  /** Key of a seed file in the inbox. */
  seed: z.string().min(1).optional(),
  concerns: z.array(z.string().min(1)).min(1).optional(),
  session_types: z.array(z.enum(SESSION_TYPES)).min(1).optional(),
  method: z.enum(['template', 'openai', 'hybrid']).default('template'),
  openai_share: z.number().min(0).max(1).optional(),
  model: z.string().min(1).optional(),
  random_seed: z.number().int().min(0).max(4_294_967_295).optional(),
  /** The service's own default when left out; some models take no other. */
  temperature: z.number().min(0).max(2).optional(),
  max_cost_usd: z.number().positive().optional(),
  /** When the model cannot be used, or the budget is used up: templates for the rest, or no batch. */
  on_failure: z.enum(['fallback', 'stop']).optional(),
  /** Personal data in seeds is masked before they are shown to a model; otherwise it stops the request. */
  mask_pii: z.boolean().optional(),
  reviews_per_dialogue: z.number().int().min(1).max(5).optional(),
  /** Where crisis resources are named for, e.g. `en-US`; see content/safety/resources.yaml. */
  locale: z.string().min(2).default('en-US'),
  target: TargetDistributionSchema.partial().optional(),
})
export type GenerationRequest = z.infer<typeof GenerationRequestSchema>

/**
 * Parses a request as it came from a file, a command line or object metadata. Throws InputError with the field, and with the
 * nearest known name where one was mistyped. Concerns are only checked against what is known when the plan is made
 * ({@link checkConcerns}): a seed file or a bank may bring new ones.
 */
export function parseRequest(value: unknown, where = 'request'): GenerationRequest {
  refuseUnknownFields(value, where)
  const parsed = GenerationRequestSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path ?? []
  const field = path.map(String).join('.') || 'the request'
  if (path[0] === 'session_types' && typeof path[1] === 'number') {
    const given = z.looseObject({ session_types: z.array(z.unknown()) }).safeParse(value)
    const wrong = given.success ? String(given.data.session_types[path[1]]) : ''
    throw new InputError(`unknown session type "${wrong}"`, {
      where: `${where}, session_types`,
      field,
      expected: `one of ${SESSION_TYPES.join(', ')}`,
      fix: suggestion(wrong, SESSION_TYPES),
    })
  }
  throw new InputError(`${field}: ${issue?.message ?? 'is not valid'}`, {
    where,
    field: path.length === 0 ? undefined : field,
    fix: 'docs/guides/file-formats.md, "Generation request", lists the fields.',
  })
}

/** Throws InputError for a named concern that neither the vocabulary nor a bank nor the seed file knows. */
export function checkConcerns(request: GenerationRequest, alsoKnown: Iterable<string> = []): void {
  const known = new Set([...KNOWN_CONCERNS, ...[...alsoKnown].map(usualSpelling)])
  for (const concern of request.concerns ?? [])
    if (!known.has(usualSpelling(concern)))
      throw new InputError(`unknown concern "${concern}"`, {
        where: 'concerns',
        field: 'concerns',
        expected: `one of ${[...known].sort().join(', ')}`,
        fix: `${suggestion(concern, known)} A new concern comes with a seed file that carries it, or with content/situations/<concern>.yaml.`,
      })
}

/** A mistyped field would not be missed: the dialogues would come, but others than were asked for. */
function refuseUnknownFields(value: unknown, where: string): void {
  const { target } = GenerationRequestSchema.shape
  refuseOthers(value, Object.keys(GenerationRequestSchema.shape), '', where)
  if (isObject(value)) refuseOthers(value['target'], Object.keys(target.unwrap().shape), 'target.', where)
}

function refuseOthers(value: unknown, known: readonly string[], prefix: string, where: string): void {
  if (!isObject(value)) return
  const wrong = Object.keys(value).find((name) => !known.includes(name))
  if (wrong === undefined) return
  const near = nearestName(wrong, known)
  throw new InputError(`unknown field "${prefix}${wrong}"`, {
    where,
    field: prefix + wrong,
    expected: `one of ${known.join(', ')}`,
    fix: near === undefined ? 'Remove it.' : `Did you mean "${near}"?`,
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function suggestion(wrong: string, known: Iterable<string>): string {
  const near = nearestName(wrong, known)
  return near === undefined ? 'Names are written as in the list.' : `Did you mean "${near}"?`
}
