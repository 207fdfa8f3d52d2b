import type { ReviewItem } from '../../review-api/contract.ts'
import type { ReviewForm } from '../../core/review/review.ts'
import { ApiFailure, type Api } from '../api/client.ts'
import type { Store } from '../app/store.ts'
import { renewalTime } from './claims.ts'
import { withEntry, withSummary, type DeskState, type UndoStep } from './desk-state.ts'
import { formOf } from './form-state.ts'
import type { Outbox } from './outbox.ts'

interface UndoSettings {
  api: Pick<Api, 'undo' | 'mine' | 'dialogue'>
  outbox: Outbox
  store: Store<DeskState>
  batch: string
  now: () => number
  lay: (items: ReviewItem[]) => void
  show: (dialogue: string) => void
  progress: () => string
  announce: (message: string) => void
}

/** The server claims an undone dialogue for us again, for five minutes at the least; the first renewal learns how long. */
const SHORTEST_LEASE_MS = 5 * 60_000

/**
 * Takes the last act back. A verdict that was not sent yet is simply not sent; one that was is undone on the server by
 * compare-and-swap, as a new revision. When this sitting has nothing to undo (a reload, another machine), the newest
 * verdict that the server knows of me is taken. What was filled in stays in the form, so that only the verdict has to
 * be given again.
 */
export function createUndo(settings: UndoSettings): () => Promise<void> {
  const { api, outbox, store, batch, now, lay, show, progress, announce } = settings

  /** The form to go on with: the earlier review where there was one, else what was filled in, without its verdict. */
  function restore(dialogue: string, given: ReviewForm | null, filledIn: ReviewForm): void {
    const had = store.get().entries.get(dialogue)?.given ?? null
    const { reviewed } = store.get()
    store.set({
      ...withEntry(store.get(), dialogue, { given, form: given ?? { ...filledIn, status: null } }),
      reviewed: reviewed - (had !== null && given === null ? 1 : 0),
    })
    show(dialogue)
    store.set({ last: { text: 'Undone', at: now() } })
    announce(`Undone. ${progress()}.`)
  }

  async function undoOnServer(dialogue: string, filledIn: ReviewForm, revision: number): Promise<void> {
    try {
      const saved = await api.undo(batch, dialogue, revision)
      const state = store.get()
      const entry = state.entries.get(dialogue)
      if (entry === undefined) return
      const open = saved.review.status === null
      const leaseUntil = open ? now() + SHORTEST_LEASE_MS : null
      const lease = { leaseUntil, renewAt: renewalTime(leaseUntil, now()) }
      store.set({
        ...withEntry(state, dialogue, { item: { ...entry.item, review: saved.review, draft: null }, ...lease }),
        batch: withSummary(state.batch, saved.batch),
      })
      restore(dialogue, open ? null : formOf(saved.review), filledIn)
    } catch (problem) {
      if (!(problem instanceof ApiFailure) || problem.current === undefined) throw problem
      lay([problem.current])
      show(dialogue)
      store.set({ last: { text: 'Nothing was undone: this review was changed elsewhere', at: now() } })
      announce('Nothing was undone: this review was changed elsewhere. This is how it stands.')
    }
  }

  async function undoStep(step: UndoStep): Promise<void> {
    const { dialogue, before } = step
    const taken = outbox.cancel(batch, dialogue)
    if (taken === 'sending') await outbox.settled(batch, dialogue)
    if (step.kind === 'skip') {
      store.set({ entries: new Map(store.get().entries).set(dialogue, { ...before, leaseUntil: null }) })
      restore(dialogue, before.given, { ...before.form })
      store.set(withEntry(store.get(), dialogue, { form: before.form }))
      return
    }
    if (!store.get().entries.has(dialogue)) lay([await api.dialogue(batch, dialogue)])
    // Still unsent after the wait (the network went), or never sent: the server knows nothing to undo.
    if (taken === 'cancelled' || outbox.cancel(batch, dialogue) === 'cancelled')
      return restore(dialogue, before.given, before.form)
    const revision = store.get().entries.get(dialogue)?.item.review?.revision
    if (revision === undefined) return restore(dialogue, before.given, before.form)
    await undoOnServer(dialogue, before.form, revision)
  }

  async function undoNewest(): Promise<void> {
    const { dialogues } = await api.mine(batch, 1)
    const newest = dialogues[0]
    if (newest === undefined) {
      announce('There is nothing to undo.')
      store.set({ last: { text: 'Nothing to undo', at: now() } })
      return
    }
    const item = await api.dialogue(batch, newest.dialogue_id)
    lay([item])
    if (item.review !== null) await undoOnServer(newest.dialogue_id, formOf(item.review), item.review.revision)
  }

  return async () => {
    const steps = store.get().undo
    const step = steps.at(-1)
    if (step === undefined) return undoNewest()
    store.set({ undo: steps.slice(0, -1) })
    try {
      await undoStep(step)
    } catch (problem) {
      if (problem instanceof ApiFailure && problem.passing) store.set({ undo: [...store.get().undo, step] })
      throw problem
    }
  }
}
