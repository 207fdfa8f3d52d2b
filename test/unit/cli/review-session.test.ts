import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Review } from '../../../core/review/review.ts'
import {
  addNote,
  correctLabels,
  attended,
  goTo,
  isComplete,
  judge,
  openSession,
  skip,
  tally,
  undo,
  verdictAt,
} from '../../../cli/review/session.ts'
import type { Session } from '../../../cli/review/session.ts'

const T0 = Date.parse('2026-03-01T09:00:00Z')
const hashOf = (index: number) => String(index % 10).repeat(64)

function aSession(count: number, overrides: Partial<Parameters<typeof openSession>[0]> = {}): Session {
  const items = Array.from({ length: count }, (_, index) => ({
    dialogue_id: `d${index}`,
    content_sha256: hashOf(index),
  }))
  return openSession({ items, reviewer: 'clara', guidelines_version: '2026-11', reviews: [], now: T0, ...overrides })
}

/** Approves `count` dialogues from where the session is; returns the reviews written down. */
function approve(session: Session, count: number, from = T0): { session: Session; written: Review[] } {
  const written: Review[] = []
  for (let step = 1; step <= count; step++) {
    const saved = judge(session, 'approved', {}, from + step * 10_000)
    session = saved.session
    written.push(saved.review)
  }
  return { session, written }
}

