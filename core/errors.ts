/**
 * An input that a person can put right: what happened, where, what was expected, what to do. Shown as it is, never
 * with a stack trace. Everything else that is thrown is a defect or a transient fault, which a retry may cure.
 */
export class InputError extends Error {
  readonly where: string | undefined
  readonly expected: string | undefined
  readonly fix: string | undefined
  /** 1-based line of the input, and path to the field, where they are known: for reports. */
  readonly line: number | undefined
  readonly field: string | undefined

  constructor(
    what: string,
    details: {
      where?: string
      expected?: string
      fix?: string
      line?: number | undefined
      field?: string | undefined
      cause?: unknown
    } = {},
  ) {
    const place = details.line === undefined ? details.where : `${details.where ?? 'the file'}, line ${details.line}`
    const parts = [place === undefined ? what : `${place}: ${what}`]
    if (details.expected !== undefined) parts.push(`expected ${details.expected}`)
    super(parts.join('; ') + (details.fix === undefined ? '' : `\n  ${details.fix}`), { cause: details.cause })
    this.name = 'InputError'
    this.where = details.where
    this.expected = details.expected
    this.fix = details.fix
    this.line = details.line
    this.field = details.field
  }
}

/** One problem in a file of many records; the record is left out, its neighbours are kept. */
export interface Problem {
  /** The file as the person knows it. */
  file: string
  /** 1-based line in the file where the record starts, where known. */
  line?: number
  /** 0-based position among the records of the file. */
  record?: number
  dialogue_id?: string
  /** Path to the field, e.g. `messages[2].role`. */
  field?: string
  message: string
  expected?: string
  fix?: string
}
