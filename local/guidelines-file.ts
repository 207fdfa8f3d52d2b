import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guidelines } from '../review-api/contract.ts'
import { parseGuidelines } from '../review-api/guidelines.ts'

const OURS = join(import.meta.dirname, '..', 'examples', 'guidelines.md')

/**
 * The guidelines that reviewers see: the team's own (`guidelines.md` in the workspace) or, without one, those that come
 * with the project.
 */
export async function readGuidelines(workspace: string): Promise<Guidelines> {
  const own = join(workspace, 'guidelines.md')
  const found = await readFile(own, 'utf8').then(
    (text) => ({ path: own, text }),
    async () => ({ path: OURS, text: await readFile(OURS, 'utf8') }),
  )
  return parseGuidelines(found.text, found.path)
}
