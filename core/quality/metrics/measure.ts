import type { MetricName } from './bands.ts'
import { compressionRatio } from './compression.ts'
import type { CorpusDialogue } from './corpus.ts'
import { distinct, vocabularySize } from './distinct.ts'
import { FUNCTION_WORDS } from './function-words.ts'
import { nearestNeighbours } from './nearest-jaccard.ts'
import { openersOf } from './openers.ts'
import { replyLengths } from './reply-length.ts'
import { selfBleu } from './self-bleu.ts'
import { sentenceReuse } from './sentence-reuse.ts'
import { quantile } from './spread.ts'
import { techniqueBalance } from './technique-balance.ts'
import { meanNearestCosine } from './tf-idf.ts'

/** Measures that come from the texts alone and depend on how many there are: taken over samples of one size. */
export type SampleMetric = Exclude<MetricName, 'exact_duplicates' | 'memorised_runs' | 'quota_error' | 'lint_errors'>

export type SampleMeasures = Record<SampleMetric, number>

/** Every measure of one sample. `words` names the numbers that the dialogues are made of. */
export function measureSample(dialogues: readonly CorpusDialogue[], words: readonly string[]): SampleMeasures {
  const documents = dialogues.map((dialogue) => dialogue.words)
  const { jaccard } = nearestNeighbours(documents)
  const balance = techniqueBalance(dialogues, words)
  return {
    self_bleu_4: selfBleu(documents),
    distinct_2: distinct(documents, 2),
    distinct_3: distinct(documents, 3),
    vocabulary: vocabularySize(documents),
    nearest_jaccard_p95: quantile(jaccard, 0.95),
    nearest_jaccard_max: quantile(jaccard, 1),
    sentence_reuse: sentenceReuse(dialogues).share,
    zlib_ratio: compressionRatio(dialogues),
    tf_idf_nearest_cosine: meanNearestCosine(documents, (word) => isTerm(words[word] ?? '')),
    top_ten_openers: openersOf(dialogues, words).top_ten_share,
    reply_words_deviation: replyLengths(dialogues).deviation,
    reflections_to_questions: balance.reflections_to_questions,
    complex_reflections: balance.complex_reflections,
    open_questions: balance.open_questions,
  }
}

function isTerm(word: string): boolean {
  return word.length > 1 && !FUNCTION_WORDS.has(word)
}
