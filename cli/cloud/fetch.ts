import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import * as z from 'zod'
import type { ObjectStore } from '../../core/ports.ts'
import { createConsole } from '../console.ts'
import { EXIT, UsageError } from '../failure.ts'
import { examples, jsonOption } from '../options.ts'
import { openOutput, writeOutput } from '../output.ts'
import { counting, measured, showProgress } from '../progress.ts'
import { visible } from '../visible-text.ts'
import { environmentOption, findDeployment, onAws, openStores } from './deployment.ts'

const LatestSchema = z.looseObject({ version: z.string() })

export function fetchCommand(finish: (exitCode: number) => void): Command {
  return new Command('fetch')
    .description('Fetch a training set, or any other output, from a deployment.')
    .argument('[what]', 'a version of the training set, or a key such as approved/BATCH.jsonl', 'latest')
    .requiredOption('-o, --output <folder>', 'folder to put it in; made when it is not there')
    .addOption(environmentOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['dialogues fetch -o training', 'every file of the newest training set'],
        ['dialogues fetch approved/SEED-3f9a2c1b.jsonl -o .', 'one output of one batch'],
      ),
    )
    .action(async (what: string, options: { output: string; environment: string; json?: true }) => {
      const console = createConsole({ json: options.json === true })
      const files = await onAws(async () => {
        const { datasets } = await openStores(await findDeployment(options.environment))
        const found = await keysOf(what, datasets)
        const fetched: { path: string; bytes: number; sha256: string }[] = []
        for (const { key, name } of found) fetched.push(await fetchOne(datasets, key, join(options.output, name)))
        return fetched
      })
      for (const { path, bytes } of files) console.print(`${visible(path)}  ${counting(bytes, 'byte')}`)
      console.result({ files })
      finish(EXIT.done)
    })
}

async function keysOf(what: string, datasets: ObjectStore): Promise<{ key: string; name: string }[]> {
  if (what.includes('/')) {
    if ((await datasets.head(what)) === undefined)
      throw new UsageError(`there is no ${datasets.locate(what)}`, '`dialogues status` shows what there is.')
    return [{ key: what, name: what.slice(what.lastIndexOf('/') + 1) }]
  }
  const version = what === 'latest' ? await latestVersion(datasets) : what
  const prefix = `training/${version}/`
  const found: { key: string; name: string }[] = []
  for await (const { key } of datasets.list(prefix)) found.push({ key, name: key.slice(prefix.length) })
  if (found.length === 0)
    throw new UsageError(`there is no training set ${version}`, 'Leave the version out for the newest.')
  return found
}

async function latestVersion(datasets: ObjectStore): Promise<string> {
  const latest = await datasets.get('training/latest.json')
  if (latest === undefined)
    throw new UsageError('there is no training set yet', 'It is made when a lead has closed a batch.')
  const chunks: Uint8Array[] = []
  for await (const chunk of latest.body) chunks.push(chunk)
  return LatestSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))).version
}

async function fetchOne(
  datasets: ObjectStore,
  key: string,
  path: string,
): Promise<{ path: string; bytes: number; sha256: string }> {
  const object = await datasets.get(key)
  if (object === undefined) throw new UsageError(`${datasets.locate(key)} is gone`, 'Somebody removed it meanwhile.')
  await mkdir(dirname(path), { recursive: true })
  const output = await openOutput(path)
  const hash = createHash('sha256')
  const progress = showProgress({ doing: `Fetching ${key}:`, unit: 'bytes', total: object.head.size })
  const hashed = async function* () {
    for await (const chunk of measured(object.body, progress)) {
      hash.update(chunk)
      yield chunk
    }
  }
  const bytes = await writeOutput(output, hashed())
  return { path, bytes, sha256: hash.digest('hex') }
}
