import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { applyReviews } from '../core/apply/apply-reviews.ts'
import { DIALOGUE_KEYS, readDialogues } from '../core/datasets/read-dialogues.ts'
import { readRecords } from '../core/datasets/read-records.ts'
import { acquireWalker } from '../core/datasets/walker-kernel/kernel-walker.ts'
import { mergeDatasets } from '../core/merge/merge-datasets.ts'
import { TRAINING_FILES, type TrainingFile } from '../core/merge/training-files.ts'
import { borrowBuffer, giveBackPiece, lendPiece } from '../core/recycled-buffers.ts'
import { PEER_MODULES } from './places.ts'

/**
 * One job a process: `node bench/jobs.ts <job> <arguments>`. Prints how many records it saw; the runner takes time and
 * memory from outside.
 */
const PIECE_BYTES = 1024 * 1024

const jobs: Record<string, (...args: string[]) => Promise<number>> = {
  /** What everything is measured against: lines found by indexOf, each through JSON.parse. */
  'parse-lines': (file) => eachLine(file, (line) => void JSON.parse(line)),
  'parse-and-stringify-lines': (file) => eachLine(file, (line) => void JSON.stringify(JSON.parse(line))),
  'read-and-parse': (file) =>
    eachRecord(file, (bytes, start, end) => void JSON.parse(bytes.toString('utf8', start, end))),
  async walk(file) {
    const walker = acquireWalker()
    const count = await eachRecord(
      file,
      (bytes, start, end) => {
        if (!walker.walk(bytes, start, end)) throw new Error('not a plain record')
      },
      walker.slab,
    )
    walker.release()
    return count
  },
  async 'read-dialogues'(file) {
    let count = 0
    for await (const _ of readDialogues(piecesOf(file), { file, onProblem: () => undefined })) count += 1
    return count
  },
  async 'stream-json'(file) {
    const { streamArray } = (await import(
      pathToFileURL(path.join(PEER_MODULES, 'stream-json/src/streamers/stream-array.js')).href
    )) as { streamArray: { withParserAsStream(): NodeJS.ReadWriteStream } }
    let count = 0
    for await (const _ of createReadStream(file).pipe(streamArray.withParserAsStream())) count += 1
    return count
  },
  async clarinet(file) {
    const clarinet = (await import(pathToFileURL(path.join(PEER_MODULES, 'clarinet/clarinet.js')).href)) as {
      default: { createStream(): NodeJS.WritableStream }
    }
    let objects = 0
    const parser = clarinet.default.createStream()
    parser.on('openobject', () => (objects += 1))
    await new Promise((resolve, reject) => {
      createReadStream(file).pipe(parser).on('error', reject)
      parser.on('end', resolve)
    })
    return objects
  },
  async apply(dataset, reviews, output) {
    const run = applyReviews({
      dataset: { file: dataset, source: piecesOf(dataset) },
      reviews: [{ file: reviews, source: piecesOf(reviews) }],
      format: output.endsWith('.jsonl') ? 'lines' : 'dataset',
      onProblem: () => undefined,
    })
    await writeTo(output, run.body)
    return run.report().written
  },
  async merge(folder, ...files) {
    const outputs: readonly TrainingFile[] = folder.endsWith('/') ? TRAINING_FILES : ['combined.jsonl']
    const report = await mergeDatasets({
      inputs: files.map((file) => ({ file, kind: 'synthetic', open: () => piecesOf(file) })),
      outputs,
      write: (name, body) => writeTo(folder.endsWith('/') ? path.join(folder, name) : folder, body),
      onProblem: () => undefined,
    })
    return report.written
  },
  /** As `dialogues generate` does it, seeds and lint included, into a file of lines. */
  async generate(count, output) {
    const [{ generateDialogues }, { parseRequest }, { readSeedPatterns }, { loadBanks }, { lintDialogue }, content] =
      await Promise.all([
        import('../core/generate/generate-dialogues.ts'),
        import('../core/generate/request.ts'),
        import('../core/generate/seeds/read-seed-patterns.ts'),
        import('../core/generate/templates/load-banks.ts'),
        import('../core/quality/lint-dialogue.ts'),
        import('../local/content-folder.ts'),
      ])
    const file = path.join(import.meta.dirname, '../examples/seed-dialogues.json')
    const generation = generateDialogues({
      request: parseRequest({ count: Number(count), random_seed: 1 }),
      banks: loadBanks(await content.readContentFolder(content.CONTENT_FOLDER)),
      seeds: await readSeedPatterns(readDialogues(piecesOf(file), { file, onProblem: () => undefined })),
      batchId: 'bench',
      baseTime: '2026-01-01T00:00:00Z',
      lint: lintDialogue,
    })
    let written = 0
    await writeTo(
      output,
      (async function* () {
        for await (const { dialogue } of generation) {
          written += 1
          yield Buffer.from(`${JSON.stringify(dialogue)}\n`)
        }
      })(),
    )
    return written
  },
}

/** As the command line reads: pieces of 1 MB, given back by the reader. */
async function* piecesOf(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(file, 'r')
  try {
    for (;;) {
      const buffer = borrowBuffer(PIECE_BYTES)
      const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, null)
      if (bytesRead === 0) return
      yield lendPiece(buffer, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

async function eachLine(file: string, take: (line: string) => void): Promise<number> {
  let count = 0
  let rest = Buffer.alloc(0)
  for await (const chunk of piecesOf(file)) {
    const bytes = Buffer.concat([rest, chunk])
    let start = 0
    for (let feed = bytes.indexOf(10); feed !== -1; feed = bytes.indexOf(10, start)) {
      take(bytes.toString('utf8', start, feed))
      count += 1
      start = feed + 1
    }
    rest = Buffer.from(bytes.subarray(start))
  }
  return count
}

async function eachRecord(
  file: string,
  take: (bytes: Buffer, start: number, end: number) => void,
  slab?: Buffer,
): Promise<number> {
  let count = 0
  const pieces = readRecords(piecesOf(file), {
    file,
    slab,
    arrayKey: 'dialogues',
    recordKeys: DIALOGUE_KEYS,
    onProblem: (problem) => {
      throw new Error(problem.message)
    },
    visit(bytes, start, end) {
      try {
        take(bytes, start, end)
      } catch {
        return false
      }
      count += 1
      return true
    },
  })
  for await (const _ of pieces);
  return count
}

async function writeTo(file: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'w')
  try {
    for await (const piece of body) {
      await handle.write(piece)
      giveBackPiece(piece)
    }
  } finally {
    await handle.close()
  }
}

const [name = '', ...args] = process.argv.slice(2)
const job = jobs[name]
if (job === undefined) throw new Error(`no job ${name}; there are ${Object.keys(jobs).join(', ')}`)
process.stdout.write(`${await job(...args)}\n`)
