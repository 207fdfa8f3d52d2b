import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LabelAdjustments, ReviewForm } from '../../../core/review/review.ts'
import { LabelAdjustmentsSchema, ReviewFormSchema } from '../../../core/review/review.ts'
import type { ReviewItem } from '../../../review-api/contract.ts'
import {
  emptyForm,
  missing,
  sameAnswers,
  startingForm,
  submitted,
  withCriterion,
  withNote,
  withReason,
  type KeptDraft,
} from '../../../review-site/review/form-state.ts'
import { dialogueLabels, turnLabels, verifyAll } from '../../../review-site/review/labels.ts'
import { pieces } from '../../../review-site/review/marked-text.tsx'
import { blocksOf } from '../../../review-site/review/guidelines.tsx'
import { addressOf, parseRoute } from '../../../review-site/app/router.ts'
import { judge, openSession } from '../../../cli/review/session.ts'
import { aDialogue, anAssistantMessage } from '../../builders/a-dialogue.ts'
import { aReview } from '../../builders/a-review.ts'

const aForm = (more: Partial<ReviewForm> = {}): ReviewForm => ({ ...emptyForm(), ...more })
const aDraft = (more: Partial<KeptDraft> = {}): KeptDraft => ({
  ...{ base_revision: 0, version: 1, form: aForm(), saved_at: '2026-02-03T09:00:00Z' },
  ...more,
})

function anItem(more: Partial<ReviewItem> = {}): ReviewItem {
  const row = {
    ...{ dialogue_id: 'd', ordinal: 0, session_type: 'check-in' as const, concern: 'anxiety', turns: 4, mine: null },
    ...{ max_risk_level: 'none' as const, findings: { error: 0, warning: 0, info: 0 }, status: 'pending' as const },
    held_by_other: false,
  }
  return {
    ...{ row, version: 1, content_sha256: 'f'.repeat(64), dialogue: aDialogue(), findings: [], rules_version: 'r1' },
    ...{ review: null, draft: null, lease_until: null, others: [], settlement: null },
    ...more,
  }
}

describe('The form of a dialogue', () => {
  it('starts with the newest draft, from whichever place', () => {
    const older = aDraft({ form: aForm({ feedback: 'older' }) })
    const newer = aDraft({ form: aForm({ feedback: 'newer' }), saved_at: '2026-02-03T09:00:01Z' })
    expect(startingForm(anItem({ draft: older }), newer).feedback).toBe('newer')
    expect(startingForm(anItem({ draft: newer }), older).feedback).toBe('newer')
  })

  it('forgets a draft that builds on an earlier review or another text', () => {
    const review = aReview({ revision: 2, feedback: 'saved' })
    expect(startingForm(anItem({ review }), aDraft({ base_revision: 1 })).feedback).toBe('saved')
    expect(startingForm(anItem({ version: 2 }), aDraft({ form: aForm({ feedback: 'old text' }) })).feedback).toBe('')
  })

  it('wants a verdict, and reasons for one that does not approve', () => {
    expect(missing(aForm())?.row).toBe('verdict')
    expect(missing(aForm({ status: 'approved' }))).toBeUndefined()
    expect(missing(aForm({ status: 'rejected' }))?.row).toBe('reasons')
    expect(missing(aForm({ status: 'needs_revision', reasons: ['tone'] }))).toBeUndefined()
  })

  it('sends no reasons with an approval, though they were ticked before', () => {
    expect(submitted(aForm({ status: 'approved', reasons: ['tone'], feedback: 'x' }))).toMatchObject({
      reasons: [],
      feedback: '',
    })
  })

  it('says with an approval that all five criteria pass, but for those marked otherwise', () => {
    const all = { realistic: 'pass', appropriate: 'pass', techniques: 'pass', safety: 'pass', labels: 'pass' }
    expect(submitted(aForm({ status: 'approved' })).criteria).toEqual(all)
    expect(submitted(aForm({ status: 'approved', criteria: { labels: 'fail' } })).criteria).toEqual({
      ...all,
      labels: 'fail',
    })
  })

  it('says with another verdict only what was marked', () => {
    const criteria = { safety: 'fail', realistic: 'pass' } as const
    expect(submitted(aForm({ status: 'rejected', reasons: ['harmful'], criteria })).criteria).toEqual(criteria)
  })

  it('stores of an approval what the terminal stores of it', () => {
    const items = [{ dialogue_id: 'd', content_sha256: 'f'.repeat(64) }]
    const session = openSession({ items, reviewer: 'ann', guidelines_version: '1', reviews: [], now: 0 })
    const { review } = judge(session, 'approved', {}, 0)
    const { status, criteria, reasons, feedback, labels, notes, turn_comments } = review
    const terminal = { status, criteria, reasons, feedback, labels, notes, turn_comments, active_ms: 0 }
    expect(submitted(aForm({ status: 'approved' }))).toEqual(terminal)
  })

  it('stays valid through any sequence of edits', () => {
    const edit = fc.constantFrom<(form: ReviewForm) => ReviewForm>(
      (form) => withCriterion(form, 'safety', 'fail'),
      (form) => withCriterion(form, 'safety', undefined),
      (form) => withReason(form, 'tone', true),
      (form) => withReason(form, 'tone', false),
      (form) => withNote(form, 'a note', '2026-02-03T09:00:00Z'),
      (form) => withNote(form, '   ', '2026-02-03T09:00:00Z'),
    )
    fc.assert(
      fc.property(fc.array(edit), (edits) => {
        const form = edits.reduce((now, each) => each(now), emptyForm())
        return ReviewFormSchema.safeParse(form).success && new Set(form.reasons).size === form.reasons.length
      }),
    )
  })

  it('says the same whatever the order of its answers and however long it took', () => {
    const one = aForm({ criteria: { safety: 'pass', labels: 'fail' }, reasons: ['tone', 'harmful'], active_ms: 1 })
    const other = aForm({ criteria: { labels: 'fail', safety: 'pass' }, reasons: ['harmful', 'tone'], active_ms: 2 })
    expect(sameAnswers(one, other)).toBe(true)
    expect(sameAnswers(one, { ...other, feedback: 'x' })).toBe(false)
  })
})

