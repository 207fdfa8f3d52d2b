import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { openAnswersFile, type AnswersFile } from '../local/answers-file.ts'
import { UsageError } from './failure.ts'
import { takeLock } from './file-lock.ts'
import { onInterrupt } from './interrupt.ts'

/**
 * Beside `synthetic.json`, while a model writes a part of it: `synthetic.json.answers.jsonl`, what was paid for. The next
 * run into the same output goes on from it; it goes when the output is complete.
 */
export interface AnswersJournal extends AnswersFile {
  path: string
}

export const journalPathOf = (outputPath: string) => `${outputPath}.answers.jsonl`

/**
 * Throws UsageError when another run writes to the same output, InputError when the journal is none.
 * @param anew whatever is there is forgotten, readable or not
 */
export function openAnswersJournal(outputPath: string, anew = false): AnswersJournal {
  const path = journalPathOf(outputPath)
  const lock = lockOutput(outputPath)
  const forgetLock = onInterrupt(() => lock.release())
  const release = (): void => {
    forgetLock()
    lock.release()
  }
  try {
    if (anew) rmSync(path, { force: true })
    const file = openAnswersFile(path)
    return {
      ...file,
      path,
      close() {
        file.close()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

/** Two runs into one output would pay for the same answers twice. */
function lockOutput(outputPath: string): { release(): void } {
  const path = `${outputPath}.lock`
  return takeLock(path, {
    held: ({ pid, host }) =>
      new UsageError(
        `another run is writing to ${outputPath} already (process ${pid} on ${host})`,
        `Wait for it, or take another --output. If that is not so any more, remove ${path}.`,
      ),
    noFolder: () =>
      new UsageError(
        `cannot write ${outputPath}: there is no folder ${dirname(outputPath)}`,
        `Make it first: mkdir -p ${dirname(outputPath)}`,
      ),
    busy: () => new UsageError(`cannot get hold of ${path}`, 'Another run seems to be starting; try again.'),
  })
}
