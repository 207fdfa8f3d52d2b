import type { ReviewItem } from '../../review-api/contract.ts'
import { ApiFailure, type Api } from '../api/client.ts'
import type { Store } from '../app/store.ts'
import { held, isOpen, MOST_HELD, PREFETCH, withEntry, type DeskState } from './desk-state.ts'

/**
 * Which dialogues this page holds: the one on screen, three prefetched behind it, and a few that were passed over. A
 * claim lapses by itself; while the tab is seen it is renewed at a third of the lease, so that two renewals may fail.
 */
export interface Claims {
  /** Asks for as many as are missing; resolves when the answer is on the desk. */
  fill(): Promise<void>
  /** Sets the clock for the next renewal; call it when the leases changed. */
  schedule(): void
  /** Renews what is due, at once. */
  renewDue(): void
  /** Gives everything back. */
  releaseAll(): void
  stop(): void
}

interface ClaimSettings {
  api: Pick<Api, 'claim' | 'renew' | 'release'>
  batch: string
  store: Store<DeskState>
  now: () => number
  /** Dialogues of this batch in the outbox. */
  underWay: () => string[]
  /** Puts fetched dialogues on the desk, after those that are there. */
  arrive: (items: ReviewItem[]) => void
  visible: () => boolean
}

export function renewalTime(leaseUntil: number | null, now: number): number {
  return leaseUntil === null ? Number.POSITIVE_INFINITY : now + (leaseUntil - now) / 3
}

export function createClaims({ api, batch, store, now, underWay, arrive, visible }: ClaimSettings): Claims {
  let filling: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  async function ask(): Promise<void> {
    giveBackOldest()
    const state = store.get()
    const missing = PREFETCH + (state.current === null ? 1 : 0) - state.ahead.length
    if (missing <= 0) return
    const mine = held(state, underWay())
    const { items } = await api.claim(batch, Math.min(MOST_HELD, mine.length + missing), mine.slice(0, 50))
    if (stopped) {
      for (const item of items) release(item.row.dialogue_id)
      return
    }
    const known = store.get().entries
    const fresh = items.filter((item) => !known.has(item.row.dialogue_id))
    store.set({ exhausted: fresh.length < missing })
    arrive(fresh)
  }

  /** Passed over without a verdict: kept within reach, but not so many that nothing can be prefetched. */
  function giveBackOldest(): void {
    const state = store.get()
    const passed = state.trail.filter((id) => id !== state.current && isOpen(state, id))
    const excess = passed.slice(0, Math.max(0, passed.length - (MOST_HELD - PREFETCH - 2)))
    if (excess.length === 0) return
    const entries = new Map(state.entries)
    for (const id of excess) {
      entries.delete(id)
      release(id)
    }
    store.set({ entries, trail: state.trail.filter((id) => !excess.includes(id)) })
  }

  function release(dialogue: string): void {
    // Not heard: the lease lapses by itself.
    api.release(batch, dialogue, { keepalive: true }).catch(() => undefined)
  }

  async function renew(dialogue: string): Promise<void> {
    const at = now()
    try {
      const { lease_until } = await api.renew(batch, dialogue)
      const leaseUntil = Date.parse(lease_until)
      store.set(withEntry(store.get(), dialogue, { leaseUntil, renewAt: renewalTime(leaseUntil, at) }))
    } catch (problem) {
      const lost = problem instanceof ApiFailure && !problem.passing
      // Lost is no reason to stop: the save itself finds out whether it comes too late.
      store.set(
        withEntry(store.get(), dialogue, lost ? { leaseUntil: null, renewAt: Infinity } : { renewAt: at + 15_000 }),
      )
    }
    schedule()
  }

  function holding() {
    const state = store.get()
    return [...state.entries].filter(([id, entry]) => isOpen(state, id) && entry.leaseUntil !== null)
  }

  function renewDue(): void {
    if (stopped || !visible()) return
    for (const [id, entry] of holding())
      if (entry.renewAt <= now()) {
        store.set(withEntry(store.get(), id, { renewAt: Infinity }))
        void renew(id)
      }
  }

  function schedule(): void {
    clearTimeout(timer)
    const next = Math.min(...holding().map(([, entry]) => entry.renewAt))
    if (!stopped && Number.isFinite(next))
      timer = setTimeout(
        () => {
          renewDue()
          if (visible()) schedule()
        },
        Math.max(250, next - now()),
      )
  }

  return {
    fill() {
      filling ??= ask().finally(() => (filling = undefined))
      return filling
    },
    schedule,
    renewDue,
    releaseAll() {
      for (const [id] of holding()) release(id)
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
