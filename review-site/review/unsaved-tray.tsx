import { useEffect, useState } from 'preact/hooks'
import { useServices } from '../app/services.ts'
import { useStore } from '../app/store.ts'
import { lazily } from '../app/lazily.tsx'
import type { Waiting } from './outbox.ts'

const UnsavedList = lazily(() => import('./unsaved-list.tsx').then((module) => module.UnsavedList))

/** What is not on the server yet, and why; absent while everything is. */
export function UnsavedTray({ onLook }: { onLook?: (entry: Waiting) => void }) {
  const { outbox } = useServices()
  const waiting = useStore(outbox.store, (state) => state.waiting)
  const offline = useOffline()
  const [open, setOpen] = useState(false)
  const late = waiting.filter((entry) => entry.late)
  if (late.length === 0) return offline ? <span class="tag warning">Offline: verdicts are kept here</span> : null
  return (
    <details class="tray" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span aria-hidden="true">⚠&#xfe0e; </span>not saved ({late.length})
      </summary>
      {open && <UnsavedList onLook={onLook} late={late} offline={offline} />}
    </details>
  )
}

function useOffline(): boolean {
  const [offline, setOffline] = useState(!navigator.onLine)
  useEffect(() => {
    const update = () => setOffline(!navigator.onLine)
    window.addEventListener('online', update)
    window.addEventListener('offline', update)
    return () => {
      window.removeEventListener('online', update)
      window.removeEventListener('offline', update)
    }
  }, [])
  return offline
}
