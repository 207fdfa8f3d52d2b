export interface Histogram {
  /** Width of a bin. */
  width: number
  /** Count of values from `index × width` on; the last bin holds all that is higher. */
  counts: number[]
}

/** Counts values >= 0 in bins of equal width up to `upTo`, with one bin for what lies beyond. */
export function histogram(values: Iterable<number>, { width, upTo }: { width: number; upTo: number }): Histogram {
  const bins = Math.round(upTo / width)
  const counts = new Array<number>(bins + 1).fill(0)
  for (const value of values) {
    // 0.03 / 0.005 is 5.999…: a value on a border belongs to the bin that begins there.
    const bin = Math.min(bins, Math.max(0, Math.floor(value / width + 1e-9)))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return { width, counts }
}
