import { InputError, type Problem } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { StageName } from './stages.ts'
import { jsonBytes } from './json-object.ts'
import type { Upload } from './upload.ts'

/**
 * Poison input is data: what is wrong with an upload is written beside the outputs, for the person who uploaded it, and
 * the stage ends well. Written over on a second try, when the same upload may have come to something else.
 */
export interface ErrorReport {
  /** `failed`: nothing of the upload was used. `partial`: the good records were. */
  outcome: 'failed' | 'partial'
  batch_id?: string
  /** What happened, in one or two sentences. */
  message: string
  counts?: Readonly<Record<string, number>>
  problems: ProblemList
}

export function errorReportKey(stage: StageName, id: string): string {
  return `errors/${stage}/${id}.json`
}

/** @returns its key */
export async function writeErrorReport(
  stage: StageName,
  id: string,
  upload: Pick<Upload, 'event' | 'store'>,
  report: ErrorReport,
  ports: Ports,
): Promise<string> {
  const key = errorReportKey(stage, id)
  const { problems, ...rest } = report
  const content = {
    version: '1.0',
    stage,
    upload: { location: upload.store.locate(upload.event.key), ...upload.event },
    ...rest,
    problems: problems.kept,
    ...(problems.count > problems.kept.length ? { problems_not_listed: problems.count - problems.kept.length } : {}),
  }
  await ports.datasets.put(key, [jsonBytes(content)], { condition: { if: 'always' }, content_type: 'application/json' })
  ports.log.warn('upload.reported', {
    stage,
    key: upload.event.key,
    outcome: report.outcome,
    problems: problems.count,
    report: key,
  })
  return key
}

/** Problems as they come; a file of a million bad lines is told by its first few hundred. */
export interface ProblemList {
  readonly kept: readonly Problem[]
  readonly count: number
  add: (problem: Problem) => void
}

const MOST_LISTED = 500

export function createProblemList(first: readonly Problem[] = []): ProblemList {
  const kept: Problem[] = [...first]
  let count = first.length
  return {
    kept,
    get count() {
      return count
    },
    add: (problem) => {
      count += 1
      if (kept.length < MOST_LISTED) kept.push(problem)
    },
  }
}

/** An InputError as a problem of the file it came from. */
export function problemOf(error: InputError, file: string): Problem {
  return {
    file,
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.field === undefined ? {} : { field: error.field }),
    message: error.message.split('\n')[0] ?? error.message,
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  }
}

/** What `work` gives, or what is wrong with its input; anything else that is thrown goes on. */
export async function orInputError<Result>(work: () => Promise<Result>): Promise<Result | InputError> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}
