import type { BatchDetail, BatchSummary, ReviewItem } from '../../review-api/contract.ts'
import type { ReviewForm } from '../../core/review/review.ts'

/** One dialogue on the desk. */
export interface Entry {
  item: ReviewItem
  /** As it stands on screen. */
  form: ReviewForm
  /** The review as last given, on the server or on its way there; null while there is none. */
  given: ReviewForm | null
  /** Milliseconds since the epoch; null when it is not held. */
  leaseUntil: number | null
  /** When to hold it for longer. */
  renewAt: number
}

/** What `u` takes back. */
export interface UndoStep {
  kind: 'review' | 'skip'
  dialogue: string
  /** The desk's entry before the act, with what was filled in. */
  before: Entry
}

export interface DeskState {
  /**
   * `loading`: nothing to show yet · `reviewing`: a dialogue is on screen · `waiting`: the next one is on its way ·
   * `done`: nothing left for me · `not-open`: the batch takes no reviews · `failed`: see `problem`
   */
  phase: 'loading' | 'reviewing' | 'waiting' | 'done' | 'not-open' | 'failed'
  problem: string | null
  batch: BatchDetail | null
  entries: ReadonlyMap<string, Entry>
  /** Dialogues seen, in the order of this sitting; the reviewer walks it with ← and →. */
  trail: readonly string[]
  current: string | null
  /** Prefetched, not seen yet. */
  ahead: readonly string[]
  /** The server had nothing more for me when asked last. */
  exhausted: boolean
  /** Counts the times that another dialogue came on screen: its heading then takes the focus. */
  shown: number
  undo: readonly UndoStep[]
  /** Verdicts of mine in this batch, those under way included. */
  reviewed: number
  /** An undo or a load is in flight: no key may act on what is about to change. */
  busy: boolean
  /** What was done last, for the line beside Undo. */
  last: { text: string; at: number } | null
}

export const NOTHING: DeskState = {
  phase: 'loading',
  problem: null,
  batch: null,
  entries: new Map(),
  trail: [],
  current: null,
  ahead: [],
  exhausted: false,
  shown: 0,
  undo: [],
  reviewed: 0,
  busy: false,
  last: null,
}

export const UNDO_STEPS = 10
/** Dialogues shown ready behind the one on screen. */
export const PREFETCH = 3
/** The most that the server lets one reviewer hold. */
export const MOST_HELD = 8
/** Older ones are fetched again when somebody walks back that far. */
const TRAIL_LENGTH = 40

export function currentEntry(state: DeskState): Entry | undefined {
  return state.current === null ? undefined : state.entries.get(state.current)
}

export function withEntry(state: DeskState, dialogue: string, change: Partial<Entry>): Pick<DeskState, 'entries'> {
  const entry = state.entries.get(dialogue)
  return {
    entries: entry === undefined ? state.entries : new Map(state.entries).set(dialogue, { ...entry, ...change }),
  }
}

export function isOpen(state: DeskState, dialogue: string): boolean {
  return state.entries.get(dialogue)?.given === null
}

/** Brings a dialogue of the desk on screen. */
export function showing(state: DeskState, dialogue: string): Partial<DeskState> {
  const trail = state.trail.includes(dialogue) ? state.trail : [...state.trail, dialogue].slice(-TRAIL_LENGTH)
  return {
    phase: 'reviewing',
    current: dialogue,
    trail,
    ahead: state.ahead.filter((id) => id !== dialogue),
    shown: state.shown + 1,
  }
}

/** Where `→` leads: on along the trail, then to what is ahead, then to what was left open. */
export function afterThis(state: DeskState): string | undefined {
  const at = state.current === null ? -1 : state.trail.indexOf(state.current)
  return (at >= 0 ? state.trail[at + 1] : undefined) ?? state.ahead[0] ?? leftOpen(state)
}

/** Where a verdict leads: as `→`, but not to dialogues that have a verdict already. */
export function afterVerdict(state: DeskState): string | undefined {
  const at = state.current === null ? -1 : state.trail.indexOf(state.current)
  return state.trail.slice(at + 1).find((id) => isOpen(state, id)) ?? state.ahead[0] ?? leftOpen(state)
}

function leftOpen(state: DeskState): string | undefined {
  return state.trail.find((id) => id !== state.current && isOpen(state, id))
}

/** Dialogues that I hold, and those whose verdict or skip is not known to have arrived: not to be handed out again. */
export function held(state: DeskState, underWay: readonly string[]): string[] {
  return [...new Set([...underWay, ...[...state.entries.keys()].filter((id) => isOpen(state, id))])]
}

/**
 * Dialogues reviewed in the batch, by anybody. The two counts differ while some wait for a second review; the larger
 * one never goes back when I submit.
 */
export function reviewedSoFar(state: Pick<DeskState, 'batch' | 'reviewed'>): { done: number; total: number } {
  const { batch, reviewed } = state
  if (batch === null) return { done: 0, total: 0 }
  return { done: Math.min(batch.total, Math.max(batch.total - batch.pending, reviewed)), total: batch.total }
}

/** The batch with newer counters; what only the detail carries stays as it was. */
export function withSummary(batch: BatchDetail | null, summary: BatchSummary | undefined): BatchDetail | null {
  return batch === null || summary === undefined ? batch : { ...batch, ...summary }
}
