/** A key as the screen speaks of it: `a`, `left`, `enter`, `ctrl+c` …; `text` is there when it types something. */
export interface Key {
  name: string
  text?: string
}

/** What node:readline says of a key press. */
export interface Keypress {
  name?: string | undefined
  sequence?: string | undefined
  ctrl?: boolean | undefined
  meta?: boolean | undefined
  shift?: boolean | undefined
}

/** Undefined for what is no key that could mean anything here. */
export function keyOf(text: string | undefined, press: Keypress): Key | undefined {
  const name = press.name === 'return' ? 'enter' : press.name
  if (press.ctrl === true) return name === undefined ? undefined : { name: `ctrl+${name}` }
  if (press.meta === true) return name === 'escape' ? { name } : undefined
  if (text !== undefined && isPrintable(text)) return { name: text === ' ' ? 'space' : text, text }
  return name === undefined ? undefined : { name }
}

function isPrintable(text: string): boolean {
  return text !== '' && !/\p{Cc}/u.test(text)
}
