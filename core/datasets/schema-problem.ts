import type * as z from 'zod'
import type { Problem } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'

/** What a schema has against a record, for a person: the first fault in full and how many more there are. */
export function schemaProblem(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
): Pick<Problem, 'field' | 'message' | 'expected' | 'fix'> {
  const issue = issues[0]
  if (issue === undefined) return { message: 'the record does not fit the schema' }
  const field = fieldPath(issue.path)
  const found = valueAt(value, issue.path)
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return {
    field: field === '' ? undefined : field,
    message: `${field === '' ? 'the record' : field} ${describe(issue, found)}${more}`,
    expected: expectation(issue),
    fix: nearestFix(issue, found),
  }
}

/** `messages[2].role` */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  )
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || typeof step === 'symbol') return undefined
    at = Object.entries(at).find(([name]) => name === String(step))?.[1]
  }
  return at
}

function describe(issue: z.core.$ZodIssue, found: unknown): string {
  if (found === undefined) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return `is ${kindOf(found)}`
    case 'too_small':
    case 'too_big':
      return Array.isArray(found) ? `has ${found.length}` : `is ${shown(found)}`
    case 'invalid_value':
    case 'invalid_union':
      return typeof found === 'object' ? `is ${kindOf(found)}` : `is ${shown(found)}`
    case 'custom':
      return typeof found === 'string' && found.trim() === '' ? 'is empty' : issue.message
    default:
      return `is not as it must be: ${issue.message}`
  }
}

function expectation(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${article(issue.expected)} ${issue.expected}`
    case 'invalid_value':
      return issue.values.length === 1 ? shown(issue.values[0]) : `one of ${issue.values.join(', ')}`
    case 'invalid_union':
      return 'role user or assistant'
    case 'too_small':
      return `at least ${issue.minimum}`
    case 'too_big':
      return `at most ${issue.maximum}`
    case 'custom':
      return 'some text'
    default:
      return undefined
  }
}

function nearestFix(issue: z.core.$ZodIssue, found: unknown): string | undefined {
  if (issue.code !== 'invalid_value' || typeof found !== 'string') return undefined
  const nearest = nearestName(found, issue.values.map(String))
  return nearest === undefined ? undefined : `Did you mean ${nearest}?`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return `${article(typeof value)} ${typeof value}`
}

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a')

/** Short values of closed sets may be shown; free text may not. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : String(value)
  return text.length > 40 ? `${text.slice(0, 37)}…` : text
}
