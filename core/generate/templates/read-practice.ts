import type { FileReading } from './bank-reading.ts'
import { PracticeFileSchema } from './bank-schema.ts'
import type { Practice, Template } from './banks.ts'

/** `practices/<id>.yaml`: one exercise, step by step. */
export function readPractice(value: unknown, reading: FileReading): Practice | undefined {
  const parsed = PracticeFileSchema.safeParse(value)
  if (!parsed.success) {
    reading.schemaFaults(parsed.error, value)
    return undefined
  }
  const { id, technique, minutes, suits, lists, short, steps, ...texts } = parsed.data
  const slots = new Set(Object.keys(lists))
  const templates = (part: string, wordings: readonly string[]): Template[] =>
    wordings.map((text) => reading.template(`practice.${id}.${part}`, text, slots))
  return {
    id,
    number: reading.number(),
    technique,
    minutes,
    suits: suits === undefined ? undefined : new Set(suits),
    lists,
    steps: steps.map((step, at) => ({
      says: templates(`step${at + 1}`, step.says),
      client: templates(`step${at + 1}-client`, step.client),
      acknowledges: templates(`step${at + 1}-heard`, step.acknowledges),
    })),
    short: [(short?.[0] ?? 1) - 1, (short?.[1] ?? steps.length) - 1],
    offers: templates('offer', texts.offers),
    rationale: templates('rationale', texts.rationale),
    helped: templates('helped', texts.helped),
    not_helped: templates('not-helped', texts.not_helped),
    adapts: templates('adapt', texts.adapts),
    adapt_client: templates('adapt-client', texts.adapt_client),
    takeaways: templates('takeaway', texts.takeaways),
  }
}
