import type { KeyValue } from '../app/storage.ts'
import { ACTIONS, DEFAULT_KEYS, keyName, STORED_KEYS, type Action, type KeySettings } from './keys.ts'

export const ACTION_WORDS: Readonly<Record<Action, string>> = {
  approve: 'Approve',
  'needs-revision': 'Needs revision',
  reject: 'Reject',
  skip: 'Skip this dialogue',
  'next-row': 'Next row of the form',
  'previous-row': 'Previous row of the form',
  'next-turn': 'Next turn',
  'previous-turn': 'Previous turn',
  comment: 'Comment on the turn',
  previous: 'Previous dialogue',
  next: 'Next dialogue, without a verdict',
  undo: 'Undo the last verdict',
  notes: 'Go to the notes',
  guidelines: 'Show or hide the guidelines',
  keys: 'Show the keys',
}

export function writeKeys(storage: KeyValue, settings: KeySettings): void {
  const keys = Object.fromEntries(
    ACTIONS.filter((each) => settings.keys[each] !== DEFAULT_KEYS.keys[each]).map((each) => [
      each,
      settings.keys[each],
    ]),
  )
  storage.write(STORED_KEYS, JSON.stringify({ single: settings.single, keys }))
}

/** Why `key` cannot stand for `action`; undefined when it can. */
export function cannotBind(settings: KeySettings, action: Action, key: string): string | undefined {
  if (['Enter', 'Backspace', 'Escape', 'Tab', ' ', 'Delete'].includes(key))
    return `${keyName(key)} is never a shortcut here.`
  if (/^[1-9]$/.test(key)) return 'The digits choose the options of a row.'
  if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Unidentified', 'Process'].includes(key))
    return 'Press a single key.'
  const other = ACTIONS.find((each) => each !== action && settings.keys[each] === key)
  return other === undefined ? undefined : `${keyName(key)} is taken: ${ACTION_WORDS[other].toLowerCase()}.`
}
