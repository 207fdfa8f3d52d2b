/**
 * Reading, applying, merging and generating against plain JSON.parse (or JSON.stringify) of the same dialogues and
 * against peers, side by side in one run:
 *
 *   npm run bench [-- --mb 200] [--full] [--rounds 3] [--only reading,apply,merge,generate] [--count 2000]
 *
 * `--full` is 1,100 MB. The machines that this runs on are shared, so a time by itself says little: each round runs
 * every job of a table in turn, a job's ratio is taken within its round, and the table shows the median of the ratios.
 * Peers that are not there are left out with a line (`node bench/install-peers.ts`).
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { makeCorpus } from './make-corpus.ts'
import { CACHE, PEER_MODULES, PYTHON } from './places.ts'

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '200' },
    full: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'reading,apply,merge,generate' },
    count: { type: 'string', default: '2000' },
  },
})
const megabytes = values.full ? 1100 : Number(values.mb)
const rounds = Number(values.rounds)
const wanted = values.only.split(',')

interface Job {
  name: string
  command: readonly string[]
  /** The bytes that it goes through, for MB/s. */
  reads: string
  /** Say so instead of running it. */
  missing?: string
  /** Too slow or too large for every round. */
  once?: boolean
}

interface Run {
  seconds: number
  cpu: number
  megabytes: number
}

const corpus = makeCorpus(path.join(CACHE, `corpus-${megabytes}`), megabytes)
const work = path.join(CACHE, 'work')
mkdirSync(work, { recursive: true })
const out = (name: string): string => path.join(work, name)

const ours = (name: string, job: string, reads: string, ...args: string[]): Job => ({
  name,
  command: [process.execPath, path.join(import.meta.dirname, 'jobs.ts'), job, ...args],
  reads,
})
const python = (name: string, job: string, reads: string, ...args: string[]): Job => ({
  name,
  command: [PYTHON, path.join(import.meta.dirname, 'peers.py'), job, ...args],
  reads,
  missing: existsSync(PYTHON) ? undefined : 'node bench/install-peers.ts',
})
const npmPeer = (job: Job, module: string): Job => ({
  ...job,
  missing: existsSync(path.join(PEER_MODULES, module)) ? undefined : 'node bench/install-peers.ts',
})
const tool = (program: string, name: string, command: string, reads: string): Job => {
  const there = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  return {
    name,
    command: ['sh', '-c', command],
    reads,
    missing: there ? undefined : `${program} is not on this machine`,
  }
}

const baseline = ours('JSON.parse of the lines', 'parse-lines', corpus.lines, corpus.lines)
const { lines, array, indented, reviews, plainReviews } = corpus

const tables: Record<string, { title: string; jobs: Job[] }> = {
  reading: {
    title: 'Reading, each dialogue through JSON.parse unless said',
    jobs: [
      baseline,
      ours('ours, JSONL', 'read-and-parse', lines, lines),
      ours('ours, one array on one line', 'read-and-parse', array, array),
      ours('ours, object indented by two', 'read-and-parse', indented, indented),
      ours('ours, JSONL, walked instead of parsed', 'walk', lines, lines),
      ours('ours, JSONL, with the schema', 'read-dialogues', lines, lines),
      { ...npmPeer(ours('stream-json, array', 'stream-json', array, array), 'stream-json'), once: true },
      npmPeer(ours('clarinet, array, events only', 'clarinet', array, array), 'clarinet'),
      python('ijson (C), array', 'ijson-count', array, array),
      python('DuckDB, JSONL, typed count', 'duckdb-count', lines, lines),
      { ...tool('jq', 'jq, JSONL', `jq -c .dialogue_id ${lines} > /dev/null`, lines), once: true },
    ],
  },
  apply: {
    title: 'Applying a review for each dialogue, with statistics',
    jobs: [
      baseline,
      ours('JSON.parse and JSON.stringify of the lines', 'parse-and-stringify-lines', lines, lines),
      ours('ours, verdicts with content hash', 'apply', lines, lines, reviews, out('approved.jsonl')),
      ours('ours, verdicts of the present tools', 'apply', lines, lines, plainReviews, out('approved.jsonl')),
      ours('ours, indented object in and out', 'apply', indented, indented, plainReviews, out('approved.json')),
      python('DuckDB, join on the id, no statistics', 'duckdb-apply', lines, lines, plainReviews, out('duckdb.jsonl')),
    ],
  },
  merge: {
    title: 'Merging by id and exact text',
    jobs: [
      baseline,
      ours('ours, into one file', 'merge', lines, out('merged.jsonl'), lines),
      ours('ours, the whole training set (9 files)', 'merge', lines, `${out('training')}/`, lines),
      tool('cat', 'cat', `cat ${lines} > ${out('cat.jsonl')}`, lines),
      tool('sort', 'sort -u', `LC_ALL=C sort -u -S 1G -T ${work} ${lines} -o ${out('sorted.jsonl')}`, lines),
      python('DuckDB, DISTINCT ON', 'duckdb-merge', lines, out('duckdb-merged.jsonl'), lines),
    ],
  },
  generate: {
    title: `Generating ${values.count} dialogues`,
    jobs: generating(Number(values.count)),
  },
}
mkdirSync(out('training'), { recursive: true })

