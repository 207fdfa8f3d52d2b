import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guidelines } from '../review-api/contract.ts'
import { InputError } from '../core/errors.ts'

const OURS = join(import.meta.dirname, '..', 'examples', 'guidelines.md')

/**
 * The guidelines that reviewers see: the team's own (`guidelines.md` in the workspace) or, without one, those that come
 * with the project. Their version stands on the first line and goes into every review.
 */
export async function readGuidelines(workspace: string): Promise<Guidelines> {
  const own = join(workspace, 'guidelines.md')
  const found = await readFile(own, 'utf8').then(
    (text) => ({ path: own, text }),
    async () => ({ path: OURS, text: await readFile(OURS, 'utf8') }),
  )
  const match = /^\uFEFF?guidelines_version:[ \t]*(\S+)[ \t]*\r?\n+/.exec(found.text)
  if (match?.[1] === undefined)
    throw new InputError('the first line does not name the version', {
      where: found.path,
      expected: 'guidelines_version: 2026-11',
      fix: 'Give every change of the guidelines a version of its own: each review names the one it was given by.',
    })
  return { version: match[1], markdown: found.text.slice(match[0].length) }
}
