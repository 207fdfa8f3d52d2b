import { schemaProblem } from '../datasets/schema-problem.ts'
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
  if (parsed.success) {
    return { dialogue: parsed.data, problems: [], findings: lintDialogue(parsed.data, options).findings }
  }
  const dialogue_id = idOf(value)
  const problems = parsed.error.issues.slice(0, MOST_PROBLEMS).map((issue) => ({
    ...where,
    ...(dialogue_id === undefined ? {} : { dialogue_id }),
    ...schemaProblem([issue], value),
  }))
  return { problems, findings: [] }
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('dialogue_id' in value)) return undefined
  const { dialogue_id } = value
  return typeof dialogue_id === 'string' && dialogue_id !== '' ? dialogue_id : undefined
}
