import { stat } from 'node:fs/promises'
import { readReviewsFile, writeReviewsFile } from '../../core/datasets/reviews-file.ts'
import type { FileReview } from '../../core/datasets/reviews-file.ts'
import { InputError } from '../../core/errors.ts'
import { ReviewSchema } from '../../core/review/review.ts'
import type { Review } from '../../core/review/review.ts'
import { UsageError } from '../failure.ts'
import { openInput } from '../input.ts'
import type { Input } from '../input.ts'
import { openOutput, writeOutput } from '../output.ts'
import { collectProblems, describeProblem } from '../problems.ts'
import type { SessionItem } from './session.ts'

/**
 * Everything that a reviews file holds: this reviewer's reviews, other people's, and reviews of dialogues that are not in
 * the file under review. What this session does not touch is written back as it was read.
 */
export interface ReviewsBook {
  header: Record<string, unknown>
  /** By reviewer and dialogue, in the order of the file. */
  entries: Map<string, FileReview>
}

/** An empty book when there is no file yet. Throws InputError when the file is no reviews file, or a damaged one. */
export async function readBook(path: string): Promise<ReviewsBook> {
  const book: ReviewsBook = { header: {}, entries: new Map() }
  const info = await stat(path).catch(() => undefined)
  if (info === undefined || (info.isFile() && info.size === 0)) return book
  const input = await openInput(path)
  const problems = collectProblems()
  const options = {
    file: path,
    onProblem: problems.add,
    onHeader: (header: Record<string, unknown>) => void (book.header = header),
  }
  for await (const { review } of readReviewsFile(input.read(), options)) enter(book, review)
  const [first] = problems.summary().first
  if (first !== undefined)
    throw new InputError(
      `${describeProblem(first)}\n  ${path} would be written anew without it, so nothing was done. Mend it, or take another --output.`,
    )
  return book
}

/** The newest review of a reviewer takes the place of their earlier ones, and of one that named nobody. */
export function enter(book: ReviewsBook, review: FileReview): void {
  const key = keyOf(review)
  const nameless = keyOf({ ...review, reviewer: undefined })
  if (!book.entries.has(key) && book.entries.has(nameless)) book.entries.delete(nameless)
  book.entries.set(key, review)
}

function keyOf({ reviewer, dialogue_id, settlement }: FileReview): string {
  return JSON.stringify([dialogue_id, reviewer ?? '', settlement === true])
}

/** Who reviewed into this file last; undefined in a file that names nobody. */
export function rememberedReviewer(book: ReviewsBook): string | undefined {
  const { reviewer } = book.header
  if (typeof reviewer === 'string' && reviewer !== '') return reviewer
  return [...book.entries.values()].findLast((review) => typeof review.reviewer === 'string')?.reviewer ?? undefined
}

/**
 * What this reviewer said of the dialogues in the file. A review that names nobody counts as theirs; one without a hash
 * holds for the id alone, so it stands.
 */
export function reviewsOf(book: ReviewsBook, reviewer: string, items: readonly SessionItem[]): Review[] {
  const hashes = new Map(items.map((item) => [item.dialogue_id, item.content_sha256]))
  return [...book.entries.values()].flatMap((entry) => {
    const hash = hashes.get(entry.dialogue_id)
    if (hash === undefined || entry.settlement === true) return []
    if ((entry.reviewer ?? reviewer) !== reviewer) return []
    return [asReview(entry, reviewer, hash)]
  })
}

function asReview(entry: FileReview, reviewer: string, hash: string): Review {
  const at = entry.reviewed_at ?? '1970-01-01T00:00:00Z'
  return ReviewSchema.parse({
    dialogue_id: entry.dialogue_id,
    status: entry.status,
    reviewed_at: at,
    reviewer,
    feedback: entry.feedback ?? '',
    notes: (entry.notes ?? []).flatMap((note) => {
      const { note: text, timestamp } = typeof note === 'string' ? { note, timestamp: at } : note
      return text === '' ? [] : [{ note: text, timestamp: timestamp ?? at }]
    }),
    criteria: entry.criteria ?? {},
    reasons: entry.reasons ?? [],
    labels: entry.labels ?? {},
    turn_comments: entry.turn_comments ?? [],
    active_ms: Math.round(entry.active_ms ?? 0),
    content_sha256: entry.content_sha256 ?? hash,
    version: entry.version ?? 1,
    guidelines_version: entry.guidelines_version ?? 'unversioned',
    revision: entry.revision ?? 1,
  })
}

/** Throws UsageError when the book is about other dialogues altogether: then the output was mistaken. */
export function refuseForeignBook(book: ReviewsBook, path: string, input: Input, items: readonly SessionItem[]): void {
  if (book.entries.size === 0) return
  const known = new Set(items.map((item) => item.dialogue_id))
  if ([...book.entries.values()].some((entry) => known.has(entry.dialogue_id))) return
  throw new UsageError(
    `${path} holds ${book.entries.size} reviews, and none is of a dialogue in ${input.path}`,
    'Take another --output, or the --input that they belong to.',
  )
}

/** Writes the book whole, beside its place and renamed. An empty review (taken back, nothing noted) is left out. */
export async function writeBook(
  book: ReviewsBook,
  path: string,
  about: { source_file: string; reviewer: string; reviewed_at: string; guidelines_version: string },
): Promise<void> {
  const { version: _version, total_reviews: _total, ...kept } = book.header
  const header = { ...kept, ...about }
  const said = [...book.entries.values()].filter((entry) => entry.status !== null || saysSomething(entry))
  await writeOutput(await openOutput(path), writeReviewsFile(header, said))
}

function saysSomething(entry: FileReview): boolean {
  const { notes, labels, turn_comments, feedback } = entry
  return (
    (notes?.length ?? 0) > 0 ||
    (turn_comments?.length ?? 0) > 0 ||
    Object.keys(labels ?? {}).length > 0 ||
    (feedback ?? '') !== ''
  )
}
