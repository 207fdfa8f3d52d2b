import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Criterion, Verdict } from '../../core/dialogue/vocabulary.ts'
import { CRITERIA } from '../../core/dialogue/vocabulary.ts'
import { lazily } from '../app/lazily.tsx'
import { addressOf } from '../app/router.ts'
import { useServices } from '../app/services.ts'
import { Shell } from '../app/shell.tsx'
import { useStore } from '../app/store.ts'
import { currentEntry, type Entry } from './desk-state.ts'
import type { Desk } from './desk.ts'
import type { CommentDraft } from './comment-editor.tsx'
import { DialogueView } from './dialogue-view.tsx'
import { withComment, withCriterion, withVerdict, type missing } from './form-state.ts'
import { selectedSpan } from './marked-text.tsx'
import { focusRow, goIn } from './page-focus.ts'
import { ReviewFooter } from './review-footer.tsx'
import { ReviewFormView } from './review-form.tsx'
import { useDeskKeys } from './use-desk-keys.ts'

const ConflictDialog = lazily(() => import('./conflict-dialog.tsx').then((module) => module.ConflictDialog))
const NothingLeft = lazily(() => import('./nothing-left.tsx').then((module) => module.NothingLeft))
const Guidelines = lazily(() => import('./guidelines.tsx').then((module) => module.Guidelines))
const TargetProgress = lazily(() => import('../batches/target-progress.tsx').then((module) => module.TargetProgress))
const KeysDialog = lazily(() => import('./keys-dialog.tsx').then((module) => module.KeysDialog))
const CloseDialog = lazily(() => import('../lead/close-dialog.tsx').then((module) => module.CloseDialog))

interface ReviewScreenProps {
  desk: Desk
  batch: string
  lead: boolean
}

