import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../core/generate/acceptance/fingerprint.ts'
import {
  createShingleIndex,
  SHINGLE,
  shinglesOf as shinglesOfHashes,
} from '../../../core/generate/acceptance/near-duplicates.ts'

const shinglesOf = (words: readonly string[]) =>
  shinglesOfHashes(fingerprint([{ role: 'user', text: words.join(' ') }]).words)
const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 40 })

function jaccard(a: readonly string[], b: readonly string[]): number {
  const runs = (of: readonly string[]) =>
    new Set(of.slice(0, Math.max(0, of.length - SHINGLE + 1)).map((_, at) => of.slice(at, at + SHINGLE).join(' ')))
  const [one, other] = [runs(a), runs(b)]
  const shared = [...one].filter((run) => other.has(run)).length
  const all = one.size + other.size - shared
  return all === 0 ? 0 : shared / all
}

describe('the shingle index', () => {
  it('finds the nearest neighbour that comparing every pair finds', () => {
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 12 }), words, (documents, asked) => {
        const index = createShingleIndex(documents.length)
        for (const document of documents) index.add(shinglesOf(document))
        const expected = Math.max(...documents.map((document) => jaccard(document, asked)))
        expect(index.nearest(shinglesOf(asked)).jaccard).toBeCloseTo(expected, 10)
      }),
    )
  })

  it('gives 1 for the same text and keeps no trace of an earlier question', () => {
    const index = createShingleIndex(2)
    const text = shinglesOf('one two three four five six seven'.split(' '))
    index.add(text)
    expect(index.nearest(text)).toEqual({ jaccard: 1, document: 0 })
    expect(index.nearest(text)).toEqual({ jaccard: 1, document: 0 })
    expect(index.nearest(shinglesOf(['other', 'words']))).toEqual({ jaccard: 0, document: -1 })
  })

  it('grows beyond its first size', () => {
    const index = createShingleIndex(3000)
    for (let document = 0; document < 3000; document++) {
      index.add(shinglesOf(Array.from({ length: 60 }, (_, at) => `w${document}x${at}`)))
    }
    expect(index.nearest(shinglesOf(Array.from({ length: 60 }, (_, at) => `w1234x${at}`)))).toEqual({
      jaccard: 1,
      document: 1234,
    })
  })

  it('takes documents that are longer than any it made room for', () => {
    const index = createShingleIndex(2)
    const [long, other] = ['a', 'b'].map((word) => shinglesOf(Array.from({ length: 6000 }, (_, at) => `${word}${at}`)))
    index.add(long ?? new Uint32Array())
    index.add(other ?? new Uint32Array())
    expect(index.nearest(long ?? new Uint32Array())).toEqual({ jaccard: 1, document: 0 })
    expect(index.nearest(other ?? new Uint32Array())).toEqual({ jaccard: 1, document: 1 })
  })

  it('samples beyond the size that it compares exactly, and stays near the truth', () => {
    const index = createShingleIndex(8000, 1000)
    expect(index.sampling).toBe(8)
    const text = Array.from({ length: 4000 }, (_, at) => `w${at}`)
    index.add(shinglesOf(text))
    const half = [...text.slice(0, 2000), ...Array.from({ length: 2000 }, (_, at) => `x${at}`)]
    expect(index.nearest(shinglesOf(half)).jaccard).toBeGreaterThan(0.25)
    expect(index.nearest(shinglesOf(half)).jaccard).toBeLessThan(0.42)
  })
})
