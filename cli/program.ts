import { Command } from 'commander'
import { createConsole } from './console.ts'
import { describeFailure, EXIT } from './failure.ts'
import { leave, putAway } from './interrupt.ts'

type MakeCommand = (finish: (exitCode: number) => void) => Command

/**
 * A module each, loaded when it is asked for: the review screen, the generator and the AWS clients are of no use to
 * `stats`, and cost it half its time and memory. In the order of the help text.
 */
const COMMANDS: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  generate: async () => (await import('./generate.ts')).generateCommand,
  review: async () => (await import('./review.ts')).reviewCommand,
  apply: async () => (await import('./apply.ts')).applyCommand,
  merge: async () => (await import('./merge.ts')).mergeCommand,
  stats: async () => (await import('./stats.ts')).statsCommand,
  validate: async () => (await import('./validate.ts')).validateCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  // These ask and change a deployment on AWS.
  upload: async () => (await import('./cloud/upload.ts')).uploadCommand,
  status: async () => (await import('./cloud/status.ts')).statusCommand,
  fetch: async () => (await import('./cloud/fetch.ts')).fetchCommand,
  users: async () => (await import('./cloud/users.ts')).usersCommand,
}

/** Runs one command; resolves to the exit code. `words` are the arguments after the program's name. */
export async function run(words: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done
  const program = await createProgram(words[0], (code) => (exitCode = code))
  // `dialogues … | head` closes the pipe early: that is nobody's fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => leave(error.code === 'EPIPE' ? EXIT.done : EXIT.usage))
  try {
    if (words.length === 0) {
      program.outputHelp()
      return EXIT.usage
    }
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    putAway()
    const failure = describeFailure(error, process.env['DIALOGUES_DEBUG'] === '1')
    const console = createConsole({ json: words.includes('--json') })
    if (failure.message !== undefined) {
      console.error(failure.message)
      console.result({ error: failure.message, exit_code: failure.exitCode })
    }
    return failure.exitCode
  }
}

/** With the one command that was named; with all of them when none was, so that help and suggestions know them. */
async function createProgram(named: string | undefined, finish: (exitCode: number) => void): Promise<Command> {
  const program = new Command('dialogues')
    .description('Make synthetic support dialogues, review them, and keep exactly what was approved.')
    .usage('<command> [options]')
    .helpCommand('help [command]', 'show what a command takes, with examples')
    .addHelpText(
      'after',
      `
The four steps:
  $ dialogues generate --count 200 --seed seeds.json --output synthetic.json
  $ dialogues review   --input synthetic.json --output reviews.json
  $ dialogues apply    --data synthetic.json --reviews reviews.json --output approved.json
  $ dialogues merge    --files seeds.json approved.json --output training.json

In a checkout, write "npm run dialogues --" or "npx dialogues" for "dialogues".
Exit codes: 0 done, 1 findings or invalid data, 2 wrong usage.`,
    )
  const one = named !== undefined && Object.hasOwn(COMMANDS, named) ? COMMANDS[named] : undefined
  for (const load of one === undefined ? Object.values(COMMANDS) : [one]) program.addCommand((await load())(finish))
  // Set on the program alone, these would not reach commands that were made apart.
  const all = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)]
  for (const command of all)
    command.exitOverride().showSuggestionAfterError().showHelpAfterError('(--help shows the options, with examples)')
  return program
}
