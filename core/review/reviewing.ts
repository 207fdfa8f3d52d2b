import { InputError } from '../errors.ts'
import { sum } from './counters.ts'
import { bodyOfItem } from './item-body.ts'
import { aboutDialogue, bodyOf } from './new-item.ts'
import { MEDIAN_OF, leaseFor, medianTime } from './queue.ts'
import type { Refused, ReviewService, ReviewServiceOptions, Saved, Target } from './service.ts'
import type { BatchRecord, ItemRecord } from './store.ts'
import { swap } from './swap.ts'
import { reviseDialogue, saveReview, settle, skipItem, undoReview } from './transitions.ts'
import type { Act, Reviewed } from './transitions.ts'
import { viewOf } from './views.ts'
import type { Role } from './views.ts'

type Actor = Target & { reviewer: string; roles: readonly Role[] }

/** What a rule makes of the item, or the rule's own way of saying no. */
type Decision<Refusal> = Reviewed | { outcome: 'refused'; because: Refusal }

/** The acts of reviewers and leads on one dialogue. */
export function reviewing(
  options: ReviewServiceOptions,
): Pick<ReviewService, 'save' | 'undo' | 'skip' | 'settle' | 'revise'> {
  const { store, clock, log } = options

  async function conflict(item: ItemRecord, { reviewer, roles }: Actor): Promise<Refused> {
    const [body, draft] = await Promise.all([
      bodyOfItem(store, item),
      store.draft(item.batch_id, item.dialogue_id, reviewer),
    ])
    return { outcome: 'conflict', current: viewOf(item, body, draft, { reviewer, roles, now: clock.now() }) }
  }

  /** Reads the dialogue and its batch, lets the rule decide, commits; again with fresh ones when somebody was faster. */
  function act<Refusal>(
    actor: Actor,
    event: string,
    decide: (item: ItemRecord, batch: BatchRecord, act: Act) => Promise<Decision<Refusal>> | Decision<Refusal>,
  ): Promise<Saved | Refusal> {
    const { batch: batch_id, dialogue: dialogue_id, reviewer } = actor
    return swap<Saved | Refusal>(async () => {
      const [batch, item] = await Promise.all([store.batch(batch_id), store.item(batch_id, dialogue_id)])
      if (batch === undefined || item === undefined) return { outcome: 'not_found' }
      if (batch.status !== 'open') return { outcome: 'closed' }
      const decision = await decide(item, batch, { by: reviewer, now: clock.now() })
      if (decision.outcome === 'refused') return decision.because
      if (decision.outcome === 'conflict') return conflict(item, actor)
      if (decision.outcome === 'unchanged') return { outcome: 'saved', review: decision.review, batch }
      const { change, review } = decision
      const committed = await store.commitItem(change)
      if (committed === 'stale') return 'stale'
      if (committed === 'batch_closed') return { outcome: 'closed' }
      const { revision, status } = review
      log.info(event, { batch_id, dialogue_id, reviewer, revision, status, dialogue_status: change.item.status })
      const counters = sum(batch.counters, change.counters ?? {})
      return { outcome: 'saved', review, batch: { ...batch, revision: batch.revision + 1, counters } }
    })
  }

  return {
    async save(request) {
      const saved = await act<never>(request, 'review.saved', (item, batch, by) =>
        saveReview(item, batch, by, request, request.form),
      )
      // Not part of the transaction: a draft that outlives its save no longer builds on the current review, so nobody sees it.
      if (saved.outcome === 'saved') await store.saveDraft(request.batch, request.dialogue, request.reviewer, undefined)
      return saved
    },

    undo: (request) =>
      act<{ outcome: 'nothing_to_undo' }>(request, 'review.undone', async (item, batch, by) => {
        const [history, judged] = await Promise.all([
          store.history(request.batch, request.dialogue),
          store.reviewedBy(request.batch, request.reviewer, MEDIAN_OF),
        ])
        const lease = options.leaseMs ?? leaseFor(medianTime(judged, request.reviewer))
        const undone = undoReview(item, history, batch, by, request.revision, by.now + lease)
        return undone.outcome === 'nothing_to_undo'
          ? { outcome: 'refused', because: { outcome: 'nothing_to_undo' } }
          : undone
      }),

    settle: (request) =>
      act<{ outcome: 'not_disputed' }>(request, 'dispute.settled', (item, batch, by) => {
        const settled = settle(item, batch, by, request, request.form)
        return settled.outcome === 'not_disputed'
          ? { outcome: 'refused', because: { outcome: 'not_disputed' } }
          : settled
      }),

    skip: ({ batch: batch_id, dialogue: dialogue_id, reviewer }) =>
      swap<{ outcome: 'skipped' | 'closed' | 'not_found' }>(async () => {
        const item = await store.item(batch_id, dialogue_id)
        if (item === undefined) return { outcome: 'not_found' }
        const change = skipItem(item, { by: reviewer, now: clock.now() })
        if (change === undefined) return { outcome: 'skipped' }
        const committed = await store.commitItem(change)
        if (committed === 'stale') return 'stale'
        if (committed === 'batch_closed') return { outcome: 'closed' }
        log.info('dialogue.skipped', { batch_id, dialogue_id, reviewer })
        return { outcome: 'skipped' }
      }),

    revise: (request) =>
      swap<{ outcome: 'revised'; version: number } | Refused>(async () => {
        const { batch: batch_id, dialogue: dialogue_id, reviewer, revised, findings } = request
        if (revised.dialogue_id !== dialogue_id)
          throw new InputError(`the revised dialogue is called ${revised.dialogue_id}`, { expected: dialogue_id })
        const [batch, item] = await Promise.all([store.batch(batch_id), store.item(batch_id, dialogue_id)])
        if (batch === undefined || item === undefined) return { outcome: 'not_found' }
        if (batch.status !== 'open') return { outcome: 'closed' }
        if (item.version !== request.base_version) return conflict(item, request)
        const version = item.version + 1
        const body = bodyOf({ ...request, dialogue: revised }, version)
        const about = aboutDialogue(revised, findings)
        const change = reviseDialogue(item, body, about, batch, { by: reviewer, now: clock.now() })
        const committed = await store.commitItem(change)
        if (committed === 'stale') return 'stale'
        if (committed === 'batch_closed') return { outcome: 'closed' }
        log.info('dialogue.revised', { batch_id, dialogue_id, reviewer, version })
        return { outcome: 'revised', version }
      }),
  }
}
