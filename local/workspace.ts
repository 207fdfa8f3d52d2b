import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, parse, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { InputError } from '../core/errors.ts'
import { DATASETS_PREFIXES, INBOX_PREFIXES } from '../core/pipeline/stages.ts'
import { makeFolder } from './make-folder.ts'

/**
 * The folder that holds everything of one machine:
 *
 * | path | what |
 * |---|---|
 * | inbox/{seeds,requests,synthetic,reviews} | people put files here |
 * | datasets/{seeds,synthetic,reviews,approved,training,errors} | the stages write here |
 * | accounts.json | who can sign in |
 * | guidelines.md | the team's own guidelines, if it has any |
 * | state/ | reviews, what was processed, sign-in keys and sessions |
 */
export interface Workspace {
  root: string
  inbox: string
  datasets: string
  accounts: string
  reviews: string
  ledger: string
  signIn: string
  signInSecrets: string
  /** Whether this folder was never started from before. */
  isNew: boolean
  /** From now on it is not new any more. */
  noteFirstRun(): Promise<void>
  /** Tells a second start where the first one serves. */
  noteOrigin(origin: string): Promise<void>
  release(): void
}

/** @throws InputError when it cannot be used, or another process uses it */
export async function openWorkspace(path: string): Promise<Workspace> {
  const root = resolve(path)
  if (root === parse(root).root)
    throw new InputError('the workspace cannot be the root of the machine', {
      where: root,
      fix: 'Name a folder of its own: npm start -- --workspace <folder>',
    })
  const state = join(root, 'state')
  try {
    for (const prefix of INBOX_PREFIXES) makeFolder(join(root, 'inbox', prefix))
    for (const prefix of DATASETS_PREFIXES) makeFolder(join(root, 'datasets', prefix))
    makeFolder(state, 0o700)
  } catch (cause) {
    throw new InputError(`the workspace cannot be made (${cause instanceof Error ? cause.message : 'unknown'})`, {
      where: root,
      fix: 'Name a folder that you may write to: npm start -- --workspace <folder>',
      cause,
    })
  }
  const origin = join(state, 'origin')
  const release = await lock(join(state, 'lock.db'), root, origin)
  const started = join(state, 'started')
  return {
    root,
    inbox: join(root, 'inbox'),
    datasets: join(root, 'datasets'),
    accounts: join(root, 'accounts.json'),
    reviews: join(state, 'reviews.db'),
    ledger: join(state, 'uploads.db'),
    signIn: join(state, 'sign-in.db'),
    signInSecrets: join(state, 'sign-in-keys.json'),
    isNew: !existsSync(started),
    noteFirstRun: () => writeFile(started, ''),
    noteOrigin: (at) => writeFile(origin, at),
    release,
  }
}

/** A lock of SQLite's: the system lets it go with the process, however that ended, so none is ever left behind. */
async function lock(path: string, root: string, origin: string): Promise<() => void> {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return () => database.close()
  } catch (cause) {
    database.close()
    const where = await readFile(origin, 'utf8').catch(() => undefined)
    throw new InputError('another `npm start` uses this workspace', {
      where: root,
      fix: `${where === undefined ? 'Stop it' : `It serves at ${where}. Stop it`}, or name another folder: npm start -- --workspace <folder>`,
      cause,
    })
  }
}
