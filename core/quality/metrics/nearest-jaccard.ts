import { indexShingles } from './shingle-index.ts'
import type { ShingleIndex } from './shingle-index.ts'

/** Words in a row that make a shingle. */
export const SHINGLE_WORDS = 5

export interface NearestNeighbours {
  /** For each document the highest Jaccard index of its shingle set with that of any other, 0..1. */
  jaccard: Float64Array
  /** Which document that is (the earliest of equals); -1 where none shares a shingle. */
  neighbour: Int32Array
}

/**
 * Nearest neighbour of each document by the Jaccard index of the sets of 5-word shingles (Broder 1997), exactly: an
 * inverted index from shingle to documents, so that only pairs that share something are ever counted, and each pair once.
 */
export function nearestNeighbours(documents: readonly ArrayLike<number>[]): NearestNeighbours {
  const index = indexShingles(documents, SHINGLE_WORDS)
  const { starts, postings, shingles } = index
  const nearest: NearestNeighbours = {
    jaccard: new Float64Array(documents.length),
    neighbour: new Int32Array(documents.length).fill(-1),
  }
  const shared = new Int32Array(documents.length)
  const touched = new Int32Array(documents.length)
  for (let document = 0; document < documents.length; document++) {
    const own = shingles[document]
    if (own === undefined) continue
    let count = 0
    for (const shingle of own) {
      const end = starts[shingle + 1] ?? 0
      for (let at = starts[shingle] ?? 0; at < end; at++) {
        const other = postings[at] ?? 0
        // Postings are in order of the documents: what follows is counted from the other side.
        if (other >= document) break
        const both = shared[other] ?? 0
        if (both === 0) touched[count++] = other
        shared[other] = both + 1
      }
    }
    for (let at = 0; at < count; at++) {
      const other = touched[at] ?? 0
      const both = shared[other] ?? 0
      shared[other] = 0
      const similarity = both / (own.length + (shingles[other]?.length ?? 0) - both)
      improve(nearest, document, other, similarity)
      improve(nearest, other, document, similarity)
    }
  }
  return nearest
}

/**
 * For each document the highest Jaccard index with one of the others, exactly. Only the others are indexed: seeds are few
 * beside the set that is held against them.
 */
export function nearestAmong(
  documents: readonly ArrayLike<number>[],
  others: readonly ArrayLike<number>[],
): Float64Array {
  const { starts, postings, shingles, lookUp } = indexShingles(others, SHINGLE_WORDS)
  const shared = new Int32Array(others.length)
  return Float64Array.from(documents, (document) => {
    const { known, different } = lookUp(document)
    const touched: number[] = []
    for (const shingle of known) {
      const end = starts[shingle + 1] ?? 0
      for (let at = starts[shingle] ?? 0; at < end; at++) {
        const other = postings[at] ?? 0
        const both = shared[other] ?? 0
        if (both === 0) touched.push(other)
        shared[other] = both + 1
      }
    }
    let highest = 0
    for (const other of touched) {
      const both = shared[other] ?? 0
      shared[other] = 0
      highest = Math.max(highest, both / (different + (shingles[other]?.length ?? 0) - both))
    }
    return highest
  })
}

function improve({ jaccard, neighbour }: NearestNeighbours, document: number, other: number, similarity: number): void {
  const best = jaccard[document] ?? 0
  if (similarity < best || (similarity === best && (neighbour[document] ?? -1) <= other)) return
  jaccard[document] = similarity
  neighbour[document] = other
}

/**
 * For each document the highest Jaccard index with another where it is at least `threshold`, else 0. Exact, and far
 * quicker than {@link nearestNeighbours}: two sets that similar share one of their rarest shingles (prefix filter,
 * Chaudhuri et al. 2006), so only those are followed.
 */
export function nearDuplicates(documents: readonly ArrayLike<number>[], threshold: number): Float64Array {
  const index = indexShingles(documents, SHINGLE_WORDS)
  const highest = new Float64Array(documents.length)
  // The documents so far that hold a shingle among their rarest stand where its postings do, from the first on.
  const holders = new Int32Array(index.postings.length)
  const holding = new Int32Array(index.starts.length)
  const checked = new Int32Array(documents.length).fill(-1)
  index.shingles.forEach((own, document) => {
    const rarestFirst = own.toSorted((a, b) => frequency(index, a) - frequency(index, b) || a - b)
    const prefix = own.length - Math.ceil(threshold * own.length) + 1
    for (const shingle of rarestFirst.subarray(0, own.length === 0 ? 0 : prefix)) {
      const from = index.starts[shingle] ?? 0
      const to = from + (holding[shingle] ?? 0)
      for (let at = from; at < to; at++) {
        const other = holders[at] ?? 0
        if (checked[other] === document) continue
        checked[other] = document
        const similarity = jaccardOf(index.shingles[document], index.shingles[other])
        if (similarity < threshold) continue
        highest[document] = Math.max(highest[document] ?? 0, similarity)
        highest[other] = Math.max(highest[other] ?? 0, similarity)
      }
      holders[to] = document
      holding[shingle] = to - from + 1
    }
  })
  return highest
}

function frequency({ starts }: ShingleIndex, shingle: number): number {
  return (starts[shingle + 1] ?? 0) - (starts[shingle] ?? 0)
}

/** Of two sorted sets. */
function jaccardOf(one: Int32Array = new Int32Array(0), other: Int32Array = new Int32Array(0)): number {
  let both = 0
  let b = 0
  for (const shingle of one) {
    while (b < other.length && (other[b] ?? 0) < shingle) b++
    if (other[b] === shingle) both++
  }
  const all = one.length + other.length - both
  return all === 0 ? 0 : both / all
}
