/** `$0.0042`, `$1.25`. */
export function usd(amount: number): string {
  return `$${amount.toFixed(amount === 0 || amount >= 1 ? 2 : 4)}`
}
