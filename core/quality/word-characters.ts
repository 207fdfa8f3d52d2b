/** Whether a character code (of lower-cased text) belongs to a word: letters and digits of any script. */
export function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    // Letters beyond ASCII; × and ÷, and everything from the general punctuation block to the arrows and emoji, are not.
    (code >= 0xc0 && code < 0x2000 && code !== 0xd7 && code !== 0xf7) ||
    (code >= 0x2c00 && code < 0xd800)
  )
}
