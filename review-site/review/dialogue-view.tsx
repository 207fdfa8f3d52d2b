import type { RefObject } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { ReviewItem } from '../../review-api/contract.ts'
import type { Message } from '../../core/dialogue/schema.ts'
import type { Finding } from '../../core/quality/finding.ts'
import type { ReviewForm } from '../../core/review/review.ts'
import { lazily } from '../app/lazily.tsx'
import type { CommentDraft } from './comment-editor.tsx'
import { RiskBadge } from './risk-badge.tsx'
import { LabelSelect } from './label-select.tsx'
import { turnLabels } from './labels.ts'
import { MarkedText } from './marked-text.tsx'
import { titleOf } from './desk.ts'
import { count, plain, STATUS_WORDS } from './wording.ts'

const CommentEditor = lazily(() => import('./comment-editor.tsx').then((module) => module.CommentEditor))

interface DialogueViewProps {
  item: ReviewItem
  form: ReviewForm
  headingRef?: RefObject<HTMLHeadingElement | null>
  /** The comment that is being written. */
  commenting: CommentDraft | null
  onComment: (draft: CommentDraft | null) => void
  onCommentDone: () => void
  /** Absent: the dialogue is only read. */
  edit?: (change: (form: ReviewForm) => ReviewForm) => void
}

/** The dialogue as an ordered list of articles, one of which is in the tab order at a time (`j` and `k` move on). */
export function DialogueView(props: DialogueViewProps) {
  const { item, headingRef } = props
  const { dialogue, findings } = item
  const [tabStop, setTabStop] = useState(0)
  const about = useMemo(() => findings.filter((finding) => finding.turn === undefined), [findings])
  return (
    <>
      <header class="dialogue-head">
        <h2 ref={headingRef} tabIndex={-1} id="dialogue-heading">
          {titleOf(item)}
          <span class="sep">: {plain(dialogue.user_profile.concern)}</span>
        </h2>
        <DialogueFacts item={item} />
        {about.length > 0 && <Findings findings={about} />}
      </header>
      <ol class="turns" aria-label="Turns">
        {dialogue.messages.map((message, index) => (
          <Turn
            key={`${item.row.dialogue_id} ${item.version} ${index}`}
            {...props}
            message={message}
            index={index}
            roleChanged={message.role !== dialogue.messages[index - 1]?.role}
            tabStop={index === Math.min(tabStop, dialogue.messages.length - 1)}
            onFocus={() => setTabStop(index)}
          />
        ))}
      </ol>
    </>
  )
}

function DialogueFacts({ item }: { item: ReviewItem }) {
  const { dialogue, row } = item
  const { age_range, mood_score } = dialogue.user_profile
  const facts = [
    plain(dialogue.session_type),
    count(dialogue.messages.length, 'turn'),
    ...(mood_score === undefined ? [] : [`mood ${mood_score} of 10`]),
    ...(age_range === undefined ? [] : [`age ${age_range}`]),
    dialogue.dialogue_id,
  ]
  const signals = dialogue.risk?.signals ?? []
  return (
    <div class="facts">
      <RiskBadge level={row.max_risk_level} imminent={dialogue.risk?.imminent === true} />
      <span>{facts.join(' · ')}</span>
      {signals.length > 0 && <span>Signals: {signals.map(plain).join(', ')}</span>}
      {row.status !== 'pending' && <span class="tag">{STATUS_WORDS[row.status]}</span>}
      {row.held_by_other && <span class="tag">Another reviewer has it open</span>}
    </div>
  )
}

interface TurnProps extends DialogueViewProps {
  message: Message
  index: number
  roleChanged: boolean
  tabStop: boolean
  onFocus: () => void
}

