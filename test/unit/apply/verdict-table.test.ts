import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkedVerdict, plainVerdict } from '../../../core/apply/verdict-table.ts'
import { aPlainReview, aReview } from '../../builders/a-review.ts'

const field = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'approved',
    'rejected',
    'other',
    1,
    0,
    -1,
    1.5,
    true,
    false,
    {},
    [],
    'a'.repeat(64),
    [{}],
    { a: 1 },
    ['tone'],
  ),
  fc.jsonValue({ maxDepth: 1 }),
)
const anyReview = fc.dictionary(
  fc.constantFrom(
    'dialogue_id',
    'status',
    'reviewed_at',
    'reviewer',
    'content_sha256',
    'revision',
    'version',
    'settlement',
    'feedback',
    'guidelines_version',
    'active_ms',
    'notes',
    'reasons',
    'turn_comments',
    'labels',
    'criteria',
    'extra',
  ),
  field,
  { maxKeys: 4 },
)

describe('the verdict of a review', () => {
  it('by the plain look is that of the schema, whatever the fields hold', () => {
    let accepted = 0
    fc.assert(
      fc.property(anyReview, fc.constantFrom({}, aPlainReview(), aReview()), (fields, base) => {
        const value = { ...base, ...fields }
        const plain = plainVerdict(value)
        if (plain === undefined) return
        accepted += 1
        expect(plain).toEqual(checkedVerdict(value))
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  it('takes the plain look for what the present tools write', () => {
    expect(plainVerdict(aPlainReview())).toMatchObject({ dialogue_id: 'dialogue_001', status: 'approved' })
  })
})
