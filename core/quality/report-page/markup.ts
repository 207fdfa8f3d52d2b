/** A piece of HTML that is safe to put into a page. Only {@link html} and {@link join} make one. */
export interface Markup {
  readonly markup: string
}

type Value = Markup | string | number | undefined

/** Template whose values are escaped unless they are markup already: text of a dataset can never become a tag. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  let markup = parts[0] ?? ''
  values.forEach((value, at) => {
    markup += textOf(value) + (parts[at + 1] ?? '')
  })
  return { markup }
}

export function join(pieces: Iterable<Markup>, between = ''): Markup {
  return { markup: [...pieces].map(({ markup }) => markup).join(between) }
}

export const NOTHING: Markup = { markup: '' }

function textOf(value: Value): string {
  if (value === undefined) return ''
  if (typeof value === 'object') return value.markup
  return escaped(String(value))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
