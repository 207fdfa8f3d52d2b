/** Words in a row that make a shingle: 5, as in the gates of the quality report. */
export const SHINGLE = 5

/**
 * 32-bit hashes of the distinct runs of five words, sorted. Two dialogues out of 10,000 share a hash by chance once in some
 * 100,000 runs.
 * @param words hashes of the words in a row ({@link fingerprint})
 */
export function shinglesOf(words: Uint32Array): Uint32Array {
  const runs = new Uint32Array(Math.max(0, words.length - SHINGLE + 1))
  for (let at = 0; at < runs.length; at++) {
    let hash = 0
    for (let step = 0; step < SHINGLE; step++) {
      hash = Math.imul(hash ^ (words[at + step] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    runs[at] = hash
  }
  return distinct(runs)
}

function distinct(values: Uint32Array): Uint32Array {
  values.sort()
  let kept = 0
  for (let at = 0; at < values.length; at++) {
    if (at > 0 && values[at] === values[at - 1]) continue
    values[kept++] = values[at] ?? 0
  }
  return values.subarray(0, kept)
}

export interface Nearest {
  /** Of the shingle sets, 0..1. */
  jaccard: number
  /** Number of the document, in the order of adding; -1 when nothing shares a shingle. */
  document: number
}

/** The nearest of the documents added so far. */
export interface ShingleIndex {
  /** 1: exact; 4: on one shingle in four. */
  sampling: number
  add(shingles: Uint32Array): void
  nearest(shingles: Uint32Array): Nearest
}

/** Documents up to which every shingle is kept: some 25 MB. */
const EXACT_UP_TO = 5000
/** Fullness beyond which probes get long. */
const MOST_FULL = 0.65

/**
 * Every shingle seen so far with the documents it stands in: exact nearest neighbours, in typed arrays (6 bytes a shingle and
 * 12 a distinct one). Beyond `exactUpTo` expected documents only one shingle in `2^k` is kept, the same ones in every
 * document, so that memory stays bounded; the Jaccard index over them is an unbiased estimate.
 */
export function createShingleIndex(expected: number, exactUpTo = EXACT_UP_TO): ShingleIndex {
  let sampling = 1
  while (expected / sampling > exactUpTo) sampling *= 2
  const keeps = (shingle: number): boolean => sampling === 1 || (Math.imul(shingle, 0x85ebca6b) >>> 8) % sampling === 0

  let keys = new Uint32Array(1 << 14)
  /** Number of the latest posting + 1; 0 is an empty place. */
  let heads = new Uint32Array(1 << 14)
  let used = 0
  // Postings of one shingle are a chain from the latest to the first.
  let documents: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> =
    expected < 60_000 ? new Uint16Array(1 << 15) : new Uint32Array(1 << 15)
  let next = new Uint32Array(1 << 15)
  let postings = 0
  const sizes: number[] = []
  let shared = new Uint16Array(256)

  /** Open addressing, linear probing. */
  const place = (shingle: number): number => {
    const mask = keys.length - 1
    let at = (Math.imul(shingle, 0x9e3779b1) >>> 0) & mask
    while (heads[at] !== 0 && keys[at] !== shingle) at = (at + 1) & mask
    return at
  }
  const grow = (): void => {
    const [oldKeys, oldHeads] = [keys, heads]
    keys = new Uint32Array(oldKeys.length * 2)
    heads = new Uint32Array(oldKeys.length * 2)
    for (let at = 0; at < oldHeads.length; at++) {
      const head = oldHeads[at] ?? 0
      if (head === 0) continue
      const key = oldKeys[at] ?? 0
      const to = place(key)
      keys[to] = key
      heads[to] = head
    }
  }
  const post = (shingle: number, document: number): void => {
    if (postings === next.length) {
      const larger = Math.ceil(next.length * 1.4)
      documents = documents instanceof Uint16Array ? grownShort(documents, larger) : grown(documents, larger)
      next = grown(next, larger)
    }
    const at = place(shingle)
    const head = heads[at] ?? 0
    documents[postings] = document
    next[postings] = head
    postings++
    heads[at] = postings
    if (head !== 0) return
    keys[at] = shingle
    used++
    if (used > keys.length * MOST_FULL) grow()
  }

  return {
    sampling,

    add(shingles) {
      const document = sizes.length
      let kept = 0
      for (let at = 0; at < shingles.length; at++) {
        const shingle = shingles[at] ?? 0
        if (!keeps(shingle)) continue
        kept++
        post(shingle, document)
      }
      sizes.push(kept)
      if (sizes.length > shared.length) shared = new Uint16Array(shared.length * 2)
    },

    nearest(shingles) {
      const touched: number[] = []
      let own = 0
      for (let at = 0; at < shingles.length; at++) {
        const shingle = shingles[at] ?? 0
        if (!keeps(shingle)) continue
        own++
        for (let posting = heads[place(shingle)] ?? 0; posting !== 0; posting = next[posting - 1] ?? 0) {
          const document = documents[posting - 1] ?? 0
          const before = shared[document] ?? 0
          if (before === 0) touched.push(document)
          shared[document] = before + 1
        }
      }
      const nearest: Nearest = { jaccard: 0, document: -1 }
      for (const document of touched) {
        const common = shared[document] ?? 0
        shared[document] = 0
        const jaccard = common / (own + (sizes[document] ?? 0) - common)
        if (jaccard > nearest.jaccard) {
          nearest.jaccard = jaccard
          nearest.document = document
        }
      }
      return nearest
    },
  }
}

function grown(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length)
  larger.set(array)
  return larger
}

function grownShort(array: Uint16Array<ArrayBuffer>, length: number): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(length)
  larger.set(array)
  return larger
}
