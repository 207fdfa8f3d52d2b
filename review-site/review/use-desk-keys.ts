import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Verdict } from '../../core/dialogue/vocabulary.ts'
import type { KeySettings, Wish } from './keys.ts'
import { wishOf } from './keys.ts'
import { chooseOption, comeOut, focusKind, goIn, moveRow, moveTurn, pulse, turnOf } from './page-focus.ts'

/** What the keys may ask the review screen to do. */
export interface DeskActs {
  verdict: (verdict: Verdict) => void
  submit: () => void
  skip: () => void
  next: () => void
  previous: () => void
  undo: () => void
  comment: (turn: number) => void
  clearOption: (row: string) => void
  notes: () => void
  guidelines: () => void
  keys: () => void
  /** The heading of the dialogue. */
  home: () => HTMLElement | null
}

/**
 * A dialogue must have been on screen for so long before a key may judge it: longer than a bouncing key or a double
 * press, shorter than anybody reads.
 */
const SEEN_AFTER_MS = 150

interface Situation {
  /** Changes with each dialogue that comes on screen. */
  shown: number
  /** A dialogue is on screen and nothing is in flight that would change it. */
  steady: boolean
}

/** Listens on the document; returns nothing to draw. `data-seen` on the body tells when the dialogue counts as seen. */
export function useDeskKeys(keys: KeySettings, { shown, steady }: Situation, acts: DeskActs): void {
  const latest = useRef({ keys, acts, steady, shown, seen: -1 })
  latest.current = { ...latest.current, keys, acts, steady, shown }

  useLayoutEffect(() => {
    delete document.body.dataset['seen']
    let timer: ReturnType<typeof setTimeout> | undefined
    // The frame after the next one has been painted for certain.
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => {
        latest.current.seen = shown
        document.body.dataset['seen'] = String(shown)
      }, SEEN_AFTER_MS)
    })
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [shown])

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const now = latest.current
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return
      const press = {
        key: event.key,
        ctrlKey: event.ctrlKey,
        metaKey: event.metaKey,
        altKey: event.altKey,
        shiftKey: event.shiftKey,
        repeat: event.repeat,
        isComposing: event.isComposing,
        altGraph: event.getModifierState('AltGraph'),
      }
      const wish = wishOf(press, now.keys, focusKind(document.activeElement))
      if (wish !== undefined && carryOut(wish, now.acts, now.steady && now.seen === now.shown)) event.preventDefault()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}

/** Whether the key was used. */
function carryOut(wish: Wish, acts: DeskActs, ready: boolean): boolean {
  switch (wish.kind) {
    case 'submit':
      if (ready) {
        pulse('submit')
        acts.submit()
      }
      return true
    case 'escape':
      comeOut(acts.home())
      return false
    case 'enter':
      return goIn()
    case 'option': {
      const chosen = ready ? chooseOption(wish.index) : undefined
      if (chosen?.wasChecked === true) acts.clearOption(chosen.row)
      return chosen !== undefined
    }
    case 'action':
      break
  }
  switch (wish.action) {
    case 'next-row':
      moveRow(1)
      return true
    case 'previous-row':
      moveRow(-1)
      return true
    case 'next-turn':
      moveTurn(1)
      return true
    case 'previous-turn':
      moveTurn(-1)
      return true
    case 'guidelines':
      acts.guidelines()
      return true
    case 'keys':
      acts.keys()
      return true
    case 'notes':
      acts.notes()
      return true
    case 'undo':
    case 'previous':
      // Also from the page that says that nothing is left.
      pulse(wish.action)
      acts[wish.action]()
      return true
    case 'approve':
    case 'needs-revision':
    case 'reject':
    case 'skip':
    case 'next':
    case 'comment':
      if (!ready) return true
      pulse(wish.action)
      return act(wish.action, acts)
  }
}

function act(action: 'approve' | 'needs-revision' | 'reject' | 'skip' | 'next' | 'comment', acts: DeskActs): boolean {
  switch (action) {
    case 'approve':
      acts.verdict('approved')
      return true
    case 'needs-revision':
      acts.verdict('needs_revision')
      return true
    case 'reject':
      acts.verdict('rejected')
      return true
    case 'skip':
      acts.skip()
      return true
    case 'next':
      acts.next()
      return true
    case 'comment': {
      const turn = turnOf(document.activeElement)?.dataset['turn']
      if (turn !== undefined) acts.comment(Number(turn))
      return turn !== undefined
    }
  }
}
