import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import stringWidth from 'string-width'
import { UsageError } from '../failure.ts'
import { fit, wrapped } from './safe-text.ts'
import { visible } from '../visible-text.ts'
import type { Style } from './safe-text.ts'

export interface Guidelines {
  /** Stamped into every review, so that it can be told what a verdict was measured against. */
  version: string
  markdown: string
}

export const OWN_GUIDELINES = fileURLToPath(new URL('../../examples/guidelines.md', import.meta.url))

/** The first line may read `guidelines_version: …`; a text without one has the version `unversioned`. */
export async function readGuidelines(path: string = OWN_GUIDELINES): Promise<Guidelines> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(
      `cannot read the guidelines ${path}: ${error instanceof Error ? error.message : String(error)}`,
    )
  })
  const [, version] = /^\uFEFF?guidelines_version:[ \t]*(\S+)[ \t]*\r?\n/.exec(text) ?? []
  return version === undefined
    ? { version: 'unversioned', markdown: text }
    : { version, markdown: text.slice(text.indexOf('\n') + 1) }
}

/**
 * The little of Markdown that guidelines are written in (headings, lists, tables, bold, code) as lines of exactly
 * `width` columns. A table becomes a list: columns of prose cannot be read side by side in a terminal.
 */
export function guidelineLines(markdown: string, width: number, bold: Style): string[] {
  const lines: string[] = []
  let columns: string[] | undefined
  const put = (text: string, indent: string, hang: string, style?: Style): void => {
    wrapped(text, width - stringWidth(hang)).forEach((line, index) =>
      lines.push(fit([[index === 0 ? indent : hang], [line, style]], width)),
    )
  }
  for (const source of visible(markdown).split('\n')) {
    const line = source.trimEnd()
    if (line.startsWith('|')) {
      const cells = line
        .replace(/^\||\|$/g, '')
        .split('|')
        .map((cell) => unmarked(cell.trim()))
      if (columns === undefined) columns = cells
      else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
        put(cells[0] ?? '', '', '', bold)
        cells.slice(1).forEach((cell, index) => put(`${columns?.[index + 1] ?? ''}: ${cell}`, '  ', '    '))
      }
      continue
    }
    columns = undefined
    const heading = /^#+\s+(.*)$/.exec(line)
    const bullet = /^\s*[-*]\s+(.*)$/.exec(line)
    if (heading !== null) put(unmarked(heading[1] ?? ''), '', '', bold)
    else if (bullet !== null) put(unmarked(bullet[1] ?? ''), '• ', '  ')
    else if (line === '') {
      if (lines.length > 0) lines.push(fit([], width))
    } else put(unmarked(line), '', '')
  }
  return lines
}

function unmarked(text: string): string {
  return text.replaceAll(/\*\*([^*]+)\*\*|`([^`]+)`/g, (_, strong?: string, code?: string) => strong ?? code ?? '')
}
