import { useEffect, useRef, useState } from 'preact/hooks'
import type { ReviewItem } from '../../review-api/contract.ts'
import type { Review, ReviewForm } from '../../core/review/review.ts'
import { ApiFailure, messageOf } from '../api/client.ts'
import { addressOf, navigate } from '../app/router.ts'
import { useServices } from '../app/services.ts'
import { Shell } from '../app/shell.tsx'
import { useStore } from '../app/store.ts'
import { useLoaded } from '../batches/use-loaded.ts'
import { titleOf } from '../review/desk.ts'
import { DialogueView } from '../review/dialogue-view.tsx'
import { emptyForm, formOf, missing, sameAnswers, submitted } from '../review/form-state.ts'
import { ReviewFormView } from '../review/review-form.tsx'
import { SideBySide } from '../review/review-summary.tsx'

/** A lead sees the reviews that differ beside each other, and settles the dialogue by a review of its own. */
export function SettlePage({ batch, dialogue }: { batch: string; dialogue: string }) {
  const { api } = useServices()
  const { value: item, problem, reload } = useLoaded(dialogue, () => api.dialogue(batch, dialogue))
  return (
    <Shell title={item === undefined ? 'Settle a dispute' : `Settle ${titleOf(item)}`} fixed>
      {item === undefined ? (
        <main class="page" id="content" tabIndex={-1}>
          {problem === undefined ? (
            <p class="muted">Loading…</p>
          ) : (
            <p class="notice error" role="alert">
              {problem}{' '}
              <button type="button" onClick={reload}>
                Try again
              </button>
            </p>
          )}
        </main>
      ) : (
        <Settlement
          key={`${item.version} ${item.settlement?.revision ?? 0}`}
          batch={batch}
          item={item}
          reload={reload}
        />
      )}
    </Shell>
  )
}

function Settlement({ batch, item, reload }: { batch: string; item: ReviewItem; reload: () => void }) {
  const { api, announce, keys: keyStore } = useServices()
  const keys = useStore(keyStore, (settings) => settings)
  const [form, setForm] = useState<ReviewForm>(() => commonGround(item))
  const [lacking, setLacking] = useState<ReturnType<typeof missing>>()
  const [problem, setProblem] = useState<{ message: string; stale: boolean }>()
  const [saving, setSaving] = useState(false)

  const settle = () => {
    if (saving) return
    const lack = missing(form)
    setLacking(lack)
    if (lack !== undefined) return
    setSaving(true)
    setProblem(undefined)
    const { version, content_sha256 } = item
    const base_revision = item.settlement?.revision ?? 0
    api.settle(batch, item.row.dialogue_id, { base_revision, version, content_sha256, form: submitted(form) }).then(
      () => {
        announce(`${titleOf(item)} is settled.`)
        navigate(addressOf.dialogues(batch, 'disputed'))
      },
      (cause: unknown) => {
        setSaving(false)
        setProblem({ message: messageOf(cause), stale: cause instanceof ApiFailure && cause.status === 409 })
      },
    )
  }

  const latest = useRef(settle)
  latest.current = settle
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat) latest.current()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])

  return (
    <>
      <main class="desk" id="content" tabIndex={-1}>
        <section class="pane dialogue" aria-label="Dialogue">
          <DialogueView item={item} form={emptyForm()} commenting={null} onComment={ignore} onCommentDone={ignore} />
        </section>
        <section class="pane form" aria-label="Reviews and settlement">
          <h2>What the reviewers said</h2>
          <SideBySide
            dialogue={item.dialogue}
            columns={reviewsOf(item).map((review) => ({ title: review.reviewer, form: formOf(review) }))}
          />
          <h2>Settlement</h2>
          <ReviewFormView
            item={item}
            form={form}
            keys={{ ...keys, single: false }}
            lacking={lacking}
            edit={(change) => {
              setLacking(undefined)
              setForm(change)
            }}
          />
        </section>
      </main>
      <footer class="desk-footer">
        <div class="where">
          {problem !== undefined && (
            <p class="notice error" role="alert">
              {problem.message}{' '}
              {problem.stale && (
                <button type="button" onClick={reload}>
                  Show how it stands now
                </button>
              )}
            </p>
          )}
        </div>
        <div class="buttons">
          <a class="button" href={addressOf.dialogues(batch, 'disputed')}>
            Back to the disputes
          </a>
          <button
            type="button"
            class="primary"
            disabled={saving}
            aria-keyshortcuts="Control+Enter Meta+Enter"
            onClick={settle}
          >
            Settle <kbd aria-hidden="true">Ctrl ⏎</kbd>
          </button>
        </div>
      </footer>
    </>
  )
}

function reviewsOf(item: ReviewItem): Review[] {
  const mine = item.review !== null && item.review.status !== null ? [item.review] : []
  return [...item.others, ...mine]
}

/** The earlier settlement, or what all reviewers agree on; the rest is left for the lead to say. */
function commonGround(item: ReviewItem): ReviewForm {
  if (item.settlement) return formOf(item.settlement)
  const forms = reviewsOf(item).map(formOf)
  const [first] = forms
  if (first === undefined) return emptyForm()
  const all = <Value,>(read: (form: ReviewForm) => Value) => forms.every((form) => read(form) === read(first))
  const criteria = Object.fromEntries(
    Object.entries(first.criteria).filter(([name]) =>
      forms.every((form) => Reflect.get(form.criteria, name) === Reflect.get(first.criteria, name)),
    ),
  )
  const sameLabels = forms.every((form) =>
    sameAnswers({ ...emptyForm(), labels: form.labels }, { ...emptyForm(), labels: first.labels }),
  )
  return {
    ...emptyForm(),
    status: all((form) => form.status) ? first.status : null,
    criteria,
    labels: sameLabels ? first.labels : {},
  }
}

function ignore(): void {
  // The dialogue is only read here.
}
