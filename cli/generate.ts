import { Command, Option } from 'commander'
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
  method: 'template' | 'openai' | 'hybrid'
  randomSeed?: number
  json?: true
}

/** A batch that a clinician reviews in one or two sittings. */
const DEFAULT_COUNT = 50
export const MOST_RANDOM_SEED = 4_294_967_295

export function generateCommand(finish: (exitCode: number) => void): Command {
  return new Command('generate')
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
    .addOption(
      new Option('--method <name>', 'who writes').choices(['template', 'openai', 'hybrid']).default('template'),
    )
    .option('--use-openai', 'the same as --method openai')
    .option(
      '--random-seed <number>',
      'the same number, request and seed file give the same bytes; drawn and printed when not given',
      wholeNumber(0, MOST_RANDOM_SEED),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        [
          'dialogues generate -n 200 -s seeds.json -o synthetic.json',
          'two hundred, in the shares of the target distribution',
        ],
        ['dialogues generate -n 30 -c anxiety grief -t check-in -o few.jsonl', 'only these concerns, only check-ins'],
        ['dialogues generate -n 200 -s seeds.json --random-seed 7 -o synthetic.json', 'the same bytes every time'],
      ),
    )
    .action(async (options: GenerateOptions) => {
      // The generator is a third of the program: the other commands start without it.
      const { generate } = await import('./generation-run.ts')
      finish(await generate(options))
    })
}