describe('Labels', () => {
  const fields = dialogueLabels(aDialogue())
  const everyField = [...fields, ...turnLabels(anAssistantMessage(), 3)]

  it('keep the original beside what they were corrected to, and verify by choosing the original', () => {
    const [concern] = fields
    expect(concern?.write({}, 'grief').concern).toEqual({ original: 'anxiety', final: 'grief', adjustment: 'adjusted' })
    expect(concern?.write({}, 'anxiety').concern).toEqual({
      original: 'anxiety',
      final: 'anxiety',
      adjustment: 'verified',
    })
  })

  it('are as if untouched once the last word on them is taken back', () => {
    for (const field of everyField) {
      const value = field.options[1] ?? ''
      expect(field.write(field.write({}, value), undefined), field.key).toEqual({})
    }
  })

  it('take no value outside of a closed vocabulary', () => {
    for (const field of everyField.filter(({ open }) => !open))
      expect(field.write({}, 'made up'), field.key).toEqual({})
  })

  it('of any sequence of choices are what the API takes', () => {
    const choice = fc.record({ field: fc.constantFrom(...everyField), index: fc.nat(12) })
    fc.assert(
      fc.property(fc.array(choice), (choices) => {
        const labels = choices.reduce<LabelAdjustments>(
          (now, { field, index }) => field.write(now, field.options[index]),
          {},
        )
        return LabelAdjustmentsSchema.safeParse(labels).success
      }),
    )
  })

  it('that were corrected stay corrected when the rest is said to be right', () => {
    const corrected = fields.find(({ key }) => key === 'max_risk_level')?.write({}, 'low') ?? {}
    const all = verifyAll(fields, corrected)
    expect(all.max_risk_level?.final).toBe('low')
    expect(all.concern?.adjustment).toBe('verified')
  })

  it('of a user’s turn do not exist', () => {
    expect(turnLabels({ role: 'user', text: 'hello' }, 0)).toEqual([])
  })
})

describe('Marked text', () => {
  it('is the text, whatever is marked', () => {
    const span = fc.record({ start: fc.nat(60), end: fc.nat(60) })
    fc.assert(
      fc.property(fc.string(), fc.array(span), (text, spans) => {
        const cut = pieces(text, spans)
        return cut.map(({ part }) => part).join('') === text && cut.every(({ part }) => part !== '')
      }),
    )
  })

  it('marks what the spans cover, overlapping ones once', () => {
    expect(
      pieces('abcdef', [
        { start: 3, end: 5 },
        { start: 1, end: 4 },
      ]),
    ).toEqual([
      { part: 'a', marked: false },
      { part: 'bcd', marked: true },
      { part: 'e', marked: true },
      { part: 'f', marked: false },
    ])
  })
})

describe('Guidelines', () => {
  it('are read as headings, paragraphs and lists; nothing is lost', () => {
    expect(blocksOf('# One\ntwo\nthree\n\n- four\n  five\n- six\n\n1. seven\n<b>eight</b>')).toEqual([
      { kind: 'heading', text: 'One' },
      { kind: 'paragraph', text: 'two three' },
      { kind: 'list', ordered: false, items: ['four five', 'six'] },
      { kind: 'list', ordered: true, items: ['seven <b>eight</b>'] },
    ])
  })
})

describe('An address', () => {
  it('leads to the place that it was made for', () => {
    const id = fc.string({ minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text))
    fc.assert(
      fc.property(id, id, (batch, dialogue) => {
        const parse = (address: string) => {
          const url = new URL(address, 'http://page')
          return parseRoute(url.pathname, url.search)
        }
        expect(parse(addressOf.review(batch, dialogue))).toEqual({ name: 'review', batch, dialogue })
        expect(parse(addressOf.settle(batch, dialogue))).toEqual({ name: 'settle', batch, dialogue })
        expect(parse(addressOf.read(batch, dialogue))).toEqual({ name: 'read', batch, dialogue })
        expect(parse(addressOf.dialogues(batch, 'disputed'))).toEqual({ name: 'dialogues', batch, status: 'disputed' })
      }),
    )
  })
})
