import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countersOf, difference, onAxis, recount, sum } from '../../../core/review/counters.ts'
import { aboutDialogue, bodyOf } from '../../../core/review/new-item.ts'
import { DEFAULT_OVERLAP } from '../../../core/review/overlap.ts'
import type { HistoryEntry, ItemChange, ItemRecord } from '../../../core/review/store.ts'
import {
  claimItem,
  itemChange,
  reviseDialogue,
  saveReview,
  settle,
  skipItem,
  undoReview,
} from '../../../core/review/transitions.ts'
import { aBatch, aRecord, anItem } from '../../builders/a-batch.ts'
import { aReview, aReviewForm } from '../../builders/a-review.ts'

const counter = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -5, max: 5 }))
const withoutZeros = (counters: Record<string, number>) =>
  Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== 0))

describe('what one dialogue counts for', () => {
  it('is itself, its status and its place on each axis', () => {
    expect(countersOf(anItem({ concern_group: 'grief', max_risk_level: 'low', session_type: 'gentle_deep' }))).toEqual({
      total: 1,
      'status.pending': 1,
      'batch.session_type.gentle_deep': 1,
      'batch.concern.grief': 1,
      'batch.risk.low': 1,
    })
  })

  it('once approved is counted by the labels as the reviewers left them', () => {
    const labels = {
      concern: { original: 'anxiety', final: 'sleep', adjustment: 'adjusted' },
      max_risk_level: { original: 'none', final: 'low', adjustment: 'adjusted' },
    } as const
    const counters = countersOf(anItem({ status: 'approved', reviews: [aReview({ labels, active_ms: 5 })] }))

    expect(onAxis(counters, 'concern', 'stress')).toEqual({ in_batch: 0, approved: 1 })
    expect(onAxis(counters, 'concern', 'anxiety')).toEqual({ in_batch: 1, approved: 0 })
    expect(onAxis(counters, 'risk', 'low')).toEqual({ in_batch: 0, approved: 1 })
    expect(onAxis(counters, 'session_type', 'check-in')).toEqual({ in_batch: 1, approved: 1 })
    expect(counters).toMatchObject({ reviews: 1, active_ms: 5, 'judged_by.clara': 1 })
  })
})

describe('counters', () => {
  it('before plus the difference are those after', () => {
    fc.assert(
      fc.property(counter, counter, (before, after) => {
        expect(sum(before, difference(before, after))).toEqual(withoutZeros(after))
      }),
    )
  })

  it('always equal a recount, after any acts of anybody', () => {
    const status = fc.constantFrom('approved' as const, 'rejected' as const, 'needs_revision' as const, null)
    const level = fc.constantFrom('none' as const, 'low' as const, 'high' as const)
    const act = fc.record({
      kind: fc.constantFrom('save', 'save', 'save', 'undo', 'settle', 'skip', 'claim', 'revise'),
      by: fc.constantFrom('clara', 'eva', 'maya'),
      on: fc.nat(2),
      status,
      level,
      active_ms: fc.nat(1000),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (acts, reviews_per_dialogue) => {
        const rules = aBatch({ reviews_per_dialogue, overlap: DEFAULT_OVERLAP })
        const items = [0, 1, 2].map((index) =>
          anItem({ dialogue_id: `d${index}`, required_reviews: reviews_per_dialogue }),
        )
        const history: HistoryEntry[][] = [[], [], []]
        let counters = recount(items)
        acts.forEach(({ kind, by, on, status, level, active_ms }, now) => {
          const item = items[on]!
          const form = aReviewForm({
            status,
            active_ms,
            labels: { max_risk_level: { original: 'none', final: level, adjustment: 'adjusted' } },
          })
          const change = changeOf(kind, item, history[on]!, { by, now }, form)
          if (change === undefined) return
          items[on] = change.item
          if (change.history !== undefined) history[on]!.push(change.history)
          counters = sum(counters, change.counters ?? {})
          expect(counters).toEqual(recount(items))
          expect(Object.values(counters).every((value) => value > 0)).toBe(true)
        })

        function changeOf(
          kind: string,
          item: ItemRecord,
          past: HistoryEntry[],
          by: { by: string; now: number },
          form: ReturnType<typeof aReviewForm>,
        ): ItemChange | undefined {
          const { version, content_sha256 } = item
          const revision = item.reviews.find((review) => review.reviewer === by.by)?.revision ?? 0
          switch (kind) {
            case 'save': {
              const saved = saveReview(item, rules, by, { base_revision: revision, version, content_sha256 }, form)
              return saved.outcome === 'changed' ? saved.change : undefined
            }
            case 'undo': {
              const undone = undoReview(item, past, rules, by, revision, by.now + 5)
              return undone.outcome === 'changed' ? undone.change : undefined
            }
            case 'settle': {
              const base_revision = item.settlement?.revision ?? 0
              const settled = settle(item, rules, by, { base_revision, version, content_sha256 }, form)
              return settled.outcome === 'changed' ? settled.change : undefined
            }
            case 'skip':
              return skipItem(item, by)
            case 'claim': {
              const claimed = claimItem(item, by, by.now + 5)
              return claimed && itemChange(item, claimed)
            }
            default: {
              const record = aRecord(0)
              return reviseDialogue(item, bodyOf(record, version + 1), aboutDialogue(record.dialogue, []), rules, by)
            }
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})
