import { InputError } from '../../errors.ts'
import { checkPersonalData } from '../../quality/checks/personal-data.ts'
import { turnText } from '../../quality/turn-text.ts'
import type { SeedExample } from './seed-examples.ts'

/** Personal data in a seed that a prompt would carry out of the house. */
export interface PersonalData {
  dialogue_id: string
  /** 0-based. */
  turn: number
  /** Code of the finding, e.g. `pii.email`. */
  code: string
  /** What it is, for people; the words themselves are left out. */
  kind: string
}

/** Findings that a message lists. */
const MOST_LISTED = 10

/** For whoever asked: which dialogue, which message, what kind; never the data themselves. */
function personalDataError(found: readonly PersonalData[], where: string, fix: string): InputError {
  const lines = found
    .slice(0, MOST_LISTED)
    .map(({ dialogue_id, turn, kind }) => `dialogue ${dialogue_id}, message ${turn}: ${kind}`)
  const more = found.length > MOST_LISTED ? [`and ${found.length - MOST_LISTED} more`] : []
  return new InputError(
    `the seeds hold personal data, which would be sent to the model (messages count from 0): ${[...lines, ...more].join('; ')}`,
    { where, fix },
  )
}

/**
 * The examples as prompts may show them: nothing personal leaves the house. The gate of both homes and the command line.
 * @throws InputError naming `where` and `fix` when something personal is in them and they are not to be masked
 */
export function releasableExamples(
  examples: readonly SeedExample[],
  { mask, where, fix }: { mask: boolean; where: string; fix: string },
): readonly SeedExample[] {
  if (mask) return withoutPersonalData(examples)
  const found = personalDataIn(examples)
  if (found.length > 0) throw personalDataError(found, where, fix)
  return examples
}

interface Found {
  code: string
  kind: string
  start: number
  end: number
}

/** What stands for what was taken out, in words that a client could say. */
const INSTEAD: Readonly<Record<string, string>> = {
  'pii.email': 'my e-mail address',
  'pii.phone': 'my number',
  'pii.address': 'my address',
  'pii.handle': 'my account',
  'pii.identifier': 'a number',
  'pii.full-name': 'someone',
}

/** In the order of the seeds; one entry for each kind in each turn. */
export function personalDataIn(examples: readonly SeedExample[]): PersonalData[] {
  return examples.flatMap(({ dialogue_id, messages }) =>
    messages.flatMap(({ role, text }, turn) =>
      foundIn(role, text).map(({ code, kind }) => ({ dialogue_id, turn, code, kind })),
    ),
  )
}

/** The same examples with personal data replaced by words that name nobody. */
export function withoutPersonalData(examples: readonly SeedExample[]): SeedExample[] {
  return examples.map((example) => ({
    ...example,
    messages: example.messages.map(({ role, text }) => ({ role, text: masked(role, text) })),
  }))
}

function foundIn(role: 'user' | 'assistant', text: string): Found[] {
  const found: Found[] = []
  checkPersonalData([turnText(role, text)], ({ id, message }, where) => {
    found.push({ code: id, kind: message.replace(/\.$/, ''), start: where?.start ?? 0, end: where?.end ?? text.length })
  })
  return found
}

/** The check names the first of each kind: it is repeated until there is none. */
const MOST_ROUNDS = 50

function masked(role: 'user' | 'assistant', text: string): string {
  let out = text
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const [first] = foundIn(role, out)
    if (first === undefined) return out
    out = out.slice(0, first.start) + (INSTEAD[first.code] ?? 'someone') + out.slice(first.end)
  }
  // What cannot be masked does not leave the house.
  return '…'
}
