import type { StoreName } from '../core/pipeline/stages.ts'
import { openSqlite } from './sqlite-file.ts'

/** What the watcher has dealt with: one line for each content of each file, so that nothing is done twice. */
export interface UploadLedger {
  /** Whether the file was dealt with in exactly this state; answered from memory, for every file at every look. */
  knows(file: SeenFile): boolean
  /**
   * Whether this content was dealt with under this key, whenever and however it came there. One that failed is not: who
   * saves it again, as it is, has put right what stood beside it (the seed file that a request names).
   */
  isDone(upload: { store: StoreName; key: string; etag: string }): boolean
  /** Notes how it ended, and the state of the file it was read from. */
  done(file: SeenFile, etag: string, ended: { stage: string; outcome: string; at: string }): void
  /** Notes another state of the file with a content that was dealt with before (touched, copied over itself). */
  same(file: SeenFile, etag: string): void
  close(): void
}

/** A file as a look at its folder shows it. */
export interface SeenFile {
  store: StoreName
  key: string
  size: number
  modified_ms: number
}

const MIGRATIONS = [
  `
  CREATE TABLE uploads (
    store TEXT NOT NULL,
    key TEXT NOT NULL,
    etag TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ms REAL NOT NULL,
    stage TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (store, key, etag)
  ) STRICT, WITHOUT ROWID;
  `,
]

/** @throws InputError when the file cannot be used */
export function openUploadLedger(path: string): UploadLedger {
  const database = openSqlite(path, MIGRATIONS)
  const find = database.prepare(
    `SELECT 1 FROM uploads WHERE store = ? AND key = ? AND etag = ? AND outcome <> 'failed'`,
  )
  const add = database.prepare(
    `INSERT INTO uploads (store, key, etag, size, modified_ms, stage, outcome, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (store, key, etag) DO UPDATE SET size = excluded.size, modified_ms = excluded.modified_ms,
       stage = excluded.stage, outcome = excluded.outcome, at = excluded.at`,
  )
  const update = database.prepare(
    'UPDATE uploads SET size = ?, modified_ms = ? WHERE store = ? AND key = ? AND etag = ?',
  )
  const nameOf = (file: { store: StoreName; key: string }) => `${file.store}/${file.key}`
  const stateOf = (file: SeenFile) => `${file.size} ${file.modified_ms}`
  const states = new Map<string, string>()
  for (const row of database.prepare('SELECT store, key, size, modified_ms FROM uploads ORDER BY at').all())
    states.set(`${String(row['store'])}/${String(row['key'])}`, `${Number(row['size'])} ${Number(row['modified_ms'])}`)

  return {
    knows: (file) => states.get(nameOf(file)) === stateOf(file),
    isDone: ({ store, key, etag }) => find.get(store, key, etag) !== undefined,
    done(file, etag, { stage, outcome, at }) {
      add.run(file.store, file.key, etag, file.size, file.modified_ms, stage, outcome, at)
      states.set(nameOf(file), stateOf(file))
    },
    same(file, etag) {
      update.run(file.size, file.modified_ms, file.store, file.key, etag)
      states.set(nameOf(file), stateOf(file))
    },
    close: () => database.close(),
  }
}
