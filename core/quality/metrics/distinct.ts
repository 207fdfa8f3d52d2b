import { nGramsOf } from './n-grams.ts'

/**
 * Distinct-n (Li et al. 2016): different n-grams over all n-grams of the set. It falls as a set grows, so only sets of
 * the same number of dialogues and turns are comparable. 0 for a set without n-grams.
 */
export function distinct(documents: readonly ArrayLike<number>[], n: number): number {
  const seen = new Set<number>()
  let total = 0
  for (const grams of nGramsOf(documents, n)[n - 1] ?? []) {
    total += grams.length
    for (const gram of grams) seen.add(gram)
  }
  return total === 0 ? 0 : seen.size / total
}

/** How many different words the documents use. */
export function vocabularySize(documents: readonly ArrayLike<number>[]): number {
  const seen = new Set<number>()
  for (const document of documents) for (const word of Array.from(document)) seen.add(word)
  return seen.size
}
