import type { Problem } from '../core/errors.ts'
import type { Console } from './console.ts'
import { counting } from './progress.ts'

/** What was wrong with single records: the first ones in full, the rest counted, so that a bad gigabyte stays readable. */
export interface ProblemList {
  add: (problem: Problem) => void
  count(): number
  /** To standard error. */
  print(console: Console): void
  /** For `--json`. */
  summary(): { count: number; first: Problem[] }
}

const SHOWN = 10
const KEPT = 100

export function collectProblems(): ProblemList {
  const kept: Problem[] = []
  let total = 0
  return {
    add(problem) {
      total += 1
      if (kept.length < KEPT) kept.push(problem)
    },
    count: () => total,
    print(console) {
      for (const problem of kept.slice(0, SHOWN)) console.error(describeProblem(problem))
      if (total > SHOWN)
        console.error(`… and ${counting(total - SHOWN, 'more problem')} of the kind (--json lists the first ${KEPT})`)
    },
    summary: () => ({ count: total, first: kept }),
  }
}

/** `file:line: what is wrong; expected …` and, on a line of its own, what to do. */
export function describeProblem(problem: Problem): string {
  const where = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`
  const id = problem.dialogue_id === undefined ? '' : ` (dialogue ${problem.dialogue_id})`
  const expected = problem.expected === undefined ? '' : `; expected ${problem.expected}`
  const fix = problem.fix === undefined ? '' : `\n  ${problem.fix}`
  return `${where}: ${problem.message}${id}${expected}${fix}`
}