/** Each job starts a process and reads its banks; the first job is what writing the very same dialogues costs alone. */
function generating(count: number): Job[] {
  const dialogues = path.join(CACHE, `generated-${count}.jsonl`)
  if (wanted.includes('generate'))
    spawnSync(process.execPath, [path.join(import.meta.dirname, 'jobs.ts'), 'generate', `${count}`, dialogues])
  return [
    ours('JSON.parse and JSON.stringify of them', 'parse-and-stringify-lines', dialogues, dialogues),
    ours('ours: plan, templates, acceptance, lint', 'generate', dialogues, `${count}`, out('generated.jsonl')),
    python('str.format and json, 2 messages, no checks', 'format-generate', dialogues, `${count}`, out('format.jsonl')),
  ]
}

const hasTime = existsSync('/usr/bin/time')
process.stdout.write(
  `${corpus.dialogues} dialogues, ${(statSync(lines).size / 1e6).toFixed(0)} MB as JSONL, ${(statSync(indented).size / 1e6).toFixed(0)} MB indented; ` +
    `median of ${rounds} rounds; Node ${process.versions.node}${hasTime ? '' : '; no /usr/bin/time, so no memory and no CPU time'}\n`,
)

for (const [name, { title, jobs }] of Object.entries(tables)) {
  if (!wanted.includes(name)) continue
  process.stdout.write(`\n${title}\n`)
  const runs = new Map<Job, (Run | undefined)[]>()
  for (let round = 0; round < rounds; round++)
    for (const job of jobs) {
      if (job.missing !== undefined || (job.once === true && round > 0)) continue
      runs.set(job, [...(runs.get(job) ?? []), measure(job)])
    }
  const first = jobs[0]
  const base = first === undefined ? [] : (runs.get(first) ?? [])
  row('', 'wall s', 'CPU s', 'MB/s', '× parse', '× CPU', 'peak MB')
  for (const job of jobs) {
    const all = runs.get(job)
    if (all === undefined) {
      process.stdout.write(`  ${job.name}: left out (${job.missing ?? ''})\n`)
      continue
    }
    const good = all.flatMap((run) => run ?? [])
    if (good.length === 0) {
      process.stdout.write(`  ${job.name}: failed\n`)
      continue
    }
    const size = statSync(job.reads).size / 1e6
    // A ratio of rates, so that reading a larger form of the same dialogues is no disadvantage: time for all of them.
    const ratio = (pick: (run: Run) => number): number =>
      median(all.flatMap((run, round) => (run && base[round] ? [pick(base[round]) / pick(run)] : [])))
    const seconds = median(good.map((run) => run.seconds))
    row(
      job.name,
      seconds.toFixed(2),
      median(good.map((run) => run.cpu)).toFixed(2),
      (size / seconds).toFixed(0),
      ratio((run) => run.seconds).toFixed(2),
      hasTime ? ratio((run) => run.cpu).toFixed(2) : '–',
      hasTime ? Math.max(...good.map((run) => run.megabytes)).toFixed(0) : '–',
    )
  }
}
rmSync(work, { recursive: true, force: true })

function measure(job: Job): Run | undefined {
  const [command = '', ...args] = hasTime
    ? ['/usr/bin/time', '-f', 'MEASURED %e %U %S %M', ...job.command]
    : job.command
  // As the command line does: types are stripped once.
  const env = { ...process.env, NODE_COMPILE_CACHE: path.join(CACHE, 'compile-cache') }
  const started = performance.now()
  const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
  const elapsed = (performance.now() - started) / 1000
  if (status !== 0) {
    process.stdout.write(`  ${job.name}: ${stderr.trim().split('\n').slice(-2)[0] ?? `exit code ${status}`}\n`)
    return undefined
  }
  const [, seconds, user, system, kilobytes] = /MEASURED ([\d.]+) ([\d.]+) ([\d.]+) (\d+)/.exec(stderr) ?? []
  return {
    seconds: Number(seconds ?? elapsed),
    cpu: Number(user ?? 0) + Number(system ?? 0),
    megabytes: Number(kilobytes ?? 0) / 1024,
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - 1] ?? NaN, sorted[middle] ?? NaN]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}

function row(name: string, ...cells: string[]): void {
  process.stdout.write(`  ${name.padEnd(46)}${cells.map((cell) => cell.padStart(9)).join('')}\n`)
}
