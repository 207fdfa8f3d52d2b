import { useEffect, useState } from 'preact/hooks'
import { addressOf, navigate } from '../app/router.ts'
import { useStore } from '../app/store.ts'
import { afterVerdict, currentEntry, reviewedSoFar, type DeskState } from './desk-state.ts'
import type { Desk } from './desk.ts'
import { ariaKeys, keyName, type Action, type KeySettings } from './keys.ts'
import type { Waiting } from './outbox.ts'
import { UnsavedTray } from './unsaved-tray.tsx'
import type { DeskActs } from './use-desk-keys.ts'

interface ReviewFooterProps {
  desk: Desk
  acts: DeskActs
  keys: KeySettings
}

export function ReviewFooter({ desk, acts, keys }: ReviewFooterProps) {
  const state = useStore(desk.store, (all) => all)
  const { done, total } = reviewedSoFar(state)
  const entry = currentEntry(state)
  const judged = entry !== undefined && entry.given !== null
  const look = (waiting: Waiting) =>
    waiting.batch === state.batch?.batch_id
      ? void desk.open(waiting.dialogue)
      : navigate(addressOf.review(waiting.batch, waiting.dialogue))
  const steady = state.phase === 'reviewing' && !state.busy
  return (
    <footer class="desk-footer">
      <div class="where">
        <progress value={done} max={Math.max(1, total)} aria-label="Reviewed in this batch" />
        <span class="figures">
          {done} / {total}
        </span>
        <LastDone last={state.last} />
        <UnsavedTray onLook={look} />
      </div>
      <div class="buttons">
        <FooterButton action="undo" keys={keys} disabled={state.busy} onClick={acts.undo}>
          Undo
        </FooterButton>
        <FooterButton action="previous" keys={keys} disabled={state.busy} onClick={acts.previous}>
          <span aria-hidden="true">← </span>Previous
        </FooterButton>
        {judged ? (
          <FooterButton action="next" keys={keys} disabled={!steady} onClick={acts.next}>
            Next<span aria-hidden="true"> →</span>
          </FooterButton>
        ) : (
          <FooterButton action="skip" keys={keys} disabled={!steady} onClick={acts.skip}>
            Skip<span aria-hidden="true"> →</span>
          </FooterButton>
        )}
        <button
          type="button"
          class="primary"
          data-action="submit"
          disabled={!steady}
          aria-keyshortcuts="Control+Enter Meta+Enter"
          onClick={acts.submit}
        >
          {primaryLabel(state, judged)} <kbd aria-hidden="true">Ctrl ⏎</kbd>
        </button>
      </div>
    </footer>
  )
}

/** Says what will happen. */
export function primaryLabel(state: DeskState, judged: boolean): string {
  const more = afterVerdict(state) !== undefined || !state.exhausted
  if (judged) return more ? 'Update + next' : 'Update'
  return more ? 'Submit + next' : 'Submit + finish batch'
}

interface FooterButtonProps {
  action: Action
  keys: KeySettings
  disabled: boolean
  onClick: () => void
  children: preact.ComponentChildren
}

function FooterButton({ action, keys, disabled, onClick, children }: FooterButtonProps) {
  const key = ariaKeys(keys, action)
  return (
    <button type="button" data-action={action} disabled={disabled} aria-keyshortcuts={key} onClick={onClick}>
      {children}
      {key !== undefined && key.length === 1 && <kbd aria-hidden="true">{keyName(key)}</kbd>}
    </button>
  )
}

const STAYS_MS = 10_000

/** What was done last, beside the button that takes it back; goes after ten seconds. */
function LastDone({ last }: { last: DeskState['last'] }) {
  const [shown, setShown] = useState(last)
  useEffect(() => {
    setShown(last)
    if (last === null) return
    const timer = setTimeout(() => setShown(null), STAYS_MS)
    return () => clearTimeout(timer)
  }, [last])
  return <span class="last-done">{shown?.text}</span>
}
