import { parsePrecise } from '../datasets/precise-json.ts'
import { idOf } from '../datasets/read-dialogues.ts'
import { SLOT } from '../datasets/record-shape.ts'
import { PADDING, createRecordWalker, type RecordWalker } from '../datasets/record-walker.ts'
import { schemaProblem } from '../datasets/schema-problem.ts'
import { edited, insertion, walkable } from '../datasets/splice-record.ts'
import type { StatisticsCounter } from '../datasets/statistics.ts'
import { createContentHasher } from '../datasets/walked-content.ts'
import { onOneLine } from '../datasets/write-dialogues.ts'
import { contentSha256 } from '../dialogue/content-hash.ts'
import { DialogueSchema, type Dialogue } from '../dialogue/schema.ts'
import { RISK_LEVELS, SESSION_TYPES, concernGroup } from '../dialogue/vocabulary.ts'
import type { Problem } from '../errors.ts'
import type { Digest } from './digest-table.ts'
import type { KeptDialogues } from './kept-dialogues.ts'
import type { SourceKind } from './merge-report.ts'
import { createTextKeys } from './text-key.ts'
import type { OutgoingRecord } from './training-files.ts'

/**
 * One record under way through a merge: walked in its bytes when it is plain, parsed when it is not, with one set of
 * questions for both. The object is reused for the next record.
 */
export interface MergedRecord {
  kind: SourceKind
  id(): string
  findId(kept: KeptDialogues): number
  keep(kept: KeptDialogues, digest: Digest, kind: SourceKind): void
  textKey(): Digest
  approved(): boolean
  /** Whether its content is that of the hash which apply wrote on it. */
  unchanged(): boolean
  /** Gives it another id, and keeps the old one as `original_dialogue_id` where it has none yet. */
  rename(id: string): void
  count(counter: StatisticsCounter): void
  /** `session_type/concern group/risk` */
  stratum(): string
  outgoing(): OutgoingRecord
}

export interface MergedRecords {
  read(
    bytes: Buffer,
    start: number,
    end: number,
  ):
    | MergedRecord
    | 'no json'
    | { problem: Pick<Problem, 'field' | 'message' | 'expected' | 'fix'>; dialogue_id: string | undefined }
}

