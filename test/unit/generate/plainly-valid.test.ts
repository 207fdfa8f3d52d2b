import { describe, expect, it } from 'vitest'
import {
  AssistantMessageSchema,
  DialogueSchema,
  LabelsSchema,
  ProvenanceSchema,
  RiskSchema,
  UserMessageSchema,
  type Dialogue,
} from '../../../core/dialogue/schema.ts'
import { isPlainlyValid } from '../../../core/generate/acceptance/plainly-valid.ts'
import { aDialogue } from '../../builders/a-dialogue.ts'

/** With every field that the schema knows of what templates write. */
const whole = (): Dialogue =>
  aDialogue({
    messages: [
      { role: 'user', text: 'Tense all week.', timestamp: '2026-01-05T09:00:00Z' },
      {
        role: 'assistant',
        text: 'That sounds tiring. What is it like?',
        timestamp: '2026-01-05T09:01:00Z',
        intent: 'validate',
        sentiment: 'negative',
        risk_level: 'none',
        stage: 'open',
        techniques: ['validation'],
      },
    ],
    labels: {
      primary_intent: 'validate',
      overall_sentiment: 'negative',
      max_risk_level: 'none',
      therapeutic_technique: 'validation',
      synthetic: true,
      generated_at: '2026-01-05T09:00:00Z',
    },
    risk: { signals: ['hopelessness'], imminent: false },
    provenance: {
      method: 'template',
      generator_version: '1.0.0',
      random_seed: 1,
      template_ids: ['a'],
      seed_dialogue_ids: ['b'],
      model: 'm',
      prompt_sha256: 'c',
      fallback_reason: 'd',
    },
    content_sha256: 'e',
  })

const ODD = [
  undefined, null, '', ' ', 'none', 'user', 'assistant', 'openai', 'template', 0, 1, 10, 11, -1, 1.5, NaN, 2 ** 60, true, [], [1], ['x'], {}, { x: 1 },
] as const // prettier-ignore

type Path = readonly (string | number)[]

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name]))]
}

/** A copy with another value at the path, or without it. */
function spoilt(path: Path, spoil: (at: Record<string, unknown>, name: string) => void): Dialogue {
  const dialogue = whole()
  let at = dialogue as Record<string, unknown>
  for (const name of path.slice(0, -1)) at = at[String(name)] as Record<string, unknown>
  spoil(at, String(path.at(-1)))
  return dialogue
}

describe('the quick look at a dialogue', () => {
  it('takes what templates write', () => {
    expect(isPlainlyValid(whole())).toBe(true)
    expect(isPlainlyValid(aDialogue())).toBe(true)
  })

  it('takes nothing that the schema refuses, whichever field is spoilt', () => {
    let refused = 0
    for (const path of pathsOf(whole()).filter(({ length }) => length > 0)) {
      const copies = ODD.map((odd) => spoilt(path, (at, name) => (at[name] = structuredClone(odd))))
      copies.push(spoilt(path, (at, name) => delete at[name]))
      for (const [at, copy] of copies.entries()) {
        const isValid = DialogueSchema.safeParse(copy).success
        if (isPlainlyValid(copy)) expect(isValid, `${path.join('.')} with odd value ${at}`).toBe(true)
        if (!isValid) refused++
      }
    }
    expect(refused).toBeGreaterThan(300)
  })

  it('leaves what models write to the schema', () => {
    const provenance = { method: 'openai', generator_version: '1', tokens: { prompt: 1, completion: 1 } } as const
    expect(isPlainlyValid(aDialogue({ provenance }))).toBe(false)
  })

  it('knows every field of the schema: a new one wants a look, too', () => {
    const fields = [
      DialogueSchema,
      UserMessageSchema,
      AssistantMessageSchema,
      LabelsSchema,
      RiskSchema,
      ProvenanceSchema,
    ]
    expect(fields.map(({ shape }) => Object.keys(shape).length)).toEqual([8, 3, 8, 6, 2, 10])
  })
})
