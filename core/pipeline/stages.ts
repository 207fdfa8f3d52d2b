/**
 * The one description of the flow: prefixes, stages, and what triggers what. The CDK stacks build rules, queues and
 * grants from it, the one-machine runner its watcher; so the two homes cannot drift apart.
 */

export const INBOX_PREFIXES = ['seeds/', 'requests/', 'synthetic/', 'reviews/'] as const
/** `seeds/<sha256>.jsonl`: the good records of each seed file that was used, written once, so merge can never meet another version. */
export const DATASETS_PREFIXES = [
  'seeds/',
  'asking/',
  'answers/',
  'synthetic/',
  'reviews/',
  'approved/',
  'training/',
  'errors/',
] as const
export type StoreName = 'inbox' | 'datasets'

export interface Place {
  store: StoreName
  prefix: string
  /** Only keys that end so; any when empty. A manifest beside an output must not set off the next stage. */
  suffixes: readonly string[]
}

export interface StageDescription {
  name: StageName
  /** Uploads to any of these places start the stage. */
  triggers: readonly Place[]
  reads: readonly Place[]
  /** Never a place that triggers the same stage; the role of the stage cannot write elsewhere. */
  writes: readonly Place[]
  /** Whether it reads or writes the reviews table. */
  reviews: 'none' | 'read' | 'write'
}

export type StageName = 'generate' | 'ask-model' | 'open-review' | 'apply' | 'merge'

const any = (store: StoreName, prefix: string): Place => ({ store, prefix, suffixes: [] })

/** Suffixes under which a dataset may be uploaded; the reader itself goes by content, not by name. */
export const DATASET_SUFFIXES = ['.json', '.jsonl', '.json.gz', '.jsonl.gz']

export const STAGES: Readonly<Record<StageName, StageDescription>> = {
  generate: {
    name: 'generate',
    triggers: [
      { store: 'inbox', prefix: 'seeds/', suffixes: DATASET_SUFFIXES },
      { store: 'inbox', prefix: 'requests/', suffixes: ['.json'] },
      // The last answer of a language model is there: see core/pipeline/asking.ts.
      { store: 'datasets', prefix: 'answers/', suffixes: ['/complete.json'] },
    ],
    reads: [any('inbox', 'seeds/'), any('inbox', 'requests/'), any('datasets', 'answers/')],
    writes: [
      any('datasets', 'synthetic/'),
      any('datasets', 'seeds/'),
      any('datasets', 'asking/'),
      any('datasets', 'errors/generate/'),
    ],
    reviews: 'write',
  },
  /** On AWS alone: on one machine `generate` asks by itself, for it may take hours. */
  'ask-model': {
    name: 'ask-model',
    triggers: [{ store: 'datasets', prefix: 'asking/', suffixes: ['.part.json'] }],
    reads: [any('datasets', 'asking/'), any('datasets', 'seeds/')],
    writes: [any('datasets', 'answers/')],
    reviews: 'none',
  },
  'open-review': {
    name: 'open-review',
    triggers: [
      { store: 'inbox', prefix: 'synthetic/', suffixes: DATASET_SUFFIXES },
      { store: 'datasets', prefix: 'synthetic/', suffixes: ['.jsonl'] },
    ],
    reads: [any('inbox', 'synthetic/'), any('datasets', 'synthetic/')],
    writes: [any('datasets', 'errors/open-review/')],
    reviews: 'write',
  },
  apply: {
    name: 'apply',
    triggers: [
      { store: 'inbox', prefix: 'reviews/', suffixes: ['.json', '.json.gz'] },
      { store: 'datasets', prefix: 'reviews/', suffixes: ['.json'] },
    ],
    reads: [
      any('inbox', 'reviews/'),
      any('inbox', 'synthetic/'),
      any('datasets', 'reviews/'),
      any('datasets', 'synthetic/'),
    ],
    writes: [any('datasets', 'approved/'), any('datasets', 'errors/apply/')],
    reviews: 'none',
  },
  merge: {
    name: 'merge',
    triggers: [{ store: 'datasets', prefix: 'approved/', suffixes: ['.jsonl'] }],
    reads: [any('datasets', 'approved/'), any('datasets', 'seeds/')],
    writes: [any('datasets', 'training/'), any('datasets', 'errors/merge/')],
    reviews: 'none',
  },
}

/** An upload, whichever home it happened in. */
export interface UploadEvent {
  store: StoreName
  key: string
  /** Without quotes. */
  etag: string
  /** S3's version id, or its sequencer where there is none; absent on one machine. */
  version?: string
}

/** The stage that an upload starts; undefined for a key that starts none (a manifest, a stray file). */
export function stageFor(event: Pick<UploadEvent, 'store' | 'key'>): StageName | undefined {
  for (const stage of Object.values(STAGES))
    for (const place of stage.triggers) if (holds(place, event)) return stage.name
  return undefined
}

export function holds(place: Place, object: { store: StoreName; key: string }): boolean {
  return (
    place.store === object.store &&
    object.key.startsWith(place.prefix) &&
    object.key.length > place.prefix.length &&
    (place.suffixes.length === 0 || place.suffixes.some((suffix) => object.key.endsWith(suffix)))
  )
}
