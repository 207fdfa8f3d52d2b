import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { InputError } from '../core/errors.ts'

/**
 * Opens (or makes) a SQLite file that several processes may share, and brings its tables up to date.
 *
 * @param migrations steps from an empty file to the present tables, oldest first
 * @throws InputError when the path cannot be used, is no database, or was made by a newer release
 */
export function openSqlite(path: string, migrations: readonly string[]): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    // A writer waits for the other process's transaction (milliseconds) instead of failing at once.
    database = new DatabaseSync(path, { timeout: 10_000 })
    // Write-ahead log: readers never wait for a writer. FULL: a verdict that was acknowledged survives a power cut.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    migrate(database, path, migrations)
    return database
  } catch (cause) {
    database?.close()
    if (cause instanceof InputError) throw cause
    throw new InputError(`cannot open the database (${cause instanceof Error ? cause.message : String(cause)})`, {
      where: path,
      fix: 'Check that the path is a file of this program that you may write to, or name another.',
      cause,
    })
  }
}

/** All of `work` or nothing of it; takes the write lock first, so what it reads stays true until it is done. */
export function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function migrate(database: DatabaseSync, path: string, migrations: readonly string[]): void {
  transaction(database, () => {
    database.exec(
      'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT',
    )
    const found = Number(
      database.prepare('SELECT coalesce(max(version), 0) AS version FROM migrations').get()?.['version'],
    )
    if (found > migrations.length)
      throw new InputError(`the database has version ${found}, this release knows ${migrations.length}`, {
        where: path,
        fix: 'It was written by a newer release: use that one.',
      })
    const note = database.prepare("INSERT INTO migrations VALUES (?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))")
    for (const [index, step] of migrations.entries()) {
      if (index < found) continue
      database.exec(step)
      note.run(index + 1)
    }
  })
}
