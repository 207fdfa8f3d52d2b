/**
 * JSON.parse and JSON.stringify that give back a number as it stood in the file: 1.0 stays 1.0, and an integer beyond
 * 2^53 keeps its digits. For records that have to be rewritten as a whole; unknown fields must pass through untouched.
 */
export function parsePrecise(json: string): unknown {
  return JSON.parse(json, keepNumber)
}

function keepNumber(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined || String(value) === context.source) return value
  return JSON.rawJSON(context.source)
}

declare global {
  // In V8 since 11.4 (https://github.com/tc39/proposal-json-parse-with-source), not yet in TypeScript's library.
  interface JSON {
    rawJSON(text: string): unknown
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown
  }
}
