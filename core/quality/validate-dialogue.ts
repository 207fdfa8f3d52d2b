import type * as z from 'zod'
import type { Dialogue } from '../dialogue/schema.ts'
import { DialogueSchema } from '../dialogue/schema.ts'
import type { Problem } from '../errors.ts'
import type { Finding } from './finding.ts'
import type { LintOptions } from './lint-dialogue.ts'
import { lintDialogue } from './lint-dialogue.ts'

/** Where the record stands, for the problems: a {@link Problem} without what is wrong. */
export type RecordPlace = Pick<Problem, 'file' | 'line' | 'record'>

export interface Validated {
  /** Absent when the record is no dialogue; then `problems` says why and there are no findings. */
  dialogue?: Dialogue
  problems: Problem[]
  findings: Finding[]
}

/** Problems listed of one record; what is wrong after so many is best seen once these are put right. */
const MOST_PROBLEMS = 10

/** Schema first, then structure and safety lint on what has the shape of a dialogue. */
export function validateDialogue(value: unknown, where: RecordPlace, options: LintOptions = {}): Validated {
  const parsed = DialogueSchema.safeParse(value)
  if (!parsed.success) return { problems: schemaProblems(parsed.error, value, where), findings: [] }
  return { dialogue: parsed.data, problems: [], findings: lintDialogue(parsed.data, options).findings }
}

/** What a schema has against a record, in words for the person who made the file. */
export function schemaProblems(error: z.ZodError, value: unknown, where: RecordPlace): Problem[] {
  const id = idOf(value)
  return error.issues.slice(0, MOST_PROBLEMS).map((issue) => ({
    ...where,
    ...(id === undefined ? {} : { dialogue_id: id }),
    ...(issue.path.length === 0 ? {} : { field: fieldName(issue.path) }),
    ...inWords(issue, valueAt(value, issue.path)),
  }))
}

/** `messages[2].role` */
export function fieldName(path: readonly PropertyKey[]): string {
  let name = ''
  for (const part of path) name += typeof part === 'number' ? `[${part}]` : `${name === '' ? '' : '.'}${String(part)}`
  return name
}

function inWords(issue: z.core.$ZodIssue, found: unknown): Pick<Problem, 'message' | 'expected' | 'fix'> {
  if (found === undefined && issue.code !== 'custom') {
    return { message: 'is missing', expected: expectation(issue) }
  }
  switch (issue.code) {
    case 'invalid_value':
    case 'invalid_union':
      return { message: `is ${shown(found)}`, expected: expectation(issue) }
    case 'too_small':
    case 'too_big':
      if (Array.isArray(found)) {
        return { message: `has ${found.length} entr${found.length === 1 ? 'y' : 'ies'}`, expected: expectation(issue) }
      }
      return { message: `is ${shown(found)}`, expected: expectation(issue) }
    case 'invalid_type':
      return { message: `is ${shown(found)}`, expected: expectation(issue) }
    case 'custom':
      return { message: issue.message, expected: 'a text with at least one character that shows' }
    default:
      return { message: issue.message }
  }
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${article(issue.expected)} ${issue.expected}`
    case 'invalid_value':
      return issue.values.map((value) => String(value)).join(', ')
    case 'invalid_union':
      return issue.path[issue.path.length - 1] === 'role' || 'discriminator' in issue
        ? 'user or assistant'
        : 'another form'
    case 'too_small':
      return `at least ${issue.minimum}${issue.origin === 'array' ? ' entries' : issue.origin === 'string' ? ' character' : ''}`
    case 'too_big':
      return `at most ${issue.maximum}`
    default:
      return issue.message
  }
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a'
}

function shown(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  const text = typeof value === 'string' ? `"${value}"` : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = Object.getOwnPropertyDescriptor(at, part)?.value
  }
  return at
}

function idOf(value: unknown): string | undefined {
  const id = valueAt(value, ['dialogue_id'])
  return typeof id === 'string' && id !== '' ? id : undefined
}
