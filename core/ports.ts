import type { ReviewStore } from './review/store.ts'

/**
 * What the core asks of the world. Each port has an adapter for one machine (`local/`) and one for AWS
 * (`lambdas/shared/`), and one contract suite in `test/contract/` that both pass.
 */
export interface Ports {
  inbox: ObjectStore
  datasets: ObjectStore
  reviews: ReviewStore
  clock: Clock
  log: Log
}

export interface ObjectHead {
  key: string
  /** bytes */
  size: number
  /** Changes whenever the content does; opaque. Without quotes. */
  etag: string
  /** User metadata, names in lower case. */
  metadata: Readonly<Record<string, string>>
  /** S3's version id, where the store keeps versions. */
  version?: string
  /** RFC 3339, UTC */
  last_modified: string
}

export type PutCondition =
  /** Only if nothing is there (`If-None-Match: *`). */
  | { if: 'absent' }
  /** Only if what is there still has this etag (`If-Match`). */
  | { if: 'unchanged'; etag: string }
  | { if: 'always' }

export type PutResult =
  | { outcome: 'written'; etag: string; size: number; sha256: string }
  /** The condition did not hold: somebody was there first. What is there is untouched. */
  | { outcome: 'precondition_failed' }

export interface PutOptions {
  condition: PutCondition
  content_type?: string
  metadata?: Readonly<Record<string, string>>
}

/** Keys are `/`-separated, relative, without `.` or `..` segments; adapters refuse others with InputError. */
export interface ObjectStore {
  /** Undefined when there is no such object. `range` is in bytes, end exclusive. A body that is not read to its end must be cancelled by leaving the loop. */
  get(
    key: string,
    options?: { range?: { start: number; end: number } },
  ): Promise<{ head: ObjectHead; body: AsyncIterable<Uint8Array> } | undefined>
  head(key: string): Promise<ObjectHead | undefined>
  /** Streams; nothing is visible under the key before the last byte is, and nothing at all when the body throws. */
  put(key: string, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: PutOptions): Promise<PutResult>
  /** In byte order of the keys. Without user metadata and version, which only `head` and `get` have. */
  list(prefix: string): AsyncIterable<ObjectHead>
  /** How a person finds the object: `s3://bucket/key` or a path. */
  locate(key: string): string
}

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
}

/** Uniform in [0, 1). Only `core/generate/random.ts` implements it: everything random flows from a named seed. */
export type Rng = () => number

/** JSON events in the past tense with ids, e.g. `dialogue.rejected`; never dialogue text, tokens or secrets. */
export interface Log {
  info(event: string, data?: Readonly<Record<string, unknown>>): void
  warn(event: string, data?: Readonly<Record<string, unknown>>): void
  error(event: string, data?: Readonly<Record<string, unknown>>): void
}
