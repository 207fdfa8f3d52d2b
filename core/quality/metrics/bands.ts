/**
 * Reference figures beside which a set is drawn: means over five samples of 200 dialogues, cut to 6, 10 and 14 turns.
 * Human: crowd supporters (ESConv); LLM: written by a language model (ESCoT). Reference points only: no sentence of
 * theirs is used here, and both are unsafe models for replies to risk.
 */
export const BAND_TURNS = [6, 10, 14] as const
export type BandTurns = (typeof BAND_TURNS)[number]

export type MetricName =
  | 'self_bleu_4'
  | 'distinct_2'
  | 'distinct_3'
  | 'vocabulary'
  | 'nearest_jaccard_p95'
  | 'nearest_jaccard_max'
  | 'sentence_reuse'
  | 'zlib_ratio'
  | 'tf_idf_nearest_cosine'
  | 'top_ten_openers'
  | 'reply_words_deviation'
  | 'reflections_to_questions'
  | 'complex_reflections'
  | 'open_questions'
  | 'exact_duplicates'
  | 'memorised_runs'
  | 'quota_error'
  | 'lint_errors'

export interface MetricDescription {
  name: MetricName
  title: string
  /** For a reader who is no statistician. */
  explanation: string
  better: 'lower' | 'higher'
  format: 'number' | 'percent' | 'count'
  human?: Readonly<Record<BandTurns, number>>
  llm?: Readonly<Record<BandTurns, number>>
  /** What every run of the template generator is held to, and what its median aims at (at 10 turns and 200 dialogues). */
  gate?: number
  goal?: number
}

const at = (six: number, ten: number, fourteen: number): Record<BandTurns, number> => ({
  6: six,
  10: ten,
  14: fourteen,
})

