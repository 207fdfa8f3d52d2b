import { createHash } from 'node:crypto'
import { load, YAMLException } from 'js-yaml'
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

/** Reads, checks and compiles all banks. Throws one InputError that lists what is wrong, file and line first. */
export function loadBanks(files: readonly BankFile[]): Banks {
  const { banks, errors } = readBanks(files)
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

/** Like {@link loadBanks}, but keeps what is sound and returns the faults. */
export function readBanks(files: readonly BankFile[]): { banks: Banks; errors: BankFault[] } {
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
  }

  // In the order of their paths, so that numbers and draws are the same wherever the files come from.
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const hash = createHash('sha256')
  for (const bank of ordered) {
    hash.update(JSON.stringify([bank.path, bank.text]))
    const file = reading.file(bank)
    const read = byFolder[bank.path.split('/')[0] ?? '']
    if (read === undefined)
      file.fault(
        'error',
        'the file',
        'is in a folder that nothing reads',
        `Folders are ${Object.keys(byFolder).join(', ')}.`,
      )
    else {
      const value = parsed(bank, file)
      if (value !== undefined) read(value, file)
    }
  }
  checkSizes(situations, reading)
  const { errors, warnings } = reading
  const sha256 = hash.digest('hex')
  return {
    banks: { situations, assistant, client, practices, paths, safety, numbered: reading.numbered(), sha256, warnings },
    errors,
  }
}

function parsed({ path, text }: BankFile, file: FileReading): unknown {
  try {
    return load(text, { filename: path }) ?? {}
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const line = Number(/\((\d+):\d+\)/.exec(error.message)?.[1] ?? 1)
    const words = text.split('\n')[line - 1] ?? ''
    file.fault('error', `line ${line}`, `is no YAML: ${error.reason}`, 'Put every string in double quotes.', words)
    return undefined
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
