import type { FileReading } from '../templates/bank-reading.ts'
import type { Template } from '../templates/banks.ts'
import {
  ANSWER_LINES,
  CRISIS_SLOTS,
  DisclosuresFileSchema,
  LinesFileSchema,
  REPLY_LINES,
  type AnswerLine,
  type Disclosure,
  type ReplyLine,
} from './safety-bank.ts'

/** The safety bank while its files are read. */
export interface SafetyReading {
  replies: Map<ReplyLine, Template[]>
  answers: Map<AnswerLine, Template[]>
  disclosures: Disclosure[]
}

/** `safety/replies.yaml`, `safety/answers.yaml`, `safety/disclosures.yaml`. */
export function readSafety(value: unknown, reading: FileReading, into: SafetyReading): void {
  switch (reading.path) {
    case 'safety/disclosures.yaml':
      return readDisclosures(value, reading, into)
    case 'safety/replies.yaml':
      return readLines(value, reading, REPLY_LINES, into.replies)
    case 'safety/answers.yaml':
      return readLines(value, reading, ANSWER_LINES, into.answers)
    default:
      reading.fault(
        'error',
        'the file',
        'is not read',
        'Files in safety/ are replies.yaml, answers.yaml and disclosures.yaml.',
      )
  }
}

function readDisclosures(value: unknown, reading: FileReading, { disclosures }: SafetyReading): void {
  const parsed = DisclosuresFileSchema.safeParse(value)
  if (!parsed.success) return reading.schemaFaults(parsed.error, value)
  for (const { texts, ...what } of parsed.data.disclosures)
    for (const text of texts)
      disclosures.push({ ...reading.template(`safety.disclosure.${what.level}`, text), ...what })
}

function readLines<L extends string>(
  value: unknown,
  reading: FileReading,
  known: readonly L[],
  into: Map<L, Template[]>,
): void {
  const parsed = LinesFileSchema.safeParse(value)
  if (!parsed.success) return reading.schemaFaults(parsed.error, value)
  const { lines } = parsed.data
  for (const name of Object.keys(lines))
    if (!known.some((line) => line === name))
      reading.fault('error', `line ${name}`, 'is not used anywhere', `Lines are ${known.join(', ')}.`, `${name}:`)
  for (const line of known) {
    const texts = lines[line]
    if (texts === undefined)
      reading.fault('error', `line ${line}`, 'is missing', 'The protocol needs it; write 20 wordings.')
    else
      into.set(
        line,
        texts.map((text) => reading.template(`safety.${line}`, text, CRISIS_SLOTS)),
      )
  }
}
