import { MESSAGE_SLOT, ROLES, SLOT } from '../datasets/record-shape.ts'
import { PADDING, messageSlot, type RecordWalker } from '../datasets/record-walker.ts'
import { edited, insertion, type Edit } from '../datasets/splice-record.ts'
import type { PieceWriter } from '../datasets/piece-writer.ts'
import type { LabelChange } from './label-changes.ts'
import type { LabelAccess, Relabelling } from './relabel.ts'
import type { Stamps } from './stamps.ts'

/** What apply changes about a walked record, in the record's own bytes. */

const MESSAGE_FIELDS: Readonly<Record<'intent' | 'sentiment' | 'risk_level', number>> = {
  intent: MESSAGE_SLOT.intent,
  sentiment: MESSAGE_SLOT.sentiment,
  risk_level: MESSAGE_SLOT.risk_level,
}

/** The slot of the label, and the slot of the object that it stands in. */
function slotsOf(field: LabelChange['field'], turn: number | undefined): { value: number; parent: number } {
  switch (field) {
    case 'intent':
    case 'sentiment':
    case 'risk_level': {
      const message = messageSlot(turn ?? 0)
      return { value: message + MESSAGE_FIELDS[field], parent: message + MESSAGE_SLOT.whole }
    }
    case 'session_type':
      return { value: SLOT.session_type, parent: -1 }
    case 'concern':
      return { value: SLOT.concern, parent: SLOT.user_profile }
    case 'max_risk_level':
    case 'primary_intent':
    case 'overall_sentiment':
    case 'therapeutic_technique':
      return { value: SLOT[field], parent: SLOT.labels }
  }
}

export function walkedLabels(walker: RecordWalker, bytes: Buffer): LabelAccess {
  return {
    messages: walker.messages,
    isAssistant: (turn) => ROLES[walker.codes[messageSlot(turn) + MESSAGE_SLOT.role] ?? 0] === 'assistant',
    get(field, turn) {
      const { value } = slotsOf(field, turn)
      const start = walker.spans[value * 2] ?? -1
      if (start === -1) return undefined
      const parsed: unknown = JSON.parse(bytes.toString('utf8', start, walker.spans[value * 2 + 1]))
      return typeof parsed === 'string' ? parsed : undefined
    },
  }
}

export function relabelEdits(walker: RecordWalker, bytes: Buffer, set: Relabelling['set']): Edit[] {
  const insertions = new Map<number, string>()
  const edits: Edit[] = []
  for (const { field, turn, value } of set) {
    const slots = slotsOf(field, turn)
    const start = walker.spans[slots.value * 2] ?? -1
    const literal = JSON.stringify(value)
    if (start !== -1) edits.push({ at: start, until: walker.spans[slots.value * 2 + 1] ?? 0, text: literal })
    else insertions.set(slots.parent, `${insertions.get(slots.parent) ?? ''},"${field}":${literal}`)
  }
  for (const [parent, members] of insertions)
    edits.push(insertion(bytes, (walker.spans[parent * 2 + 1] ?? 0) - 1, members))
  return edits
}

/** In the order in which they are added. */
const STAMP_SLOTS = [
  ['clinician_reviewed', SLOT.clinician_reviewed],
  ['clinician_approved', SLOT.clinician_approved],
  ['review_status', SLOT.review_status],
  ['reviewed_at', SLOT.reviewed_at],
  ['reviewer', SLOT.reviewer],
  ['content_sha256', SLOT.judged_sha256],
] as const
const STAMPED: readonly number[] = [SLOT.content_sha256, ...STAMP_SLOTS.map(([, slot]) => slot)]

/** Writes the record `bytes[start, end)` with the stamps on it. */
export function writeStamped(
  walker: RecordWalker,
  bytes: Buffer,
  start: number,
  end: number,
  stamps: Stamps,
  out: PieceWriter,
): void {
  if (isStamped(walker)) {
    const done = edited(bytes, start, end, stampEdits(walker, bytes, end, stamps))
    out.bytes(done, 0, done.length - PADDING)
    return
  }
  // As a rule there are no stamps yet, and nothing has to be looked for.
  const { clinician_approved, review_status, reviewed_at, reviewer, content_sha256 } = stamps.labels
  const members =
    `,"clinician_reviewed":true,"clinician_approved":${clinician_approved},"review_status":"${review_status}"` +
    (reviewed_at === undefined ? '' : `,"reviewed_at":${JSON.stringify(reviewed_at)}`) +
    (reviewer === undefined ? '' : `,"reviewer":${JSON.stringify(reviewer)}`) +
    `,"content_sha256":"${content_sha256}"`
  const labels = insertion(bytes, (walker.spans[SLOT.labels * 2 + 1] ?? 0) - 1, members)
  const own = insertion(bytes, end - 1, `,"content_sha256":"${stamps.content_sha256}"`)
  // `labels` may stand anywhere in the record, but never behind its last brace.
  out.bytes(bytes, start, labels.at)
  out.text(labels.text)
  out.bytes(bytes, labels.at, own.at)
  out.text(own.text)
  out.bytes(bytes, own.at, end)
}

function isStamped(walker: RecordWalker): boolean {
  for (const slot of STAMPED) if (walker.spans[slot * 2] !== -1) return true
  return false
}

function stampEdits(walker: RecordWalker, bytes: Buffer, end: number, stamps: Stamps): Edit[] {
  const edits: Edit[] = []
  let added = ''
  for (const [name, slot] of STAMP_SLOTS) {
    const value = stamps.labels[name]
    const start = walker.spans[slot * 2] ?? -1
    // The name of an earlier reviewer must not stay beside a verdict that names none.
    if (start !== -1)
      edits.push({ at: start, until: walker.spans[slot * 2 + 1] ?? 0, text: JSON.stringify(value ?? null) })
    else if (value !== undefined) added += `,"${name}":${JSON.stringify(value)}`
  }
  if (added !== '') edits.push(insertion(bytes, (walker.spans[SLOT.labels * 2 + 1] ?? 0) - 1, added))
  const hash = walker.spans[SLOT.content_sha256 * 2] ?? -1
  if (hash !== -1)
    edits.push({ at: hash, until: walker.spans[SLOT.content_sha256 * 2 + 1] ?? 0, text: `"${stamps.content_sha256}"` })
  else edits.push(insertion(bytes, end - 1, `,"content_sha256":"${stamps.content_sha256}"`))
  return edits
}
