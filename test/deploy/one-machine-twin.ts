import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { openHome } from '../../local/home.ts'
import { silentLog } from '../builders/a-batch.ts'
import { until } from '../integration/home-process.ts'

export interface Twin {
  dataset: string
  approved: string
  /** By key, in byte order. */
  training: Map<string, string>
}

/** The one-machine home, given the same seed file and, as a reviews file, the same verdicts; what it makes of them. */
export async function trainOnOneMachine(given: {
  seedKey: string
  seeds: Uint8Array
  batch_id: string
  reviews: string
}): Promise<Twin> {
  const workspace = await mkdtemp(join(tmpdir(), 'twin-'))
  const home = await openHome({ workspace, port: 0, firstBatch: false, log: silentLog })
  try {
    const datasets = join(workspace, 'datasets')
    await drop(join(workspace, 'inbox', given.seedKey), given.seeds)
    const dataset = await until('the dataset', () => textOf(join(datasets, 'synthetic', `${given.batch_id}.jsonl`)))
    // Where closing the batch would have written it: the times of the verdicts are those of the hosted reviews.
    await drop(join(datasets, 'reviews', `${given.batch_id}.json`), given.reviews)
    const approved = await until('the approved set', () =>
      textOf(join(datasets, 'approved', `${given.batch_id}.jsonl`)),
    )
    await until('the training set', () => textOf(join(datasets, 'training', 'latest.json')))
    const entries = await readdir(join(datasets, 'training'), { recursive: true, withFileTypes: true })
    const files = entries.filter(
      (entry) => entry.isFile() && entry.name !== 'latest.json' && !entry.name.startsWith('.'),
    )
    const training = new Map<string, string>()
    for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort())
      training.set(relative(datasets, path).split(sep).join('/'), await readFile(path, 'utf8'))
    return { dataset, approved, training }
  } finally {
    await home.close()
    await rm(workspace, { recursive: true, force: true })
  }
}

async function drop(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)
