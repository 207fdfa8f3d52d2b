import { REASONS } from '../../core/dialogue/vocabulary.ts'
import type { Reason, Verdict } from '../../core/dialogue/vocabulary.ts'
import type { Review } from '../../core/review/review.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { counting } from '../progress.ts'
import { dialogueLines } from './dialogue-lines.ts'
import { visible } from '../visible-text.ts'
import type { ScreenWorld } from './screen-layout.ts'
import { addNote, goTo, isComplete, judge, reviewAt, skip, undo, verdictAt } from './session.ts'
import type { Saved, Session } from './session.ts'

export interface PlainPrompt {
  session: Session
  world: ScreenWorld
  /** On the disk when it returns. */
  save: (review: Review) => void
  /** `save` on a line of its own: puts everything into the reviews file now. */
  fold: (session: Session) => Promise<void>
  lines: AsyncIterator<string>
  write: (text: string) => void
  now: () => number
}

const WIDTH = 80
export const PROMPT =
  '1 approve  2 needs revision  3 reject  4 skip  5 add note | prev next undo guidelines save quit > '

/**
 * The review without a screen: a dialogue, a line of choices, an answer. For pipes, screen readers and scripts; ends when
 * every dialogue has a verdict, at `quit`, and at the end of the input. Returns how many lines meant nothing.
 */
export async function runPlainPrompt(prompt: PlainPrompt): Promise<{ session: Session; misunderstood: number }> {
  const { world, write, now } = prompt
  let session = prompt.session
  let misunderstood = 0
  if (isComplete(session)) return { session, misunderstood }
  let shown = -1
  for (;;) {
    if (shown !== session.position) {
      write(dialogueText(session, world))
      shown = session.position
    }
    write(PROMPT)
    const answer = await prompt.lines.next()
    if (answer.done === true) {
      write('\n')
      break
    }
    const order = parseOrder(answer.value)
    if (order.name === 'quit') {
      write('\n')
      break
    }
    if (order.name === 'unknown') {
      misunderstood += 1
      write(`${order.why}\n`)
      continue
    }
    if (order.name === 'save') {
      await prompt.fold(session)
      write('Saved.\n')
      continue
    }
    if (order.name === 'guidelines') {
      write(`${visible(world.guidelines)}\n`)
      continue
    }
    const note = order.name === 'note' && order.text === '' ? await askFor('Note: ', prompt) : undefined
    const step = carryOut(session, note === undefined ? order : { name: 'note', text: note }, now())
    if (step.review !== undefined) prompt.save(step.review)
    if (step.said !== '') write(`${step.said}\n`)
    // After a verdict the session stands on an open dialogue, unless there is none.
    const finished = order.name === 'verdict' && verdictAt(step.session) !== undefined
    session = step.session
    if (finished) break
  }
  return { session, misunderstood }
}

/** What changes the session. */
type Act =
  | { name: 'verdict'; verdict: Verdict; reasons: Reason[]; feedback: string | undefined }
  | { name: 'note'; text: string }
  | { name: 'skip' }
  | { name: 'previous' }
  | { name: 'next' }
  | { name: 'undo' }

type Order = Act | { name: 'save' } | { name: 'quit' } | { name: 'guidelines' } | { name: 'unknown'; why: string }

const WORDS: Readonly<Record<string, Exclude<Order['name'], 'unknown' | 'note' | 'verdict'>>> = {
  '4': 'skip',
  s: 'skip',
  skip: 'skip',
  p: 'previous',
  prev: 'previous',
  previous: 'previous',
  next: 'next',
  u: 'undo',
  undo: 'undo',
  save: 'save',
  q: 'quit',
  quit: 'quit',
  exit: 'quit',
  g: 'guidelines',
  guidelines: 'guidelines',
}

const VERDICT_WORDS: Readonly<Record<string, Verdict>> = {
  '1': 'approved',
  a: 'approved',
  approve: 'approved',
  '2': 'needs_revision',
  v: 'needs_revision',
  revise: 'needs_revision',
  '3': 'rejected',
  x: 'rejected',
  reject: 'rejected',
}

/**
 * One line: `1`, `2 tone minor_issues`, `3 harmful: agrees with dying`, `5 the second reply is good`, `prev`. What stands
 * behind a colon is feedback.
 */
