import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import * as z from 'zod'
import { InputError } from '../core/errors.ts'
import { AnswerRecordSchema, type AnswerRecord } from '../core/generate/openai/answers.ts'

/** What a run was asked for; only compared and shown. */
export type RunParameters = Readonly<Record<string, string | number | readonly string[] | null>>

/**
 * Answers of a language model, one on a line as soon as it is there, flushed to the disk before it is used: whatever ends
 * the run, no answer is paid for twice. The file is made by the first line.
 */
export interface AnswersFile {
  /** Of the run that began it, or went on with it last; undefined for a new file. */
  parameters: RunParameters | undefined
  /** What earlier runs paid for. */
  answers: readonly AnswerRecord[]
  /** From now on it is a file of this run. */
  begin(parameters: RunParameters): void
  /** Returns when the answer is on the disk. */
  append(answer: AnswerRecord): void
  /** Nothing in it is needed any more. */
  remove(): void
  /** A file without an answer goes. */
  close(): void
}

const HeaderSchema = z.object({
  answers_journal: z.literal(1),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string()), z.null()])),
})

/** @throws InputError for a line that is no answer */
export function openAnswersFile(path: string): AnswersFile {
  const { parameters, answers, end } = read(path)
  // A line that a crash cut short must not run into the next one.
  if (end !== undefined) cutAt(path, end)
  let handle: number | undefined
  let holdsAnswers = answers.length > 0
  const write = (value: unknown): void => {
    handle ??= openSync(path, 'a')
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at)
    fsyncSync(handle)
  }
  const closeFile = (): void => {
    if (handle !== undefined) closeSync(handle)
    handle = undefined
  }
  return {
    parameters,
    answers,
    begin: (now) => write({ answers_journal: 1, parameters: now }),
    append(answer) {
      write(answer)
      holdsAnswers = true
    },
    remove() {
      closeFile()
      rmSync(path, { force: true })
      holdsAnswers = false
    },
    close() {
      closeFile()
      if (!holdsAnswers) rmSync(path, { force: true })
    },
  }
}

/** `end`: bytes up to the last whole line, when something follows it. */
function read(path: string): {
  parameters: RunParameters | undefined
  answers: AnswerRecord[]
  end: number | undefined
} {
  const answers: AnswerRecord[] = []
  if (!existsSync(path)) return { parameters: undefined, answers, end: undefined }
  const bytes = readFileSync(path)
  const end = bytes.lastIndexOf(10) + 1
  let parameters: RunParameters | undefined
  for (let from = 0, line = 1; from < end; line++) {
    const to = bytes.indexOf(10, from)
    const value = parsed(bytes.toString('utf8', from, to))
    from = to + 1
    const header = HeaderSchema.safeParse(value)
    if (header.success) {
      parameters = header.data.parameters
      continue
    }
    const answer = AnswerRecordSchema.safeParse(value)
    if (!answer.success)
      throw new InputError('this line is no answer', {
        where: `${path}:${line}`,
        fix: 'The file keeps answers that were paid for. Mend or remove the line and start again, or remove the file to start anew.',
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
