import { useState } from 'preact/hooks'
import type { LabelAdjustments } from '../../core/review/review.ts'
import type { LabelField } from './labels.ts'
import { plain } from './wording.ts'

const UNCHECKED = ''
const OTHER = '\u0000other'

interface LabelSelectProps {
  /** The dialogue. The control itself stays from one to the next: making it anew costs more than all the rest. */
  about: string
  field: LabelField
  labels: LabelAdjustments
  onChange: (labels: LabelAdjustments) => void
}

/** One choice for each label: not checked, correct as it is, or what it should have been. */
export function LabelSelect({ about, field, labels, onChange }: LabelSelectProps) {
  const adjusted = field.read(labels)
  const own = adjusted !== undefined && !field.options.includes(adjusted.final) && adjusted.final !== field.original
  const [writingAbout, setWritingAbout] = useState<string>()
  const writing = own || writingAbout === about
  const value = writing ? OTHER : (adjusted?.final ?? UNCHECKED)
  const write = (to: string | undefined) => onChange(field.write(labels, to))
  return (
    <span class="label-select">
      <select
        aria-label={field.name}
        class={adjusted?.adjustment}
        value={value}
        onChange={(event) => {
          const chosen = event.currentTarget.value
          setWritingAbout(chosen === OTHER ? about : undefined)
          write(chosen === UNCHECKED || chosen === OTHER ? undefined : chosen)
        }}
      >
        <option value={UNCHECKED}>not checked</option>
        {field.original !== undefined && <option value={field.original}>✓ {plain(field.original)} is right</option>}
        {field.options
          .filter((option) => option !== field.original)
          .map((option) => (
            <option key={option} value={option}>
              {plain(option)}
            </option>
          ))}
        {field.open && <option value={OTHER}>another…</option>}
      </select>
      {writing && (
        <input
          type="text"
          aria-label={`${field.name}, in your words`}
          value={adjusted?.final ?? ''}
          maxLength={80}
          onInput={(event) => write(event.currentTarget.value)}
        />
      )}
    </span>
  )
}
