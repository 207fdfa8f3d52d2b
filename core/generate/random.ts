import { createHash } from 'node:crypto'
import type { Rng } from '../ports.ts'

/** Changes whenever the bytes that a seed leads to change; stamped into provenance. */
export const GENERATOR_VERSION = '1.2.0'

/**
 * A generator of its own for everything that has a name: `rngFrom(7, 'dialogue', 12)`. Two names never share a stream, so
 * that one more draw in one dialogue moves nothing in another. sfc32 (Chris Doty-Humphrey, PractRand), 32-bit integer
 * arithmetic only, hence the same bits on every machine; its state is the SHA-256 of the name.
 */
export function rngFrom(...name: readonly (string | number)[]): Rng {
  return sfc32(stateOf(name))
}

/**
 * Streams by two numbers under one name, e.g. dialogue and attempt: a million of them cost one SHA-256. The numbers go
 * through a 32-bit finaliser (murmur3) per word of the state, so that neighbours share nothing.
 */
export function rngFamily(...name: readonly (string | number)[]): (first: number, second?: number) => Rng {
  const base = stateOf(name)
  return (first, second = 0) => {
    const state = new Int32Array(4)
    let mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second + 1, 0x85ebca6b)
    for (let word = 0; word < 4; word++) {
      mixed = finalised((mixed + 0x6d2b79f5) | 0) ^ (base[word] ?? 0)
      state[word] = finalised(mixed ^ first)
    }
    const rng = sfc32(state)
    // Close states need some rounds to come apart.
    for (let round = 0; round < 8; round++) rng()
    return rng
  }
}

function finalised(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function stateOf(name: readonly (string | number)[]): Int32Array {
  const digest = createHash('sha256').update(JSON.stringify(name)).digest()
  return Int32Array.from([0, 4, 8, 12], (at) => digest.readInt32LE(at))
}

function sfc32(state: Int32Array): Rng {
  let [a = 0, b = 0, c = 0, counter = 0] = state
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
export function weighted<K>(rng: Rng, weights: readonly (readonly [K, number])[]): K | undefined {
  let sum = 0
  for (const [, weight] of weights) sum += weight
  let at = rng() * sum
  let last: K | undefined
  for (const [key, weight] of weights) {
    at -= weight
    if (at < 0) return key
    last = key
  }
  return last
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
