/** Which shingles each document has and which documents each shingle stands in. */
export interface ShingleIndex {
  /** For each document the numbers of its different shingles, sorted. */
  shingles: readonly Int32Array[]
  /** The documents of shingle `s` are `postings[starts[s]] … postings[starts[s + 1] - 1]`, in rising order. */
  starts: Int32Array
  postings: Int32Array
  /** Of a document outside: the numbers of those of its different shingles that are known here, and how many it has. */
  lookUp: (document: ArrayLike<number>) => { known: number[]; different: number }
}

/** Shingles are told apart by 64 bits of hash; memory is 20 to 40 bytes a shingle. */
export function indexShingles(documents: readonly ArrayLike<number>[], words: number): ShingleIndex {
  const total = documents.reduce((sum, { length }) => sum + Math.max(0, length - words + 1), 0)
  const table = createHashTable(total)
  const shingles = documents.map((document) => distinctShingles(document, words, table))
  const starts = new Int32Array(table.size() + 1)
  for (const own of shingles) for (const shingle of own) starts[shingle + 1] = (starts[shingle + 1] ?? 0) + 1
  for (let at = 1; at < starts.length; at++) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0)
  const next = starts.slice()
  const postings = new Int32Array(starts[starts.length - 1] ?? 0)
  shingles.forEach((own, document) => {
    for (const shingle of own) {
      const at = next[shingle] ?? 0
      postings[at] = document
      next[shingle] = at + 1
    }
  })
  return { shingles, starts, postings, lookUp: (document) => lookUpIn(table, document, words) }
}

function lookUpIn(table: HashTable, document: ArrayLike<number>, words: number): ReturnType<ShingleIndex['lookUp']> {
  const seen = new Set<number>()
  const known: number[] = []
  eachShingle(document, words, (first, second) => {
    // 53 bits of the 64.
    const key = (first >>> 0) * 2 ** 21 + (second & 0x1fffff)
    if (seen.has(key)) return
    seen.add(key)
    const number = table.find(first, second)
    if (number >= 0) known.push(number)
  })
  return { known, different: seen.size }
}

/** The hashes of each run of so many words, in order. */
function eachShingle(document: ArrayLike<number>, words: number, visit: (first: number, second: number) => void): void {
  for (let at = 0; at + words <= document.length; at++) {
    let first = 0x811c9dc5 | 0
    let second = 0x2f0b4c47
    for (let step = 0; step < words; step++) {
      const word = (document[at + step] ?? 0) + 1
      first = Math.imul(first ^ word, 0x01000193)
      first ^= first >>> 13
      second = Math.imul(second ^ word, 0x5bd1e995)
      second ^= second >>> 15
    }
    visit(first, second)
  }
}

function distinctShingles(document: ArrayLike<number>, words: number, table: HashTable): Int32Array {
  const numbers = new Int32Array(Math.max(0, document.length - words + 1))
  let count = 0
  eachShingle(document, words, (first, second) => {
    numbers[count++] = table.numberOf(first, second)
  })
  numbers.sort()
  let kept = 0
  for (let at = 0; at < numbers.length; at++) {
    if (at > 0 && numbers[at] === numbers[at - 1]) continue
    numbers[kept++] = numbers[at] ?? 0
  }
  return numbers.slice(0, kept)
}

interface HashTable {
  numberOf: (first: number, second: number) => number
  /** -1 where it has no number. */
  find: (first: number, second: number) => number
  size: () => number
}

/** Numbers pairs of hashes in the order of their first coming; open addressing, at most four fifths full. */
function createHashTable(entries: number): HashTable {
  let slots = 16
  while (slots < entries * 1.25) slots *= 2
  const firsts = new Int32Array(slots)
  const seconds = new Int32Array(slots)
  const numbers = new Int32Array(slots).fill(-1)
  let size = 0
  return {
    size: () => size,
    find: (first, second) => {
      for (let slot = first & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
        const number = numbers[slot] ?? -1
        if (number < 0 || (firsts[slot] === first && seconds[slot] === second)) return number
      }
    },
    numberOf: (first, second) => {
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
