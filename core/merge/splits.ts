import type { Digest } from './digest-table.ts'

export const SPLITS = ['train', 'validation', 'test'] as const
export type Split = (typeof SPLITS)[number]

export interface SplitShares {
  /** 0..1 */
  validation: number
  /** 0..1 */
  test: number
}

export const DEFAULT_SPLITS: SplitShares = { validation: 0.1, test: 0.1 }

/**
 * The split of a dialogue by the digest of its text alone, so that no dialogue ever moves when others are added, and
 * the same text is never on two sides. Each stratum (session type × concern × risk) gets the shares in expectation;
 * what it really got is in the manifest. Uses the third word of the digest: tables use the first.
 */
export function splitOf(digest: Digest, shares: SplitShares): Split {
  const place = ((digest[2] ?? 0) >>> 0) / 2 ** 32
  if (place < shares.test) return 'test'
  return place < shares.test + shares.validation ? 'validation' : 'train'
}
