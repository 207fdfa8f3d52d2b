import { hashedSource } from '../datasets/hashed-source.ts'
import { DEFAULT_SYSTEM_PROMPT } from '../datasets/export-chat.ts'
import { DIALOGUE_KEYS } from '../datasets/read-dialogues.ts'
import { readRecords } from '../datasets/read-records.ts'
import { createStatisticsCounter } from '../datasets/statistics.ts'
import { acquireWalker } from '../datasets/walker-kernel/kernel-walker.ts'
import { InputError, type Problem } from '../errors.ts'
import type { TargetDistribution } from '../generate/target.ts'
import { datasetCard } from './dataset-card.ts'
import { createKeptDialogues } from './kept-dialogues.ts'
import { createMergedRecords, type MergedRecord } from './merged-record.ts'
import {
  LISTED_MERGE,
  mergeNotes,
  noOutcomes,
  type MergeOutcome,
  type MergeReport,
  type SourceKind,
} from './merge-report.ts'
import { DEFAULT_SPLITS, SPLITS, splitOf, type SplitShares } from './splits.ts'
import {
  TRAINING_FILES,
  openTrainingFiles,
  type StreamedFile,
  type TrainingFile,
  type WriteFile,
} from './training-files.ts'

export interface MergeInput {
  /** The file as the person knows it. */
  file: string
  /** Opens the file from its start; called again when it has to be read twice. */
  open: () => AsyncIterable<Uint8Array>
  /** `auto`: by each record's `provenance.method`, or `labels.synthetic` where there is none. */
  kind: SourceKind | 'auto'
}

export interface MergeOptions {
  inputs: readonly MergeInput[]
  /**
   * Writes one file. Called for all but card and manifest at once, before the first dialogue: the writers must run side
   * by side. Called again for the same names after all bodies threw, when the files turn out to need another order. A
   * writer that reads nothing (the file is there already) is not waited for; one that throws ends the merge.
   */
  write: WriteFile
  /** Which files to make. @default all of a training set */
  outputs?: readonly TrainingFile[]
  /**
   * `required`: a synthetic dialogue must carry a clinician's approval for exactly this content; others are left out.
   * `noted`: the report says how many carry none. @default 'noted'
   */
  approval?: 'required' | 'noted'
  /** For `chat.jsonl` and `sharegpt.jsonl`; null for none. @default DEFAULT_SYSTEM_PROMPT */
  systemPrompt?: string | null
  splits?: SplitShares
  target?: TargetDistribution
  /** RFC 3339, written as it is into what names a time. Without it nothing does, and equal inputs give equal bytes. */
  now?: string
  /**
   * When no dialogue is kept: write files of none, or throw {@link NothingToMerge} before any writer's body ends.
   * @default 'write'
   */
  whenEmpty?: 'write' | 'refuse'
  /** Further fields for the head of `combined.json`. */
  header?: Readonly<Record<string, unknown>>
  onProblem: (problem: Problem) => void
  /** A longer record is a problem. @default 16 MiB */
  maxRecordBytes?: number
}

/**
 * Merges datasets into a training set: seeds first, in the order of the files, then synthetic dialogues; each text
 * once (see {@link normalText}), each id once. A seed is never dropped, nor renamed, in favour of a synthetic dialogue,
 * whatever the order of the files. An id that another text has taken gets a suffix from the text's hash, and the
 * record keeps the old one as `original_dialogue_id`: nothing is lost in silence. Each record keeps its own bytes, on
 * one line.
 *
 * Memory is flat but for about 70 bytes a kept dialogue. Throws InputError for a file that is no dataset.
 */
export async function mergeDatasets(options: MergeOptions): Promise<MergeReport> {
  const told = new Set<string>()
  const once = (problem: Problem): void => {
    const key = `${problem.file}\0${problem.line ?? ''}\0${problem.record ?? ''}\0${problem.message}`
    if (told.has(key)) return
    told.add(key)
    options.onProblem(problem)
  }
  try {
    return await merge({ ...options, onProblem: once }, await likelyPasses(options))
  } catch (error) {
    if (!(error instanceof SeedAfterSynthetic)) throw error
    return merge({ ...options, onProblem: once }, exactPasses(options.inputs))
  }
}

/** No dialogue was kept, and nothing is written. */
export class NothingToMerge extends InputError {
  constructor(records: Readonly<Record<MergeOutcome, number>>) {
    const { failed, unapproved, changed } = records
    const counts: [number, string][] = [
      [failed, 'not valid'],
      [unapproved, 'without approval'],
      [changed, 'changed since approval'],
    ]
    const why = counts.filter(([count]) => count > 0).map(([count, what]) => `, ${count} ${what}`)
    super(`there is no dialogue to write: ${sum(records)} read${why.join('')}`, {
      fix: 'Nothing was written; what was there is as it was.',
    })
  }
}

