import type { RefObject } from 'preact'
import { useStore } from '../app/store.ts'
import { Outcome } from '../batches/batch-words.tsx'
import type { Desk } from './desk.ts'
import { count } from './wording.ts'

interface NothingLeftProps {
  desk: Desk
  /** For a lead. */
  onClose: (() => void) | undefined
  headingRef: RefObject<HTMLHeadingElement | null>
}

/** The queue is empty for me, or the next dialogue is on its way. */
export function NothingLeft({ desk, onClose, headingRef }: NothingLeftProps) {
  const phase = useStore(desk.store, (state) => state.phase)
  const batch = useStore(desk.store, (state) => state.batch)
  if (phase === 'waiting')
    return (
      <div class="empty">
        <h2 ref={headingRef} tabIndex={-1}>
          Fetching the next dialogue…
        </h2>
      </div>
    )
  return (
    <div class="empty">
      <h2 ref={headingRef} tabIndex={-1}>
        {batch !== null && batch.pending === 0 ? 'Every dialogue is reviewed' : 'Nothing is left for you'}
      </h2>
      {batch !== null && (
        <>
          <p>
            <Outcome batch={batch} />.
          </p>
          {batch.pending > 0 && (
            <p>
              {count(batch.pending, 'dialogue')} {batch.pending === 1 ? 'waits' : 'wait'} for another reviewer. If one
              comes back to the queue, it appears here by itself.
            </p>
          )}
          {batch.disputed > 0 && <p>{count(batch.disputed, 'dispute')} for a lead clinician to settle.</p>}
          {onClose === undefined ? (
            <p class="muted">A lead clinician closes the batch; the training set is made then.</p>
          ) : (
            <p>
              <button type="button" class="primary" onClick={onClose}>
                Close batch…
              </button>
            </p>
          )}
        </>
      )}
    </div>
  )
}