export function ReviewScreen({ desk, batch, lead }: ReviewScreenProps) {
  const services = useServices()
  const keys = useStore(services.keys, (settings) => settings)
  const state = useStore(desk.store, (all) => all)
  const conflict = useStore(services.outbox.store, (all) =>
    all.waiting.find((one) => one.batch === batch && one.conflict),
  )
  const entry = currentEntry(state)
  const heading = useRef<HTMLHeadingElement>(null)
  const [lacking, setLacking] = useState<ReturnType<typeof missing>>()
  const [commenting, setCommenting] = useState<CommentDraft | null>(null)
  const [guidelines, setGuidelines] = useState(false)
  const [progress, setProgress] = useState(false)
  // Narrow screens only. Not `:focus-within`: what is pressed must not move before it is let go.
  const [risen, setRisen] = useState(false)
  const [dialog, setDialog] = useState<'keys' | 'close' | null>(null)

  // Before the frame is painted: whoever reads by ear is at the new dialogue as soon as it is there.
  useLayoutEffect(() => {
    setLacking(undefined)
    setCommenting(null)
    setRisen(false)
    heading.current?.focus({ preventScroll: true })
    for (const pane of document.querySelectorAll('.pane')) pane.scrollTop = 0
  }, [state.shown])

  const edit: Desk['edit'] = useCallback(
    (change) => {
      setLacking(undefined)
      desk.edit(change)
    },
    [desk],
  )
  const keepComment = () => {
    if (commenting === null) return
    const { text, turn, span } = commenting
    setCommenting(null)
    if (text.trim() !== '') edit((form) => withComment(form, { turn, comment: text.trim(), ...(span && { span }) }))
  }
  const acts = {
    verdict: (verdict: Verdict) => edit((form) => withVerdict(form, verdict)),
    submit() {
      keepComment()
      const lack = desk.submit()
      setLacking(lack)
      if (lack !== undefined) {
        focusRow(lack.row)
        services.announce(lack.message)
      }
    },
    skip() {
      keepComment()
      desk.skip()
    },
    next() {
      keepComment()
      desk.next()
    },
    previous() {
      keepComment()
      void desk.previous()
    },
    undo() {
      keepComment()
      void desk.undo()
    },
    comment: (turn: number) => {
      const text = document.querySelector(`[data-turn="${turn}"] [data-text]`)
      const span = text === null ? undefined : selectedSpan(text, window.getSelection())
      setCommenting({ turn, text: '', ...(span && { span }) })
    },
    clearOption(row: string) {
      const criterion = CRITERIA.find((each) => each === row)
      if (criterion !== undefined) edit((form) => withCriterion(form, criterion satisfies Criterion, undefined))
    },
    notes() {
      focusRow('notes')
      goIn()
    },
    guidelines: () => setGuidelines((open) => !open),
    keys: () => setDialog('keys'),
    home: () => heading.current,
  }
  useDeskKeys(keys, { shown: state.shown, steady: state.phase === 'reviewing' && !state.busy }, acts)
  useEffect(() => {
    if (guidelines) document.getElementById('guidelines')?.focus()
    else if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [guidelines])

  const aside = (
    <>
      {lead && (
        <a class="button quiet" href={addressOf.dialogues(batch, 'disputed')}>
          Disputes{state.batch !== null && state.batch.disputed > 0 ? ` (${state.batch.disputed})` : ''}
        </a>
      )}
      {lead && (
        <button type="button" class="quiet" onClick={() => setDialog('close')}>
          Close batch…
        </button>
      )}
      <button type="button" class="quiet" data-action="keys" onClick={() => setDialog('keys')}>
        Keys
      </button>
    </>
  )
  return (
    <Shell title={state.batch?.title ?? 'Batch'} fixed aside={aside}>
      <main class="desk" id="content" tabIndex={-1} aria-busy={state.phase === 'waiting' || state.busy}>
        <section class="pane dialogue" aria-label="Dialogue" onFocusIn={() => setRisen(false)}>
          {entry === undefined ? (
            <NothingLeft desk={desk} onClose={lead ? () => setDialog('close') : undefined} headingRef={heading} />
          ) : (
            <DialogueView
              item={entry.item}
              form={entry.form}
              headingRef={heading}
              commenting={commenting}
              onComment={setCommenting}
              onCommentDone={keepComment}
              edit={edit}
            />
          )}
        </section>
        <section
          class={risen ? 'pane form risen' : 'pane form'}
          aria-label="Review"
          onClick={() => requestAnimationFrame(() => setRisen(true))} // drawn anew before its change event, a radio would lose it
          onFocusIn={({ target }) => {
            if (target instanceof Element && target.matches(':focus-visible')) setRisen(true)
          }}
        >
          <div class="folds">
            <Fold title="Guidelines" open={guidelines} onToggle={setGuidelines} id="guidelines">
              <Guidelines />
            </Fold>
            <Fold title="Progress" open={progress} onToggle={setProgress} id="progress">
              {state.batch !== null && <TargetProgress batch={state.batch} refresh={desk.refreshBatch} />}
            </Fold>
          </div>
          {entry !== undefined && <FormOf entry={entry} keys={keys} lacking={lacking} edit={edit} />}
        </section>
      </main>
      <ReviewFooter desk={desk} acts={acts} keys={keys} />
      {conflict !== undefined && <ConflictDialog key={conflict.dialogue} desk={desk} waiting={conflict} />}
      {dialog === 'keys' && <KeysDialog onClose={() => setDialog(null)} />}
      {dialog === 'close' && (
        <CloseDialog batch={batch} onClose={() => setDialog(null)} onClosed={() => void desk.refreshBatch()} />
      )}
    </Shell>
  )
}

type FormOfProps = Pick<Parameters<typeof ReviewFormView>[0], 'keys' | 'lacking' | 'edit'> & { entry: Entry }

function FormOf({ entry, ...rest }: FormOfProps) {
  return <ReviewFormView item={entry.item} form={entry.form} {...rest} />
}

interface FoldProps {
  title: string
  id: string
  open: boolean
  onToggle: (open: boolean) => void
  children: preact.ComponentChildren
}

/** Folded away it draws nothing, so that what is inside is fetched only when somebody looks. */
function Fold({ title, id, open, onToggle, children }: FoldProps) {
  return (
    <details open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && (
        <div class="fold" id={id} tabIndex={0} role="region" aria-label={title}>
          {children}
        </div>
      )}
    </details>
  )
}
