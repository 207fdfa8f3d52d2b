import type { Dialogue } from '../../core/dialogue/schema.ts'
import { CRITERIA } from '../../core/dialogue/vocabulary.ts'
import type { ReviewForm } from '../../core/review/review.ts'
import { dialogueLabels, turnLabels } from './labels.ts'
import { CRITERION_WORDS, plain, REASON_WORDS, VERDICT_WORDS } from './wording.ts'

/** A review in rows of plain words, so that two can stand side by side and differences be marked. */
export function summaryRows(form: ReviewForm, dialogue: Dialogue): [name: string, value: string][] {
  const labels = [
    ...dialogueLabels(dialogue),
    ...dialogue.messages.flatMap((message, turn) =>
      turnLabels(message, turn).map((field) => ({ ...field, name: `Turn ${turn + 1} ${field.name.toLowerCase()}` })),
    ),
  ]
  const none = '–'
  return [
    ['Verdict', form.status === null ? 'none' : VERDICT_WORDS[form.status].did],
    ['Reasons', form.reasons.map((reason) => REASON_WORDS[reason]).join(', ') || none],
    ...CRITERIA.map((each): [string, string] => [CRITERION_WORDS[each].name, form.criteria[each] ?? none]),
    ...labels.flatMap((field): [string, string][] => {
      const adjusted = field.read(form.labels)
      if (adjusted === undefined) return []
      const value = plain(adjusted.final)
      return [
        [
          field.name,
          adjusted.adjustment === 'verified' ? `${value} (right)` : `${plain(field.original ?? 'not set')} → ${value}`,
        ],
      ]
    }),
    ['What should change', form.feedback || none],
    ['Notes', form.notes.map(({ note }) => note).join('\n') || none],
    ['Comments', form.turn_comments.map(({ turn, comment }) => `Turn ${turn + 1}: ${comment}`).join('\n') || none],
  ]
}

interface SideBySideProps {
  dialogue: Dialogue
  columns: readonly { title: string; form: ReviewForm }[]
}

/** Reviews beside each other; rows in which they differ are marked with a sign, not by colour alone. */
export function SideBySide({ dialogue, columns }: SideBySideProps) {
  const sides = columns.map(({ form }) => new Map(summaryRows(form, dialogue)))
  const names = [...new Set(sides.flatMap((side) => [...side.keys()]))]
  const valueOf = (side: Map<string, string>, name: string) => side.get(name) ?? '–'
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Reviews side by side">
      <table class="side-by-side">
        <thead>
          <tr>
            <td />
            {columns.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const values = sides.map((side) => valueOf(side, name))
            if (values.every((value) => value === '–')) return null
            const differs = new Set(values).size > 1
            return (
              <tr key={name} class={differs ? 'differs' : undefined}>
                <th scope="row">
                  {name}
                  {differs && <span class="muted"> ≠</span>}
                </th>
                {values.map((value, index) => (
                  <td key={index}>{value}</td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
