import { Command } from 'commander'
import * as z from 'zod'
import type { BatchRecord } from '../../core/review/store.ts'
import { askingProgress, type AskingProgress } from '../../core/pipeline/asking.ts'
import { datasetKey } from '../../core/pipeline/generation-manifest.ts'
import { createConsole } from '../console.ts'
import type { Console } from '../console.ts'
import { EXIT } from '../failure.ts'
import { examples, jsonOption } from '../options.ts'
import { visible } from '../visible-text.ts'
import { environmentOption, findDeployment, onAws, openStores } from './deployment.ts'

/** Newest first; a team that has more open at once scrolls with --json. */
const MOST_BATCHES = 50
const MOST_REPORTS = 20

const LatestSchema = z.looseObject({ version: z.string() })

export function statusCommand(finish: (exitCode: number) => void): Command {
  return new Command('status')
    .description('What a deployment is at: its batches, refused uploads, and the newest training set.')
    .addOption(environmentOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['dialogues status -e prod', 'batches with their progress']))
    .action(async (options: { environment: string; json?: true }) => {
      const console = createConsole({ json: options.json === true })
      const found = await onAws(() => look(options.environment))
      print(found, console)
      console.result(found)
      finish(EXIT.done)
    })
}

interface Found {
  environment: string
  site: string | undefined
  /** Batches that a language model is or was asked for, with what that cost so far. */
  asked: (AskingProgress & { written: boolean })[]
  batches: { batch_id: string; title: string; status: string; failure?: string; counters: BatchRecord['counters'] }[]
  /** Newest first. */
  error_reports: { location: string; at: string }[]
  training: { version: string; location: string; at: string } | undefined
}

async function look(environment: string): Promise<Found> {
  const deployment = await findDeployment(environment)
  const { reviews, datasets } = await openStores(deployment)
  const { batches } = await reviews.batches({ limit: MOST_BATCHES })
  const reports: { location: string; at: string }[] = []
  for await (const head of datasets.list('errors/'))
    reports.push({ location: datasets.locate(head.key), at: head.last_modified })
  const asked: Found['asked'] = []
  for await (const progress of askingProgress(datasets))
    asked.push({ ...progress, written: (await datasets.head(datasetKey(progress.batch_id))) !== undefined })
  reports.sort((one, other) => (one.at < other.at ? 1 : -1))
  const latest = await datasets.get('training/latest.json')
  let training: Found['training']
  if (latest !== undefined) {
    const chunks: Uint8Array[] = []
    for await (const chunk of latest.body) chunks.push(chunk)
    const { version } = LatestSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    training = { version, location: datasets.locate(`training/${version}/`), at: latest.head.last_modified }
  }
  return {
    environment,
    site: deployment.siteUrl,
    batches: batches.map(({ batch_id, title, status, failure, counters }) => ({
      batch_id,
      title,
      status,
      ...(failure === undefined ? {} : { failure }),
      counters,
    })),
    asked,
    error_reports: reports.slice(0, MOST_REPORTS),
    training,
  }
}

function print(found: Found, console: Console): void {
  const { colour } = console
  if (found.site !== undefined) console.print(`Review page   ${found.site}`)
  console.print(
    found.training === undefined
      ? 'Training set  none yet: it is made when a lead has closed a batch'
      : `Training set  ${found.training.location}  (${found.training.at})`,
  )
  console.print()
  if (found.batches.length === 0) console.print('No batches yet. `dialogues upload SEEDS.json` makes one.')
  for (const { batch_id, title, status, failure, counters } of found.batches) {
    const total = counters['total'] ?? 0
    const open = (counters['status.pending'] ?? 0) + (counters['status.disputed'] ?? 0)
    console.print(
      `${colour.bold(visible(batch_id))}  ${status}  ${total - open} of ${total} decided  ${colour.dim(visible(title))}`,
    )
    if (failure !== undefined) console.print(`  ${colour.red(visible(failure))}`)
  }
  printAsked(found.asked, console)
  if (found.error_reports.length === 0) return
  console.print()
  console.print('Refused, in whole or in part (each report says what, where and what to do):')
  for (const { location, at } of found.error_reports) console.print(`  ${at}  ${visible(location)}`)
}

function printAsked(asked: Found['asked'], console: Console): void {
  if (asked.length === 0) return
  console.print()
  console.print('Asked of a language model:')
  for (const { batch_id, title, model, dialogues, parts, accepted, failed, cost_usd, written } of asked) {
    const state = written ? 'written' : parts.done < parts.all ? `part ${parts.done} of ${parts.all}` : 'being written'
    console.print(
      `${console.colour.bold(visible(batch_id))}  ${state}  ${accepted} of ${dialogues} accepted, ${failed} failed, $${cost_usd.toFixed(4)}  ${console.colour.dim(visible(`${model}, ${title}`))}`,
    )
  }
}
