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

/**
 * Every shingle seen so far with the documents it stands in: exact nearest neighbours, in typed arrays (some 12 bytes a
 * shingle). Beyond `exactUpTo` documents only one shingle in `2^k` is kept, the same ones in every document, so that memory
 * stays bounded; the Jaccard index over them is an unbiased estimate.
 */
export class ShingleIndex {
  #keys = new Uint32Array(1 << 16)
  /** Posting of the latest document + 1; 0 is an empty place. */
  #heads = new Uint32Array(1 << 16)
  #used = 0
  #documents = new Uint32Array(1 << 16)
  #next = new Uint32Array(1 << 16)
  #postings = 0
  #sizes: number[] = []
  #shared = new Uint16Array(1024)
  readonly #skip: number

  constructor(expected: number, exactUpTo = 20_000) {
    let skip = 1
    while (expected / skip > exactUpTo) skip *= 2
    this.#skip = skip
  }

  get size(): number {
    return this.#sizes.length
  }

  /** 1: exact; 4: on one shingle in four. */
  get sampling(): number {
    return this.#skip
  }

  add(shingles: Uint32Array): void {
    const document = this.#sizes.length
    let kept = 0
    for (const shingle of shingles) {
      if (!this.#keeps(shingle)) continue
      kept++
      this.#post(shingle, document)
    }
    this.#sizes.push(kept)
    if (this.#sizes.length > this.#shared.length) this.#shared = new Uint16Array(this.#shared.length * 2)
  }

  nearest(shingles: Uint32Array): Nearest {
    const touched: number[] = []
    let own = 0
    for (const shingle of shingles) {
      if (!this.#keeps(shingle)) continue
      own++
      for (let at = this.#heads[this.#place(shingle)] ?? 0; at !== 0; at = this.#next[at - 1] ?? 0) {
        const document = this.#documents[at - 1] ?? 0
        if (this.#shared[document] === 0) touched.push(document)
        this.#shared[document] = (this.#shared[document] ?? 0) + 1
      }
    }
    const nearest: Nearest = { jaccard: 0, document: -1 }
    for (const document of touched) {
      const shared = this.#shared[document] ?? 0
      this.#shared[document] = 0
      const jaccard = shared / (own + (this.#sizes[document] ?? 0) - shared)
      if (jaccard > nearest.jaccard) {
        nearest.jaccard = jaccard
        nearest.document = document
      }
    }
    return nearest
  }

  #keeps(shingle: number): boolean {
    return this.#skip === 1 || (Math.imul(shingle, 0x85ebca6b) >>> 8) % this.#skip === 0
  }

  /** Open addressing, linear probing; at most half full. */
  #place(shingle: number): number {
    const mask = this.#keys.length - 1
    let at = (Math.imul(shingle, 0x9e3779b1) >>> 0) & mask
    while (this.#heads[at] !== 0 && this.#keys[at] !== shingle) at = (at + 1) & mask
    return at
  }

  #post(shingle: number, document: number): void {
    if (this.#postings === this.#documents.length) {
      this.#documents = grown(this.#documents)
      this.#next = grown(this.#next)
    }
    const place = this.#place(shingle)
    const head = this.#heads[place] ?? 0
    this.#documents[this.#postings] = document
    this.#next[this.#postings] = head
    this.#postings++
    this.#heads[place] = this.#postings
    if (head !== 0) return
    this.#keys[place] = shingle
    this.#used++
    if (this.#used * 2 > this.#keys.length) this.#rehash()
  }

  #rehash(): void {
    const keys = this.#keys
    const heads = this.#heads
    this.#keys = new Uint32Array(keys.length * 2)
    this.#heads = new Uint32Array(keys.length * 2)
    heads.forEach((head, at) => {
      if (head === 0) return
      const place = this.#place(keys[at] ?? 0)
      this.#keys[place] = keys[at] ?? 0
      this.#heads[place] = head
    })
  }
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.ceil(array.length * 1.5))
  larger.set(array)
  return larger
}