export function parseOrder(line: string): Order {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line) ?? []
  const name = word.toLowerCase()
  const verdict = VERDICT_WORDS[name]
  if (verdict !== undefined) return parseVerdict(verdict, rest)
  if (name === '5' || name === 'n' || name === 'note') return { name: 'note', text: rest }
  const known = WORDS[name]
  if (known !== undefined && rest === '') return { name: known }
  if (name === '')
    return { name: 'unknown', why: 'Type a number from 1 to 5, or prev, next, undo, guidelines, save, quit.' }
  const near = nearestName(name, ['prev', 'next', 'undo', 'guidelines', 'save', 'quit', 'skip', 'approve', 'reject'])
  const hint = near === undefined || near === name ? '' : ` Did you mean ${near}?`
  return {
    name: 'unknown',
    why: `"${visible(line.trim())}" is no choice.${hint} Type 1 to 5, or prev, next, undo, save, quit.`,
  }
}

function parseVerdict(verdict: Verdict, rest: string): Order {
  const [named = '', ...said] = rest.split(':')
  const feedback = said.join(':').trim()
  const reasons: Reason[] = []
  for (const word of named.split(/[\s,]+/).filter((each) => each !== '')) {
    const reason = REASONS.find((known, index) => known === word || String(index + 1) === word)
    if (reason === undefined) {
      const near = nearestName(word, REASONS)
      const hint = near === undefined ? '' : ` Did you mean ${near}?`
      return {
        name: 'unknown',
        why: `"${visible(word)}" is no reason.${hint} Reasons: ${REASONS.join(', ')}. Words of your own go behind a colon.`,
      }
    }
    reasons.push(reason)
  }
  if (verdict === 'approved' && reasons.length > 0)
    return { name: 'unknown', why: 'An approval takes no reasons. Type 1 alone, or 5 and a note.' }
  return { name: 'verdict', verdict, reasons, feedback: feedback === '' ? undefined : feedback }
}

interface Outcome {
  session: Session
  review?: Review
  said: string
}

function carryOut(session: Session, order: Act, now: number): Outcome {
  switch (order.name) {
    case 'verdict': {
      const { verdict, reasons, feedback } = order
      return said(judge(session, verdict, { reasons, feedback }, now), VERDICTS_SAID[verdict])
    }
    case 'note':
      return order.text.trim() === ''
        ? { session, said: 'No note added.' }
        : said(addNote(session, order.text.trim(), now), 'Noted')
    case 'skip':
      return { session: skip(session, now), said: 'Skipped.' }
    case 'undo': {
      const back = undo(session, now)
      return back === undefined
        ? { session, said: 'There is nothing to take back.' }
        : { session: back.session, review: back.review, said: `Taken back: ${back.took}.` }
    }
    case 'previous':
      return session.position === 0
        ? { session, said: 'This is the first one.' }
        : { session: goTo(session, session.position - 1, now), said: '' }
    case 'next':
      return session.position === session.items.length - 1
        ? { session, said: 'This is the last one.' }
        : { session: goTo(session, session.position + 1, now), said: '' }
  }
}

const VERDICTS_SAID: Readonly<Record<Verdict, string>> = {
  approved: 'Approved',
  needs_revision: 'Needs revision',
  rejected: 'Rejected',
}

function said({ session, review }: Saved, what: string): Outcome {
  return { session, review, said: `${what}: ${review.dialogue_id}` }
}

async function askFor(question: string, prompt: PlainPrompt): Promise<string> {
  prompt.write(question)
  const answer = await prompt.lines.next()
  return answer.done === true ? '' : answer.value
}

function dialogueText(session: Session, world: ScreenWorld): string {
  const { dialogue, findings } = world.dialogueAt(session.position)
  const { labels, user_profile } = dialogue
  const verdict = verdictAt(session)
  const notes = reviewAt(session)?.notes.length ?? 0
  const head = [
    `${session.position + 1} of ${session.items.length}: ${dialogue.dialogue_id}`,
    dialogue.session_type,
    user_profile.concern,
    ...(labels.max_risk_level === undefined ? [] : [`risk ${labels.max_risk_level}`]),
    ...(verdict === undefined ? [] : [`you said: ${verdict}`]),
    ...(notes === 0 ? [] : [counting(notes, 'note')]),
  ]
  const { lines } = dialogueLines(dialogue, findings, WIDTH, world.colour)
  return `\n${visible(head.join(' · '))}\n${'-'.repeat(WIDTH)}\n${lines.map((line) => line.trimEnd()).join('\n')}\n${'-'.repeat(WIDTH)}\n`
}
