import { basename } from 'node:path'
import { Command, Option } from 'commander'
import { readDialogues } from '../../core/datasets/read-dialogues.ts'
import { InputError } from '../../core/errors.ts'
import { checkConcerns, parseRequest } from '../../core/generate/request.ts'
import { INBOX_PREFIXES } from '../../core/pipeline/stages.ts'
import { createConsole } from '../console.ts'
import { EXIT, UsageError } from '../failure.ts'
import { openInput } from '../input.ts'
import { examples, jsonOption, listOf, sessionType, wholeNumber } from '../options.ts'
import { collectProblems } from '../problems.ts'
import { counting, measured, showProgress } from '../progress.ts'
import { environmentOption, findDeployment, onAws, openStores } from './deployment.ts'

const KINDS = INBOX_PREFIXES.map((prefix) => prefix.slice(0, -1))

interface UploadOptions {
  as: string
  name?: string
  environment: string
  count?: number
  method?: string
  concerns?: string[]
  sessionTypes?: string[]
  randomSeed?: number
  reviewsPerDialogue?: number
  json?: true
}

export function uploadCommand(finish: (exitCode: number) => void): Command {
  return new Command('upload')
    .description('Put a file into the inbox of a deployment, where it starts its stage.')
    .argument('<file>', 'the file to upload; a dataset is checked first')
    .addOption(new Option('--as <kind>', 'what it is').choices(KINDS).default('seeds'))
    .option('--name <name>', 'its name in the inbox; the file name by default')
    .addOption(environmentOption())
    .option('-n, --count <number>', 'seeds: how many dialogues to make', wholeNumber(1, 1_000_000))
    .addOption(new Option('--method <method>', 'seeds: how to make them').choices(['template', 'openai', 'hybrid']))
    .option(
      '-c, --concerns <names...>',
      'seeds: only these concerns',
      listOf((name) => name),
    )
    .option('-t, --session-types <names...>', 'seeds: only these session types', listOf(sessionType))
    .option('--random-seed <number>', 'seeds: the same number gives the same dialogues', wholeNumber(0, 2 ** 32 - 1))
    .option('--reviews-per-dialogue <number>', 'how many clinicians judge each dialogue', wholeNumber(1, 3))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['dialogues upload SEED_DIALOGUES.json -e staging', 'the default request of the environment, with these seeds'],
        ['dialogues upload SEED_DIALOGUES.json -n 100 -c anxiety,grief', '100 dialogues about two concerns'],
        ['dialogues upload reviews.json --as reviews', 'reviews made in the terminal'],
      ),
    )
    .action(async (file: string, options: UploadOptions) => {
      const console = createConsole({ json: options.json === true })
      const input = await openInput(file)
      const metadata = metadataOf(options)
      const problems = collectProblems()
      if (options.as === 'seeds' || options.as === 'synthetic') {
        let good = 0
        const concerns = new Set<string>()
        for await (const { dialogue } of readDialogues(input.read(), { file, onProblem: problems.add })) {
          good += 1
          concerns.add(dialogue.user_profile.concern)
        }
        problems.print(console)
        if (good === 0)
          throw new InputError('no dialogue in it can be used', {
            where: file,
            fix: 'Nothing was uploaded. `dialogues validate` shows more.',
          })
        // As the stage will: a concern that only these seeds have is as good as a known one.
        if (options.concerns !== undefined)
          checkConcerns(parseRequest({ count: 1, concerns: options.concerns }, '--concerns'), concerns)
      }
      const key = `${options.as}/${options.name ?? basename(file)}`
      const { deployment, size } = await onAws(async () => {
        const deployment = await findDeployment(options.environment)
        const { inbox } = await openStores(deployment)
        const progress = showProgress({ doing: `Uploading ${file}:`, unit: 'bytes', total: input.size })
        const put = await inbox.put(key, measured(input.read(), progress), { condition: { if: 'always' }, metadata })
        if (put.outcome !== 'written') throw new Error(`an unconditional put of ${key} was refused`)
        return { deployment, size: put.size }
      })
      const location = `s3://${deployment.inboxBucket}/${key}`
      console.print(`${location}: uploaded, ${counting(size, 'byte')}.`)
      console.print(`See what becomes of it: dialogues status -e ${options.environment}`)
      console.result({ location, bytes: size, metadata, problems: problems.summary() })
      finish(problems.count() === 0 ? EXIT.done : EXIT.findings)
    })
}

/** S3 user metadata of the names that a generation request has. */
function metadataOf(options: UploadOptions): Record<string, string> {
  const { count, method, concerns, sessionTypes, randomSeed, reviewsPerDialogue } = options
  const asked = { count, method, concerns, session_types: sessionTypes, random_seed: randomSeed }
  const given = Object.entries(asked).filter(([, value]) => value !== undefined)
  if (options.as !== 'seeds' && given.length > 0)
    throw new UsageError(
      `--${given[0]?.[0].replaceAll('_', '-')} is about seeds, and this is uploaded as ${options.as}`,
      'Leave it out, or upload a seed file.',
    )
  if (reviewsPerDialogue !== undefined) given.push(['reviews_per_dialogue', reviewsPerDialogue])
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
  )
}
