import { pieceWriter } from './piece-writer.ts'

type Records = AsyncIterable<string> | Iterable<string>

/**
 * A dataset file: the fields of `header` one a line, then each record on a line of its own, as it is. What is known
 * only when the last record has passed (`total_dialogues`, `statistics`) comes from `trailer` and stands behind them.
 * Yields pieces of some 200 KB.
 */
export async function* writeDatasetJson(
  header: Readonly<Record<string, unknown>>,
  records: Records,
  trailer: () => Readonly<Record<string, unknown>> = () => ({}),
): AsyncGenerator<Uint8Array, void, undefined> {
  const out = pieceWriter()
  out.text(datasetOpening(header))
  let first = true
  for await (const record of records) {
    out.text(first ? `\n${record}` : `,\n${record}`)
    first = false
    if (out.full()) yield out.take()
  }
  out.text(datasetClosing(trailer()))
  yield out.take()
}

/** JSONL. A record that stands over several lines is joined into one; nothing else of it changes. */
export async function* writeJsonLines(records: Records): AsyncGenerator<Uint8Array, void, undefined> {
  const out = pieceWriter()
  for await (const record of records) {
    out.text(`${onOneLine(record)}\n`)
    if (out.full()) yield out.take()
  }
  if (!out.empty()) yield out.take()
}

/** Up to and with the bracket that opens the list of dialogues. */
export function datasetOpening(header: Readonly<Record<string, unknown>>): string {
  return `{\n${members(header)
    .map((member) => `  ${member},\n`)
    .join('')}  "dialogues": [`
}

/** From the bracket that closes the list of dialogues to the end of the file. */
export function datasetClosing(trailer: Readonly<Record<string, unknown>>): string {
  return `\n  ]${members(trailer)
    .map((member) => `,\n  ${member}`)
    .join('')}\n}\n`
}

function members(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const json: string | undefined = value === undefined ? undefined : JSON.stringify(value, null, 2)
    return json === undefined ? [] : [`${JSON.stringify(name)}: ${json.replaceAll('\n', '\n  ')}`]
  })
}

/** A line feed in JSON text stands between tokens, never in a string: it may go, and the indentation with it. */
export function onOneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replace(/[ \t]*[\r\n]+[ \t]*/g, '') : json
}
