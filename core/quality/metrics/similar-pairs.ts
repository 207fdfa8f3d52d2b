import type { Dialogue } from '../../dialogue/schema.ts'
import { plainLowerCase, wordsOfLower } from '../turn-text.ts'
import type { CorpusDialogue } from './corpus.ts'
import type { NearestNeighbours } from './nearest-jaccard.ts'
import { SHINGLE_WORDS } from './nearest-jaccard.ts'

/** A piece of a turn; `shared` when its words stand in a run of five that the other dialogue has, too. */
export interface TextPiece {
  text: string
  shared: boolean
}

export interface PairMember {
  dialogue_id: string
  turns: { role: 'user' | 'assistant'; pieces: TextPiece[] }[]
}

export interface SimilarPair {
  jaccard: number
  members: readonly [PairMember, PairMember]
}

/** The pairs that share most, each pair once, with what they share marked in both. */
export function similarPairs(
  dialogues: readonly Pick<Dialogue, 'dialogue_id'>[],
  corpus: readonly CorpusDialogue[],
  { jaccard, neighbour }: NearestNeighbours,
  top = 10,
): SimilarPair[] {
  const pairs: { first: number; second: number; similarity: number }[] = []
  neighbour.forEach((second, first) => {
    // Where each is the other's nearest the pair stands under the earlier one alone.
    if (second < 0 || (neighbour[second] === first && second < first)) return
    pairs.push({ first, second, similarity: jaccard[first] ?? 0 })
  })
  pairs.sort((a, b) => b.similarity - a.similarity || a.first - b.first)
  return pairs.slice(0, top).flatMap(({ first, second, similarity }) => {
    const [one, other] = [dialogues[first], dialogues[second]]
    const [mine, theirs] = [corpus[first], corpus[second]]
    if (one === undefined || other === undefined || mine === undefined || theirs === undefined) return []
    const members: [PairMember, PairMember] = [marked(one, mine, runsOf(theirs)), marked(other, theirs, runsOf(mine))]
    return [{ jaccard: similarity, members }]
  })
}

function runsOf({ words }: CorpusDialogue): ReadonlySet<string> {
  const runs = new Set<string>()
  for (let at = 0; at + SHINGLE_WORDS <= words.length; at++) runs.add(words.subarray(at, at + SHINGLE_WORDS).join(' '))
  return runs
}

function marked(
  dialogue: Pick<Dialogue, 'dialogue_id'>,
  { words, turns }: CorpusDialogue,
  runs: ReadonlySet<string>,
): PairMember {
  const shared = new Uint8Array(words.length)
  for (let at = 0; at + SHINGLE_WORDS <= words.length; at++) {
    if (runs.has(words.subarray(at, at + SHINGLE_WORDS).join(' '))) shared.fill(1, at, at + SHINGLE_WORDS)
  }
  let word = 0
  return {
    dialogue_id: dialogue.dialogue_id,
    turns: turns.map(({ role, text }) => {
      const pieces = piecesOf(text, () => shared[word++] === 1)
      return { role, pieces }
    }),
  }
}

/** Cuts a text where what is shared begins and ends; marks between two shared words belong to them. */
function piecesOf(text: string, nextIsShared: () => boolean): TextPiece[] {
  const lower = plainLowerCase(text)
  const pieces: TextPiece[] = []
  let from = 0
  let end = 0
  let state = false
  for (const word of wordsOfLower(lower)) {
    const start = lower.indexOf(word, end)
    const shared = nextIsShared()
    if (shared !== state) {
      // What lies between belongs to the plain side.
      const border = shared ? start : end
      if (border > from) pieces.push({ text: text.slice(from, border), shared: state })
      from = border
      state = shared
    }
    end = start + word.length
  }
  const border = state ? end : text.length
  if (border > from) pieces.push({ text: text.slice(from, border), shared: state })
  if (border < text.length) pieces.push({ text: text.slice(border), shared: false })
  return pieces
}
