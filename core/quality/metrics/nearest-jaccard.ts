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
 * inverted index from shingle to documents, so that only pairs that share something are ever counted. Shingles are told
 * apart by 64 bits of hash. Time grows with the number of pairs that share a shingle; memory is some 40 bytes a shingle.
 *
 * @param among only these documents count as neighbours, e.g. only seeds
 */
export function nearestNeighbours(
  documents: readonly (readonly number[])[],
  among: (document: number) => boolean = () => true,
  shingleWords = SHINGLE_WORDS,
): NearestNeighbours {
  const index = invertedIndex(documents, shingleWords)
  const jaccard = new Float64Array(documents.length)
  const neighbour = new Int32Array(documents.length).fill(-1)
  const shared = new Int32Array(documents.length)
  const touched: number[] = []
  documents.forEach((_, document) => {
    const shingles = index.shinglesOf(document)
    for (const shingle of shingles) {
      for (const other of index.documentsOf(shingle)) {
        if (other === document || !among(other)) continue
        if (shared[other] === 0) touched.push(other)
        shared[other] = (shared[other] ?? 0) + 1
      }
    }
    for (const other of touched) {
      const both = shared[other] ?? 0
      const similarity = both / (shingles.length + index.shinglesOf(other).length - both)
      const best = jaccard[document] ?? 0
      if (similarity > best || (similarity === best && other < (neighbour[document] ?? -1))) {
        jaccard[document] = similarity
        neighbour[document] = other
      }
      shared[other] = 0
    }
    touched.length = 0
  })
  return { jaccard, neighbour }
}

interface InvertedIndex {
  /** Numbers of the different shingles of a document. */
  shinglesOf(document: number): Int32Array
  documentsOf(shingle: number): Int32Array
}

function invertedIndex(documents: readonly (readonly number[])[], shingleWords: number): InvertedIndex {
  const total = documents.reduce((sum, { length }) => sum + Math.max(0, length - shingleWords + 1), 0)
  const table = createHashTable(total)
  const ofDocument: Int32Array[] = documents.map((words) => {
    const own = new Set<number>()
    for (let at = 0; at + shingleWords <= words.length; at++) {
      let first = 0x811c9dc5 | 0
      let second = 0x2f0b4c47
      for (let step = 0; step < shingleWords; step++) {
        const word = (words[at + step] ?? 0) + 1
        first = Math.imul(first ^ word, 0x01000193)
        first ^= first >>> 13
        second = Math.imul(second ^ word, 0x5bd1e995)
        second ^= second >>> 15
      }
      own.add(table.numberOf(first, second))
    }
    return Int32Array.from(own)
  })
  // Documents by shingle, one after the other: where those of a shingle begin is a running sum of how many there are.
  const starts = new Int32Array(table.size() + 1)
  for (const shingles of ofDocument)
    for (const shingle of shingles) starts[shingle + 1] = (starts[shingle + 1] ?? 0) + 1
  for (let at = 1; at < starts.length; at++) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0)
  const next = starts.slice()
  const postings = new Int32Array(starts[starts.length - 1] ?? 0)
  ofDocument.forEach((shingles, document) => {
    for (const shingle of shingles) {
      const at = next[shingle] ?? 0
      postings[at] = document
      next[shingle] = at + 1
    }
  })
  return {
    shinglesOf: (document) => ofDocument[document] ?? new Int32Array(0),
    documentsOf: (shingle) => postings.subarray(starts[shingle], starts[shingle + 1]),
  }
}

/** Numbers pairs of hashes in the order of their first coming. */
function createHashTable(entries: number): { numberOf(first: number, second: number): number; size(): number } {
  let slots = 16
  while (slots < entries * 2) slots *= 2
  const firsts = new Int32Array(slots)
  const seconds = new Int32Array(slots)
  const numbers = new Int32Array(slots).fill(-1)
  let size = 0
  return {
    size: () => size,
    numberOf(first, second) {
      for (let slot = first & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
        const number = numbers[slot] ?? -1
        if (number < 0) {
          firsts[slot] = first
          seconds[slot] = second
          numbers[slot] = size
          return size++
        }
        if (firsts[slot] === first && seconds[slot] === second) return number
      }
    },
  }
}
