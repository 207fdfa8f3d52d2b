import { EXIT } from './failure.ts'

/**
 * Ctrl-C, a closed terminal, a polite kill: what is half done is put away at once and one line says how to go on.
 * Everything registered here must be synchronous, because nothing runs after it.
 */
const cleanups = new Set<() => void>()
let lastWords: (() => string | undefined) | undefined
let installed = false

/** Runs on the way out of an interrupted process; returns what takes it back. */
export function onInterrupt(cleanup: () => void): () => void {
  install()
  cleanups.add(cleanup)
  return () => void cleanups.delete(cleanup)
}

/** What to say when interrupted from now on. */
export function sayWhenInterrupted(words: () => string | undefined): void {
  install()
  lastWords = words
}

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: 143, SIGHUP: 129 } as const

function install(): void {
  if (installed) return
  installed = true
  for (const [signal, exitCode] of Object.entries(SIGNALS)) process.once(signal, () => leave(exitCode))
}

/** Everything half done, newest first. Also for a command that fails between opening a file and writing it. */
export function putAway(): void {
  for (const cleanup of [...cleanups].reverse()) {
    cleanups.delete(cleanup)
    try {
      cleanup()
    } catch {
      // The rest must still be put away; the process ends either way.
    }
  }
}

/** Puts everything away, says the last words and ends the process. */
export function leave(exitCode: number): never {
  putAway()
  const words = lastWords?.()
  if (words !== undefined) {
    try {
      process.stderr.write(`\n${words}\n`)
    } catch {
      // The terminal may be gone (SIGHUP).
    }
  }
  process.exit(exitCode)
}
