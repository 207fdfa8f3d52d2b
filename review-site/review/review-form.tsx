import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import type { ReviewItem } from '../../review-api/contract.ts'
import { CRITERIA, REASONS, VERDICTS, type Verdict } from '../../core/dialogue/vocabulary.ts'
import type { ReviewForm } from '../../core/review/review.ts'
import { withCriterion, withNote, withReason, withVerdict, type missing } from './form-state.ts'
import { ariaKeys, keyName, type Action, type KeySettings } from './keys.ts'
import { dialogueLabels, verifyAll } from './labels.ts'
import { LabelSelect } from './label-select.tsx'
import { CRITERION_WORDS, plain, REASON_WORDS, VERDICT_WORDS } from './wording.ts'

export const VERDICT_ACTIONS: Readonly<Record<Verdict, Action>> = {
  approved: 'approve',
  needs_revision: 'needs-revision',
  rejected: 'reject',
}

interface ReviewFormProps {
  item: ReviewItem
  form: ReviewForm
  keys: KeySettings
  lacking: ReturnType<typeof missing>
  edit: (change: (form: ReviewForm) => ReviewForm) => void
}

/**
 * Rows that ↑ and ↓ walk over (`data-row`); within a row the digits choose (`data-option`, or the options of a select),
 * Enter goes in and Esc comes out. All controls are the browser's own.
 */
export function ReviewFormView(props: ReviewFormProps) {
  const { item, form, lacking, edit, keys } = props
  const refused = form.status === 'needs_revision' || form.status === 'rejected'
  const failing = CRITERIA.filter((criterion) => form.criteria[criterion] === 'fail')
  return (
    <div class="rows" onClick={returnToRow}>
      <fieldset class="row verdict" data-row="verdict" tabIndex={-1} aria-describedby={lackId(lacking, 'verdict')}>
        <legend>Verdict</legend>
        <div class="choices">
          {VERDICTS.map((verdict) => {
            const action = VERDICT_ACTIONS[verdict]
            return (
              <label key={verdict} class={`choice ${verdict}`} data-action={action}>
                <input
                  type="radio"
                  name="verdict"
                  data-option
                  checked={form.status === verdict}
                  aria-keyshortcuts={ariaKeys(keys, action)}
                  onChange={() => edit((now) => withVerdict(now, verdict))}
                />
                <span>{VERDICT_WORDS[verdict].name}</span>
                {keys.single && <kbd aria-hidden="true">{keyName(keys.keys[action])}</kbd>}
              </label>
            )
          })}
        </div>
        <Lack lacking={lacking} row="verdict" />
        {form.status === 'approved' && failing.length > 0 && (
          <p class="notice warning">
            You approve it although {failing.map((each) => CRITERION_WORDS[each].name.toLowerCase()).join(' and ')}{' '}
            failed.
          </p>
        )}
      </fieldset>

      {refused && (
        <fieldset class="row" data-row="reasons" tabIndex={-1} aria-describedby={lackId(lacking, 'reasons')}>
          <legend>Reasons</legend>
          <div class="checks">
            {REASONS.map((reason, index) => (
              <label key={reason} class="check">
                <input
                  type="checkbox"
                  data-option
                  checked={form.reasons.includes(reason)}
                  onChange={(event) => {
                    const given = event.currentTarget.checked
                    edit((now) => withReason(now, reason, given))
                  }}
                />
                {keys.single && <kbd aria-hidden="true">{index + 1}</kbd>}
                <span>{REASON_WORDS[reason]}</span>
              </label>
            ))}
          </div>
          <Lack lacking={lacking} row="reasons" />
        </fieldset>
      )}
      {refused && (
        <TextRow
          key={`${item.row.dialogue_id} feedback`}
          row="feedback"
          label="What should change"
          value={form.feedback}
          onInput={(feedback) => edit((now) => ({ ...now, feedback }))}
        />
      )}

      <Criteria form={form} edit={edit} />
      <Labels item={item} form={form} edit={edit} />
      <TextRow
        key={`${item.row.dialogue_id} notes`}
        row="notes"
        label="Notes"
        value={form.notes.at(-1)?.note ?? ''}
        shortcut={ariaKeys(keys, 'notes')}
        hint={keys.single ? <kbd aria-hidden="true">{keyName(keys.keys.notes)}</kbd> : undefined}
        onInput={(note) => edit((now) => withNote(now, note, new Date().toISOString()))}
      />
    </div>
  )
}

