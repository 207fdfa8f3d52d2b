import type { BatchSummary, ReviewItem, SaveReview } from '../../review-api/contract.ts'
import type { Review } from '../../core/review/review.ts'
import { ApiFailure, messageOf, type Api } from '../api/client.ts'
import { isObject, parseObject, type KeyValue } from '../app/storage.ts'
import { createStore, type Store } from '../app/store.ts'
import { sameAnswers } from './form-state.ts'

/**
 * Verdicts on their way to the server. The page goes on at once; what could not be sent stays here, in sight, is kept
 * over a reload, and is tried again until it is saved, refused, or found to be in conflict. Sending something twice is
 * harmless: a save names the revision that it builds on.
 */
export interface Waiting {
  kind: 'review' | 'skip'
  batch: string
  dialogue: string
  /** What the person knows the dialogue by. */
  title: string
  /** Absent for a skip. */
  review?: SaveReview
  tries: number
  /** It failed at least once, or takes so long that the person should know. */
  late: boolean
  /** Why it failed last; with `refused`, trying again would not help. */
  problem?: string
  refused: boolean
  /** Set when the server holds something else than this review builds on. */
  conflict?: ReviewItem
}

/** `batch` is absent when the server had it already. Nothing for a skip. */
export type Delivered = { review: Review; batch?: BatchSummary } | undefined

export interface OutboxState {
  waiting: readonly Waiting[]
}

export interface Outbox {
  store: Store<OutboxState>
  /** Replaces what waits for the same dialogue and is not under way. */
  add(entry: Pick<Waiting, 'kind' | 'batch' | 'dialogue' | 'title' | 'review'>): void
  /** Takes it back if it was not sent yet. `sending`: too late, wait for {@link Outbox.settled}. */
  cancel(batch: string, dialogue: string): 'cancelled' | 'sending' | 'none'
  /** Resolves once nothing of this dialogue is under way. */
  settled(batch: string, dialogue: string): Promise<void>
  find(batch: string, dialogue: string): Waiting | undefined
  /** Tries everything now: the person asked, the network is back, or somebody signed in again. */
  retryNow(): void
  /** Gives it up; the draft of the dialogue is the caller's. */
  discard(batch: string, dialogue: string): void
  /** Trying again would not help: perhaps the batch was closed meanwhile. */
  onRefused(listener: (batch: string) => void): () => void
  onSaved(listener: (batch: string, dialogue: string, delivered: Delivered) => void): () => void
  stop(): void
}

/** Seconds between tries: quick at first, then no more than twice a minute. */
const PAUSES_S = [1, 2, 4, 8, 15, 30]
const LATE_AFTER_MS = 4000

interface OutboxSettings {
  api: Pick<Api, 'saveReview' | 'skip'>
  storage: KeyValue
  reviewer: string
}

