/**
 * Gives every n-gram a number of its own, exactly: the number of its first n-1 words and the last word are looked up as
 * one pair. Level 1 are the words themselves.
 */
export function createNGramNumbering(words: number): (previous: number, word: number) => number {
  const numbers = new Map<number, number>()
  // previous < 2^31 / words would overflow a 53-bit product only beyond 2^22 words and as many n-grams.
  return (previous, word) => {
    const key = previous * words + word
    const known = numbers.get(key)
    if (known !== undefined) return known
    const number = numbers.size
    numbers.set(key, number)
    return number
  }
}

/**
 * For n = 1 … `order`, the numbers of the n-grams of each document, in order of their place. Numbers of different n
 * have nothing to do with one another.
 */
export function nGramsOf(documents: readonly ArrayLike<number>[], order: number): number[][][] {
  let highest = 0
  const levels: number[][][] = [documents.map((document) => Array.from(document))]
  for (const document of levels[0] ?? []) for (const word of document) if (word >= highest) highest = word + 1
  for (let n = 2; n <= order; n++) {
    const number = createNGramNumbering(highest + 1)
    const shorter = levels[n - 2] ?? []
    levels.push(
      documents.map((document, index) => {
        const grams: number[] = []
        for (let at = 0; at + n <= document.length; at++) {
          grams.push(number(shorter[index]?.[at] ?? 0, document[at + n - 1] ?? 0))
        }
        return grams
      }),
    )
  }
  return levels
}
