import type { BatchDetail, ReviewItem } from '../../review-api/contract.ts'
import type { ReviewForm } from '../../core/review/review.ts'
import { messageOf, type Api } from '../api/client.ts'
import type { KeyValue } from '../app/storage.ts'
import { createStore, type Store } from '../app/store.ts'
import { createActivityClock } from './activity-clock.ts'
import { createClaims, renewalTime } from './claims.ts'
import {
  afterThis,
  afterVerdict,
  currentEntry,
  isOpen,
  NOTHING,
  reviewedSoFar,
  showing,
  UNDO_STEPS,
  withEntry,
  withSummary,
  type DeskState,
  type Entry,
} from './desk-state.ts'
import { createDrafts } from './drafts.ts'
import { formOf, missing, startingForm, submitted } from './form-state.ts'
import type { Outbox } from './outbox.ts'
import { createUndo } from './undo.ts'
import { VERDICT_WORDS } from './wording.ts'

/**
 * The reviewer's desk for one batch: what is on screen, what lies ready behind it, what was given and can be taken
 * back. Knows nothing of the document; the page draws its state and calls its acts.
 */
export interface Desk {
  store: Store<DeskState>
  /** `dialogue`: the one to begin with, from the address. */
  start(dialogue: string | null): Promise<void>
  /** Changes the form on screen; the draft is saved by itself. */
  edit(change: (form: ReviewForm) => ReviewForm): void
  /** Gives the review and shows the next dialogue, or says which row is missing. */
  submit(): ReturnType<typeof missing>
  skip(): void
  next(): void
  previous(): Promise<void>
  undo(): Promise<void>
  /** Brings any dialogue of the batch on screen. */
  open(dialogue: string): Promise<void>
  /** `mine` is given again on top of theirs, unless the text changed: then it is to be read first. */
  resolveConflict(dialogue: string, choice: 'mine' | 'theirs'): void
  refreshBatch: () => Promise<void>
  /** The reviewer moved, typed or scrolled. */
  active(): void
  /** The tab hides: what is unsaved goes out now. */
  hide(): void
  /** The tab is seen again. */
  wake(): void
  /** The page is being left: claims go back. */
  leave(): void
}

export interface DeskSettings {
  api: Api
  outbox: Outbox
  /** For drafts. */
  storage: KeyValue
  batch: string
  reviewer: string
  announce: (message: string) => void
  now?: () => number
  visible?: () => boolean
}