function Turn(props: TurnProps) {
  const { item, form, message, index, roleChanged, tabStop, onFocus, edit, commenting, onComment } = props
  const total = item.dialogue.messages.length
  const findings = item.findings.filter((finding) => finding.turn === index)
  const comments = form.turn_comments.map((comment, at) => ({ ...comment, at })).filter(({ turn }) => turn === index)
  const writing = commenting?.turn === index ? commenting : undefined
  const spans = [...comments, ...(writing === undefined ? [] : [writing])].flatMap(({ span }) => span ?? [])
  return (
    <li class={`turn ${message.role}`}>
      <article
        aria-label={`Turn ${index + 1} of ${total}, ${message.role}`}
        tabIndex={tabStop ? 0 : -1}
        data-turn={index}
        onFocusIn={onFocus}
      >
        <div class="turn-head">
          <p class={roleChanged ? 'role' : 'role unseen'} aria-hidden="true">
            {message.role === 'user' ? 'User' : 'Assistant'}
            <span class="number">{index + 1}</span>
          </p>
          {edit !== undefined && writing === undefined && (
            <button type="button" class="quiet comment-button" onClick={() => onComment({ turn: index, text: '' })}>
              Comment<span class="unseen"> on turn {index + 1}</span>
            </button>
          )}
        </div>
        <div class="said">
          <p class="bubble" data-text>
            <MarkedText text={message.text} spans={spans} />
          </p>
          {message.role === 'assistant' && <TurnLabels {...props} />}
        </div>
        {findings.length > 0 && <Findings findings={findings} />}
        {comments.length > 0 && (
          <ul class="comments" aria-label="Comments on this turn">
            {comments.map(({ comment, span, at }) => (
              <li key={at}>
                {span !== undefined && <q>{message.text.slice(span.start, span.end)}</q>}
                <span>{comment}</span>
                {edit !== undefined && (
                  <button
                    type="button"
                    class="quiet square"
                    aria-label={`Remove the comment: ${comment}`}
                    onClick={() =>
                      edit((now) => ({ ...now, turn_comments: now.turn_comments.filter((_, each) => each !== at) }))
                    }
                  >
                    <span aria-hidden="true">✕</span>
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
        {writing !== undefined && (
          <CommentEditor text={message.text} draft={writing} onChange={onComment} onDone={props.onCommentDone} />
        )}
      </article>
    </li>
  )
}

/** Intent and risk beside the turn; folded open they can be verified or corrected. */
function TurnLabels({ item, form, message, index, tabStop, edit }: TurnProps) {
  const [open, setOpen] = useState(false)
  const fields = turnLabels(message, index)
  const summary = fields.map((field) => {
    const adjusted = field.read(form.labels)
    const value = adjusted?.final ?? field.original
    return { field, value, state: adjusted?.adjustment }
  })
  const techniques = message.role === 'assistant' ? (message.techniques ?? []) : []
  const shown = summary.filter(({ value }) => value !== undefined)
  const words = shown.map(({ field, value, state }) => (
    <span key={field.key} class={state}>
      <span class="label-name">{field.name}</span>{' '}
      {field.name === 'Risk' && isRisk(value) ? <RiskBadge level={value} quiet /> : plain(value ?? '')}
      {state === 'adjusted' && <span class="was"> was {plain(field.original ?? 'not set')}</span>}
      {state === 'verified' && <span class="check"> ✓</span>}
    </span>
  ))
  const extra = techniques.length > 0 && (
    <span>
      <span class="label-name">Techniques</span> {techniques.map(plain).join(', ')}
    </span>
  )
  if (edit === undefined)
    return (
      <div class="turn-labels">
        {words}
        {extra}
      </div>
    )
  return (
    <details class="turn-labels" data-labels onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {words}
        {shown.length === 0 && <span class="muted">No labels</span>}
        <span class="unseen">: labels of turn {index + 1}</span>
      </summary>
      {extra}
      {/* Some fifteen options each: drawn for the turn that the reviewer is at, not for all of them. */}
      {(open || tabStop) &&
        fields.map((field) => (
          <label key={field.key} class="field">
            <span>{field.name}</span>
            <LabelSelect
              about={item.row.dialogue_id}
              field={field}
              labels={form.labels}
              onChange={(labels) => edit((now) => ({ ...now, labels }))}
            />
          </label>
        ))}
    </details>
  )
}

function isRisk(value: string | undefined): value is ReviewItem['row']['max_risk_level'] {
  return value === 'none' || value === 'low' || value === 'medium' || value === 'high'
}

const SEVERITY = {
  error: { sign: '✖\ufe0e', word: 'Problem' },
  warning: { sign: '⚠\ufe0e', word: 'Look at' },
  info: { sign: 'ℹ\ufe0e', word: 'Note' },
}

/** What the safety lint says. Notes are there on request only. */
function Findings({ findings }: { findings: readonly Finding[] }) {
  const notes = findings.filter((finding) => finding.severity === 'info')
  const others = findings.filter((finding) => finding.severity !== 'info')
  return (
    <div class="findings">
      {others.length > 0 && <FindingList findings={others} />}
      {notes.length > 0 && (
        <details>
          <summary>{count(notes.length, 'note')}</summary>
          <FindingList findings={notes} />
        </details>
      )}
    </div>
  )
}

function FindingList({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul>
      {findings.map((finding, index) => (
        <li key={index} class={finding.severity} title={finding.source}>
          <span class="sign" aria-hidden="true">
            {SEVERITY[finding.severity].sign}
          </span>
          <span>
            <strong>{SEVERITY[finding.severity].word}:</strong> {finding.message}
            {finding.excerpt !== undefined && (
              <>
                {' '}
                <q>{finding.excerpt}</q>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
