/** Words in a row that make a shingle: 5, as in the gates of the quality report. */
export const SHINGLE = 5

/**
 * 32-bit hashes of the distinct runs of five words, in order of the text. Two dialogues out of 10,000 share a hash by chance
 * once in some 100,000 runs.
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

/** Places of the hashes of the text at hand: open addressing, linear probing; a place of an earlier text counts as empty. */
let places = new Uint32Array(1 << 11)
let filledFor = new Uint32Array(places.length)
let textAtHand = 0

/** Each value once; in the same array. */
function distinct(values: Uint32Array): Uint32Array {
  const { length } = values
  if (2 * length > places.length || textAtHand === 0xffffffff) {
    places = new Uint32Array(2 ** bitsOf(Math.max(4 * length, places.length - 1)))
    filledFor = new Uint32Array(places.length)
    textAtHand = 0
  }
  textAtHand++
  const mask = places.length - 1
  let kept = 0
  for (let from = 0; from < length; from++) {
    const value = values[from] ?? 0
    let at = Math.imul(value, 0x9e3779b1) & mask
    while (filledFor[at] === textAtHand && places[at] !== value) at = (at + 1) & mask
    if (filledFor[at] === textAtHand) continue
    filledFor[at] = textAtHand
    places[at] = value
    values[kept++] = value
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

/** Documents up to which every shingle is kept: some 20 MB. */
const EXACT_UP_TO = 5000
/** Of a dialogue, rounded up. Room that is never used is never touched, and takes no memory. */
const SHINGLES_OF_A_DOCUMENT = 512
const FEWEST_BITS = 16

/**
 * Every shingle seen so far with the documents it stands in: exact nearest neighbours, in 8 bytes a shingle and 4 a bucket.
 * Beyond `exactUpTo` expected documents only one shingle in `2^k` is kept, the same ones in every document, so that memory
 * stays bounded; the Jaccard index over them is an unbiased estimate.
 */
export function createShingleIndex(expected: number, exactUpTo = EXACT_UP_TO): ShingleIndex {
  let sampling = 1
  while (expected / sampling > exactUpTo) sampling *= 2
  const keeps = (shingle: number): boolean => sampling === 1 || (Math.imul(shingle, 0x85ebca6b) >>> 8) % sampling === 0

  // A shingle, multiplied, is `bits` that name its bucket and the rest that tells it from others in there. An entry is the
  // number of the next one in its bucket and, in one word, that rest above the `bits` of the document's number.
  const room = Math.ceil(expected / sampling) * SHINGLES_OF_A_DOCUMENT
  const bits = Math.max(FEWEST_BITS, bitsOf(room) - 2, bitsOf(expected))
  const ofDocument = 2 ** bits - 1
  /** Number of the latest entry + 1; 0 is an empty bucket. */
  const heads = new Uint32Array(2 ** bits)
  let entries = new Uint32Array(2 * Math.max(room, 1 << 12))
  let used = 0
  const sizes: number[] = []
  let shared = new Uint16Array(256)

  const post = (shingle: number, document: number): void => {
    if (2 * used === entries.length) entries = grown(entries, 2 * Math.ceil(used * 1.25))
    const mixed = Math.imul(shingle, 0x9e3779b1)
    const bucket = mixed >>> (32 - bits)
    entries[2 * used] = heads[bucket] ?? 0
    entries[2 * used + 1] = (mixed << bits) | document
    heads[bucket] = ++used
  }

  return {
    sampling,

    add(shingles) {
      const document = sizes.length
      if (document > ofDocument) throw new Error(`more documents than the ${expected} that were expected`)
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
        const mixed = Math.imul(shingle, 0x9e3779b1)
        const rest = mixed << bits
        // From the latest document to the first.
        for (let entry = heads[mixed >>> (32 - bits)] ?? 0; entry !== 0; entry = entries[2 * entry - 2] ?? 0) {
          const word = entries[2 * entry - 1] ?? 0
          if ((word ^ rest) >>> bits !== 0) continue
          const document = word & ofDocument
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

/** To write the number. */
function bitsOf(number: number): number {
  return 32 - Math.clz32(number)
}

/** The same values with room for more behind them. */
export function grown(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length)
  larger.set(array)
  return larger
}