function Criteria({ form, edit }: Pick<ReviewFormProps, 'form' | 'edit'>) {
  return (
    <section aria-labelledby="criteria-heading">
      <div class="section-head">
        <h3 id="criteria-heading">Criteria</h3>
        <button
          type="button"
          class="quiet"
          onClick={() =>
            edit((now) =>
              CRITERIA.reduce((result, each) => withCriterion(result, each, result.criteria[each] ?? 'pass'), now),
            )
          }
        >
          Pass the rest
        </button>
      </div>
      {CRITERIA.map((criterion) => (
        <fieldset key={criterion} class="row criterion" data-row={criterion} tabIndex={-1}>
          <legend class="unseen">{CRITERION_WORDS[criterion].name}</legend>
          <p aria-hidden="true">
            {CRITERION_WORDS[criterion].name} <span class="muted">{CRITERION_WORDS[criterion].asks}</span>
          </p>
          <div class="pair">
            {(['pass', 'fail'] as const).map((answer) => (
              <label key={answer} class={`choice ${answer}`}>
                <input
                  type="radio"
                  name={criterion}
                  data-option
                  checked={form.criteria[criterion] === answer}
                  onChange={() => edit((now) => withCriterion(now, criterion, answer))}
                />
                <span>{answer === 'pass' ? 'Pass' : 'Fail'}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
    </section>
  )
}

function Labels({ item, form, edit }: Pick<ReviewFormProps, 'item' | 'form' | 'edit'>) {
  const fields = useMemo(() => dialogueLabels(item.dialogue), [item.dialogue])
  return (
    <section aria-labelledby="labels-heading">
      <div class="section-head">
        <h3 id="labels-heading">Labels</h3>
        <button
          type="button"
          class="quiet"
          onClick={() => edit((now) => ({ ...now, labels: verifyAll(fields, now.labels) }))}
        >
          The rest is right
        </button>
      </div>
      {fields.map((field) => {
        const adjusted = field.read(form.labels)
        return (
          <div
            key={field.key}
            class="row label-row"
            data-row={field.key}
            role="group"
            aria-label={field.name}
            tabIndex={-1}
          >
            <p>
              <span class="muted">{field.name}</span>{' '}
              <span class={adjusted?.adjustment === 'adjusted' ? 'original replaced' : 'original'}>
                {plain(field.original ?? 'not set')}
              </span>
            </p>
            <LabelSelect
              about={item.row.dialogue_id}
              field={field}
              labels={form.labels}
              onChange={(labels) => edit((now) => ({ ...now, labels }))}
            />
          </div>
        )
      })}
    </section>
  )
}

interface TextRowProps {
  row: string
  label: string
  value: string
  shortcut?: string | undefined
  hint?: ComponentChildren
  onInput: (value: string) => void
}

/** Made anew for each dialogue: Ctrl+Z shall not bring the last one's words. */
function TextRow({ row, label, value, shortcut, hint, onInput }: TextRowProps) {
  return (
    <div class="row text-row" data-row={row} role="group" aria-label={label} tabIndex={-1}>
      <label for={`field-${row}`}>
        {label} {hint}
      </label>
      <textarea
        id={`field-${row}`}
        rows={3}
        maxLength={10_000}
        value={value}
        aria-keyshortcuts={shortcut}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  )
}

function Lack({ lacking, row }: { lacking: ReturnType<typeof missing>; row: string }) {
  if (lacking?.row !== row) return null
  return (
    <p class="notice error" id={`lack-${row}`} role="alert">
      {lacking.message}
    </p>
  )
}

function lackId(lacking: ReturnType<typeof missing>, row: string): string | undefined {
  return lacking?.row === row ? `lack-${row}` : undefined
}

/**
 * After a click on a radio or box the row takes the focus: a mouse user goes on with keys, which do not act on a
 * focused control. Somebody who tabs through the controls clicks without a pointer and stays where they are.
 */
function returnToRow(event: MouseEvent): void {
  const { target } = event
  if (
    event.detail === 0 ||
    !(target instanceof Element) ||
    target.closest('select, textarea, button, input[type=text]')
  )
    return
  const row = target.closest('[data-row]')
  if (row instanceof HTMLElement && target.closest('label') !== null)
    requestAnimationFrame(() => row.focus({ preventScroll: true }))
}
