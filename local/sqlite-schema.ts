/**
 * The tables of the review store, as steps from one version of the file to the next. A step that was released is never
 * edited: a change is a new step.
 *
 * Records are kept whole as JSON text; the columns beside it are what queries look for, and are written from the
 * record in the same statement.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE batches (
    batch_id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    status TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX batches_newest ON batches (opened_at, batch_id);

  CREATE TABLE counters (
    batch_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (batch_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE items (
    batch_id TEXT NOT NULL,
    dialogue_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    ring TEXT NOT NULL,
    priority INTEGER NOT NULL,
    status TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (batch_id, dialogue_id)
  ) STRICT;
  CREATE INDEX items_in_order ON items (batch_id, ordinal);
  CREATE INDEX items_by_status ON items (batch_id, status, ordinal);
  -- Sparse: a decided dialogue leaves the queue's ring.
  CREATE INDEX items_pending ON items (batch_id, priority, ring) WHERE status = 'pending';

  -- The standing verdicts, for "what did I judge" and "what have I not judged yet".
  CREATE TABLE verdicts (
    batch_id TEXT NOT NULL,
    dialogue_id TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    reviewed_at TEXT NOT NULL,
    PRIMARY KEY (batch_id, dialogue_id, reviewer)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX verdicts_of_reviewer ON verdicts (batch_id, reviewer, reviewed_at, dialogue_id);

  CREATE TABLE bodies (
    batch_id TEXT NOT NULL,
    dialogue_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    content_sha256 TEXT NOT NULL,
    dialogue_json TEXT NOT NULL,
    findings TEXT NOT NULL,
    rules_version TEXT NOT NULL,
    PRIMARY KEY (batch_id, dialogue_id, version)
  ) STRICT;

  CREATE TABLE history (
    batch_id TEXT NOT NULL,
    dialogue_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (batch_id, dialogue_id, sequence)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE drafts (
    batch_id TEXT NOT NULL,
    dialogue_id TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (batch_id, dialogue_id, reviewer)
  ) STRICT, WITHOUT ROWID;
  `,
]
