import type { CorpusDialogue, CorpusTurn } from './corpus.ts'

export interface TechniqueBalance {
  /** `labels` where the turns carry `techniques`, else `text`: estimated from the wording. */
  basis: 'labels' | 'text'
  reflections: number
  questions: number
  /** Reflections over questions; safety questions are owed and not counted. */
  reflections_to_questions: number
  /** Complex reflections over all reflections, 0..1. */
  complex_reflections: number
  /** Open questions over all questions, 0..1. */
  open_questions: number
}

interface Counts {
  simple: number
  complex: number
  open: number
  closed: number
}

/** A restatement and a naming of the feeling said are simple; what adds meaning is complex (MITI 4.2). */
const SIMPLE: ReadonlySet<string> = new Set(['simple_reflection', 'restatement', 'reflection_of_feelings'])
const COMPLEX: ReadonlySet<string> = new Set(['complex_reflection', 'summary'])

/**
 * The balance of reflections and questions, the measures by which MI sessions are rated (MITI 4.2; AnnoMI: high-quality
 * sessions 1.00, 46.7 % and 56.9 %). By the labels of the turns where there are any.
 */
export function techniqueBalance(dialogues: readonly CorpusDialogue[], words: readonly string[]): TechniqueBalance {
  const replies = dialogues.flatMap(({ turns }) => turns.filter(({ role }) => role === 'assistant'))
  const labelled = replies.some(({ techniques }) => techniques.length > 0)
  return balanceOf(
    replies,
    labelled ? countLabels : (turn) => countSentences(turn, words),
    labelled ? 'labels' : 'text',
  )
}

/** The same from the wording alone, to hold beside labels that a generator gave itself. */
export function techniqueBalanceByText(
  dialogues: readonly CorpusDialogue[],
  words: readonly string[],
): TechniqueBalance {
  const replies = dialogues.flatMap(({ turns }) => turns.filter(({ role }) => role === 'assistant'))
  return balanceOf(replies, (turn) => countSentences(turn, words), 'text')
}

function balanceOf(
  replies: readonly CorpusTurn[],
  count: (turn: CorpusTurn) => Counts,
  basis: TechniqueBalance['basis'],
): TechniqueBalance {
  const total: Counts = { simple: 0, complex: 0, open: 0, closed: 0 }
  for (const turn of replies) {
    const counts = count(turn)
    total.simple += counts.simple
    total.complex += counts.complex
    total.open += counts.open
    total.closed += counts.closed
  }
  const reflections = total.simple + total.complex
  const questions = total.open + total.closed
  return {
    basis,
    reflections,
    questions,
    reflections_to_questions: ratio(reflections, questions),
    complex_reflections: ratio(total.complex, reflections),
    open_questions: ratio(total.open, questions),
  }
}

function ratio(part: number, of: number): number {
  return of === 0 ? 0 : part / of
}

function countLabels({ techniques }: CorpusTurn): Counts {
  const counts: Counts = { simple: 0, complex: 0, open: 0, closed: 0 }
  for (const technique of techniques) {
    if (SIMPLE.has(technique)) counts.simple++
    else if (COMPLEX.has(technique)) counts.complex++
    else if (technique === 'open_question') counts.open++
    else if (technique === 'closed_question') counts.closed++
  }
  return counts
}

const OPEN =
  /^(?:(?:and|so|but|then|when|if|in|on|at|of|for|from|to|with|there|out|up|all|given|after|before|while|as)\b.*?\b)?(?:what|how|why|where|who|which|in what|tell me|describe|walk me|say more)\b/
const CLOSED = /^(?:do|does|did|is|are|was|were|have|has|had|can|could|would|will|shall|should|may|might|am)\b/
const ABOUT_SUICIDE = /\b(?:suicid\w*|kill|ending your life|safe|plan|act on)\b/
const REFLECTS =
  /^(?:(?:so|and|then|it)\b.*)?\b(?:you|your|you're|you've|you'd)\b|\b(?:sounds?|seems?|as if|as though|part of you|must)\b/
const NO_REFLECTION = /\b(?:thank|thanks|i'm an ai|i'd like|let's|try|we can|we could|you can|you could|call|text)\b/
/** Beyond what was said: a guess at meaning, a contrast, a figure of speech. */
const ADDS_MEANING =
  /\b(?:as if|as though|part of you|underneath|behind|rather than|and yet|yet|maybe|perhaps|meant|means|matters|because|afraid that|wish|want(?:s|ed)?|still|even though|while|instead|long|kept|keeps|would rather|like a|like an)\b/

/** One count a sentence: a question is open or closed by its first words, a statement about the client a reflection. */
function countSentences(turn: CorpusTurn, words: readonly string[]): Counts {
  const counts: Counts = { simple: 0, complex: 0, open: 0, closed: 0 }
  for (const { from, to, question } of turn.sentences) {
    const text = Array.from(turn.words.subarray(from, to), (word) => words[word]).join(' ')
    if (question) {
      if (ABOUT_SUICIDE.test(text)) continue
      if (CLOSED.test(text) || !OPEN.test(text)) counts.closed++
      else counts.open++
    } else if (REFLECTS.test(text) && !NO_REFLECTION.test(text)) {
      if (ADDS_MEANING.test(text)) counts.complex++
      else counts.simple++
    }
  }
  return counts
}
