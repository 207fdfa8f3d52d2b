/**
 * The candidate that a mistyped word most likely meant, undefined when none is near. Case, hyphens and underscores do
 * not count: `gentle-deep` is `gentle_deep`.
 */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
  const plain = plainForm(word)
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    const target = plainForm(candidate)
    const distance = editDistance(plain, target)
    const near =
      distance <= Math.max(1, Math.floor(Math.max(plain.length, target.length) / 3)) ||
      (plain.length >= 3 && target.startsWith(plain))
    if (near && distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Whether `word` is this name but for one slip, or the name cut short: nearer than {@link nearestName} asks. */
export function isSlipOf(word: string, name: string): boolean {
  const [plain, target] = [plainForm(word), plainForm(name)]
  return editDistance(plain, target) <= 1 || (plain.length * 2 >= target.length && target.startsWith(plain))
}

function plainForm(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours each count one. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        (current[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
