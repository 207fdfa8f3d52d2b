import type { Dialogue } from '../dialogue/schema.ts'
import { rngFrom } from '../generate/random.ts'
import type { TargetDistribution } from '../generate/target.ts'
import { RULES_VERSION } from './lint-dialogue.ts'
import type { BandTurns, Grade, MetricDescription, MetricName } from './metrics/bands.ts'
import { METRICS, bandTurns, gradeOf } from './metrics/bands.ts'
import type { CorpusDialogue, Numbering } from './metrics/corpus.ts'
import { corpusDialogue, createNumbering, wordNumbers } from './metrics/corpus.ts'
import type { Duplicates } from './metrics/duplicates.ts'
import { duplicatesOf } from './metrics/duplicates.ts'
import type { Histogram } from './metrics/histogram.ts'
import { histogram } from './metrics/histogram.ts'
import { measureSample } from './metrics/measure.ts'
import { nearestAmong, nearestNeighbours } from './metrics/nearest-jaccard.ts'
import type { Opener } from './metrics/openers.ts'
import { openersOf } from './metrics/openers.ts'
import type { AxisRow } from './metrics/quota-error.ts'
import { againstTarget, quotaError } from './metrics/quota-error.ts'
import { replyLengths } from './metrics/reply-length.ts'
import { createReservoir, drawSamples } from './metrics/sampling.ts'
import type { RepeatedSentence } from './metrics/sentence-reuse.ts'
import { sentenceReuse } from './metrics/sentence-reuse.ts'
import type { SimilarPair } from './metrics/similar-pairs.ts'
import { similarPairs } from './metrics/similar-pairs.ts'
import { quantile } from './metrics/spread.ts'
import type { TechniqueBalance } from './metrics/technique-balance.ts'
import { techniqueBalance, techniqueBalanceByText } from './metrics/technique-balance.ts'
import type { FindingCount, MemorisedRun, ReportTally } from './report-tally.ts'
import { createTally } from './report-tally.ts'
import type { Locale } from './resources.ts'
import { createSeedTextIndex } from './seed-text-index.ts'

/** Dialogues of one sample: the bands were measured at this number. */
export const SAMPLE_SIZE = 200
/** Samples drawn where there are more dialogues than one sample holds. */
const SAMPLES = 5
/** Dialogues whose text is kept for what needs all of it at once (neighbours, repeated sentences). */
const KEPT = 20_000

export interface QualityReportInput {
  dialogues: AsyncIterable<Dialogue> | Iterable<Dialogue>
  /** Runs of their text are memorised text, and how near the set comes to them is measured. */
  seeds?: AsyncIterable<Dialogue> | Iterable<Dialogue>
  target: TargetDistribution
  /** Messages of each dialogue that count; figures compare only at equal numbers. @default 10 */
  turns?: number
  /** Names the draws of samples: the same seed, the same report. @default 1 */
  sampleSeed?: number
  /** Whose crisis resources hold. */
  locale?: Locale
}

export interface ReportedMetric extends MetricDescription {
  /** Mean over the samples; over the set where it does not depend on its size. */
  value: number
  /** Lowest and highest of the samples. */
  min: number
  max: number
  /** The same over all dialogues kept, where there are more than one sample holds and it grows with their number. */
  whole_set?: number
  grade: Grade
}

/** What `dialogues report` writes as JSON. Shares are 0..1. */
export interface QualityReport {
  report_version: 1
  rules_version: string
  dialogues: number
  seeds: number
  turns: number
  /** The column of the bands that was taken. */
  band_turns: BandTurns
  sample: { size: number; count: number; seed: number; kept: number }
  distribution: AxisRow[]
  metrics: ReportedMetric[]
  /** Reflections and questions by the turns' own labels (where there are any), and as the wording reads. */
  techniques: { labels: TechniqueBalance; text: TechniqueBalance }
  duplicates: Duplicates
  findings: {
    errors: number
    warnings: number
    infos: number
    clean_dialogues: number
    by_code: FindingCount[]
  }
  similar_pairs: SimilarPair[]
  nearest_seed?: { p95: number; max: number }
  memorised: MemorisedRun[]
  repeated_sentences: RepeatedSentence[]
  openers: Opener[]
  histograms: { nearest_jaccard: Histogram; reply_words: Histogram; messages: Histogram }
  reply_words_mean: number
  /** What a reader must know to read the figures rightly. */
  notes: string[]
}

