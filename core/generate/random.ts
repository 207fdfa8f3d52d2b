import { createHash } from 'node:crypto'
import type { Rng } from '../ports.ts'

/** Changes whenever the bytes that a seed leads to change; stamped into provenance. */
export const GENERATOR_VERSION = '1.0.0'

/**
 * A generator of its own for everything that has a name: `rngFrom(7, 'dialogue', 12)`. Two names never share a stream, so
 * that one more draw in one dialogue moves nothing in another. sfc32 (Chris Doty-Humphrey, PractRand), 32-bit integer
 * arithmetic only, hence the same bits on every machine; its state is the SHA-256 of the name.
 */
export function rngFrom(...name: readonly (string | number)[]): Rng {
  const digest = createHash('sha256').update(JSON.stringify(name)).digest()
  let a = digest.readInt32LE(0)
  let b = digest.readInt32LE(4)
  let c = digest.readInt32LE(8)
  let counter = digest.readInt32LE(12)
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 4_294_967_296
  }
}

/** An integer in [0, below). */
export function integer(rng: Rng, below: number): number {
  return Math.floor(rng() * below)
}

export function pick<T>(rng: Rng, from: readonly T[]): T {
  const chosen = from[integer(rng, from.length)]
  if (chosen === undefined) throw new Error('nothing to pick from')
  return chosen
}

/** One of the keys, as often as its weight says. */
export function weighted<K>(rng: Rng, weights: Iterable<readonly [K, number]>): K | undefined {
  const entries = [...weights]
  let at = rng() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [key, weight] of entries) {
    at -= weight
    if (at < 0) return key
  }
  return entries.at(-1)?.[0]
}

/** Fisher-Yates, in place. */
export function shuffle<T>(rng: Rng, list: T[]): T[] {
  for (let last = list.length - 1; last > 0; last--) {
    const other = integer(rng, last + 1)
    const a = list[last]
    const b = list[other]
    if (a === undefined || b === undefined) continue
    list[last] = b
    list[other] = a
  }
  return list
}
