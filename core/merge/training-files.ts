import { createHash } from 'node:crypto'
import { createChatExporter } from '../datasets/export-chat.ts'
import { pieceWriter } from '../datasets/piece-writer.ts'
import type { RecordWalker } from '../datasets/record-walker.ts'
import { datasetClosing, datasetOpening } from '../datasets/write-dialogues.ts'
import type { Dialogue } from '../dialogue/schema.ts'
import { createFanOut, type FanOut } from './fan-out.ts'
import type { MergeReport } from './merge-report.ts'
import type { Split } from './splits.ts'

/** The files of a training set, in the order in which they are told of. */
export const TRAINING_FILES = [
  'combined.json',
  'combined.jsonl',
  'chat.jsonl',
  'sharegpt.jsonl',
  'train.jsonl',
  'validation.jsonl',
  'test.jsonl',
  'dataset-card.md',
  'manifest.json',
] as const
export type TrainingFile = (typeof TRAINING_FILES)[number]

/** Those that are written as the dialogues pass; card and manifest follow when all is known. */
export type StreamedFile = Exclude<TrainingFile, 'dataset-card.md' | 'manifest.json'>

export type WriteFile = (name: TrainingFile, body: AsyncIterable<Uint8Array>) => Promise<unknown>

/** A record as the outputs take it, on one line, with its dialogue as the walker or the parser has it. */
export interface OutgoingRecord {
  bytes: Buffer
  start: number
  end: number
  dialogue: { walker: RecordWalker; in: Buffer } | { parsed: Dialogue }
}

/** All streamed files of one merge, written at once. */
export interface TrainingFiles {
  add(record: OutgoingRecord, split: Split): void
  /** Hands over what has been collected; resolves when the writers have room. */
  flush(): Promise<void>
  /** Ends the files; resolves when all are written. */
  close(closing: () => Readonly<Record<string, unknown>>): Promise<MergeReport['files']>
  fail(reason: unknown): Promise<void>
}

interface OpenFile {
  name: StreamedFile
  records: number
  bytes: number
  hash: ReturnType<typeof createHash> | undefined
  out: ReturnType<typeof pieceWriter>
  push: (piece: Uint8Array) => void
  add: (record: OutgoingRecord, split: Split) => boolean
}

export function openTrainingFiles(options: {
  names: readonly StreamedFile[]
  write: WriteFile
  header: Readonly<Record<string, unknown>>
  systemPrompt: string | null
  /** Take the SHA-256 of each: worth a tenth of the run, for a manifest alone. */
  hashed: boolean
}): TrainingFiles {
  const fanOut: FanOut = createFanOut()
  const files = options.names.map((name): OpenFile => {
    const out = pieceWriter()
    const file: OpenFile = {
      name,
      records: 0,
      bytes: 0,
      hash: options.hashed ? createHash('sha256') : undefined,
      out,
      push: (piece) => channel.push(piece),
      add: adderOf(name, out, options.systemPrompt),
    }
    if (name === 'combined.json') out.text(datasetOpening(options.header))
    const channel = fanOut.open((body) => options.write(name, body))
    return file
  })

  const handOver = (file: OpenFile): void => {
    if (file.out.empty()) return
    const piece = file.out.take()
    file.bytes += piece.length
    file.hash?.update(piece)
    file.push(piece)
  }

  return {
    add(record, split) {
      for (const file of files) if (file.add(record, split)) file.records += 1
    },
    async flush() {
      for (const file of files) if (file.out.full()) handOver(file)
      await fanOut.room()
    },
    async close(closing) {
      for (const file of files) {
        if (file.name === 'combined.json') file.out.text(datasetClosing(closing()))
        handOver(file)
      }
      await fanOut.close()
      return Object.fromEntries(
        files.map(({ name, records, bytes, hash }) => [
          name,
          { records, bytes, ...(hash === undefined ? {} : { sha256: hash.digest('hex') }) },
        ]),
      )
    },
    fail: (reason) => fanOut.fail(reason),
  }
}

function adderOf(
  name: StreamedFile,
  out: ReturnType<typeof pieceWriter>,
  systemPrompt: string | null,
): (record: OutgoingRecord, split: Split) => boolean {
  const line = (record: OutgoingRecord): true => {
    out.bytes(record.bytes, record.start, record.end)
    out.text('\n')
    return true
  }
  let first = true
  switch (name) {
    case 'combined.json':
      return (record) => {
        out.text(first ? '\n' : ',\n')
        first = false
        out.bytes(record.bytes, record.start, record.end)
        return true
      }
    case 'combined.jsonl':
      return line
    case 'chat.jsonl':
    case 'sharegpt.jsonl': {
      const exporter = createChatExporter(name === 'chat.jsonl' ? 'chat' : 'sharegpt', systemPrompt)
      return ({ dialogue }) => {
        if ('parsed' in dialogue) exporter.add(dialogue.parsed, out)
        else exporter.addWalked(dialogue.walker, dialogue.in, out)
        return true
      }
    }
    case 'train.jsonl':
    case 'validation.jsonl':
    case 'test.jsonl':
      return (record, split) => name === `${split}.jsonl` && line(record)
  }
}
