import { InvalidArgumentError, Option } from 'commander'
import { SESSION_TYPES } from '../core/dialogue/vocabulary.ts'
import type { SessionType } from '../core/dialogue/vocabulary.ts'
import { nearestName } from '../core/nearest-name.ts'

/** Parsers for option values. Each throws commander's InvalidArgumentError, whose text completes "… is invalid." */

export function wholeNumber(least: number, most: number): (text: string) => number {
  const expected = `Expected a whole number from ${least} to ${most}.`
  return (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN
    if (!Number.isSafeInteger(value) || value < least || value > most) throw new InvalidArgumentError(expected)
    return value
  }
}

/** A list that may be given as several words, with commas, or both; repeated names count once. */
export function listOf<T>(parse: (word: string) => T): (text: string, previous: readonly T[] | undefined) => T[] {
  return (text, previous) => {
    const words = text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
    if (words.length === 0) throw new InvalidArgumentError('Expected at least one name.')
    return [...new Set([...(previous ?? []), ...words.map(parse)])]
  }
}

export function sessionType(word: string): SessionType {
  const found = SESSION_TYPES.find((known) => known === word)
  if (found !== undefined) return found
  throw new InvalidArgumentError(
    `There is no session type "${word}". ${suggestion(word, SESSION_TYPES)}Known: ${SESSION_TYPES.join(', ')}.`,
  )
}

function suggestion(word: string, candidates: readonly string[]): string {
  const similar = nearestName(word, candidates)
  return similar === undefined ? '' : `Did you mean ${similar}? `
}

/** Every command speaks to machines too. */
export function jsonOption(): Option {
  return new Option('--json', 'print the outcome as JSON on standard output, and nothing else there')
}

export function examples(...lines: readonly [command: string, what: string][]): string {
  return ['', 'Examples:', ...lines.flatMap(([command, what]) => [`  # ${what}`, `  $ ${command}`])].join('\n')
}
