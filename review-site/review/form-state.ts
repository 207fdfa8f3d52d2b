import type { ReviewItem } from '../../review-api/contract.ts'
import type { Criterion, Reason, Verdict } from '../../core/dialogue/vocabulary.ts'
import type { Review, ReviewForm } from '../../core/review/review.ts'
import { criteriaWith } from '../../core/review/criteria.ts'
import type { DraftBody } from '../api/client.ts'

/** The form as the reviewer fills it in: pure functions from form to form. */

export function emptyForm(): ReviewForm {
  return {
    status: null,
    criteria: {},
    reasons: [],
    labels: {},
    feedback: '',
    notes: [],
    turn_comments: [],
    active_ms: 0,
  }
}

export function formOf(review: Review): ReviewForm {
  const { status, criteria, reasons, labels, feedback, notes, turn_comments, active_ms } = review
  return { status, criteria, reasons, labels, feedback, notes, turn_comments, active_ms }
}

export interface KeptDraft extends DraftBody {
  saved_at: string
}

/** What to show for a dialogue: the newest draft that builds on the review as it stands, else that review, else nothing. */
export function startingForm(item: ReviewItem, kept: KeptDraft | undefined): ReviewForm {
  const base = item.review?.revision ?? 0
  const fits = (draft: KeptDraft | null | undefined): draft is KeptDraft =>
    draft !== null && draft !== undefined && draft.base_revision === base && draft.version === item.version
  const [newest] = [item.draft, kept].filter(fits).sort((a, b) => b.saved_at.localeCompare(a.saved_at))
  return newest?.form ?? (item.review === null ? emptyForm() : formOf(item.review))
}

export function withVerdict(form: ReviewForm, status: Verdict): ReviewForm {
  return { ...form, status }
}

/** Giving the same answer again takes it back. */
export function withCriterion(form: ReviewForm, criterion: Criterion, answer: 'pass' | 'fail' | undefined): ReviewForm {
  const { [criterion]: _, ...others } = form.criteria
  return { ...form, criteria: answer === undefined ? others : { ...others, [criterion]: answer } }
}

export function withReason(form: ReviewForm, reason: Reason, given: boolean): ReviewForm {
  const others = form.reasons.filter((each) => each !== reason)
  return { ...form, reasons: given ? [...others, reason] : others }
}

/** The page edits one note, the newest; an empty one is no note. */
export function withNote(form: ReviewForm, note: string, timestamp: string): ReviewForm {
  const earlier = form.notes.slice(0, -1)
  return { ...form, notes: note.trim() === '' ? earlier : [...earlier, { note, timestamp }] }
}

export function withComment(
  form: ReviewForm,
  comment: { turn: number; comment: string; span?: { start: number; end: number } },
): ReviewForm {
  return { ...form, turn_comments: [...form.turn_comments, comment] }
}

export function withoutComment(form: ReviewForm, index: number): ReviewForm {
  return { ...form, turn_comments: form.turn_comments.filter((_, at) => at !== index) }
}

/** What goes to the server: reasons belong to a verdict that does not approve, and an approval passes what was not marked. */
export function submitted(form: ReviewForm): ReviewForm {
  const said = { ...form, criteria: criteriaWith(form.status, form.criteria) }
  return form.status === 'approved' ? { ...said, reasons: [], feedback: '' } : said
}

/** The row that must be filled in before the review can be given, and what to say about it. */
export function missing(form: ReviewForm): { row: 'verdict' | 'reasons'; message: string } | undefined {
  if (form.status === null) return { row: 'verdict', message: 'Choose a verdict first.' }
  if (form.status !== 'approved' && form.reasons.length === 0)
    return { row: 'reasons', message: 'Say why: choose at least one reason.' }
  return undefined
}

/** Whether two forms say the same; the time spent does not count. */
export function sameAnswers(a: ReviewForm, b: ReviewForm): boolean {
  return canonical(a) === canonical(b)
}

function canonical(form: ReviewForm): string {
  const { status, criteria, reasons, labels, feedback, notes, turn_comments } = form
  const said = { status, criteria, reasons: [...reasons].sort(), labels, feedback, notes, turn_comments }
  return JSON.stringify(said, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value,
  )
}
