/**
 * Tokens as a tokenizer would cut: pieces of words up to seven letters, numbers by three digits, each mark for itself. On
 * purpose another measure than the product's four characters a token, so that its forecast has something to err about.
 */
export function countTokens(text: string): number {
  return text.match(/[\p{L}']{1,7}|\d{1,3}|[^\s\p{L}\d]/gu)?.length ?? 0
}
