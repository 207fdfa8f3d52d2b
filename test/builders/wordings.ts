import { parseTemplate, type Part } from '../../core/generate/templates/template.ts'

/** Every wording of a frame with `[one|other]` in it; slots stay as they are written. */
export function wordingsOf(source: string): string[] {
  return expansions(parseTemplate(source)).map((text) => text.replace(/ {2,}/g, ' '))
}

function expansions(parts: readonly Part[]): string[] {
  return parts.reduce<string[]>(
    (before, part) => before.flatMap((start) => optionsOf(part).map((option) => start + option)),
    [''],
  )
}

function optionsOf(part: Part): string[] {
  switch (part.kind) {
    case 'text':
      return [part.text]
    case 'slot':
      return [`{${part.name}${part.modifier === undefined ? '' : `|${part.modifier}`}}`]
    case 'agree':
      return [part.singular, part.plural]
    case 'choice':
      return part.options.flatMap(expansions)
  }
}