export const METRICS: readonly MetricDescription[] = [
  {
    name: 'self_bleu_4',
    title: 'Self-BLEU-4',
    explanation: 'How far each dialogue is made of four-word pieces that others use, too.',
    better: 'lower',
    format: 'number',
    human: at(0.334, 0.316, 0.328),
    llm: at(0.548, 0.539, 0.556),
    gate: 0.55,
    goal: 0.42,
  },
  {
    name: 'distinct_2',
    title: 'Distinct-2',
    explanation: 'Different word pairs over all word pairs.',
    better: 'higher',
    format: 'number',
    human: at(0.546, 0.499, 0.467),
    llm: at(0.38, 0.363, 0.337),
    gate: 0.38,
    goal: 0.48,
  },
  {
    name: 'distinct_3',
    title: 'Distinct-3',
    explanation: 'Different three-word runs over all three-word runs.',
    better: 'higher',
    format: 'number',
    human: at(0.832, 0.83, 0.815),
    llm: at(0.64, 0.642, 0.621),
    gate: 0.66,
    goal: 0.78,
  },
  {
    name: 'vocabulary',
    title: 'Vocabulary',
    explanation: 'Different words in the sample.',
    better: 'higher',
    format: 'count',
    human: at(2055, 3238, 4149),
    llm: at(1687, 2226, 2600),
  },
  {
    name: 'nearest_jaccard_p95',
    title: 'Nearest neighbour, 95th percentile',
    explanation: 'Five-word runs shared with the most similar other dialogue; one in twenty shares more than this.',
    better: 'lower',
    format: 'number',
    human: at(0.038, 0.019, 0.013),
    llm: at(0.062, 0.041, 0.032),
    gate: 0.06,
    goal: 0.03,
  },
  {
    name: 'nearest_jaccard_max',
    title: 'Nearest neighbour, highest',
    explanation: 'The same for the most similar pair of all.',
    better: 'lower',
    format: 'number',
    human: at(0.072, 0.029, 0.023),
    llm: at(0.085, 0.052, 0.041),
    gate: 0.1,
    goal: 0.06,
  },
  {
    name: 'sentence_reuse',
    title: 'Sentence reuse',
    explanation:
      'Sentences of six or more words that are said word for word elsewhere. Lines with crisis resources are left out.',
    better: 'lower',
    format: 'percent',
    human: at(0.043, 0.021, 0.016),
    llm: at(0.089, 0.072, 0.076),
    gate: 0.12,
    goal: 0.065,
  },
  {
    name: 'zlib_ratio',
    title: 'Compression (zlib-9)',
    explanation: 'How many times smaller the texts get when repetition is squeezed out.',
    better: 'lower',
    format: 'number',
    human: at(2.85, 2.83, 2.83),
    llm: at(3.73, 3.64, 3.64),
    gate: 3.5,
    goal: 3,
  },
  {
    name: 'tf_idf_nearest_cosine',
    title: 'Nearest topic (TF-IDF)',
    explanation: 'How alike the most alike dialogues are in what they speak of.',
    better: 'lower',
    format: 'number',
    human: at(0.179, 0.156, 0.146),
    llm: at(0.243, 0.234, 0.234),
  },
  {
    name: 'top_ten_openers',
    title: 'Top-ten openings',
    explanation: 'Replies that begin with one of the ten commonest three-word openings.',
    better: 'lower',
    format: 'percent',
    human: at(0.24, 0.16, 0.14),
    llm: at(0.47, 0.4, 0.38),
    gate: 0.25,
    goal: 0.16,
  },
  {
    name: 'reply_words_deviation',
    title: 'Words a reply, standard deviation',
    explanation: 'How much replies differ in length. The house rule of 2-4 sentences goes before it.',
    better: 'higher',
    format: 'number',
    human: at(17.5, 17.5, 17.5),
    llm: at(10.4, 10.4, 10.4),
    gate: 12,
    goal: 16,
  },
  {
    name: 'reflections_to_questions',
    title: 'Reflections to questions',
    explanation: 'Reflections for each question; good sessions have as many.',
    better: 'higher',
    format: 'number',
    gate: 1,
    goal: 1.2,
  },
  {
    name: 'complex_reflections',
    title: 'Complex reflections',
    explanation: 'Reflections that add meaning, of all reflections.',
    better: 'higher',
    format: 'percent',
    gate: 0.4,
    goal: 0.5,
  },
  {
    name: 'open_questions',
    title: 'Open questions',
    explanation: 'Open questions of all questions.',
    better: 'higher',
    format: 'percent',
    gate: 0.55,
    goal: 0.6,
  },
  {
    name: 'exact_duplicates',
    title: 'Exact duplicates',
    explanation: 'Dialogues whose words all stand in an earlier one.',
    better: 'lower',
    format: 'count',
    human: at(0, 0, 0),
    llm: at(0, 0, 0),
    gate: 0,
    goal: 0,
  },
  {
    name: 'memorised_runs',
    title: 'Memorised seed text',
    explanation: 'Turns that hold eight or more words in a row of a seed.',
    better: 'lower',
    format: 'count',
    gate: 0,
    goal: 0,
  },
  {
    name: 'quota_error',
    title: 'Quota error',
    explanation: 'Dialogues that would have to move for every quota to be met.',
    better: 'lower',
    format: 'count',
    gate: 0,
    goal: 0,
  },
  {
    name: 'lint_errors',
    title: 'Lint errors',
    explanation: 'Findings of severity error over the whole set.',
    better: 'lower',
    format: 'count',
    gate: 0,
    goal: 0,
  },
]

/** The column of the bands nearest to a number of turns. */
export function bandTurns(turns: number): BandTurns {
  let nearest: BandTurns = BAND_TURNS[0]
  for (const candidate of BAND_TURNS) {
    if (Math.abs(candidate - turns) < Math.abs(nearest - turns)) nearest = candidate
  }
  return nearest
}

export type Grade = 'goal' | 'gate' | 'missed' | 'ungraded'

/** Whether a value meets the goal, only the gate, or neither. */
export function gradeOf({ better, gate, goal }: MetricDescription, value: number): Grade {
  // A share of 0.65 that is 0.65000000001 by rounding meets its goal.
  const meets = (bound: number): boolean => (better === 'lower' ? value <= bound + 1e-9 : value >= bound - 1e-9)
  if (goal !== undefined && meets(goal)) return 'goal'
  if (gate === undefined) return 'ungraded'
  return meets(gate) ? 'gate' : 'missed'
}
