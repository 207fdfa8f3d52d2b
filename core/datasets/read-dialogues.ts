import { DialogueSchema, type Dialogue } from '../dialogue/schema.ts'
import type { Problem } from '../errors.ts'
import { schemaProblem } from './schema-problem.ts'
import { readRecords } from './read-records.ts'

export interface ReadDialogue {
  dialogue: Dialogue
  /** The record as it stands in the file, character for character. */
  json: string
  /** 0-based position among the records of the file, bad ones included. */
  index: number
  /** 1-based line in the file where the record starts. */
  line: number
}

export interface ReadDialoguesOptions {
  /** The file as the person knows it. */
  file: string
  /** Called once for each record that is left out, and for a file that breaks off. */
  onProblem: (problem: Problem) => void
  /** The fields of the file's object that stand before `dialogues`; empty for a bare array and JSONL. */
  onHeader?: (header: Record<string, unknown>) => void
  /** A longer record is a problem. @default 16 MiB */
  maxRecordBytes?: number
  slabBytes?: number
}

/** At the top level of an object one of these says: this is a dialogue, not a file of dialogues. */
export const DIALOGUE_KEYS: readonly string[] = ['dialogue_id', 'messages']

/**
 * The dialogues of a dataset file, whole and checked against the schema, in the order of the file. Takes an object
 * with `dialogues`, a bare array or JSONL, gzipped or not, by content. A record that is no valid dialogue, or repeats
 * an id, goes to `onProblem` and is left out; the others come. Throws InputError when the file is no dataset at all.
 *
 * For commands that handle each dialogue as an object; apply and merge take the records' bytes
 * ({@link readRecords}).
 */
export async function* readDialogues(
  source: AsyncIterable<Uint8Array>,
  options: ReadDialoguesOptions,
): AsyncGenerator<ReadDialogue, void, undefined> {
  let ready: ReadDialogue[] = []
  const lineOfId = new Map<string, number>()
  const { file, onProblem } = options

  const pieces = readRecords(source, {
    ...options,
    arrayKey: 'dialogues',
    recordKeys: DIALOGUE_KEYS,
    visit(bytes, start, end, place) {
      const json = bytes.toString('utf8', start, end)
      let value: unknown
      try {
        value = JSON.parse(json)
      } catch {
        return false
      }
      const line = place.line()
      const where = { file, line, record: place.index }
      const result = DialogueSchema.safeParse(value)
      if (!result.success) {
        onProblem({ ...where, dialogue_id: idOf(value), ...schemaProblem(result.error.issues, value) })
        return true
      }
      const dialogue = result.data
      const earlier = lineOfId.get(dialogue.dialogue_id)
      if (earlier !== undefined) {
        onProblem({
          ...where,
          dialogue_id: dialogue.dialogue_id,
          field: 'dialogue_id',
          message: `dialogue_id ${dialogue.dialogue_id} stands at line ${earlier} already`,
          expected: 'an id of its own for each dialogue',
          fix: 'Give one of the two another id, or remove it.',
        })
        return true
      }
      lineOfId.set(dialogue.dialogue_id, line)
      ready.push({ dialogue, json, index: place.index, line })
      return true
    },
  })
  for await (const _ of pieces) {
    const batch = ready
    ready = []
    yield* batch
  }
  yield* ready
}

export function idOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('dialogue_id' in value)) return undefined
  return typeof value.dialogue_id === 'string' ? value.dialogue_id : undefined
}