/**
 * Reads a set once, as a stream, and says how varied, how safe and how near its target it is. Lint, distribution and
 * memorised runs are over every dialogue; what needs the texts side by side is over at most 20,000, drawn evenly.
 */
export async function buildQualityReport(input: QualityReportInput): Promise<QualityReport> {
  const turns = input.turns ?? 10
  const sampleSeed = input.sampleSeed ?? 1
  const seeds: Dialogue[] = []
  if (input.seeds !== undefined) for await (const seed of input.seeds) seeds.push(seed)

  const { tally, add } = createTally(seeds.length === 0 ? undefined : createSeedTextIndex(seeds), input.locale)
  const reservoir = createReservoir<Said>(KEPT, rngFrom('quality-report', sampleSeed, 'kept'))
  for await (const dialogue of input.dialogues) {
    add(dialogue)
    reservoir.add(saidIn(dialogue))
  }
  const kept = reservoir.kept()
  const numbering = createNumbering()
  // Before the corpus takes its room: both need an index as large as it.
  const duplicates = duplicatesOf(kept.map((dialogue) => wordNumbers(dialogue, numbering)))
  const corpus = kept.map((dialogue) => corpusDialogue(dialogue, numbering, turns))
  const { words } = numbering
  const neighbours = nearestNeighbours(corpus.map((dialogue) => dialogue.words))
  const reuse = sentenceReuse(corpus)
  const openers = openersOf(corpus, words)
  const distribution = againstTarget(tally.counts, input.target)
  const samples = drawSamples(corpus, SAMPLE_SIZE, SAMPLES, (number) =>
    rngFrom('quality-report', sampleSeed, 'sample', number),
  ).map((sample) => measureSample(sample, words))

  const ofSet: Partial<Record<MetricName, number>> = {
    exact_duplicates: duplicates.exact,
    memorised_runs: tally.memorised_turns,
    quota_error: quotaError(distribution),
    lint_errors: tally.severities.error,
  }
  const wholeSet: Partial<Record<MetricName, number>> = {
    nearest_jaccard_p95: quantile(neighbours.jaccard, 0.95),
    nearest_jaccard_max: quantile(neighbours.jaccard, 1),
    sentence_reuse: reuse.share,
    top_ten_openers: openers.top_ten_share,
  }
  const techniques = { labels: techniqueBalance(corpus, words), text: techniqueBalanceByText(corpus, words) }
  const unknown = new Set<MetricName>()
  if (seeds.length === 0) unknown.add('memorised_runs')
  // An estimate from the wording is too rough to pass or fail anybody by.
  if (techniques.labels.basis === 'text') for (const name of BY_TECHNIQUE) unknown.add(name)
  const metrics = METRICS.map((metric) => {
    const whole = kept.length > SAMPLE_SIZE ? wholeSet[metric.name] : undefined
    const known = reported(metric, samples, ofSet[metric.name], whole)
    return unknown.has(metric.name) ? { ...known, grade: 'ungraded' as const } : known
  })
  return {
    report_version: 1,
    rules_version: RULES_VERSION,
    dialogues: tally.dialogues,
    seeds: seeds.length,
    turns,
    band_turns: bandTurns(turns),
    sample: { size: Math.min(SAMPLE_SIZE, kept.length), count: samples.length, seed: sampleSeed, kept: kept.length },
    distribution,
    metrics,
    techniques,
    duplicates,
    findings: findingsOf(tally),
    similar_pairs: similarPairs(kept, corpus, neighbours),
    ...(seeds.length === 0 ? {} : { nearest_seed: nearestSeed(corpus, seeds, turns, numbering) }),
    memorised: tally.memorised,
    repeated_sentences: reuse.repeated,
    openers: openers.openers,
    histograms: {
      nearest_jaccard: histogram(neighbours.jaccard, { width: 0.005, upTo: 0.12 }),
      reply_words: histogram(replyWords(corpus), { width: 5, upTo: 90 }),
      messages: histogram(messageCounts(tally), { width: 2, upTo: 26 }),
    },
    reply_words_mean: replyLengths(corpus).mean,
    notes: notesOf(tally, kept.length, turns, seeds.length),
  }
}

