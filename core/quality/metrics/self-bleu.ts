import { nGramsOf } from './n-grams.ts'

/** Chen & Cherry 2014, smoothing 1: an n-gram order without a match counts as this much of one match. */
const EPSILON = 0.1

/**
 * Self-BLEU (Zhu et al. 2018, Texygen): BLEU of each document with all others as its references, averaged. 1 when every
 * document is made of pieces of the others, near 0 when none shares anything.
 *
 * BLEU after Papineni et al. 2002: geometric mean of the clipped n-gram precisions for n = 1 … order with equal weights,
 * times the brevity penalty against the closest reference length (the shorter one of two equally close). Smoothing 1 of
 * Chen & Cherry 2014. A document shorter than `order` words is left out; fewer than two documents give 0.
 */
export function selfBleu(documents: readonly ArrayLike<number>[], order = 4): number {
  const long = documents.filter((document) => document.length >= order)
  if (long.length < 2) return 0
  const logPrecisions = new Float64Array(long.length)
  for (const grams of nGramsOf(long, order)) {
    const highest = highestCounts(grams)
    grams.forEach((document, index) => {
      const matches = clippedMatches(document, index, highest)
      logPrecisions[index] = (logPrecisions[index] ?? 0) + Math.log((matches || EPSILON) / document.length) / order
    })
  }
  const lengths = long.map(({ length }) => length)
  const sum = long.reduce(
    (total, { length }, index) => total + brevityPenalty(length, lengths, index) * Math.exp(logPrecisions[index] ?? 0),
    0,
  )
  return sum / long.length
}

/** Of every n-gram the highest count in one document, whose it is, and the highest in any other. */
interface HighestCounts {
  first: Int32Array
  owner: Int32Array
  second: Int32Array
}

function highestCounts(documents: readonly (readonly number[])[]): HighestCounts {
  let size = 0
  for (const document of documents) for (const gram of document) if (gram >= size) size = gram + 1
  const counts: HighestCounts = {
    first: new Int32Array(size),
    owner: new Int32Array(size).fill(-1),
    second: new Int32Array(size),
  }
  documents.forEach((document, index) => {
    for (const [gram, count] of countsOf(document)) {
      if (count > (counts.first[gram] ?? 0)) {
        counts.second[gram] = counts.first[gram] ?? 0
        counts.first[gram] = count
        counts.owner[gram] = index
      } else if (count > (counts.second[gram] ?? 0)) counts.second[gram] = count
    }
  })
  return counts
}

function clippedMatches(document: readonly number[], index: number, { first, owner, second }: HighestCounts): number {
  let matches = 0
  for (const [gram, count] of countsOf(document)) {
    matches += Math.min(count, (owner[gram] === index ? second[gram] : first[gram]) ?? 0)
  }
  return matches
}

function countsOf(grams: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const gram of grams) counts.set(gram, (counts.get(gram) ?? 0) + 1)
  return counts
}

function brevityPenalty(length: number, lengths: readonly number[], own: number): number {
  let closest = Number.POSITIVE_INFINITY
  lengths.forEach((other, index) => {
    if (index === own) return
    const nearer = Math.abs(other - length) - Math.abs(closest - length)
    if (nearer < 0 || (nearer === 0 && other < closest)) closest = other
  })
  return length >= closest ? 1 : Math.exp(1 - closest / length)
}