export function createDesk(settings: DeskSettings): Desk {
  const { api, outbox, storage, batch, reviewer, announce } = settings
  const now = settings.now ?? Date.now
  const visible = settings.visible ?? (() => true)
  const store = createStore<DeskState>(NOTHING)
  const drafts = createDrafts({ api, storage, reviewer, batch, now: () => new Date(now()) })
  const waitingHere = () => outbox.store.get().waiting.filter((entry) => entry.batch === batch)
  const underWay = () => waitingHere().map((entry) => entry.dialogue)
  const claims = createClaims({ api, batch, store, now, underWay, arrive, visible })
  const clock = createActivityClock(now)
  let left = false

  const progress = () => {
    const { done, total } = reviewedSoFar(store.get())
    return `${done} of ${total}`
  }

  /** Makes the desk's entry of a dialogue as the server gave it. */
  function entryOf(item: ReviewItem): Entry {
    const waiting = outbox.find(batch, item.row.dialogue_id)?.review?.form
    const given = waiting ?? (item.review !== null && item.review.status !== null ? formOf(item.review) : null)
    const form = startingForm(item, drafts.kept(item.row.dialogue_id, item.version))
    const leaseUntil = item.lease_until === null ? null : Date.parse(item.lease_until)
    return { item, given, form: waiting ?? form, leaseUntil, renewAt: renewalTime(leaseUntil, now()) }
  }

  function lay(items: readonly ReviewItem[]): void {
    const entries = new Map(store.get().entries)
    for (const item of items) entries.set(item.row.dialogue_id, entryOf(item))
    store.set({ entries })
    claims.schedule()
  }

  function arrive(items: ReviewItem[]): void {
    lay(items)
    store.set({ ahead: [...store.get().ahead, ...items.map((item) => item.row.dialogue_id)] })
    const { phase, ahead } = store.get()
    if (phase === 'loading' || phase === 'waiting' || phase === 'done') {
      const [first] = ahead
      if (first !== undefined) show(first)
      else if (phase !== 'done') finish()
    }
  }

  function show(dialogue: string): void {
    store.set(showing(store.get(), dialogue))
    clock.begin()
  }

  function finish(): void {
    store.set({ phase: 'done', current: null })
    announce('Nothing is left for you in this batch.')
    refreshBatch().catch(() => undefined)
  }

  function fill(): void {
    claims.fill().catch((problem: unknown) => {
      const { phase } = store.get()
      if (phase === 'loading' || phase === 'waiting') store.set({ phase: 'failed', problem: messageOf(problem) })
    })
  }

  /** Goes on to `target` in this very frame, or waits for what has been asked for already. */
  function moveOn(target: string | undefined): void {
    if (target !== undefined) show(target)
    else if (store.get().exhausted) finish()
    else store.set({ phase: 'waiting', current: null })
    fill()
  }

  function setBatch(detail: BatchDetail): void {
    const notCounted = waitingHere().filter((entry) => entry.review?.base_revision === 0)
    store.set({ batch: detail, reviewed: detail.mine.reviewed + notCounted.length })
    if (detail.status !== 'open') store.set({ phase: 'not-open' })
    else if (store.get().phase === 'not-open') {
      store.set({ phase: 'loading' })
      fill()
    }
  }

  async function refreshBatch(): Promise<void> {
    const detail = await api.batch(batch)
    if (!left) setBatch(detail)
  }

  async function start(dialogue: string | null): Promise<void> {
    store.set({ phase: 'loading', problem: null })
    try {
      // Claims are asked for before the batch is known to be open: one round trip less in nearly every case.
      const asked = dialogue === null ? undefined : api.dialogue(batch, dialogue).catch(() => undefined)
      const claimed = api.claim(batch, 4, []).catch((problem: unknown) => problem)
      setBatch(await api.batch(batch))
      if (store.get().phase === 'not-open') return
      const answer = await claimed
      if (!isClaimed(answer)) throw answer
      const first = await asked
      if (left) return
      lay(answer.items)
      if (first !== undefined && !store.get().entries.has(first.row.dialogue_id)) lay([first])
      const ids = answer.items.map((item) => item.row.dialogue_id)
      store.set({ ahead: ids, exhausted: ids.length < 4 })
      const target = first?.row.dialogue_id ?? ids[0]
      if (target === undefined) finish()
      else show(target)
      if (ids.length === 4) fill()
    } catch (problem) {
      store.set({ phase: 'failed', problem: messageOf(problem) })
    }
  }

  function edit(change: (form: ReviewForm) => ReviewForm): void {
    const entry = currentEntry(store.get())
    if (entry === undefined) return
    const form = change(entry.form)
    if (form === entry.form) return
    const { dialogue_id } = entry.item.row
    store.set(withEntry(store.get(), dialogue_id, { form }))
    const base_revision = entry.item.review?.revision ?? 0
    drafts.changed(dialogue_id, { base_revision, version: entry.item.version, form })
  }

  function remember(kind: 'review' | 'skip', before: Entry): void {
    const step = { kind, dialogue: before.item.row.dialogue_id, before }
    store.set({ undo: [...store.get().undo, step].slice(-UNDO_STEPS) })
  }

  function submit(): ReturnType<typeof missing> {
    const state = store.get()
    const entry = currentEntry(state)
    if (entry === undefined || state.busy) return undefined
    const lacking = missing(entry.form)
    if (lacking !== undefined) return lacking
    const { item } = entry
    const dialogue = item.row.dialogue_id
    const form = submitted({ ...entry.form, active_ms: entry.form.active_ms + clock.take() })
    const status = form.status ?? 'approved'
    remember('review', entry)
    store.set({
      ...withEntry(store.get(), dialogue, { form, given: form }),
      reviewed: state.reviewed + (entry.given === null ? 1 : 0),
      last: { text: `${titleOf(item)}: ${VERDICT_WORDS[status].did.toLowerCase()}`, at: now() },
    })
    drafts.forget(dialogue, item.version)
    const review = {
      base_revision: item.review?.revision ?? 0,
      version: item.version,
      content_sha256: item.content_sha256,
      form,
    }
    outbox.add({ kind: 'review', batch, dialogue, title: titleOf(item), review })
    announce(`Saved. ${progress()}.`)
    moveOn(afterVerdict(store.get()))
    return undefined
  }

  function skip(): void {
    const state = store.get()
    const entry = currentEntry(state)
    if (entry === undefined || state.busy) return
    const dialogue = entry.item.row.dialogue_id
    drafts.flush()
    if (entry.given !== null) return next() // it has a verdict; there is nothing to set aside
    remember('skip', entry)
    const target = afterVerdict(state)
    const entries = new Map(state.entries)
    entries.delete(dialogue)
    store.set({
      entries,
      trail: state.trail.filter((id) => id !== dialogue),
      last: { text: `${titleOf(entry.item)}: skipped`, at: now() },
    })
    outbox.add({ kind: 'skip', batch, dialogue, title: titleOf(entry.item) })
    announce('Skipped. It comes back at the end of your queue.')
    moveOn(target)
  }

  function next(): void {
    const state = store.get()
    if (state.busy || state.phase !== 'reviewing') return
    drafts.flush()
    const target = afterThis(state)
    if (target !== undefined) moveOn(target)
    else if (!state.exhausted || !isOpen(state, state.current ?? '')) moveOn(undefined)
    else announce('This is the last dialogue that is left for you.')
  }

  async function previous(): Promise<void> {
    const state = store.get()
    if (state.busy) return
    drafts.flush()
    const at = state.current === null ? state.trail.length : state.trail.indexOf(state.current)
    const before = state.trail[at - 1]
    if (before !== undefined) return show(before)
    await whileBusy(async () => {
      const { dialogues } = await api.mine(batch, 50)
      const earlier = dialogues.find((row) => !state.trail.includes(row.dialogue_id))
      if (earlier === undefined) return announce('There is no earlier dialogue.')
      lay([await api.dialogue(batch, earlier.dialogue_id)])
      store.set({ trail: [earlier.dialogue_id, ...store.get().trail] })
      show(earlier.dialogue_id)
    })
  }

  async function open(dialogue: string): Promise<void> {
    if (store.get().entries.has(dialogue)) return show(dialogue)
    await whileBusy(async () => {
      lay([await api.dialogue(batch, dialogue)])
      show(dialogue)
    })
  }

  async function whileBusy(act: () => Promise<void>): Promise<void> {
    store.set({ busy: true })
    try {
      await act()
    } catch (problem) {
      store.set({ last: { text: messageOf(problem), at: now() } })
      announce(messageOf(problem))
    } finally {
      store.set({ busy: false })
    }
  }

  const takeBack = createUndo({ api, outbox, store, batch, now, lay, show, progress, announce })

  const stopListening = outbox.onSaved((savedBatch, dialogue, saved) => {
    if (savedBatch !== batch) return
    if (saved === undefined) return fill() // a skipped one may be given out again, after all others
    const state = store.get()
    const entry = state.entries.get(dialogue)
    if (entry === undefined) return
    store.set({
      ...withEntry(state, dialogue, { item: { ...entry.item, review: saved.review, draft: null }, leaseUntil: null }),
      batch: withSummary(state.batch, saved.batch),
    })
  })

  const stopAsking = outbox.onRefused((refused) => {
    if (refused === batch) refreshBatch().catch(() => undefined)
  })

  return {
    store,
    start,
    edit,
    submit,
    skip,
    next,
    previous,
    open,
    refreshBatch,
    async undo() {
      if (store.get().busy) return
      drafts.flush()
      await whileBusy(takeBack)
    },
    resolveConflict(dialogue, choice) {
      const waiting = outbox.find(batch, dialogue)
      const theirs = waiting?.conflict
      if (waiting?.review === undefined || theirs === undefined) return
      const mine = waiting.review
      outbox.discard(batch, dialogue)
      lay([theirs])
      if (choice === 'theirs') return announce('Theirs is kept.')
      if (theirs.version !== mine.version || theirs.content_sha256 !== mine.content_sha256) {
        store.set(
          withEntry(store.get(), dialogue, { form: { ...mine.form, status: null, turn_comments: [] }, given: null }),
        )
        show(dialogue)
        return announce('The text has changed. Read it again, then give your verdict.')
      }
      store.set(withEntry(store.get(), dialogue, { form: mine.form, given: mine.form }))
      const review = { ...mine, base_revision: theirs.review?.revision ?? 0 }
      outbox.add({ kind: 'review', batch, dialogue, title: waiting.title, review })
      announce('Your review is sent again.')
    },
    active: () => clock.touch(),
    hide() {
      clock.pause()
      drafts.flush({ keepalive: true })
    },
    wake() {
      clock.begin()
      claims.renewDue()
      claims.schedule()
      const { phase } = store.get()
      if (phase === 'done') fill()
      if (phase === 'not-open') refreshBatch().catch(() => undefined)
    },
    leave() {
      if (left) return
      left = true
      drafts.flush({ keepalive: true })
      claims.releaseAll()
      claims.stop()
      stopListening()
      stopAsking()
    },
  }
}

/** "Dialogue 13": its place in the dataset, as people count. */
export function titleOf(item: ReviewItem): string {
  return `Dialogue ${item.row.ordinal + 1}`
}

function isClaimed(answer: unknown): answer is { items: ReviewItem[] } {
  return typeof answer === 'object' && answer !== null && 'items' in answer
}
