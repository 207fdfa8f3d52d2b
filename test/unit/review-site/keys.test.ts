import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyValue } from '../../../review-site/app/storage.ts'
import { cannotBind, writeKeys } from '../../../review-site/review/change-keys.ts'
import { ACTIONS, ariaKeys, DEFAULT_KEYS, readKeys, wishOf, type Press } from '../../../review-site/review/keys.ts'

const aPress = (key: string, more: Partial<Press> = {}): Press => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...{ repeat: false, isComposing: false, altGraph: false },
  ...more,
})
const anyPress = fc.record({
  key: fc.oneof(fc.constantFrom(...Object.values(DEFAULT_KEYS.keys), 'Enter', 'Backspace', '5'), fc.string()),
  ...{ ctrlKey: fc.boolean(), metaKey: fc.boolean(), altKey: fc.boolean(), shiftKey: fc.boolean() },
  ...{ repeat: fc.boolean(), isComposing: fc.boolean(), altGraph: fc.boolean() },
})
const VERDICTS = ['approve', 'needs-revision', 'reject', 'skip']

function memory(): KeyValue {
  const kept = new Map<string, string>()
  return {
    read: (key) => kept.get(key),
    write: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
    keys: (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
  }
}

describe('A key press', () => {
  it.each([
    ['a', 'approve'],
    ['v', 'needs-revision'],
    ['x', 'reject'],
    ['s', 'skip'],
    ['j', 'next-turn'],
    ['k', 'previous-turn'],
    ['u', 'undo'],
    ['ArrowRight', 'next'],
    ['ArrowDown', 'next-row'],
    ['?', 'keys'],
  ])('%s asks for %s', (key, action) => {
    expect(wishOf(aPress(key, { shiftKey: key === '?' }), DEFAULT_KEYS, 'page')).toEqual({ kind: 'action', action })
  })

  it('means the same under Caps Lock, and something else under Shift', () => {
    expect(wishOf(aPress('A'), DEFAULT_KEYS, 'page')).toEqual({ kind: 'action', action: 'approve' })
    expect(wishOf(aPress('A', { shiftKey: true }), DEFAULT_KEYS, 'page')).toBeUndefined()
  })

  it('submits by Ctrl or ⌘ and Enter, wherever the focus is', () => {
    for (const focus of ['page', 'control', 'typing'] as const)
      for (const more of [{ ctrlKey: true }, { metaKey: true }])
        expect(wishOf(aPress('Enter', more), DEFAULT_KEYS, focus)).toEqual({ kind: 'submit' })
  })

  it('judges nothing when it is held, modified, composed, or meant for a control', () => {
    fc.assert(
      fc.property(anyPress, fc.constantFrom('page', 'control', 'typing'), (press, focus) => {
        const wish = wishOf(press, DEFAULT_KEYS, focus)
        const guarded =
          press.repeat || press.altGraph || press.altKey || press.isComposing || press.ctrlKey || press.metaKey
        if (guarded || focus !== 'page')
          return !(wish?.kind === 'option' || (wish?.kind === 'action' && VERDICTS.includes(wish.action)))
        return true
      }),
    )
  })

  it('that is bare Enter or Backspace never judges, whatever the keys are set to', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Enter', 'Backspace'),
        fc.boolean(),
        fc.constantFrom('page', 'control', 'typing'),
        (key, repeat, focus) => {
          const wish = wishOf(aPress(key, { repeat }), DEFAULT_KEYS, focus)
          return wish === undefined || wish.kind === 'enter'
        },
      ),
    )
  })

  it('of a single character does nothing once single keys are off; arrows and Esc still do', () => {
    const off = { ...DEFAULT_KEYS, single: false }
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 1 }), (key) => wishOf(aPress(key), off, 'page') === undefined),
    )
    expect(wishOf(aPress('ArrowLeft'), off, 'page')).toEqual({ kind: 'action', action: 'previous' })
    expect(wishOf(aPress('Escape'), off, 'typing')).toEqual({ kind: 'escape' })
  })
})

describe('Changed keys', () => {
  it('are read back as they were written', () => {
    const storage = memory()
    const changed = { single: false, keys: { ...DEFAULT_KEYS.keys, approve: 'q', next: 'PageDown' } }
    writeKeys(storage, changed)
    expect(readKeys(storage)).toEqual(changed)
  })

  it('that are damaged in storage are the usual ones', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (stored) => {
        const storage = memory()
        storage.write('keys', stored)
        const { keys } = readKeys(storage)
        return ACTIONS.every((action) => typeof keys[action] === 'string' && keys[action] !== '')
      }),
    )
  })

  it('cannot be taken twice, nor be digits, nor keys that mean something everywhere', () => {
    expect(cannotBind(DEFAULT_KEYS, 'approve', 'u')).toContain('undo')
    expect(cannotBind(DEFAULT_KEYS, 'approve', '3')).toContain('digits')
    for (const key of ['Enter', 'Backspace', 'Escape', 'Tab', ' ', 'Shift', 'Dead'])
      expect(cannotBind(DEFAULT_KEYS, 'approve', key), key).toBeDefined()
    expect(cannotBind(DEFAULT_KEYS, 'approve', 'a')).toBeUndefined()
    expect(cannotBind(DEFAULT_KEYS, 'approve', 'q')).toBeUndefined()
  })

  it('are told to assistive technology only while they work', () => {
    expect(ariaKeys(DEFAULT_KEYS, 'undo')).toBe('u')
    expect(ariaKeys({ ...DEFAULT_KEYS, single: false }, 'undo')).toBeUndefined()
    expect(ariaKeys({ ...DEFAULT_KEYS, single: false }, 'next')).toBe('ArrowRight')
  })
})