export function createOutbox({ api, storage, reviewer }: OutboxSettings): Outbox {
  const prefix = `outbox:${reviewer}:`
  const keyOf = (entry: Pick<Waiting, 'batch' | 'dialogue'>) => `${prefix}${entry.batch}:${entry.dialogue}`
  const store = createStore<OutboxState>({ waiting: restored(storage, prefix) })
  const sending = new Map<string, Promise<void>>()
  const refusedListeners = new Set<Parameters<Outbox['onRefused']>[0]>()
  const savedListeners = new Set<Parameters<Outbox['onSaved']>[0]>()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  let stopped = false

  const find: Outbox['find'] = (batch, dialogue) =>
    store.get().waiting.find((entry) => entry.batch === batch && entry.dialogue === dialogue)

  function put(entry: Waiting): void {
    const others = store.get().waiting.filter((each) => keyOf(each) !== keyOf(entry))
    storage.write(keyOf(entry), JSON.stringify(entry))
    store.set({ waiting: [...others, entry] })
  }

  function remove(entry: Waiting): void {
    storage.remove(keyOf(entry))
    store.set({ waiting: store.get().waiting.filter((each) => keyOf(each) !== keyOf(entry)) })
  }

  /** Changes it if it is still the same; an entry added meanwhile for the same dialogue is left alone. */
  function amend(entry: Waiting, change: Partial<Waiting>): Waiting {
    const amended = { ...entry, ...change }
    if (find(entry.batch, entry.dialogue) === entry) put(amended)
    return amended
  }

  function later(key: string, ms: number, act: () => void): void {
    clearTimeout(timers.get(key))
    timers.set(key, setTimeout(act, ms))
  }

  function send(key: string): void {
    const entry = store.get().waiting.find((each) => keyOf(each) === key)
    if (stopped || entry === undefined || sending.has(key) || entry.refused || entry.conflict !== undefined) return
    clearTimeout(timers.get(key))
    const attempt = deliver(entry).finally(() => {
      sending.delete(key)
      const next = store.get().waiting.find((each) => keyOf(each) === key)
      if (next !== undefined && !next.refused && next.conflict === undefined)
        later(key, next.tries === 0 ? 0 : pauseAfter(next.tries), () => send(key))
    })
    sending.set(key, attempt)
  }

  async function deliver(entry: Waiting): Promise<void> {
    const { batch, dialogue, review } = entry
    let current = entry
    const lateness = setTimeout(() => (current = amend(current, { late: true })), LATE_AFTER_MS)
    try {
      // keepalive: a verdict given just before the tab closes still arrives
      if (review === undefined) await api.skip(batch, dialogue, { keepalive: true })
      const saved = review && (await api.saveReview(batch, dialogue, review, { keepalive: true }))
      accept(current, saved)
    } catch (problem) {
      refuse(current, problem)
    } finally {
      clearTimeout(lateness)
    }
  }

  function accept(entry: Waiting, saved: Delivered): void {
    const now = find(entry.batch, entry.dialogue)
    if (now === entry) remove(entry)
    else if (now?.review !== undefined && saved !== undefined)
      // Changed again while it was under way: the newer one builds on what was saved just now.
      put({ ...now, review: { ...now.review, base_revision: saved.review.revision } })
    for (const listener of [...savedListeners]) listener(entry.batch, entry.dialogue, saved)
  }

  function refuse(entry: Waiting, problem: unknown): void {
    const tries = entry.tries + 1
    if (problem instanceof ApiFailure && problem.status === 409 && entry.review !== undefined) {
      const standing = problem.current?.review
      if (standing && sameAnswers(standing, entry.review.form) && problem.current) {
        accept(entry, { review: standing }) // it was saved before, and only the answer was lost
        return
      }
      if (problem.current !== undefined) {
        amend(entry, { tries, late: true, problem: problem.message, conflict: problem.current })
        return
      }
    }
    const passing = problem instanceof ApiFailure && problem.passing
    if (!passing && entry.kind === 'skip')
      remove(entry) // nothing is lost: the dialogue merely comes back sooner
    else amend(entry, { tries, late: true, problem: messageOf(problem), refused: !passing })
    if (!passing) for (const listener of [...refusedListeners]) listener(entry.batch)
  }

  function retryNow(): void {
    for (const entry of store.get().waiting) send(keyOf(entry))
  }

  const online = () => retryNow()
  globalThis.addEventListener?.('online', online)

  return {
    store,
    find,
    add(entry) {
      put({ ...entry, tries: 0, late: false, refused: false })
      send(keyOf(entry))
    },
    cancel(batch, dialogue) {
      const entry = find(batch, dialogue)
      if (sending.has(keyOf({ batch, dialogue }))) return 'sending'
      if (entry === undefined) return 'none'
      remove(entry)
      return 'cancelled'
    },
    async settled(batch, dialogue) {
      await sending.get(keyOf({ batch, dialogue }))
    },
    retryNow,
    discard(batch, dialogue) {
      const entry = find(batch, dialogue)
      if (entry !== undefined) remove(entry)
    },
    onRefused(listener) {
      refusedListeners.add(listener)
      return () => refusedListeners.delete(listener)
    },
    onSaved(listener) {
      savedListeners.add(listener)
      return () => savedListeners.delete(listener)
    },
    stop() {
      stopped = true
      globalThis.removeEventListener?.('online', online)
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}

function pauseAfter(tries: number): number {
  return 1000 * (PAUSES_S[Math.min(tries, PAUSES_S.length) - 1] ?? 1)
}

/** What an earlier page of the same reviewer could not send. */
function restored(storage: KeyValue, prefix: string): Waiting[] {
  return storage.keys(prefix).flatMap((key) => {
    const entry = parseObject(storage.read(key))
    if (isWaiting(entry)) return [{ ...entry, tries: 0, late: true, refused: false, conflict: undefined }]
    storage.remove(key)
    return []
  })
}

function isWaiting(entry: unknown): entry is Waiting {
  if (!isObject(entry)) return false
  const { kind, batch, dialogue, title, review } = entry
  return (
    (kind === 'skip' || (kind === 'review' && isObject(review) && isObject(review['form']))) &&
    [batch, dialogue, title].every((each) => typeof each === 'string')
  )
}
