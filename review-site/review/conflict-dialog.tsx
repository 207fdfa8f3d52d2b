import { Dialog } from '../app/dialog.tsx'
import type { Desk } from './desk.ts'
import { emptyForm, formOf } from './form-state.ts'
import type { Waiting } from './outbox.ts'
import { SideBySide } from './review-summary.tsx'

/** The server holds something else than what I built on: theirs beside mine, and nothing is lost until I choose. */
export function ConflictDialog({ desk, waiting }: { desk: Desk; waiting: Waiting }) {
  const theirs = waiting.conflict
  const mine = waiting.review
  if (mine === undefined || theirs === undefined) return null
  const textChanged = theirs.version !== mine.version || theirs.content_sha256 !== mine.content_sha256
  const resolve = (choice: 'mine' | 'theirs') => desk.resolveConflict(waiting.dialogue, choice)
  return (
    <Dialog title={`${waiting.title} was changed meanwhile`} wide>
      <p>
        {textChanged
          ? 'Its text or labels were revised after you read it, so your verdict was not saved.'
          : 'You, or another window of yours, saved a newer review of it, so this one was not saved.'}
      </p>
      <SideBySide
        dialogue={theirs.dialogue}
        columns={[
          { title: 'Saved on the server', form: theirs.review === null ? emptyForm() : formOf(theirs.review) },
          { title: 'Mine, not saved', form: mine.form },
        ]}
      />
      <div class="actions">
        <button type="button" onClick={() => resolve('theirs')}>
          Keep what is saved
        </button>
        <button type="button" class="primary" onClick={() => resolve('mine')}>
          {textChanged ? 'Read the new text' : 'Save mine over it'}
        </button>
      </div>
    </Dialog>
  )
}
