import { Command, InvalidArgumentError, Option } from 'commander'
import type { SessionType } from '../core/dialogue/vocabulary.ts'
import { MAX_COUNT } from '../core/generate/request.ts'
import { examples, jsonOption, listOf, sessionType, wholeNumber } from './options.ts'

export interface GenerateOptions {
  count: number
  output: string
  seed?: string
  concerns?: string[]
  sessionTypes?: SessionType[]
  useOpenai?: true
  method?: 'template' | 'openai' | 'hybrid'
  randomSeed?: number
  openaiShare?: number
  model?: string
  baseUrl?: string
  temperature?: number
  maxCost?: number
  price?: string
  onFailure?: 'fallback' | 'stop'
  maskPii?: true
  concurrency?: number
  requestsPerMinute?: number
  tokensPerMinute?: number
  timeout?: number
  dryRun?: true
  /** Undefined when neither --resume nor --no-resume was given. */
  resume?: boolean
  json?: true
}

/** A batch that a clinician reviews in one or two sittings. */
const DEFAULT_COUNT = 50
export const MOST_RANDOM_SEED = 4_294_967_295

export function generateCommand(finish: (exitCode: number) => void): Command {
  const command = new Command('generate')
    .description('Write synthetic dialogues: exact shares of session types, concerns and risk levels.')
    .option('-n, --count <number>', 'how many dialogues', wholeNumber(1, MAX_COUNT), DEFAULT_COUNT)
    .requiredOption('-o, --output <file>', 'where they go (.json or .jsonl, .gz behind either)')
    .option('-s, --seed <file>', 'seed dialogues, whose lengths, concerns and phrasing patterns are followed')
    .option(
      '-c, --concerns <names...>',
      'only these concerns',
      listOf((word) => word),
    )
    .option('-t, --session-types <names...>', 'only these session types', listOf(sessionType))
    .addOption(new Option('--method <name>', 'who writes (template)').choices(['template', 'openai', 'hybrid']))
    .option(
      '--random-seed <number>',
      'the same number, request and seed file give the same plan; drawn and printed when not given',
      wholeNumber(0, MOST_RANDOM_SEED),
    )
    .addOption(jsonOption())
  withModelOptions(command)
  return command
    .addHelpText(
      'after',
      examples(
        [
          'dialogues generate -n 200 -s seeds.json -o synthetic.json',
          'two hundred, in the shares of the target distribution',
        ],
        ['dialogues generate -n 30 -c anxiety grief -t check-in -o few.jsonl', 'only these concerns, only check-ins'],
        ['dialogues generate -n 200 -s seeds.json --random-seed 7 -o synthetic.json', 'the same bytes every time'],
        ['dialogues generate -n 200 -s seeds.json --use-openai --dry-run -o synthetic.json', 'what it would cost'],
        [
          'dialogues generate -n 200 -s seeds.json --use-openai --max-cost 2 -o synthetic.json',
          'three in ten by a language model, for two dollars at the most (key in OPENAI_API_KEY)',
        ],
      ),
    )
    .action(async (options: GenerateOptions) => {
      // The generator is a third of the program: the other commands start without it.
      const { generate } = await import('./generation-run.ts')
      finish(await generate(options))
    })
}

function withModelOptions(command: Command): void {
  command
    .optionsGroup('With a language model (docs/guides/openai.md):')
    .option('--use-openai', 'a part of the dialogues by a language model: the same as --method hybrid')
    .option('--openai-share <part>', 'which part, from 0 to 1 (0.3)', decimal(0, 1))
    .option('--model <name>', 'as the service names it (OPENAI_MODEL, or gpt-4.1-mini)')
    .option('--base-url <address>', 'any server that speaks the protocol, with its /v1 (OPENAI_BASE_URL, or OpenAI)')
    .option('--temperature <number>', "0 to 2 (the service's own default)", decimal(0, 2))
    .option('--max-cost <dollars>', 'never pay more for this output, earlier runs included', dollars)
    .option('--price <input,output>', 'dollars per million tokens, for a model that the price list does not name')
    .option('--dry-run', 'tokens and cost as expected; nothing is sent and nothing written')
    .addOption(
      new Option(
        '--on-failure <what>',
        'when the service cannot be used or the money is used up: stop and keep what is paid for, or let templates write the rest (stop)',
      ).choices(['fallback', 'stop']),
    )
    .option('--resume', 'use what can be used of an interrupted run, also when options have changed')
    .option('--no-resume', 'forget what an interrupted run has paid for')
    .option('--mask-pii', 'mask personal data in the seeds instead of stopping')
    .option('--concurrency <number>', 'calls at once, at most (64)', wholeNumber(1, 1000))
    .option('--requests-per-minute <number>', 'never more', wholeNumber(1, 1_000_000))
    .option('--tokens-per-minute <number>', 'never more', wholeNumber(1, 1_000_000_000))
    .option('--timeout <seconds>', 'of one call (120)', wholeNumber(1, 3600))
}

function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`)
    return value
  }
}

function dollars(text: string): number {
  const value = /^\$?\d*\.?\d+$/.test(text) ? Number(text.replace('$', '')) : NaN
  if (!(value > 0)) throw new InvalidArgumentError('Expected an amount of US dollars above 0, such as 2.50.')
  return value
}
