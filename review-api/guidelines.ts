import { InputError } from '../core/errors.ts'
import type { Guidelines } from './contract.ts'

const VERSION_LINE = /^\uFEFF?guidelines_version:[ \t]*(\S+)[ \t]*\r?\n+/

/**
 * Guidelines as a team writes them: their version on the first line, then Markdown. The version goes into every review.
 * @throws InputError when the first line does not name it
 */
export function parseGuidelines(text: string, where: string): Guidelines {
  const match = VERSION_LINE.exec(text)
  if (match?.[1] === undefined)
    throw new InputError('the first line does not name the version', {
      where,
      expected: 'guidelines_version: 2026-11',
      fix: 'Give every change of the guidelines a version of its own: each review names the one it was given by.',
    })
  return { version: match[1], markdown: text.slice(match[0].length) }
}
