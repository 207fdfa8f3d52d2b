import { userInfo } from 'node:os'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { createConsole } from './console.ts'
import type { Console } from './console.ts'
import { EXIT } from './failure.ts'
import { openInput } from './input.ts'
import type { Input } from './input.ts'
import { onInterrupt, sayWhenInterrupted } from './interrupt.ts'
import { examples, jsonOption } from './options.ts'
import { openOutput } from './output.ts'
import { collectProblems } from './problems.ts'
import { counting, measured, showProgress } from './progress.ts'
import { fillShelf } from './review/dialogue-shelf.ts'
import type { DialogueShelf } from './review/dialogue-shelf.ts'
import { readGuidelines } from './review/guidelines.ts'
import type { Guidelines } from './review/guidelines.ts'
import { runPlainPrompt } from './review/plain-prompt.ts'
import { openJournal } from './review/review-journal.ts'
import type { ReviewJournal } from './review/review-journal.ts'
import { enter, readBook, refuseForeignBook, rememberedReviewer, reviewsOf, writeBook } from './review/reviews-book.ts'
import type { ReviewsBook } from './review/reviews-book.ts'
import { fit } from './review/safe-text.ts'
import { summarySpans } from './review/screen-pages.ts'
import type { ScreenWorld } from './review/screen-layout.ts'
import { runScreen } from './review/screen-terminal.ts'
import { openSession, tally } from './review/session.ts'
import { quoted } from './shell-words.ts'
import type { Session } from './review/session.ts'

interface ReviewOptions {
  input: string
  output: string
  reviewer?: string
  guidelines?: string
  plain?: true
  json?: true
}

export function reviewCommand(finish: (exitCode: number) => void): Command {
  return new Command('review')
    .description('Judge the dialogues of a dataset, in the terminal or by a script.')
    .requiredOption('-i, --input <file>', 'dataset to review')
    .requiredOption('-o, --output <file>', 'reviews file; when it exists, the review goes on where it was')
    .option('--reviewer <name>', 'who reviews; else asked once and remembered in the reviews file')
    .option('--guidelines <file>', 'guidelines to show instead of the ones that come with the program')
    .option('--plain', 'numbered prompt instead of the screen, on a terminal too')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `${examples(
        ['dialogues review -i synthetic.json -o reviews.json', 'the review screen; ? shows its keys'],
        ['dialogues review -i synthetic.json -o reviews.json', 'the same again: goes on where it was'],
        [
          `printf '1\\n3 harmful: agrees with dying\\nquit\\n' | dialogues review -i synthetic.json -o reviews.json`,
          'by a script: approve the first, reject the second, stop',
        ],
      )}

Answers at the prompt: 1 approve, 2 needs revision, 3 reject, 4 skip, 5 add note; prev, next,
undo, guidelines, save, quit. Behind 2 and 3 may stand reasons, and behind a colon words of your own.
Every verdict is on the disk before the next dialogue appears.`,
    )
    .action(async (options: ReviewOptions) => finish(await review(options)))
}

async function review(options: ReviewOptions): Promise<number> {
  const console = createConsole({ json: options.json === true })
  const input = await openInput(options.input)
  const guidelines = await readGuidelines(options.guidelines)
  // Finds out now, not after the first verdict, whether it can be written.
  await (await openOutput(options.output, [input])).abandon()
  const problems = collectProblems()
  const progress = showProgress({ doing: `Opening ${input.path}:`, unit: 'bytes', total: input.size })
  const shelf = await fillShelf(input, measured(input.read(), progress), problems.add)
  problems.print(console)

  const journal = openJournal(options.output)
  const forget = onInterrupt(() => journal.close())
  sayWhenInterrupted(() => `Every verdict so far is saved. Go on with:\n  ${goOnWith(options)}`)
  try {
    const desk = await openDesk({ options, input, guidelines, shelf, journal, console })
    const { session, misunderstood, left } = await runReview(desk)
    await desk.fold(session)
    const so = tally(session)
    for (const spans of summarySpans(so, console.colour)) console.print(fit(spans, 40).trimEnd())
    if (misunderstood > 0) console.warn(`${counting(misunderstood, 'line')} meant nothing and changed nothing`)
    console.print(`Saved in ${options.output}.`)
    if (so.open > 0) console.note(`${counting(so.open, 'dialogue')} left. Go on with:\n  ${goOnWith(options)}`)
    console.result({
      input: options.input,
      output: options.output,
      reviewer: session.reviewer,
      ...so,
      misunderstood_lines: misunderstood,
      problems: problems.summary(),
    })
    if (left === 'interrupted') return EXIT.interrupted
    return problems.count() > 0 || misunderstood > 0 ? EXIT.findings : EXIT.done
  } finally {
    forget()
    journal.close()
  }
}

