import { integer } from '../../generate/random.ts'
import type { Rng } from '../../ports.ts'

/** Algorithm R (Vitter 1985): an even sample of a stream whose length nobody knows, given back in order of arrival. */
export function createReservoir<T>(size: number, rng: Rng): { add: (item: T) => void; kept: () => T[] } {
  const slots: { order: number; item: T }[] = []
  let seen = 0
  return {
    add: (item) => {
      const order = seen++
      if (slots.length < size) {
        slots.push({ order, item })
        return
      }
      const slot = integer(rng, seen)
      if (slot < size) slots[slot] = { order, item }
    },
    kept: () => slots.toSorted((a, b) => a.order - b.order).map(({ item }) => item),
  }
}

/** The items themselves where they fit one sample, else `count` samples of `size`, each drawn without replacement. */
export function drawSamples<T>(
  items: readonly T[],
  size: number,
  count: number,
  rngOf: (sample: number) => Rng,
): T[][] {
  if (items.length === 0) return []
  if (items.length <= size) return [[...items]]
  return Array.from({ length: count }, (_, sample) => {
    const reservoir = createReservoir<T>(size, rngOf(sample))
    for (const item of items) reservoir.add(item)
    return reservoir.kept()
  })
}
