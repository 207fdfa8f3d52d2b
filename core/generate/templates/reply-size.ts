/**
 * How much a reply says. Supervisors' replies differ in length far more than a program's left to itself (standard deviation
 * 17-18 words against 9-10, clinical guide 5.2); within two to four sentences this is the way to differ.
 */
export type Size = 'short' | 'medium' | 'long'
export const SIZES: readonly (readonly [Size, number])[] = [
  ['short', 53],
  ['medium', 4],
  ['long', 43],
]
/** Words of a piece that a reply of this size would rather not go beyond, or stay under. */
const WORDS_OF_A_PIECE: Readonly<Record<Size, { from: number; to: number }>> = {
  short: { from: 0, to: 8 },
  medium: { from: 0, to: 40 },
  long: { from: 15, to: 60 },
}
/** Uses that a piece of the wrong size is held back by. */
const WRONG_SIZE = 2.5
/** What a draw asks for in a reply of this size. */
export function sized(size: Size): { fewest: number; most: number; off: number } {
  const { from, to } = WORDS_OF_A_PIECE[size]
  return { fewest: from, most: to, off: WRONG_SIZE }
}
