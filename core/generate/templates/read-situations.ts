import { EXPERIMENT } from '../../quality/rules/assistant-acts.ts'
import { isPlural, secondPerson } from './agreement.ts'
import type { FileReading } from './bank-reading.ts'
import { SituationsFileSchema, type BundleSource } from './bank-schema.ts'
import type { Bundle, OwnFrame, Wording } from './banks.ts'
import { checkAssistantSentence, checkFact } from './check-text.ts'
import { FACT_NAMES, FACTS, isFactName, type FactName } from './facts.ts'

/** Longer facts are told once, and come back only in a summary. */
const WORDS_TO_ECHO = 13

/** `situations/<concern>.yaml`: bundles with every fact in both persons. */
export function readSituations(
  value: unknown,
  reading: FileReading,
): { concern: string; bundles: Bundle[] } | undefined {
  const parsed = SituationsFileSchema.safeParse(value)
  if (!parsed.success) {
    reading.schemaFaults(parsed.error, value)
    return undefined
  }
  const { concern, bundles } = parsed.data
  if (reading.path !== `situations/${concern}.yaml`)
    reading.fault(
      'error',
      'concern',
      `is "${concern}", but the file is called ${reading.path}`,
      `Call it situations/${concern}.yaml.`,
      'concern:',
    )
  return { concern, bundles: bundles.map((source) => readBundle(concern, source, reading)) }
}

function readBundle(concern: string, source: BundleSource, reading: FileReading): Bundle {
  const anchor = `id: ${source.id}\n`
  const where = `bundle ${source.id}`
  const id = `${concern}/${source.id}`
  reading.claim(id, where, 'the id', anchor)
  const facts: Partial<Record<FactName, Wording[]>> = {}
  for (const name of FACT_NAMES) {
    const wordings = source.facts[name]
    if (wordings === undefined) continue
    for (const wording of wordings) {
      // The bundles that serve any concern may name it; that is the one slot a fact can hold.
      const plain = concern === 'any' ? wording.replaceAll('{concern}', 'this') : wording
      reading.faults(checkFact(name, plain), `${where}, ${name}`, wording, anchor)
    }
    facts[name] = wordings.map((wording) => wordingOf(name, wording))
  }
  if ((facts.feelings?.length ?? 0) < 2)
    reading.fault(
      'error',
      `${where}, feelings`,
      'has fewer than two',
      'Write two to four adjectives.',
      'feelings',
      anchor,
    )
  const own = (kind: 'reflection' | 'question'): Partial<Record<FactName, OwnFrame[]>> => {
    const out: Partial<Record<FactName, OwnFrame[]>> = {}
    for (const [name, texts] of Object.entries(kind === 'reflection' ? source.reflections : source.questions)) {
      if (!isFactName(name)) continue
      out[name] = texts.map((text, at) => {
        const place = `${where}, ${kind}s.${name}`
        reading.faults(checkAssistantSentence(kind, text), place, text, anchor)
        if (kind === 'question' && name === 'step' && !EXPERIMENT.test(text.toLowerCase()))
          reading.fault(
            'warning',
            place,
            'asks for a step in words that the lint does not know as one',
            'Name it: try, test, step, one thing, small, this week, next time …',
            text,
            anchor,
          )
        return { id: `${id}#${kind}.${name}.${at + 1}`, text }
      })
    }
    return out
  }
  const { sub_concern, ages, contexts, risk } = source
  const head = { id, number: reading.number(), concern, sub_concern, ages, contexts, risk }
  return { ...head, facts, reflections: own('reflection'), questions: own('question') }
}

function wordingOf(name: FactName, written: string): Wording {
  // "my wife, who is better at numbers" is told once and then she is "my wife": in mid-sentence only that fits.
  const wording = name === 'support' ? (/^(.*?),/.exec(written)?.[1] ?? written) : written
  return {
    client: wording,
    assistant: secondPerson(wording),
    plural: FACTS[name].type === 'noun_phrase' && isPlural(wording),
    lengthy: wording.split(' ').length > WORDS_TO_ECHO,
    parted: /[,;]/.test(wording),
  }
}
