export interface CommentDraft {
  turn: number
  text: string
  /** UTF-16 offsets into the text of the turn; absent when the comment is about the whole turn. */
  span?: { start: number; end: number }
}

interface CommentEditorProps {
  draft: CommentDraft
  /** Of the turn. */
  text: string
  onChange: (draft: CommentDraft | null) => void
  onDone: () => void
}

export function CommentEditor({ draft, text, onChange, onDone }: CommentEditorProps) {
  return (
    <div class="comment-editor">
      {draft.span !== undefined && <q>{text.slice(draft.span.start, draft.span.end)}</q>}
      <textarea
        ref={focusOnce}
        aria-label={`Comment on turn ${draft.turn + 1}`}
        rows={2}
        maxLength={4000}
        value={draft.text}
        onInput={(event) => onChange({ ...draft, text: event.currentTarget.value })}
      />
      <div class="actions">
        <button type="button" onClick={onDone}>
          Keep comment
        </button>
        <button type="button" class="quiet" onClick={() => onChange(null)}>
          Cancel
        </button>
      </div>
    </div>
  )
}

function focusOnce(element: HTMLTextAreaElement | null): void {
  if (element !== null && element.value === '') element.focus()
}
