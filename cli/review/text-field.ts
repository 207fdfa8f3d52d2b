import stringWidth from 'string-width'
import type { Key } from './keys.ts'
import { characters } from './safe-text.ts'
import { visible } from '../visible-text.ts'

/** One line that somebody types into. The cursor counts characters as people see them. */
export interface TextField {
  characters: readonly string[]
  cursor: number
}

export function textField(text = ''): TextField {
  const all = characters(text)
  return { characters: all, cursor: all.length }
}

export function textOf(field: TextField): string {
  return field.characters.join('')
}

/** The field after a key; the same one when the key means nothing here. */
export function typed(field: TextField, key: Key): TextField {
  const { characters: all, cursor } = field
  const at = (place: number) => ({ characters: all, cursor: Math.max(0, Math.min(all.length, place)) })
  const cut = (from: number, to: number) => ({ characters: all.toSpliced(from, to - from), cursor: from })
  if (key.text !== undefined) {
    // Typed one key at a time, marks and joiners come apart from what they belong to: join and split again.
    const before = [...all.slice(0, cursor), ...characters(visible(key.text).replaceAll('\n', ' '))].join('')
    const whole = characters(before)
    return { characters: characters(before + all.slice(cursor).join('')), cursor: whole.length }
  }
  switch (key.name) {
    case 'left':
      return at(cursor - 1)
    case 'right':
      return at(cursor + 1)
    case 'home':
    case 'ctrl+a':
      return at(0)
    case 'end':
    case 'ctrl+e':
      return at(all.length)
    case 'backspace':
      return cursor === 0 ? field : cut(cursor - 1, cursor)
    case 'delete':
      return cursor === all.length ? field : { characters: all.toSpliced(cursor, 1), cursor }
    case 'ctrl+u':
      return cut(0, cursor)
    case 'ctrl+k':
      return { characters: all.slice(0, cursor), cursor }
    case 'ctrl+w': {
      let from = cursor
      while (from > 0 && all[from - 1] === ' ') from--
      while (from > 0 && all[from - 1] !== ' ') from--
      return cut(from, cursor)
    }
    default:
      return field
  }
}

/** The part of the field that fits `width` columns with the cursor in it, and the cursor's column in that part. */
export function shownPart(field: TextField, width: number): { text: string; column: number } {
  let start = 0
  const column = (from: number) => stringWidth(field.characters.slice(from, field.cursor).join(''))
  while (column(start) > width - 1) start++
  let text = ''
  for (const character of field.characters.slice(start)) {
    if (stringWidth(text + character) > width) break
    text += character
  }
  return { text, column: column(start) }
}
