import { useState } from 'preact/hooks'
import type { BatchDetail } from '../../review-api/contract.ts'
import { messageOf } from '../api/client.ts'
import { addressOf } from '../app/router.ts'
import { useServices } from '../app/services.ts'
import { Dialog } from '../app/dialog.tsx'
import { useLoaded } from '../batches/use-loaded.ts'
import { count } from '../review/wording.ts'

interface CloseDialogProps {
  batch: string
  onClose: () => void
  onClosed: () => void
}

/** Closing cannot be taken back: the dialog says what becomes of each dialogue before anything happens. */
export function CloseDialog({ batch, onClose, onClosed }: CloseDialogProps) {
  const { api } = useServices()
  // Fresh counts: other reviewers may be at work.
  const { value, problem } = useLoaded(batch, () => api.batch(batch))
  return (
    <Dialog title="Close this batch?" onClose={onClose}>
      {problem !== undefined && (
        <p class="notice error" role="alert">
          {problem}
        </p>
      )}
      {value === undefined ? (
        <p class="muted">Loading…</p>
      ) : (
        <Consequences batch={value} onClose={onClose} onClosed={onClosed} />
      )}
    </Dialog>
  )
}

function Consequences({ batch, onClose, onClosed }: Omit<CloseDialogProps, 'batch'> & { batch: BatchDetail }) {
  const { api, announce } = useServices()
  const undecided = batch.pending + batch.disputed
  const [leave, setLeave] = useState(false)
  const [closing, setClosing] = useState(false)
  const [problem, setProblem] = useState<string>()
  const close = () => {
    setClosing(true)
    setProblem(undefined)
    api.close(batch.batch_id, leave).then(
      () => {
        announce('The batch is closed.')
        onClosed()
        onClose()
      },
      (cause: unknown) => {
        setClosing(false)
        setProblem(messageOf(cause))
      },
    )
  }
  return (
    <>
      <ul>
        <li>
          <strong>{count(batch.approved, 'approved dialogue')}</strong> {batch.approved === 1 ? 'goes' : 'go'} into the
          training set.
        </li>
        <li>
          {batch.needs_revision} to revise and {batch.rejected} rejected stay out; their reviews are kept.
        </li>
        {undecided > 0 && (
          <li>
            <strong>
              {count(batch.pending, 'dialogue')} without a verdict
              {batch.disputed > 0 && ` and ${count(batch.disputed, 'dispute')}`}
            </strong>{' '}
            count as not approved, and can no longer be reviewed in this batch.
          </li>
        )}
      </ul>
      <p>No verdict can be given or changed after that.</p>
      {undecided > 0 && (
        <label class="check">
          <input type="checkbox" checked={leave} onChange={(event) => setLeave(event.currentTarget.checked)} />
          <span>Close it although {undecided === 1 ? 'one is' : `${undecided} are`} undecided</span>
        </label>
      )}
      {problem !== undefined && (
        <p class="notice error" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        {batch.disputed > 0 && (
          <a class="button" href={addressOf.dialogues(batch.batch_id, 'disputed')}>
            Settle the disputes
          </a>
        )}
        <button type="button" onClick={onClose}>
          Keep it open
        </button>
        <button type="button" class="primary" disabled={closing || (undecided > 0 && !leave)} onClick={close}>
          {closing ? 'Closing…' : 'Close batch'}
        </button>
      </div>
    </>
  )
}
