import type { Banks } from './banks.ts'

/**
 * Checked and compiled banks as text, for {@link banksFromJson}. JSON has no sets, no maps and no `undefined`: they stand as
 * `{"$set": […]}`, `{"$map": [[key, value], …]}` and `null`. All of it is ASCII: seven megabytes that V8 then reads as seven.
 */
export function banksToJson(banks: Banks): string {
  const text = JSON.stringify(banks, (_key, value: unknown): unknown => {
    if (value instanceof Set) return { $set: [...value] }
    if (value instanceof Map) return { $map: [...value] }
    return value === undefined ? null : value
  })
  return text.replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The banks again. Nothing is checked: the text must be what {@link banksToJson} made of banks of this program. */
export function banksFromJson(text: string): Banks {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- see above
  const banks: Banks = JSON.parse(text)
  restored(banks, new Map())
  return banks
}

/** Objects and lists in place, so that they keep their keys and their order. Equal sets become one: nobody changes them. */
function restored(value: unknown, sets: Map<string, Set<unknown>>): unknown {
  if (value === null) return undefined
  if (isList(value)) {
    for (let at = 0; at < value.length; at++) value[at] = restored(value[at], sets)
    return value
  }
  if (!isObject(value)) return value
  const { $set: members, $map: entries } = value
  if (isList(members)) {
    const key = JSON.stringify(members)
    const set = sets.get(key) ?? new Set(members)
    sets.set(key, set)
    return set
  }
  if (isList(entries)) {
    const map = new Map<unknown, unknown>()
    for (const entry of entries) if (isList(entry)) map.set(entry[0], restored(entry[1], sets))
    return map
  }
  for (const name in value) if (typeof value[name] === 'object') value[name] = restored(value[name], sets)
  return value
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