interface Desk {
  session: Session
  world: ScreenWorld
  journal: ReviewJournal
  book: ReviewsBook
  console: Console
  plain: boolean
  /** Writes the reviews file, and empties the journal into it. */
  fold: (session: Session) => Promise<void>
}

async function openDesk(start: {
  options: ReviewOptions
  input: Input
  guidelines: Guidelines
  shelf: DialogueShelf
  journal: ReviewJournal
  console: Console
}): Promise<Desk> {
  const { options, input, guidelines, shelf, journal, console } = start
  const book = await readBook(options.output)
  for (const recovered of journal.recovered) enter(book, recovered)
  refuseForeignBook(book, options.output, input, shelf.items)

  const plain = options.plain === true || !process.stdin.isTTY || !process.stdout.isTTY || console.json
  const remembered = options.reviewer ?? journal.recovered.at(-1)?.reviewer ?? rememberedReviewer(book)
  const reviewer = remembered ?? (plain ? userInfo().username : '')
  if (remembered === undefined && plain) console.note(`Reviewing as ${reviewer}; --reviewer gives another name.`)
  const desk: Desk = {
    session: openSession({
      items: shelf.items,
      reviewer,
      guidelines_version: guidelines.version,
      reviews: reviewsOf(book, reviewer, shelf.items),
      now: Date.now(),
    }),
    world: {
      title: basename(input.path),
      guidelines: guidelines.markdown,
      colour: console.colour,
      dialogueAt: (position) => shelf.at(position),
    },
    journal,
    book,
    console,
    plain,
    fold: async (session) => {
      // Somebody who looked and left has said nothing: no file comes of that.
      if (book.entries.size > 0)
        await writeBook(book, options.output, {
          source_file: input.path,
          reviewer: session.reviewer,
          reviewed_at: new Date().toISOString(),
          guidelines_version: session.guidelines_version,
        })
      journal.empty()
    },
  }
  if (journal.recovered.length > 0) {
    await desk.fold(desk.session)
    console.note(`Found ${counting(journal.recovered.length, 'review')} of an interrupted session; all are kept.`)
  }
  return desk
}

async function runReview(
  desk: Desk,
): Promise<{ session: Session; misunderstood: number; left: 'done' | 'interrupted' }> {
  const { session, world, journal, book, console } = desk
  const save: Parameters<typeof runScreen>[0]['save'] = (saved) => {
    journal.append(saved)
    enter(book, saved)
  }
  if (!desk.plain) {
    const outcome = await runScreen({ session, world, save, input: process.stdin, output: process.stdout })
    return { ...outcome, misunderstood: 0 }
  }
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })
  const stream = console.json ? process.stderr : process.stdout
  try {
    const outcome = await runPlainPrompt({
      session,
      world,
      save,
      fold: desk.fold,
      lines: lines[Symbol.asyncIterator](),
      write: (text) => void stream.write(text),
      now: Date.now,
    })
    return { ...outcome, left: 'done' }
  } finally {
    lines.close()
    // An open pipe would keep the process waiting for an answer that nobody reads.
    process.stdin.destroy()
  }
}

function goOnWith({ input, output, reviewer }: ReviewOptions): string {
  const name = reviewer === undefined ? '' : ` --reviewer ${quoted(reviewer)}`
  return `dialogues review --input ${quoted(input)} --output ${quoted(output)}${name}`
}