type Said = Pick<Dialogue, 'dialogue_id' | 'messages'>

/** What a dialogue consists of besides is of no use to the measures, and half of its memory. */
function saidIn({ dialogue_id, messages }: Dialogue): Said {
  return {
    dialogue_id,
    messages: messages.map((message) => {
      if (message.role === 'user') return { role: message.role, text: message.text }
      const { role, text, techniques } = message
      return techniques === undefined ? { role, text } : { role, text, techniques }
    }),
  }
}

const BY_TECHNIQUE = ['reflections_to_questions', 'complex_reflections', 'open_questions'] as const

function reported(
  metric: MetricDescription,
  samples: readonly Readonly<Partial<Record<MetricName, number>>>[],
  ofSet: number | undefined,
  whole: number | undefined,
): ReportedMetric {
  const values = ofSet === undefined ? samples.map((sample) => sample[metric.name] ?? 0) : [ofSet]
  const value = values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length)
  return {
    ...metric,
    value,
    min: Math.min(...values, values.length === 0 ? 0 : Infinity),
    max: Math.max(...values, 0),
    ...(whole === undefined ? {} : { whole_set: whole }),
    grade: gradeOf(metric, value),
  }
}

const SEVERITY_ORDER = { error: 0, warning: 1, info: 2 } as const

function findingsOf(tally: ReportTally): QualityReport['findings'] {
  return {
    errors: tally.severities.error,
    warnings: tally.severities.warning,
    infos: tally.severities.info,
    clean_dialogues: tally.clean,
    by_code: [...tally.by_code.values()].sort(
      (a, b) =>
        SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] || b.count - a.count || (a.code < b.code ? -1 : 1),
    ),
  }
}

/** How near the dialogues come to any seed, by five-word runs. */
function nearestSeed(
  corpus: readonly CorpusDialogue[],
  seeds: readonly Dialogue[],
  turns: number,
  numbering: Numbering,
): { p95: number; max: number } {
  const wordsOfAll = (dialogues: readonly CorpusDialogue[]): Int32Array[] => dialogues.map(({ words }) => words)
  const jaccard = nearestAmong(
    wordsOfAll(corpus),
    wordsOfAll(seeds.map((seed) => corpusDialogue(seed, numbering, turns))),
  )
  return { p95: quantile(jaccard, 0.95), max: quantile(jaccard, 1) }
}

function* replyWords(corpus: readonly CorpusDialogue[]): Generator<number> {
  for (const { turns } of corpus) for (const turn of turns) if (turn.role === 'assistant') yield turn.words.length
}

function* messageCounts({ messages }: ReportTally): Generator<number> {
  for (const [length, count] of messages) for (let at = 0; at < count; at++) yield length
}

function notesOf(tally: ReportTally, kept: number, turns: number, seeds: number): string[] {
  const notes = [
    `Figures are over the first ${turns} messages of each dialogue; the bands are those of ${bandTurns(turns)} messages and samples of ${SAMPLE_SIZE} dialogues.`,
  ]
  if (tally.dialogues === 0) notes.push('The set is empty: there is nothing to measure.')
  else if (kept < SAMPLE_SIZE) {
    notes.push(
      `With ${kept} dialogues instead of ${SAMPLE_SIZE}, self-BLEU, reuse, neighbours and compression come out lower and distinct-n higher than the bands: compare with care.`,
    )
  }
  if (kept > SAMPLE_SIZE) {
    notes.push(
      `Each figure is the mean over ${SAMPLES} samples of ${SAMPLE_SIZE}, with the lowest and the highest beside it; "whole set" is over ${kept} dialogues, where neighbours and reuse are always higher.`,
    )
  }
  if (tally.dialogues > kept) {
    notes.push(
      `Of ${tally.dialogues} dialogues, ${kept} drawn evenly were held side by side; lint and distribution are over all.`,
    )
  }
  if (seeds === 0) notes.push('No seed file was given: memorised text and nearness to seeds were not looked for.')
  notes.push(
    'The house rule of 2-4 sentences a reply goes before the spread of reply lengths: where the two pull apart, the rule wins.',
    'Reflections and questions are counted by the labels that the generator gave its turns; the count by wording stands beside them and is rough. Without labels they are not graded.',
  )
  return notes
}
