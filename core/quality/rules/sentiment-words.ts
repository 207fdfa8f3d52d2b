const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Words of feeling that say the same in nearly every sentence; a coarse count, only for labels that are plainly wrong. */
const NEGATIVE = words(`
  afraid alone angry anxious anxiety ashamed awful bad broken crying cry dread empty exhausted exhausting failed failing failure
  fear frustrated furious guilt guilty hate hated hopeless horrible hurt hurts lonely lost mad miserable nervous numb overwhelmed
  pain painful panic panicking panicky pathetic regret rejected resent resentful sad scared shame stress stressed struggling stuck
  stupid terrible terrified tired trapped tense ugly upset useless worried worry worrying worse worst worthless disappointed
  disappointing embarrassed grief grieving heartbroken heavy isolated judged
`)
const POSITIVE = words(`
  better calm calmer calming content easier encouraged excited glad good grateful great happier happy helped helpful hopeful lighter
  looser love loved nice peaceful proud relaxed relief relieved settled softer steadier stronger surprised thankful warmer wonderful
`)
export const FEELING_WORDS: readonly string[] = [...NEGATIVE, ...POSITIVE]
const NEGATORS: ReadonlySet<string> = words(
  "not no never don't didn't isn't wasn't can't couldn't won't wouldn't doesn't aren't hardly without nothing n't cannot haven't",
)

/** How many words of feeling of either kind the words hold; a negator up to three words before turns a positive one. */
export function sentimentWords(all: readonly string[]): { positive: number; negative: number } {
  let positive = 0
  let negative = 0
  for (const [at, word] of all.entries()) {
    const isPositive = POSITIVE.has(word)
    if (!isPositive && !NEGATIVE.has(word)) continue
    const negated =
      NEGATORS.has(all[at - 1] ?? '') || NEGATORS.has(all[at - 2] ?? '') || NEGATORS.has(all[at - 3] ?? '')
    if (!isPositive) {
      if (!negated) negative++
    } else if (!negated) positive++
  }
  return { positive, negative }
}
