import type { MergeReport } from './merge-report.ts'
import { SPLITS } from './splits.ts'

/** `dataset-card.md`: what is in the set, where it comes from and how it may be used, from the manifest alone. */
export function datasetCard(report: MergeReport): string {
  const { statistics } = report
  const share = (part: number): string =>
    report.written === 0 ? '–' : `${((100 * part) / report.written).toFixed(1)} %`
  const sections = [
    `# Training set of ${report.written} supportive dialogues`,
    report.generated_at === undefined ? '' : `Made ${report.generated_at}.`,
    'Dialogues between a person and a supportive companion: seeds written by the team, and synthetic ones, each with labels for intent, sentiment and risk. No real client speaks in the synthetic ones.',
    `## Where they come from

${table(
  ['file', 'kind', 'read', 'in the set', 'duplicates', 'left out'],
  report.inputs.map((input) => [
    `\`${input.file}\``,
    input.kind,
    input.read,
    input.records.written,
    input.records.same_id_and_text + input.records.same_text,
    input.records.unapproved + input.records.changed + input.records.failed,
  ]),
)}

${report.by_source.seed} seeds and ${report.by_source.synthetic} synthetic dialogues. A seed is never dropped in favour of a synthetic dialogue. ${approval(report)}`,
    `## What is in it, against the target

${table(
  ['axis', 'value', 'dialogues', 'share', 'target'],
  statistics.against_target.map((row) => [
    row.axis,
    row.value,
    row.count,
    `${(row.share * 100).toFixed(1)} %`,
    `${(row.target * 100).toFixed(1)} %`,
  ]),
)}

Messages in a dialogue: ${spread(statistics.turns)}. Characters in a client's message: ${spread(statistics.user_characters)}; in an answer: ${spread(statistics.assistant_characters)}.

The share of dialogues with risk is set on purpose and says nothing of how common risk is.`,
    `## Splits

${table(
  ['split', 'dialogues', 'share'],
  SPLITS.map((split) => [split, report.splits[split].dialogues, share(report.splits[split].dialogues)]),
)}

The split of a dialogue depends on its text alone: adding dialogues moves none, and the same text is never on two sides.`,
    `## Files

${table(
  ['file', 'records', 'bytes'],
  Object.entries(report.files).map(([name, file]) => [`\`${name}\``, file.records, file.bytes]),
)}

Line n of \`chat.jsonl\` and of \`sharegpt.jsonl\` is the dialogue on line n of \`combined.jsonl\`. \`manifest.json\` holds the SHA-256 of every input and file, every count, and the duplicates that were left out.`,
    `## Limits

The dialogues are made for training, and checked by rules and by clinicians; they are no therapy transcripts and no advice. A system trained on them needs its own safety measures, crisis routing and review before it meets people.`,
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function approval(report: MergeReport): string {
  if (report.by_source.synthetic === 0) return ''
  return report.without_approval === 0
    ? 'Every synthetic dialogue carries the approval of a clinician for exactly the text and labels in this set.'
    : `**${report.without_approval} of the synthetic dialogues carry no clinician's approval.**`
}

function spread({ mean, min, p50, max }: MergeReport['statistics']['turns']): string {
  return `${min} to ${max}, half of them up to ${p50}, ${mean} on average`
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.map(escaped).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** File names are the users' own. */
const escaped = (cell: string | number): string => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')
