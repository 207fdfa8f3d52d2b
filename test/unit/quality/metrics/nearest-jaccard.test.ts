import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duplicatesOf } from '../../../../core/quality/metrics/duplicates.ts'
import { nearDuplicates, nearestAmong, nearestNeighbours } from '../../../../core/quality/metrics/nearest-jaccard.ts'
import { similarPairs } from '../../../../core/quality/metrics/similar-pairs.ts'
import { corpusOfTexts, documentsOf, sketches } from './corpus-of-texts.ts'

describe('nearest neighbours', () => {
  it('have the Jaccard index of their sets of five-word runs', () => {
    // abcde bcdef cdefg | abcde bcdef cdefx: two shared, four in all. The third shares nothing.
    const { jaccard, neighbour } = nearestNeighbours(documentsOf('a b c d e f g', 'a b c d e f x', 'p q r s t u v'))
    expect([...jaccard]).toEqual([2 / 4, 2 / 4, 0])
    expect([...neighbour]).toEqual([1, 0, -1])
  })

  it('count a run that stands twice in a document once', () => {
    const { jaccard } = nearestNeighbours(documentsOf('a b c d e a b c d e', 'a b c d e'))
    // abcde bcdea cdeab deabc eabcd against abcde alone.
    expect(jaccard[0]).toBe(1 / 5)
  })

  it('are the ones that comparing every pair finds', () => {
    const documents = fc.array(fc.array(fc.nat(3), { maxLength: 14 }), { maxLength: 7 })
    fc.assert(
      fc.property(documents, (given) => {
        const runs = given.map(
          (words) =>
            new Set(Array.from({ length: Math.max(0, words.length - 4) }, (_, at) => words.slice(at, at + 5).join())),
        )
        const expected = runs.map((mine, one) =>
          Math.max(0, ...runs.map((theirs, other) => (one === other ? 0 : jaccardOf(mine, theirs)))),
        )
        expect([...nearestNeighbours(given).jaccard]).toEqual(expected)
      }),
    )
  })

  it('can be looked for among other documents alone', () => {
    const [first = [], second = [], other = []] = documentsOf('a b c d e f', 'a b c d e f', 'a b c d e z')
    expect([...nearestAmong([first, second, [1, 2]], [other])]).toEqual([1 / 3, 1 / 3, 0])
  })

  it('among others are the ones that comparing every pair finds', () => {
    const documents = fc.array(fc.array(fc.nat(3), { maxLength: 14 }), { maxLength: 6 })
    fc.assert(
      fc.property(documents, documents, (given, others) => {
        const expected = given.map((mine) =>
          Math.max(0, ...others.map((theirs) => nearestNeighbours([mine, theirs]).jaccard[0] ?? 0)),
        )
        expect([...nearestAmong(given, others)]).toEqual(expected)
      }),
    )
  })
})

function jaccardOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = [...a].filter((run) => b.has(run)).length
  const all = a.size + b.size - both
  return all === 0 ? 0 : both / all
}

describe('near-duplicates', () => {
  it('are the neighbours at or above the threshold, and no others', () => {
    const documents = fc.array(fc.array(fc.nat(2), { maxLength: 12 }), { maxLength: 8 })
    fc.assert(
      fc.property(documents, fc.constantFrom(0.3, 0.5, 0.8, 1), (given, threshold) => {
        const expected = [...nearestNeighbours(given).jaccard].map((value) => (value >= threshold ? value : 0))
        expect([...nearDuplicates(given, threshold)]).toEqual(expected)
      }),
    )
  })
})

describe('duplicates', () => {
  it('are counted whatever their case and punctuation, the first one not', () => {
    const same = ['It is late, and I cannot sleep again.', 'That sounds long.']
    const { dialogues } = corpusOfTexts(
      same,
      ['It is late — and I cannot sleep, again!', 'That sounds long'],
      ['No.', 'Yes.'],
    )
    expect(duplicatesOf(dialogues.map(({ words }) => words))).toEqual({ exact: 1, at_half: 2, at_four_fifths: 2 })
  })
})

describe('similar pairs', () => {
  it('are given once, with what both share marked in both', () => {
    const texts = sketches(
      ['I went down to the old pier today.', 'How was it there?'],
      ['So I went down to the old boat, alone.', 'Who was there?'],
      ['Nothing to say.', 'Take your time.'],
    )
    const corpus = corpusOfTexts(...texts.map(({ messages }) => messages.map(({ text }) => text)))
    const dialogues = texts.map((sketch) => ({
      ...sketch,
      session_type: 'check-in' as const,
      user_profile: { concern: 'grief' },
      labels: {},
    }))
    const pairs = similarPairs(
      dialogues,
      corpus.dialogues,
      nearestNeighbours(corpus.dialogues.map(({ words }) => words)),
    )
    expect(pairs).toHaveLength(1)
    expect(pairs[0]?.members.map((member) => member.turns[0]?.pieces)).toEqual([
      [
        { text: 'I went down to the old', shared: true },
        { text: ' pier today.', shared: false },
      ],
      [
        { text: 'So ', shared: false },
        { text: 'I went down to the old', shared: true },
        { text: ' boat, alone.', shared: false },
      ],
    ])
  })

  it('keep every character of the turns', () => {
    const text = fc
      .array(fc.constantFrom('one', 'two', ',', '“three”', '\n', '🙂', "it's"), { maxLength: 12 })
      .map((parts) => parts.join(' '))
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (texts) => {
        const given = sketches(texts, texts)
        const corpus = corpusOfTexts(texts, texts)
        const dialogues = given.map((sketch) => ({
          ...sketch,
          session_type: 'check-in' as const,
          user_profile: { concern: 'grief' },
          labels: {},
        }))
        for (const { members } of similarPairs(
          dialogues,
          corpus.dialogues,
          nearestNeighbours(corpus.dialogues.map(({ words }) => words)),
        )) {
          for (const { turns } of members) {
            expect(turns.map(({ pieces }) => pieces.map((piece) => piece.text).join(''))).toEqual(texts)
          }
        }
      }),
    )
  })
})
