import { load, YAMLException } from 'js-yaml'
import { banksOrError, readBankValues, type ReadBanks } from './compile-banks.ts'
import type { BankFile, FileReading } from './bank-reading.ts'
import type { Banks } from './banks.ts'

export { BUNDLES_WANTED, faultInWords } from './compile-banks.ts'
export type { BankFile } from './bank-reading.ts'

/** Reads, checks and compiles all banks. Throws one InputError that lists what is wrong, file and line first. */
export function loadBanks(files: readonly BankFile[]): Banks {
  return banksOrError(readBanks(files))
}

/** Like {@link loadBanks}, but keeps what is sound and returns the faults. */
export function readBanks(files: readonly BankFile[]): ReadBanks {
  return readBankValues(files, yamlOf)
}

/** The banks as plain values, for a bundle that carries no YAML reader: `compileBanks` makes banks of them. */
export function bankValues(files: readonly BankFile[]): { path: string; value: unknown }[] {
  return files.map(({ path, text }) => ({ path, value: load(text, { filename: path }) ?? {} }))
}

function yamlOf({ path, text }: BankFile, file: FileReading): unknown {
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
