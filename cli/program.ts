import { Command } from 'commander'
import { applyCommand } from './apply.ts'
import { fetchCommand } from './cloud/fetch.ts'
import { statusCommand } from './cloud/status.ts'
import { uploadCommand } from './cloud/upload.ts'
import { usersCommand } from './cloud/users.ts'
import { createConsole } from './console.ts'
import { describeFailure, EXIT } from './failure.ts'
import { generateCommand } from './generate.ts'
import { leave, putAway } from './interrupt.ts'
import { mergeCommand } from './merge.ts'
import { reportCommand } from './report.ts'
import { reviewCommand } from './review.ts'
import { statsCommand } from './stats.ts'
import { validateCommand } from './validate.ts'
import { verifyCommand } from './verify.ts'

/** Runs one command; resolves to the exit code. `words` are the arguments after the program's name. */
export async function run(words: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done
  const program = createProgram((code) => (exitCode = code))
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

export function createProgram(finish: (exitCode: number) => void): Command {
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
  for (const command of [
    generateCommand,
    reviewCommand,
    applyCommand,
    mergeCommand,
    statsCommand,
    validateCommand,
    reportCommand,
    verifyCommand,
  ])
    program.addCommand(command(finish))
  // These ask and change a deployment on AWS.
  for (const command of [uploadCommand, statusCommand, fetchCommand, usersCommand]) program.addCommand(command(finish))
  // Set on the program alone, these would not reach commands that were made apart.
  const all = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)]
  for (const command of all)
    command.exitOverride().showSuggestionAfterError().showHelpAfterError('(--help shows the options, with examples)')
  return program
}