/** Reads one input, or one kind of its records. */
interface Pass {
  input: number
  take: SourceKind | 'all'
}

/** A seed came after a synthetic dialogue with its text or id was written: the files have to be read seeds first. */
class SeedAfterSynthetic extends Error {}

/**
 * A file whose first dialogue is a seed goes before those whose first is synthetic. Mostly a file holds one kind, and is
 * read once; where that proves wrong and it matters, the merge starts again with {@link exactPasses}.
 */
async function likelyPasses(options: MergeOptions): Promise<Pass[]> {
  const passes: Record<SourceKind, Pass[]> = { seed: [], synthetic: [] }
  for (const [input, { kind }] of options.inputs.entries())
    passes[kind === 'auto' ? await kindOfFirst(options, input) : kind].push({ input, take: 'all' })
  return [...passes.seed, ...passes.synthetic]
}

/** Twice over what may hold both. */
function exactPasses(inputs: readonly MergeInput[]): Pass[] {
  const passes: Record<SourceKind, Pass[]> = { seed: [], synthetic: [] }
  for (const [input, { kind }] of inputs.entries())
    if (kind !== 'auto') passes[kind].push({ input, take: 'all' })
    else {
      passes.seed.push({ input, take: 'seed' })
      passes.synthetic.push({ input, take: 'synthetic' })
    }
  return [...passes.seed, ...passes.synthetic]
}

async function kindOfFirst(options: MergeOptions, index: number): Promise<SourceKind> {
  const input = options.inputs[index]
  if (input === undefined) return 'seed'
  const records = createMergedRecords()
  let kind: SourceKind | undefined
  const pieces = readRecords(input.open(), {
    file: input.file,
    arrayKey: 'dialogues',
    recordKeys: DIALOGUE_KEYS,
    slabBytes: 64 * 1024,
    maxRecordBytes: options.maxRecordBytes,
    onProblem: () => undefined,
    visit(bytes, start, end) {
      const record = records.read(bytes, start, end)
      if (record === 'no json') return false
      if (!('problem' in record)) kind ??= record.kind
      return true
    },
  })
  for await (const _ of pieces) if (kind !== undefined) break
  return kind ?? 'seed'
}

