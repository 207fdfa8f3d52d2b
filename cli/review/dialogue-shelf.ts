import { readDialogues } from '../../core/datasets/read-dialogues.ts'
import { contentSha256 } from '../../core/dialogue/content-hash.ts'
import { DialogueSchema } from '../../core/dialogue/schema.ts'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import { InputError } from '../../core/errors.ts'
import type { Problem } from '../../core/errors.ts'
import type { Finding } from '../../core/quality/finding.ts'
import { lintDialogue } from '../../core/quality/lint-dialogue.ts'
import type { Input } from '../input.ts'
import type { SessionItem } from './session.ts'

/** The dialogues of a file, to be taken down in any order. */
export interface DialogueShelf {
  items: SessionItem[]
  at(position: number): { dialogue: Dialogue; findings: readonly Finding[] }
}

/**
 * Keeps each record as its bytes (22 MB for 10,000 dialogues; as objects they would take five times that) and parses and
 * lints it when it is looked at. Throws InputError when there is no good dialogue in the file.
 */
export async function fillShelf(
  input: Input,
  bytes: AsyncIterable<Uint8Array>,
  onProblem: (problem: Problem) => void,
): Promise<DialogueShelf> {
  const records: Buffer[] = []
  const items: SessionItem[] = []
  for await (const { dialogue, json } of readDialogues(bytes, { file: input.path, onProblem })) {
    records.push(Buffer.from(json))
    items.push({ dialogue_id: dialogue.dialogue_id, content_sha256: contentSha256(dialogue) })
  }
  if (items.length === 0)
    throw new InputError('there is no dialogue in it that could be reviewed', { where: input.path })
  let last: { position: number; dialogue: Dialogue; findings: readonly Finding[] } | undefined
  return {
    items,
    at(position) {
      if (last?.position === position) return last
      const record = records[position]
      if (record === undefined) throw new RangeError(`no dialogue at position ${position}`)
      const dialogue = DialogueSchema.parse(JSON.parse(record.toString('utf8')))
      last = { position, dialogue, findings: lintDialogue(dialogue, { info: false }).findings }
      return last
    },
  }
}