export function createMergedRecords(walker: RecordWalker = createRecordWalker()): MergedRecords {
  const textKeys = createTextKeys()
  const walked = createWalkedRecord()
  return {
    read(bytes, start, end) {
      // A record over several lines goes out on one.
      if (bytes.subarray(start, end).includes(10)) {
        const line = walkable(onOneLine(bytes.toString('utf8', start, end)))
        if (walked.walk(line.bytes, 0, line.end)) return walked
      } else if (walked.walk(bytes, start, end)) return walked
      const json = bytes.toString('utf8', start, end)
      let value: unknown
      try {
        value = JSON.parse(json)
      } catch {
        return 'no json'
      }
      const result = DialogueSchema.safeParse(value)
      if (!result.success) return { problem: schemaProblem(result.error.issues, value), dialogue_id: idOf(value) }
      return parsedRecord(onOneLine(json), result.data)
    },
  }

  function createWalkedRecord(): MergedRecord & { walk(bytes: Buffer, start: number, end: number): boolean } {
    const hasher = createContentHasher()
    const { spans, codes } = walker
    let bytes: Buffer = Buffer.alloc(0)
    let start = 0
    let end = 0
    let idStart = 0
    let idEnd = 0

    const isTrue = (slot: number): boolean => bytes[spans[slot * 2] ?? 0] === 0x74 && spans[slot * 2] !== -1
    const groups = new Map<string, string>()

    function take(newBytes: Buffer, newStart: number, newEnd: number): boolean {
      if (!walker.walk(newBytes, newStart, newEnd)) return false
      bytes = newBytes
      start = newStart
      end = newEnd
      idStart = (spans[SLOT.dialogue_id * 2] ?? 0) + 1
      idEnd = (spans[SLOT.dialogue_id * 2 + 1] ?? 0) - 1
      return true
    }

    const record: MergedRecord & { walk(bytes: Buffer, start: number, end: number): boolean } = {
      kind: 'seed',
      walk(newBytes: Buffer, newStart: number, newEnd: number): boolean {
        if (!take(newBytes, newStart, newEnd)) return false
        const method = codes[SLOT.method] ?? -1
        record.kind =
          method === -1 ? (codes[SLOT.synthetic] === 1 ? 'synthetic' : 'seed') : (KIND_OF_METHOD[method] ?? 'synthetic')
        return true
      },
      id: () => bytes.toString('utf8', idStart, idEnd),
      findId: (kept: KeptDialogues) => kept.findId(bytes, idStart, idEnd),
      keep: (kept: KeptDialogues, digest: Digest, kind: SourceKind) =>
        kept.addBytes(bytes, idStart, idEnd, digest, kind),
      textKey: () => textKeys.ofWalked(walker, bytes),
      approved: () => isTrue(SLOT.clinician_approved),
      unchanged() {
        const stated = spans[SLOT.content_sha256 * 2] ?? -1
        if (stated === -1) return false
        const statedHash = bytes.toString('latin1', stated + 1, (spans[SLOT.content_sha256 * 2 + 1] ?? 0) - 1)
        return statedHash === hasher.sha256(walker, bytes)
      },
      rename(id: string): void {
        const edits = [{ at: idStart - 1, until: idEnd + 1, text: JSON.stringify(id) }]
        if (spans[SLOT.original_dialogue_id * 2] === -1)
          edits.push(
            insertion(bytes, end - 1, `,"original_dialogue_id":${bytes.toString('utf8', idStart - 1, idEnd + 1)}`),
          )
        const renamed = edited(bytes, start, end, edits)
        if (!take(renamed, 0, renamed.length - PADDING)) throw new Error(`the id ${id} could not be spliced in`)
      },
      count: (counter: StatisticsCounter) => counter.addWalked(walker, bytes),
      stratum() {
        const concern = bytes.toString(
          'utf8',
          (spans[SLOT.concern * 2] ?? 0) + 1,
          (spans[SLOT.concern * 2 + 1] ?? 0) - 1,
        )
        let group = groups.get(concern)
        if (group === undefined) groups.set(concern, (group = concernGroup(concern).group))
        const risk = RISK_LEVELS[codes[SLOT.max_risk_level] ?? -1] ?? 'none'
        return `${SESSION_TYPES[codes[SLOT.session_type] ?? 0] ?? ''}/${group}/${risk}`
      },
      outgoing: (): OutgoingRecord => ({ bytes, start, end, dialogue: { walker, in: bytes } }),
    }
    return record
  }

  function parsedRecord(json: string, dialogue: Dialogue): MergedRecord {
    const idBytes = (): Buffer => Buffer.from(dialogue.dialogue_id)
    const method = dialogue.provenance?.method
    return {
      kind:
        method === undefined
          ? dialogue.labels.synthetic === true
            ? 'synthetic'
            : 'seed'
          : method === 'seed'
            ? 'seed'
            : 'synthetic',
      id: () => dialogue.dialogue_id,
      findId(kept) {
        const id = idBytes()
        return kept.findId(id, 0, id.length)
      },
      keep: (kept, digest, kind) => kept.add(dialogue.dialogue_id, digest, kind),
      textKey: () => textKeys.ofDialogue(dialogue),
      approved: () => dialogue.labels['clinician_approved'] === true,
      unchanged: () => dialogue.content_sha256 === contentSha256(dialogue),
      rename(id) {
        const record = parsePrecise(json)
        const renamed = {
          ...(typeof record === 'object' ? record : {}),
          dialogue_id: id,
          original_dialogue_id: dialogue['original_dialogue_id'] ?? dialogue.dialogue_id,
        }
        json = JSON.stringify(renamed)
        dialogue = { ...dialogue, dialogue_id: id }
      },
      count: (counter) => counter.add(dialogue),
      stratum: () =>
        `${dialogue.session_type}/${concernGroup(dialogue.user_profile.concern).group}/${dialogue.labels.max_risk_level ?? 'none'}`,
      outgoing() {
        const bytes = Buffer.from(json)
        return { bytes, start: 0, end: bytes.length, dialogue: { parsed: dialogue } }
      },
    }
  }
}

/** In the order of METHODS: template, openai, seed. */
const KIND_OF_METHOD: readonly SourceKind[] = ['synthetic', 'synthetic', 'seed']
