/**
 * Mean over the documents of the cosine with the nearest other document, by TF-IDF: how alike the most alike are in
 * what they speak of. Term frequency is the raw count; idf = ln((1 + N) / (1 + df)) + 1; vectors are scaled to length 1
 * (the defaults of scikit-learn's TfidfVectorizer). Terms are words of two or more letters without the function words
 * given. 0 for fewer than two documents.
 */
export function meanNearestCosine(documents: readonly ArrayLike<number>[], isTerm: (word: number) => boolean): number {
  if (documents.length < 2) return 0
  const postings = new Map<number, { document: number; count: number }[]>()
  documents.forEach((words, document) => {
    const counts = new Map<number, number>()
    for (const word of Array.from(words)) if (isTerm(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
    for (const [word, count] of counts) {
      const known = postings.get(word)
      if (known === undefined) postings.set(word, [{ document, count }])
      else known.push({ document, count })
    }
  })
  const squares = new Float64Array(documents.length)
  const idfOf = (documentFrequency: number): number => Math.log((1 + documents.length) / (1 + documentFrequency)) + 1
  const vectors: { weight: number; holders: readonly { document: number; count: number }[] }[][] = documents.map(
    () => [],
  )
  for (const holders of postings.values()) {
    const idf = idfOf(holders.length)
    for (const { document, count } of holders) {
      squares[document] = (squares[document] ?? 0) + (count * idf) ** 2
      vectors[document]?.push({ weight: count * idf * idf, holders })
    }
  }
  const dots = new Float64Array(documents.length)
  let sum = 0
  vectors.forEach((terms, document) => {
    dots.fill(0)
    for (const { weight, holders } of terms) {
      for (const { document: other, count } of holders) dots[other] = (dots[other] ?? 0) + weight * count
    }
    let nearest = 0
    dots.forEach((dot, other) => {
      if (other === document || dot === 0) return
      nearest = Math.max(nearest, dot / Math.sqrt((squares[document] ?? 1) * (squares[other] ?? 1)))
    })
    sum += nearest
  })
  return sum / documents.length
}
