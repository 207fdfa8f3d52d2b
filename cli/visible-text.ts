/**
 * Dialogue text is untrusted: escape sequences in it would move the cursor or rename the window, and direction marks
 * would reorder what is read. They are shown as �; line ends stay, tabs become spaces.
 */
export function visible(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll('\t', '    ').replaceAll(UNSAFE, '\u{fffd}')
}

// C0 but for the line feed, DEL and C1; line separators; bidirectional marks, embeddings and isolates.
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
