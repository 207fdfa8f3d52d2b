/**
 * The little language of frames: `{slot}`, `{slot|modifier}`, `{list:3}`, `[one|other]`, `<is/are>`. Parsed once when the banks are
 * loaded; expanding is a walk over an array.
 */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'slot'; name: string; modifier?: string; count?: number }
  | { kind: 'choice'; options: Part[][] }
  /** A verb that goes with the noun phrase of the frame: `{topic} <is/are>`. */
  | { kind: 'agree'; singular: string; plural: string }

export class TemplateSyntaxError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TemplateSyntaxError'
  }
}

export function parseTemplate(source: string): Part[] {
  let at = 0
  const parts = sequence(false)
  if (at < source.length)
    throw new TemplateSyntaxError(`a "${source[at] ?? ''}" that opens nothing at character ${at + 1}`)
  return parts

  function sequence(inside: boolean): Part[] {
    const found: Part[] = []
    let text = ''
    const flush = (): void => {
      if (text !== '') found.push({ kind: 'text', text })
      text = ''
    }
    while (at < source.length) {
      const char = source[at] ?? ''
      if (char === '{') {
        flush()
        found.push(slot())
      } else if (char === '[') {
        flush()
        found.push(choice())
      } else if (char === '<') {
        flush()
        found.push(agreement())
      } else if (char === '}' || char === ']' || char === '|') {
        if (inside && char !== '}') break
        throw new TemplateSyntaxError(`a "${char}" that opens nothing at character ${at + 1}`)
      } else {
        text += char
        at++
      }
    }
    flush()
    return found
  }

  function slot(): Part {
    const end = source.indexOf('}', at)
    if (end === -1) throw new TemplateSyntaxError(`the "{" at character ${at + 1} is never closed`)
    const inner = source.slice(at + 1, end)
    const match = /^([a-z_][a-z_0-9]*)(?:\|([a-z_]+))?(?::(\d+))?$/.exec(inner)
    if (match === null)
      throw new TemplateSyntaxError(`"{${inner}}" is no slot; write {name}, {name|modifier} or {list:3}`)
    at = end + 1
    const [, name = '', modifier, count] = match
    return {
      kind: 'slot',
      name,
      ...(modifier === undefined ? {} : { modifier }),
      ...(count === undefined ? {} : { count: Number(count) }),
    }
  }

  function agreement(): Part {
    const match = /^<([\p{L}' ]+)\/([\p{L}' ]+)>/u.exec(source.slice(at))
    if (match === null) throw new TemplateSyntaxError(`the "<" at character ${at + 1} is no agreement; write <is/are>`)
    const [whole, singular = '', plural = ''] = match
    at += whole.length
    return { kind: 'agree', singular, plural }
  }

  function choice(): Part {
    const opened = at
    at++
    const options: Part[][] = [sequence(true)]
    while (source[at] === '|') {
      at++
      options.push(sequence(true))
    }
    if (source[at] !== ']') throw new TemplateSyntaxError(`the "[" at character ${opened + 1} is never closed`)
    at++
    if (options.length === 1)
      throw new TemplateSyntaxError(`"[…]" at character ${opened + 1} has only one option; add | and another`)
    return { kind: 'choice', options }
  }
}

/** Every slot, in every option. */
export function* slotsOf(parts: readonly Part[]): Generator<Extract<Part, { kind: 'slot' }>> {
  for (const part of parts) {
    if (part.kind === 'slot') yield part
    if (part.kind === 'choice') for (const option of part.options) yield* slotsOf(option)
  }
}

/** Each slot with the last word that can stand before it ('' at a start or after punctuation). */
export function* slotContexts(
  parts: readonly Part[],
  before: readonly string[] = [''],
): Generator<{ slot: Extract<Part, { kind: 'slot' }>; before: readonly string[] }, readonly string[]> {
  let ends: readonly string[] = before
  for (const part of parts) {
    if (part.kind === 'text') {
      const last = lastWord(part.text)
      if (last !== undefined) ends = [last]
    } else if (part.kind === 'agree') {
      ends = [part.singular.toLowerCase(), part.plural.toLowerCase()]
    } else if (part.kind === 'slot') {
      yield { slot: part, before: ends }
      ends = ['…']
    } else {
      const after: string[] = []
      for (const option of part.options) after.push(...(yield* slotContexts(option, ends)))
      ends = [...new Set(after)]
    }
  }
  return ends
}

/** The word that the text ends with, '' when it ends with punctuation, undefined when it is only white space. */
function lastWord(text: string): string | undefined {
  const trimmed = text.trimEnd()
  if (trimmed === '') return undefined
  return (/([\p{L}']+)$/u.exec(trimmed)?.[1] ?? '').toLowerCase()
}