async function merge(options: MergeOptions, passes: readonly Pass[]): Promise<MergeReport> {
  const outputs = options.outputs ?? TRAINING_FILES
  const withManifest = outputs.includes('manifest.json')
  const shares = options.splits ?? DEFAULT_SPLITS
  const counter = createStatisticsCounter(options.target)
  const walker = acquireWalker()
  const records = createMergedRecords(walker)
  const kept = createKeptDialogues()
  const inputs = options.inputs.map((input) => ({
    file: input.file,
    kinds: new Set<SourceKind>(input.kind === 'auto' ? [] : [input.kind]),
    sha256: '',
    bytes: 0,
    renamed: 0,
    records: noOutcomes(),
  }))
  const bySource: Record<SourceKind, number> = { seed: 0, synthetic: 0 }
  const splits: MergeReport['splits'] = {
    train: { dialogues: 0, by_stratum: {} },
    validation: { dialogues: 0, by_stratum: {} },
    test: { dialogues: 0, by_stratum: {} },
  }
  const duplicates: MergeReport['duplicates'] = []
  const renames: MergeReport['renames'] = []
  let withoutApproval = 0
  const stamp = options.now === undefined ? {} : { generated_at: options.now }
  const files = openTrainingFiles({
    names: outputs.filter(isStreamed),
    write: options.write,
    header: { version: '1.0', ...stamp, ...options.header },
    systemPrompt: options.systemPrompt === undefined ? DEFAULT_SYSTEM_PROMPT : options.systemPrompt,
    hashed: withManifest,
  })

  try {
    const seen = new Set<number>()
    for (const pass of passes) {
      await readInput(pass, !seen.has(pass.input))
      seen.add(pass.input)
    }
    if (kept.size === 0 && options.whenEmpty === 'refuse') throw new NothingToMerge(totals())
    const statistics = counter.statistics()
    const done = await files.close(() => ({ total_dialogues: kept.size, statistics }))
    const report = summary(done, statistics)
    for (const [name, text] of [
      ['dataset-card.md', datasetCard(report)],
      ['manifest.json', `${JSON.stringify(report, null, 2)}\n`],
    ] as const)
      if (outputs.includes(name)) await options.write(name, piecesOf(text))
    return report
  } catch (error) {
    await files.fail(error)
    throw error
  } finally {
    walker.release()
  }

  /** `first`: not read before, so that what is not taken for good is counted now. */
  async function readInput({ input: index, take }: Pass, first: boolean): Promise<void> {
    const input = options.inputs[index]
    const about = inputs[index]
    if (input === undefined || about === undefined) return
    const source = withManifest && first ? hashedSource(input.open()) : undefined
    const pieces = readRecords(source?.bytes ?? input.open(), {
      file: input.file,
      arrayKey: 'dialogues',
      recordKeys: DIALOGUE_KEYS,
      maxRecordBytes: options.maxRecordBytes,
      slab: walker.slab,
      onProblem: options.onProblem,
      visit(bytes, start, end, place) {
        const record = records.read(bytes, start, end)
        if (record === 'no json') return false
        if ('problem' in record) {
          if (first) about.records.failed += 1
          const { dialogue_id, problem } = record
          options.onProblem({ file: input.file, line: place.line(), record: place.index, dialogue_id, ...problem })
          return true
        }
        const kind = input.kind === 'auto' ? record.kind : input.kind
        if (take !== 'all' && take !== kind) return true
        about.kinds.add(kind)
        const outcome = receive(record, kind, index, () => place.line())
        about.records[outcome] += 1
        return true
      },
    })
    try {
      for (;;) {
        const { done, value } = await pieces.next()
        await files.flush()
        if (done !== true) continue
        if (first) about.records.failed += value.unreadable
        break
      }
    } finally {
      await pieces.return({ format: 'lines', header: {}, records: 0, unreadable: 0 })
    }
    if (source !== undefined) {
      about.sha256 = source.sha256()
      about.bytes = source.length()
    }
  }

  function receive(record: MergedRecord, kind: SourceKind, index: number, line: () => number): MergeOutcome {
    const file = inputs[index]?.file ?? ''
    if (kind === 'synthetic' && options.approval === 'required') {
      if (!record.approved()) return 'unapproved'
      if (!record.unchanged()) return 'changed'
    }
    const digest = record.textKey()
    const same = kept.findText(digest)
    if (same !== -1) {
      if (kind === 'seed' && !kept.isSeed(same)) throw new SeedAfterSynthetic()
      const id = record.id()
      const sameAs = kept.id(same)
      // In this merge or an earlier one it may have been renamed: `id~<hash>`.
      const reason = sameAs === id || sameAs.startsWith(`${id}~`) ? 'same_id_and_text' : 'same_text'
      if (duplicates.length < LISTED_MERGE)
        duplicates.push({ dialogue_id: id, file, line: line(), reason, same_as: sameAs })
      return reason
    }
    const taken = record.findId(kept)
    if (taken !== -1) {
      if (kind === 'seed' && !kept.isSeed(taken)) throw new SeedAfterSynthetic()
      const id = record.id()
      const newId = kept.freeId(id, digest)
      record.rename(newId)
      if (renames.length < LISTED_MERGE) renames.push({ dialogue_id: id, file, line: line(), new_id: newId })
      const about = inputs[index]
      if (about !== undefined) about.renamed += 1
      kept.add(newId, digest, kind)
    } else record.keep(kept, digest, kind)
    if (kind === 'synthetic' && !record.approved()) withoutApproval += 1
    bySource[kind] += 1
    record.count(counter)
    const split = splitOf(digest, shares)
    const stratum = record.stratum()
    splits[split].dialogues += 1
    splits[split].by_stratum[stratum] = (splits[split].by_stratum[stratum] ?? 0) + 1
    files.add(record.outgoing(), split)
    return 'written'
  }

  function totals(): Record<MergeOutcome, number> {
    const total = noOutcomes()
    for (const { records: counts } of inputs) for (const name of namesOf(total)) total[name] += counts[name]
    return total
  }

  function summary(written: MergeReport['files'], statistics: MergeReport['statistics']): MergeReport {
    const total = totals()
    for (const split of SPLITS) splits[split].by_stratum = sortedByName(splits[split].by_stratum)
    const report = {
      version: '1.0' as const,
      ...stamp,
      inputs: inputs.map(({ file, kinds, sha256, bytes, renamed, records: counts }) => ({
        file,
        kind: kinds.size === 2 ? ('mixed' as const) : ([...kinds][0] ?? ('seed' as const)),
        ...(withManifest ? { sha256, bytes } : {}),
        read: sum(counts),
        records: counts,
        renamed,
      })),
      read: sum(total),
      written: total.written,
      records: total,
      renamed: inputs.reduce((count, input) => count + input.renamed, 0),
      by_source: bySource,
      without_approval: withoutApproval,
      splits,
      duplicates,
      renames,
      files: written,
      statistics,
    }
    return { ...report, notes: mergeNotes(report) }
  }
}

function isStreamed(name: TrainingFile): name is StreamedFile {
  return name !== 'dataset-card.md' && name !== 'manifest.json'
}

async function* piecesOf(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text)
}

function namesOf<K extends string>(record: Record<K, number>): K[] {
  const names: K[] = []
  for (const name in record) names.push(name)
  return names
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

function sortedByName(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
}
