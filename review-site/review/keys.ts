import { isObject, parseObject, type KeyValue } from '../app/storage.ts'

/**
 * The keys of the review page: what each does, by which key, and when none may act. Single keys can be switched off
 * and changed (WCAG 2.1.4); what is kept is kept in the browser.
 */
export const ACTIONS = [
  'approve',
  'needs-revision',
  'reject',
  'skip',
  'next-row',
  'previous-row',
  'next-turn',
  'previous-turn',
  'comment',
  'previous',
  'next',
  'undo',
  'notes',
  'guidelines',
  'keys',
] as const
export type Action = (typeof ACTIONS)[number]

const DEFAULTS: Readonly<Record<Action, string>> = {
  approve: 'a',
  'needs-revision': 'v',
  reject: 'x',
  skip: 's',
  'next-row': 'ArrowDown',
  'previous-row': 'ArrowUp',
  'next-turn': 'j',
  'previous-turn': 'k',
  comment: 'c',
  previous: 'ArrowLeft',
  next: 'ArrowRight',
  undo: 'u',
  notes: 'n',
  guidelines: 'g',
  keys: '?',
}

export interface KeySettings {
  /** Off: only Ctrl+Enter, the arrows, Enter and Esc are left. */
  single: boolean
  keys: Readonly<Record<Action, string>>
}

export const DEFAULT_KEYS: KeySettings = { single: true, keys: DEFAULTS }
export const STORED_KEYS = 'keys'

export function readKeys(storage: KeyValue): KeySettings {
  const stored = parseObject(storage.read(STORED_KEYS))
  const changed = isObject(stored?.['keys']) ? stored['keys'] : {}
  const keys = { ...DEFAULTS }
  for (const action of ACTIONS) {
    const key = changed[action]
    if (typeof key === 'string' && key !== '') keys[action] = key
  }
  return { single: stored?.['single'] !== false, keys }
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
}
export function keyName(key: string): string {
  return NAMES[key] ?? key
}

/** What a key press asks for. */
export type Wish =
  | { kind: 'submit' }
  | { kind: 'escape' }
  | { kind: 'enter' }
  | { kind: 'option'; index: number }
  | { kind: 'action'; action: Action }

export interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
  repeat: boolean
  isComposing: boolean
  /** AltGr writes characters; it is no modifier of ours. */
  altGraph: boolean
}

/**
 * @param focus what has the focus: a text field or select (`typing`), a button, radio, box, link or fold (`control`),
 *   or a turn, a row or nothing (`page`). Only submit and escape work while typing; no single key works on a control,
 *   where it may mean something else.
 */
export function wishOf(press: Press, settings: KeySettings, focus: 'typing' | 'control' | 'page'): Wish | undefined {
  if (press.isComposing || press.altGraph || press.altKey) return undefined
  // Caps Lock is no Shift: its letters are the same keys.
  const key = press.key.length === 1 && !press.shiftKey ? press.key.toLowerCase() : press.key
  if (press.ctrlKey || press.metaKey) return key === 'Enter' && !press.repeat ? { kind: 'submit' } : undefined
  if (key === 'Escape') return { kind: 'escape' }
  if (focus !== 'page') return undefined
  if (key === 'Enter') return press.repeat ? undefined : { kind: 'enter' }
  const action = ACTIONS.find((each) => settings.keys[each] === key)
  const single = key.length === 1
  if (single && !settings.single) return undefined
  // A held key walks over rows and turns, and does nothing else: it must not judge what nobody has seen.
  if (press.repeat && !(action !== undefined && WALKING.includes(action))) return undefined
  if (/^[1-9]$/.test(key)) return { kind: 'option', index: Number(key) - 1 }
  return action === undefined ? undefined : { kind: 'action', action }
}

const WALKING: readonly Action[] = ['next-row', 'previous-row', 'next-turn', 'previous-turn']

/** For `aria-keyshortcuts`. */
export function ariaKeys(settings: KeySettings, action: Action): string | undefined {
  const key = settings.keys[action]
  return settings.single || key.length > 1 ? key : undefined
}
