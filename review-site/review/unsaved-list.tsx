import { useServices } from '../app/services.ts'
import type { Waiting } from './outbox.ts'

interface UnsavedListProps {
  /** Absent where no review can be given any more. */
  onLook: ((entry: Waiting) => void) | undefined
  late: readonly Waiting[]
  offline: boolean
}

/** What is not saved, why, and what can be done about it. */
export function UnsavedList({ onLook, late, offline }: UnsavedListProps) {
  const { outbox } = useServices()
  return (
    <div class="tray-list">
      <p>{offline ? 'You are offline. ' : ''}Kept in this browser, and tried again by itself.</p>
      <ul>
        {late.map((entry) => (
          <li key={`${entry.batch} ${entry.dialogue}`}>
            <strong>{entry.title}</strong> {entry.kind === 'skip' ? '(skip) ' : ''}
            {entry.problem ?? 'Still on its way.'}{' '}
            {entry.refused && (
              <>
                {onLook !== undefined && (
                  <button type="button" onClick={() => onLook(entry)}>
                    Look at it
                  </button>
                )}{' '}
                <button type="button" onClick={() => outbox.discard(entry.batch, entry.dialogue)}>
                  Give it up
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => outbox.retryNow()}>
        Try again now
      </button>
    </div>
  )
}
