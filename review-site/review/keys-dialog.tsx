import { useLayoutEffect, useState } from 'preact/hooks'
import { Dialog } from '../app/dialog.tsx'
import { useServices } from '../app/services.ts'
import { local } from '../app/storage.ts'
import { useStore } from '../app/store.ts'
import { ACTION_WORDS, cannotBind, writeKeys } from './change-keys.ts'
import { ACTIONS, DEFAULT_KEYS, keyName, type Action, type KeySettings } from './keys.ts'

const FIXED: readonly [keys: string, does: string][] = [
  ['1 – 9', 'Option of the focused row'],
  ['Enter', 'Into the focused row or turn'],
  ['Esc', 'Out of it; out of everything, back to the dialogue'],
  ['Ctrl + Enter, ⌘ + Enter', 'Submit and next; works while typing too'],
]

/** The list of keys; each single key can be changed, and all of them switched off. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { keys } = useServices()
  const settings = useStore(keys, (state) => state)
  const [changing, setChanging] = useState<Action>()
  const [problem, setProblem] = useState<string>()
  const save = (next: KeySettings) => {
    keys.set(next)
    writeKeys(local, next)
  }

  // Before the next paint: the key that follows the click at once is the one that was meant.
  useLayoutEffect(() => {
    if (changing === undefined) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Tab') return setChanging(undefined)
      event.preventDefault()
      event.stopPropagation()
      if (event.key === 'Escape') return setChanging(undefined)
      if (event.ctrlKey || event.metaKey || event.altKey) return setProblem('Press a single key, without Ctrl or Alt.')
      const refused = cannotBind(settings, changing, event.key)
      if (['Shift', 'AltGraph', 'CapsLock'].includes(event.key)) return
      setProblem(refused)
      if (refused !== undefined) return
      save({ ...settings, keys: { ...settings.keys, [changing]: event.key } })
      setChanging(undefined)
    }
    document.addEventListener('keydown', onKeyDown, { capture: true })
    return () => document.removeEventListener('keydown', onKeyDown, { capture: true })
  }, [changing, settings])

  return (
    <Dialog title="Keys" wide onClose={onClose}>
      <label class="check">
        <input
          type="checkbox"
          checked={settings.single}
          onChange={(event) => save({ ...settings, single: event.currentTarget.checked })}
        />
        <span>Single-key shortcuts</span>
      </label>
      <p class="muted">
        They rest while you type, on a focused button, and in dialogs. Switched off, only Ctrl + Enter, the arrows,
        Enter and Esc act.
      </p>
      <table class="keys">
        <thead>
          <tr>
            <th scope="col">Does</th>
            <th scope="col">Key</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {ACTIONS.map((action) => (
            <tr key={action}>
              <th scope="row">{ACTION_WORDS[action]}</th>
              <td>{changing === action ? <em>press a key…</em> : <kbd>{keyName(settings.keys[action])}</kbd>}</td>
              <td>
                <button
                  type="button"
                  class="quiet"
                  aria-label={`Change the key: ${ACTION_WORDS[action]}`}
                  onClick={() => {
                    setProblem(undefined)
                    setChanging(action)
                  }}
                >
                  Change
                </button>
              </td>
            </tr>
          ))}
          {FIXED.map(([combination, does]) => (
            <tr key={combination}>
              <th scope="row">{does}</th>
              <td>
                <kbd>{combination}</kbd>
              </td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      <div role="status">{problem !== undefined && <p class="notice error">{problem}</p>}</div>
      <div class="actions">
        <button type="button" onClick={() => save(DEFAULT_KEYS)}>
          Back to the usual keys
        </button>
      </div>
    </Dialog>
  )
}
