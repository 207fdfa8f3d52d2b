import { createHash } from 'node:crypto'
import type { SessionType } from '../../dialogue/vocabulary.ts'
import { InputError } from '../../errors.ts'
import { readSafety, type SafetyReading } from '../safety/read-safety.ts'
import { createBankReading, type BankFile, type BankReading, type FileReading } from './bank-reading.ts'
import type { AssistantFrame, BankFault, Banks, Bundle, ClientFrame, Practice } from './banks.ts'
import { PathFileSchema, type Path } from './paths.ts'
import { readFrames } from './read-frames.ts'
import { readPractice } from './read-practice.ts'
import { readSituations } from './read-situations.ts'

export type { BankFile } from './bank-reading.ts'

/** Below this a concern repeats itself within one batch; the loader says so. */
export const BUNDLES_WANTED = 25
const BUNDLES_AT_LEAST = 5
/** A message of more faults would hide the first. */
const FAULTS_SHOWN = 20

/** A bank file that has been read already. Its values are plain JSON. */
export interface BankValue {
  path: string
  value: unknown
}

export interface ReadBanks {
  banks: Banks
  errors: BankFault[]
}

/** Checks and compiles banks whose YAML was read before, as `loadBanks` does; faults come without their lines. */
export function compileBanks(values: readonly BankValue[]): Banks {
  const files = values.map((file) => ({ ...file, text: '' }))
  return banksOrError(readBankValues(files, ({ value }) => value))
}

/** The banks if nothing is wrong with them; else throws one InputError that lists what is. */
export function banksOrError({ banks, errors }: ReadBanks): Banks {
  if (errors.length === 0) return banks
  const shown = errors.slice(0, FAULTS_SHOWN).map(faultInWords)
  const more = errors.length > shown.length ? `\n… and ${errors.length - shown.length} more` : ''
  throw new InputError(
    `the content has ${errors.length} error${errors.length === 1 ? '' : 's'}\n${shown.join('\n')}${more}`,
    { fix: 'docs/guides/banks.md describes the files; node scripts/check-banks.ts checks them.' },
  )
}

export function faultInWords({ file, line, where, message, fix }: BankFault): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${where}: ${message}\n    ${fix}`
}

/**
 * What is sound of the banks, and the faults. `valueOf` reads a file; undefined when it cannot be read, which it has
 * complained of then.
 */
export function readBankValues<File extends BankFile>(
  files: readonly File[],
  valueOf: (file: File, reading: FileReading) => unknown,
): ReadBanks {
  const reading = createBankReading()
  const situations = new Map<string, Bundle[]>()
  const assistant: AssistantFrame[] = []
  const client: ClientFrame[] = []
  const practices: Practice[] = []
  const paths = new Map<SessionType, Path>()
  const safety: SafetyReading = { replies: new Map(), answers: new Map(), disclosures: [] }

  const byFolder: Readonly<Record<string, (value: unknown, file: FileReading) => void>> = {
    situations(value, file) {
      const found = readSituations(value, file)
      if (found !== undefined)
        situations.set(found.concern, [...(situations.get(found.concern) ?? []), ...found.bundles])
    },
    frames(value, file) {
      const found = readFrames(value, file)
      assistant.push(...found.assistant)
      client.push(...found.client)
    },
    practices(value, file) {
      const practice = readPractice(value, file)
      if (practice !== undefined) practices.push(practice)
    },
    paths(value, file) {
      const parsed = PathFileSchema.safeParse(value)
      if (parsed.success) paths.set(parsed.data.session_type, parsed.data)
      else file.schemaFaults(parsed.error, value)
    },
    safety: (value, file) => readSafety(value, file, safety),
    wordings: (value, file) => reading.interchange(value, file),
  }

  // In the order of their paths, so that numbers and draws are the same wherever the files come from.
  // Words that can stand for one another come before the frames that they stand in.
  const place = ({ path }: BankFile): string => (path.startsWith('wordings/') ? ` ${path}` : path)
  const ordered = [...files].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0))
  const hash = createHash('sha256')
  for (const bank of ordered) {
    const file = reading.file(bank)
    const value = valueOf(bank, file)
    // Of what they say: comments and line breaks change no dialogue.
    hash.update(JSON.stringify([bank.path, value]))
    const read = byFolder[bank.path.split('/')[0] ?? '']
    if (read === undefined)
      file.fault(
        'error',
        'the file',
        'is in a folder that nothing reads',
        `Folders are ${Object.keys(byFolder).join(', ')}.`,
      )
    else if (value !== undefined) read(value, file)
  }
  checkSizes(situations, reading)
  const { errors, warnings } = reading
  const sha256 = hash.digest('hex')
  return {
    banks: { situations, assistant, client, practices, paths, safety, numbered: reading.numbered(), sha256, warnings },
    errors,
  }
}

function checkSizes(situations: ReadonlyMap<string, readonly Bundle[]>, { errors, warnings }: BankReading): void {
  for (const [concern, { length }] of situations) {
    const fault = {
      file: `situations/${concern}.yaml`,
      line: undefined,
      where: `concern ${concern}`,
      message: `has ${length} bundles`,
    }
    if (length < BUNDLES_AT_LEAST)
      errors.push({
        ...fault,
        severity: 'error',
        fix: `Write ${BUNDLES_WANTED}; ${BUNDLES_AT_LEAST} at the very least.`,
      })
    // What serves any concern is meant to be general, and stands in for a file that is still to be written.
    else if (length < BUNDLES_WANTED && concern !== 'any')
      warnings.push({ ...fault, severity: 'warning', fix: `${BUNDLES_WANTED} keep a batch from repeating itself.` })
  }
}
