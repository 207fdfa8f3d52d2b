import type { ReviewItem } from '../../review-api/contract.ts'
import { addressOf } from '../app/router.ts'
import { isLead, useServices } from '../app/services.ts'
import { Shell } from '../app/shell.tsx'
import { dateOf } from '../batches/batch-words.tsx'
import { useLoaded } from '../batches/use-loaded.ts'
import { titleOf } from '../review/desk.ts'
import { DialogueView } from '../review/dialogue-view.tsx'
import { emptyForm, formOf } from '../review/form-state.ts'
import { SideBySide } from '../review/review-summary.tsx'
import { VERDICT_WORDS } from '../review/wording.ts'

/** A dialogue to read, with what I may know of its reviews; nothing can be changed here. */
export function ReadPage({ batch, dialogue }: { batch: string; dialogue: string }) {
  const { api, me } = useServices()
  const { value: item, problem } = useLoaded(dialogue, () => api.dialogue(batch, dialogue))
  return (
    <Shell title={item === undefined ? 'Dialogue' : titleOf(item)}>
      <main class="page dialogue" id="content" tabIndex={-1}>
        <p>
          <a href={addressOf.dialogues(batch)}>Back to the dialogues</a>
        </p>
        {problem !== undefined && (
          <p class="notice error" role="alert">
            {problem}
          </p>
        )}
        {item === undefined && problem === undefined && <p class="muted">Loading…</p>}
        {item !== undefined && (
          <DialogueView item={item} form={emptyForm()} commenting={null} onComment={ignore} onCommentDone={ignore} />
        )}
        {item !== undefined && <Reviews item={item} />}
        {item !== undefined && isLead(me) && <History batch={batch} dialogue={dialogue} />}
      </main>
    </Shell>
  )
}

function Reviews({ item }: { item: ReviewItem }) {
  const { me } = useServices()
  const reviews = [...item.others, ...(item.review === null || item.review.status === null ? [] : [item.review])]
  const columns = [
    ...reviews.map((review) => ({
      title: review.reviewer === me.reviewer ? 'Mine' : review.reviewer,
      form: formOf(review),
    })),
    ...(item.settlement ? [{ title: 'Settlement', form: formOf(item.settlement) }] : []),
  ]
  if (columns.length === 0) return <p class="muted">There is no review of it to show you.</p>
  return (
    <>
      <h2>Reviews</h2>
      <SideBySide dialogue={item.dialogue} columns={columns} />
    </>
  )
}

const ACTS = { review: 'Review', undo: 'Undone', settlement: 'Settlement', revision: 'Text revised' }

/** Nothing is ever erased: who did what, oldest first. */
function History({ batch, dialogue }: { batch: string; dialogue: string }) {
  const { api } = useServices()
  const { value } = useLoaded(`history ${dialogue}`, () => api.history(batch, dialogue))
  if (value === undefined || value.entries.length === 0) return null
  return (
    <>
      <h2>History</h2>
      <ol class="history">
        {value.entries.map(({ sequence, at, by, kind, review }) => (
          <li key={sequence}>
            {dateOf(at)} · {by} · {ACTS[kind]}
            {review !== undefined && review.status !== null && `: ${VERDICT_WORDS[review.status].did.toLowerCase()}`}
          </li>
        ))}
      </ol>
    </>
  )
}

function ignore(): void {
  // Nothing is written here.
}
