import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from '../../core/errors.ts'
import { ReviewSchema } from '../../core/review/review.ts'
import type { Review } from '../../core/review/review.ts'
import { isSystemError, UsageError } from '../failure.ts'
import { takeLock } from '../file-lock.ts'
import { quoted } from '../shell-words.ts'

/**
 * Beside `reviews.json`, while somebody reviews: `reviews.json.journal`, one review a line, flushed to the disk before the
 * next key is taken. A verdict thus costs one line however many there are already; the reviews file itself is written
 * once, at the end. After a crash the next start reads the journal and goes on.
 */
export interface ReviewJournal {
  /** What an earlier session left, oldest first. */
  recovered: readonly Review[]
  /** Returns when the review is on the disk. */
  append(review: Review): void
  /** The reviews file holds everything now. */
  empty(): void
  /** Lets others in; what the journal holds stays, and an empty one goes. */
  close(): void
}

const journalPath = (reviewsPath: string) => `${reviewsPath}.journal`

/** Throws UsageError when somebody else reviews into the same file, InputError when the journal is no journal. */
export function openJournal(reviewsPath: string): ReviewJournal {
  const path = journalPath(reviewsPath)
  const lock = lockReviews(reviewsPath)
  try {
    const { recovered, end } = readJournal(path)
    // A line that a crash cut short must not run into the next one.
    if (end !== undefined) repair(path, end)
    const handle = openSync(path, 'a')
    let open = true
    return {
      recovered,
      append(review) {
        writeWhole(handle, `${JSON.stringify(review)}\n`)
        fsyncSync(handle)
      },
      empty() {
        ftruncateSync(handle)
      },
      close() {
        if (!open) return
        open = false
        const holdsNothing = fstatSync(handle).size === 0
        closeSync(handle)
        if (holdsNothing) unlinkSync(path)
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Whether an interrupted (or a running) review left verdicts that the reviews file does not hold yet. */
export function hasUnfoldedReviews(reviewsPath: string): boolean {
  return readJournal(journalPath(reviewsPath)).recovered.length > 0
}

/** For whoever reads the reviews file: verdicts that only the journal holds would be missing without a word. */
export function refuseUnfinishedReview(reviewsPath: string): void {
  if (!hasUnfoldedReviews(reviewsPath)) return
  throw new UsageError(
    `${journalPath(reviewsPath)} holds verdicts that are not in ${reviewsPath} yet: a review is running, or was interrupted`,
    `Finish it, or let it put them in and end: dialogues review -i <dataset> -o ${quoted(reviewsPath)} </dev/null`,
  )
}

/** `end`: bytes up to the last whole line, when something follows it. */
function readJournal(path: string): { recovered: Review[]; end: number | undefined } {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return { recovered: [], end: undefined }
    throw error
  }
  const end = bytes.lastIndexOf(10) + 1
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
  const recovered = lines.map((line, index) => parseLine(line, `${path}:${index + 1}`))
  return { recovered, end: end < bytes.length ? end : undefined }
}

function parseLine(line: string, where: string): Review {
  try {
    return ReviewSchema.parse(JSON.parse(line))
  } catch (cause) {
    throw new InputError('this line is no review', {
      where,
      fix: 'The file keeps verdicts that are not in the reviews file yet. Mend or remove the line, and start again.',
      cause,
    })
  }
}

function repair(path: string, end: number): void {
  const whole = readFileSync(path).subarray(0, end)
  const beside = `${path}.${process.pid}.partial`
  writeFileSync(beside, whole, { flush: true })
  renameSync(beside, path)
}

function writeWhole(handle: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at)
}

/** Two reviews into one file would each overwrite what the other saved. */
function lockReviews(reviewsPath: string): { release(): void } {
  const path = `${reviewsPath}.lock`
  return takeLock(path, {
    held: ({ pid, host }) =>
      new UsageError(
        `somebody is reviewing into ${reviewsPath} already (process ${pid} on ${host})`,
        `Take another --output. If that is not so any more, remove ${path}.`,
      ),
    noFolder: () =>
      new UsageError(
        `cannot write ${reviewsPath}: there is no folder ${dirname(reviewsPath)}`,
        `Make it first: mkdir -p ${dirname(reviewsPath)}`,
      ),
    busy: () => new UsageError(`cannot get hold of ${path}`, 'Another review seems to be starting; try again.'),
  })
}
