import * as z from 'zod'
import { openSqlite, transaction } from './sqlite-file.ts'

/**
 * What a folder cannot say of its files: the etag (so that a gigabyte is hashed once) and the user metadata. Also the
 * lock under which an object is replaced: SQLite's goes by itself when a process dies, a lock file would stay.
 *
 * A `file` names one state of one file on the disk: its inode, size and time of change.
 */
export interface ObjectIndex {
  find(key: string, file: string): Noted | undefined
  /** The metadata that this content was put with under the key, whichever file holds it now: a restored backup has other inodes. */
  metadataOf(key: string, etag: string): Metadata | undefined
  note(key: string, file: string, noted: Noted): void
  forget(key: string, file: string): void
  /** Drops what was noted of files that are no longer under the key. */
  forgetOthers(key: string, file: string): void
  /** Runs `work` alone among all processes that use this folder. It must be quick: the others wait. */
  alone<Result>(work: () => Result): Result
  close(): void
}

export type Metadata = Record<string, string>
export interface Noted {
  etag: string
  metadata: Metadata
}

const MIGRATIONS = [
  `
  CREATE TABLE objects (
    key TEXT NOT NULL,
    file TEXT NOT NULL,
    etag TEXT NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (key, file)
  ) STRICT, WITHOUT ROWID;
  `,
]

const NotedSchema = z.object({
  etag: z.string(),
  metadata: z
    .string()
    .transform((json): unknown => JSON.parse(json))
    .pipe(z.record(z.string(), z.string())),
})

export function openObjectIndex(path: string): ObjectIndex {
  const database = openSqlite(path, MIGRATIONS)
  const find = database.prepare('SELECT etag, metadata FROM objects WHERE key = ? AND file = ?')
  const byContent = database.prepare('SELECT etag, metadata FROM objects WHERE key = ? AND etag = ? LIMIT 1')
  const note = database.prepare(
    'INSERT INTO objects (key, file, etag, metadata) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET etag = excluded.etag, metadata = excluded.metadata',
  )
  const forget = database.prepare('DELETE FROM objects WHERE key = ? AND file = ?')
  const forgetOthers = database.prepare('DELETE FROM objects WHERE key = ? AND file <> ?')
  return {
    find(key, file) {
      const row = find.get(key, file)
      return row && NotedSchema.parse(row)
    },
    metadataOf(key, etag) {
      const row = byContent.get(key, etag)
      return row && NotedSchema.parse(row).metadata
    },
    note(key, file, { etag, metadata }) {
      note.run(key, file, etag, JSON.stringify(metadata))
    },
    forget(key, file) {
      forget.run(key, file)
    },
    forgetOthers(key, file) {
      forgetOthers.run(key, file)
    },
    alone: (work) => transaction(database, work),
    close: () => database.close(),
  }
}
