import pc from 'picocolors'
import { visible } from './visible-text.ts'

/**
 * Where a command speaks: results to standard output, everything else to standard error, so that `--json` leaves
 * nothing on standard output but the JSON.
 */
export interface Console {
  json: boolean
  colour: ReturnType<typeof pc.createColors>
  /** A line of the result, for people. Silent under `--json`. */
  print(line?: string): void
  /** A remark on the way: to standard error. */
  note(line: string): void
  warn(line: string): void
  error(line: string): void
  /** The one JSON document of `--json`; silent without. */
  result(value: unknown): void
}

export function createConsole(options: { json: boolean }): Console {
  const colour = pc.createColors(hasColour(process.stdout))
  const errColour = pc.createColors(hasColour(process.stderr))
  // Remarks quote ids and names out of files, which must not steer the terminal.
  const err = (line: string, mark = '') => void process.stderr.write(`${mark}${visible(line)}\n`)
  return {
    json: options.json,
    colour,
    print: (line = '') => {
      if (!options.json) process.stdout.write(`${line}\n`)
    },
    note: (line) => err(line),
    warn: (line) => err(line, `${errColour.yellow('warning:')} `),
    error: (line) => err(line, `${errColour.red('error:')} `),
    result: (value) => {
      if (options.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    },
  }
}

/** https://no-color.org and https://force-color.org; a pipe gets no colours, whatever CI variables say. */
export function hasColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0') return true
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
