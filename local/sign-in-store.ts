import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import { openSqlite } from './sqlite-file.ts'

/**
 * Sessions, grants and tokens of the local sign-in in SQLite, so that a restart signs nobody out. The provider asks
 * for one adapter a kind of thing; all share a table.
 */
export interface SignInStore {
  adapter: AdapterFactory
  close(): void
}

export function openSignInStore(path: string, now: () => number): SignInStore {
  const database = openSqlite(path, MIGRATIONS)
  database.prepare('DELETE FROM sign_in WHERE expires_at <= ?').run(seconds(now()))

  const upsert = database.prepare(
    `INSERT INTO sign_in (kind, id, payload, uid, grant_id, expires_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, uid = excluded.uid,
       grant_id = excluded.grant_id, expires_at = excluded.expires_at`,
  )
  const live = '(expires_at IS NULL OR expires_at > ?)'
  const byId = database.prepare(`SELECT payload FROM sign_in WHERE kind = ? AND id = ? AND ${live}`)
  const byUid = database.prepare(`SELECT payload FROM sign_in WHERE kind = ? AND uid = ? AND ${live}`)
  const consume = database.prepare(
    `UPDATE sign_in SET payload = json_set(payload, '$.consumed', ?) WHERE kind = ? AND id = ?`,
  )
  const destroy = database.prepare('DELETE FROM sign_in WHERE kind = ? AND id = ?')
  const revoke = database.prepare('DELETE FROM sign_in WHERE grant_id = ?')

  const adapter = (kind: string): Adapter => ({
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn === undefined ? null : seconds(now()) + expiresIn
      upsert.run(kind, id, JSON.stringify(payload), payload.uid ?? null, payload.grantId ?? null, expiresAt)
    },
    find: async (id) => payloadOf(byId.get(kind, id, seconds(now()))),
    findByUid: async (uid) => payloadOf(byUid.get(kind, uid, seconds(now()))),
    findByUserCode: async () => undefined, // the device flow is off
    async consume(id) {
      consume.run(seconds(now()), kind, id)
    },
    async destroy(id) {
      destroy.run(kind, id)
    },
    async revokeByGrantId(grantId) {
      revoke.run(grantId)
    },
  })
  return { adapter, close: () => database.close() }
}

const MIGRATIONS = [
  `
  CREATE TABLE sign_in (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    payload TEXT NOT NULL,
    uid TEXT,
    grant_id TEXT,
    expires_at INTEGER,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sign_in_by_uid ON sign_in (kind, uid) WHERE uid IS NOT NULL;
  CREATE INDEX sign_in_by_grant ON sign_in (grant_id) WHERE grant_id IS NOT NULL;
  `,
]

function payloadOf(row: Record<string, unknown> | undefined): AdapterPayload | undefined {
  const text = row?.['payload']
  const payload: unknown = typeof text === 'string' ? JSON.parse(text) : undefined
  return isPayload(payload) ? payload : undefined
}

/** It is what `upsert` wrote: the provider's own object, which has no schema of ours. */
const isPayload = (value: unknown): value is AdapterPayload => typeof value === 'object' && value !== null

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000)
