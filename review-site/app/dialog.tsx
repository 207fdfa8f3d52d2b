import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface DialogProps {
  title: string
  /** Esc, or a click on the close button. Without it the dialog stays until one of its own buttons is pressed. */
  onClose?: () => void
  wide?: boolean
  children: ComponentChildren
}

/** A native modal dialog: the browser keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, wide, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      class={wide === true ? 'wide' : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
    >
      <header>
        <h2 id={id} tabIndex={-1} autofocus>
          {title}
        </h2>
        {onClose && (
          <button type="button" class="quiet square" aria-label="Close" onClick={onClose}>
            <span aria-hidden="true">✕</span>
          </button>
        )}
      </header>
      {children}
    </dialog>
  )
}