describe('a review session', () => {
  it('goes on to the next dialogue after a verdict, and carries what was judged with it', () => {
    const { session, review } = judge(aSession(3), 'rejected', { reasons: ['tone'], failed: ['safety'] }, T0 + 5000)

    expect(session.position).toBe(1)
    expect(review).toMatchObject({
      dialogue_id: 'd0',
      status: 'rejected',
      reasons: ['tone'],
      criteria: { safety: 'fail' },
      content_sha256: hashOf(0),
      guidelines_version: '2026-11',
      reviewer: 'clara',
      revision: 1,
      active_ms: 5000,
      reviewed_at: '2026-03-01T09:00:05.000Z',
    })
  })

  it('says with an approval that all five criteria pass', () => {
    const { review } = judge(aSession(1), 'approved', {}, T0)

    expect(review.criteria).toEqual({
      realistic: 'pass',
      appropriate: 'pass',
      techniques: 'pass',
      safety: 'pass',
      labels: 'pass',
    })
    expect(review.reasons).toEqual([])
  })

  it('counts a long silence as two minutes', () => {
    const session = attended(aSession(1), T0 + 3_600_000)

    const { review } = judge(session, 'approved', {}, T0 + 3_601_000)

    expect(review.active_ms).toBe(121_000)
  })

  it('brings a skipped dialogue back when nothing else is left', () => {
    const skipped = skip(aSession(3), T0)
    expect(skipped.position).toBe(1)

    const { session } = approve(skipped, 2)

    expect(session.position).toBe(0)
    expect(isComplete(session)).toBe(false)
  })

  it('opens after the dialogue that was judged last', () => {
    const { written } = approve(aSession(5), 3)

    const again = aSession(5, { reviews: written })

    expect(again.position).toBe(3)
    expect(tally(again)).toMatchObject({ judged: 3, open: 2 })
  })

  it('holds a verdict void when the text changed after it', () => {
    const { written } = approve(aSession(2), 2)
    const items = [{ dialogue_id: 'd0', content_sha256: 'f'.repeat(64) }, aSession(2).items[1]!]

    const again = aSession(0, { items, reviews: written })

    expect(verdictAt(again, 0)).toBeUndefined()
    expect(verdictAt(again, 1)).toBe('approved')
    expect(again.position).toBe(0)
  })

  it('takes a verdict back as a new revision without one, and goes to its dialogue', () => {
    const { session } = approve(aSession(3), 1)

    const back = undo(session, T0 + 60_000)

    expect(back?.session.position).toBe(0)
    expect(back?.review).toMatchObject({ dialogue_id: 'd0', status: null, revision: 2 })
    expect(verdictAt(back!.session, 0)).toBeUndefined()
  })

  it('takes a changed verdict back to the one before it', () => {
    const first = judge(aSession(2), 'approved', {}, T0).session
    const second = judge(goTo(first, 0, T0), 'rejected', { reasons: ['harmful'] }, T0).session

    const back = undo(second, T0)

    expect(back?.review).toMatchObject({ status: 'approved', revision: 3, reasons: [] })
  })

  it('says what it takes back: the verdict, the note or the labels, and of which dialogue', () => {
    const labelled = correctLabels(aSession(2), {}, T0).session
    const judged = judge(labelled, 'approved', {}, T0).session
    const again = judge(goTo(judged, 0, T0), 'needs_revision', { reasons: ['tone'] }, T0).session
    let session = addNote(goTo(again, 1, T0), 'about the second', T0).session
    const took: string[] = []
    for (let back = undo(session, T0); back !== undefined; back = undo(session, T0)) {
      took.push(back.took)
      session = back.session
    }

    expect(took).toEqual([
      'the note on d1',
      'the verdict on d0 (needs revision), which is approved again',
      'the verdict on d0 (approved), which is open again',
      'the labels corrected on d0',
    ])
  })

  it('takes back a verdict of an earlier session, and keeps its notes', () => {
    const noted = addNote(aSession(2), 'warm', T0).session
    const { review } = judge(noted, 'approved', {}, T0)

    const back = undo(aSession(2, { reviews: [review] }), T0 + 1)

    expect(back?.review).toMatchObject({ status: null, notes: [{ note: 'warm' }], revision: 3 })
    expect(undo(back!.session, T0 + 2)).toBeUndefined()
  })

  it('adds a note without giving or losing a verdict, and stays where it is', () => {
    const { session } = approve(aSession(2), 1)

    const { session: after, review } = addNote(goTo(session, 0, T0), 'ask about turn 4', T0 + 20_000)

    expect(review).toMatchObject({ status: 'approved', notes: [{ note: 'ask about turn 4' }], revision: 2 })
    expect(after.position).toBe(0)
  })

  it('estimates the time left as the median time of a dialogue for each open one', () => {
    const { session } = approve(aSession(10), 4)

    expect(tally(session)).toMatchObject({ median_ms: 10_000, left_ms: 60_000, approved: 4 })
  })

  it('undoing everything leaves no verdict, whatever was done before', () => {
    const acts = fc.array(fc.constantFrom('approved', 'needs_revision', 'rejected', 'skip', 'note', 'next', 'undo'), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(acts, (list) => {
        let session = aSession(5)
        let now = T0
        for (const act of list) {
          now += 1000
          if (act === 'skip') session = skip(session, now)
          else if (act === 'note') session = addNote(session, 'x', now).session
          else if (act === 'next') session = goTo(session, session.position + 1, now)
          else if (act === 'undo') session = undo(session, now)?.session ?? session
          else session = judge(session, act, { reasons: ['tone'] }, now).session
        }
        for (let back = undo(session, now); back !== undefined; back = undo(session, now)) session = back.session
        expect(tally(session)).toMatchObject({ judged: 0, open: 5 })
        expect([...session.reviews.values()].every((review) => review.notes.length === 0)).toBe(true)
      }),
    )
  })

  it('writes rising revisions for each dialogue, whatever is done', () => {
    const acts = fc.array(fc.constantFrom('judge', 'note', 'previous', 'undo'), { maxLength: 40 })
    fc.assert(
      fc.property(acts, (list) => {
        let session = aSession(3)
        const last = new Map<string, number>()
        for (const act of list) {
          if (act === 'previous') {
            session = goTo(session, session.position - 1, T0)
            continue
          }
          const saved =
            act === 'judge'
              ? judge(session, 'approved', {}, T0)
              : act === 'note'
                ? addNote(session, 'x', T0)
                : undo(session, T0)
          if (saved === undefined) continue
          session = saved.session
          expect(saved.review.revision).toBe((last.get(saved.review.dialogue_id) ?? 0) + 1)
          last.set(saved.review.dialogue_id, saved.review.revision)
        }
      }),
    )
  })
})
