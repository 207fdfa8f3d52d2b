import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import { InputError } from '../core/errors.ts'
import { AnswerRecordSchema, type AnswerRecord } from '../core/generate/openai/answers.ts'
import { isSystemError, UsageError } from './failure.ts'
import { takeLock } from './file-lock.ts'
import { onInterrupt } from './interrupt.ts'

/** What a run was asked for, by the names of its options; only compared and shown. */
export type RunParameters = Readonly<Record<string, string | number | readonly string[] | null>>

/**
 * Beside `synthetic.json`, while a model writes a part of it: `synthetic.json.answers.jsonl`, each answer on a line as
 * soon as it is there, flushed to the disk before it is used. Whatever ends the run, no answer is paid for twice: the next
 * run finds them. It goes when the output is complete.
 */
export interface AnswersJournal {
  path: string
  /** Of the run that began it, or went on with it last; undefined for a new journal. */
  parameters: RunParameters | undefined
  /** What earlier runs paid for. */
  answers: readonly AnswerRecord[]
  /** From now on it is a journal of this run. */
  begin(parameters: RunParameters): void
  /** Returns when the answer is on the disk. */
  append(answer: AnswerRecord): void
  /** Nothing in it is needed any more. */
  remove(): void
  /** Lets others in; a journal without an answer goes. */
  close(): void
}

const HeaderSchema = z.object({
  answers_journal: z.literal(1),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string()), z.null()])),
})

export const journalPathOf = (outputPath: string) => `${outputPath}.answers.jsonl`

/**
 * Throws UsageError when another run writes to the same output, InputError when the journal is none.
 * @param anew whatever is there is forgotten, readable or not
 */
export function openAnswersJournal(outputPath: string, anew = false): AnswersJournal {
  const path = journalPathOf(outputPath)
  const lock = lockOutput(outputPath)
  const forgetLock = onInterrupt(() => lock.release())
  let handle: number | undefined
  try {
    if (anew) removeIfThere(path)
    const read = readJournal(path)
    // A line that a crash cut short must not run into the next one.
    if (read.end !== undefined) cutAt(path, read.end)
    let holdsAnswers = read.answers.length > 0
    const write = (value: unknown): void => {
      handle ??= openSync(path, 'a')
      const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at)
      fsyncSync(handle)
    }
    const close = (): void => {
      if (handle !== undefined) closeSync(handle)
      handle = undefined
    }
    return {
      path,
      parameters: read.parameters,
      answers: read.answers,
      begin: (parameters) => write({ answers_journal: 1, parameters }),
      append(answer) {
        write(answer)
        holdsAnswers = true
      },
      remove() {
        close()
        removeIfThere(path)
        holdsAnswers = false
      },
      close() {
        close()
        if (!holdsAnswers) removeIfThere(path)
        forgetLock()
        lock.release()
      },
    }
  } catch (error) {
    forgetLock()
    lock.release()
    throw error
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error
  }
}

/** `end`: bytes up to the last whole line, when something follows it. */
function readJournal(path: string): {
  parameters: RunParameters | undefined
  answers: AnswerRecord[]
  end: number | undefined
} {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return { parameters: undefined, answers: [], end: undefined }
    throw error
  }
  const end = bytes.lastIndexOf(10) + 1
  let parameters: RunParameters | undefined
  const answers: AnswerRecord[] = []
  for (const [at, line] of bytes.toString('utf8', 0, end).split('\n').slice(0, -1).entries()) {
    const value = parsed(line)
    const header = HeaderSchema.safeParse(value)
    if (header.success) {
      parameters = header.data.parameters
      continue
    }
    const answer = AnswerRecordSchema.safeParse(value)
    if (!answer.success)
      throw new InputError('this line is no answer', {
        where: `${path}:${at + 1}`,
        fix: 'The file keeps answers that were paid for. Mend or remove the line, and start again; or start anew with --no-resume.',
      })
    answers.push(answer.data)
  }
  return { parameters, answers, end: end < bytes.length ? end : undefined }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function cutAt(path: string, end: number): void {
  const whole = readFileSync(path).subarray(0, end)
  const beside = `${path}.${process.pid}.partial`
  writeFileSync(beside, whole, { flush: true })
  renameSync(beside, path)
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
