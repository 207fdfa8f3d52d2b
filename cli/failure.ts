import { CommanderError } from 'commander'
import { InputError } from '../core/errors.ts'

/** What a shell script can rely on. */
export const EXIT = {
  done: 0,
  /** Done as far as possible, with findings; or the data is invalid. */
  findings: 1,
  /** The command was not given as it takes it: flags, or files that cannot be read or written. */
  usage: 2,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const

/** The command line asks for something that cannot be: one message, and what to do instead. Exit code 2. */
export class UsageError extends Error {
  constructor(what: string, fix?: string) {
    super(fix === undefined ? what : `${what}\n  ${fix}`)
    this.name = 'UsageError'
  }
}

export interface Failure {
  exitCode: number
  /** For standard error; undefined when everything has been said already, or nobody listens any more. */
  message: string | undefined
}

/** One or two lines for a person; never a stack trace, unless DIALOGUES_DEBUG asks for one. */
export function describeFailure(error: unknown, debug: boolean): Failure {
  if (error instanceof CommanderError)
    return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage, message: undefined }
  if (error instanceof UsageError) return { exitCode: EXIT.usage, message: error.message }
  if (error instanceof InputError) return { exitCode: EXIT.findings, message: error.message }
  if (isSystemError(error)) {
    if (error.code === 'EPIPE') return { exitCode: EXIT.done, message: undefined }
    return { exitCode: EXIT.usage, message: describeSystemError(error) }
  }
  const trace = debug && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : ''
  const what = error instanceof Error ? error.message : String(error)
  return {
    exitCode: EXIT.findings,
    message: `this should not have happened: ${what}\n  It is a fault of the program, not of your files. Set DIALOGUES_DEBUG=1 to see where it is, and report it.${trace}`,
  }
}

export interface SystemError extends Error {
  code: string
  path?: string
}

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}

const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder; check the spelling, or `ls` the folder',
  EACCES: 'this user has no permission; change the permissions (`chmod`) or take another file',
  EPERM: 'the system does not permit it; take another file or folder',
  EISDIR: 'it is a folder, and a file is needed',
  ENOTDIR: 'a part of the path is a file, and a folder is needed',
  EROFS: 'the file system is read-only; take another folder',
  ENOSPC: 'the disk is full; make room or take another disk',
  EDQUOT: 'the disk quota is used up; make room or take another disk',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links go round in a circle',
  EIO: 'the disk reports an error',
}

/** `path: what is the matter; what to do`. */
export function describeSystemError(error: SystemError): string {
  const meaning = MEANINGS[error.code] ?? error.message
  return error.path === undefined ? meaning : `${error.path}: ${meaning}`
}
