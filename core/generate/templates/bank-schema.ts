import * as z from 'zod'
import { STAGES, TURN_TECHNIQUES } from '../../dialogue/vocabulary.ts'
import { ACTS, ARCS, FACT_NAMES, FACTS, isFactName, LIFE_CONTEXTS, VOICES, type FactName } from './facts.ts'

/** The bank files as they stand on disk, before anything is compiled. docs/guides/banks.md describes them for people. */

const text = z.string().min(1)
const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item.transform((value) => [value]), z.array(item).min(1)])

const FactOrActSchema = z.enum([...FACT_NAMES, ...ACTS])
export type FactOrAct = z.infer<typeof FactOrActSchema>

/** `22-45`, or one number and a plus sign for no upper end. */
const AgesSchema = z
  .string()
  .regex(/^\d{2}-\d{2}$/, { message: 'ages are written "22-45"' })
  .transform((value) => ({ from: Number(value.slice(0, 2)), to: Number(value.slice(3)) }))
  .refine(({ from, to }) => from >= 18 && from < to && to <= 99, { message: 'ages go from 18 up, the lower one first' })

const WordingsSchema = oneOrMore(text)

const BundleSchema = z
  .looseObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { message: 'an id is lower-case words joined by hyphens' }),
    sub_concern: text,
    ages: AgesSchema,
    contexts: oneOrMore(z.enum(LIFE_CONTEXTS)).default(['any']),
    /** `false`: no disclosure is put into this life, since its story holds a place or a thing that would read as a means. */
    risk: z.boolean().default(true),
    reflections: z.partialRecord(z.enum(FACT_NAMES), WordingsSchema).default({}),
    questions: z.partialRecord(z.enum(FACT_NAMES), WordingsSchema).default({}),
  })
  .transform(({ id, sub_concern, ages, contexts, risk, reflections, questions, ...rest }, context) => {
    const facts: Partial<Record<FactName, string[]>> = {}
    const issue = (name: string, message: string): void => {
      context.issues.push({ code: 'custom', message, input: undefined, path: [name] })
    }
    for (const [name, value] of Object.entries(rest)) {
      if (!isFactName(name)) {
        issue(name, `there is no fact "${name}"; facts are ${FACT_NAMES.join(', ')}`)
        continue
      }
      const wordings = WordingsSchema.safeParse(value)
      if (wordings.success) facts[name] = wordings.data
      else issue(name, 'is neither a string nor a list of strings; put each string in double quotes')
    }
    for (const name of FACT_NAMES)
      if (FACTS[name].required && !Object.hasOwn(rest, name))
        issue(name, `is missing; it must fit: ${FACTS[name].fits}`)
    return { id, sub_concern, ages, contexts, risk, reflections, questions, facts }
  })
export type BundleSource = z.infer<typeof BundleSchema>

export const SituationsFileSchema = z.strictObject({
  concern: z.string().min(1),
  bundles: z.array(BundleSchema).min(1),
})

const conditions = {
  stages: oneOrMore(z.enum(STAGES)).optional(),
  arcs: oneOrMore(z.enum(ARCS)).optional(),
  voices: oneOrMore(z.enum(VOICES)).optional(),
  /** Concerns or concern groups. */
  concerns: oneOrMore(text).optional(),
  not_concerns: oneOrMore(text).optional(),
  /** Facts that the client must have told, beside those of the slots. */
  told: oneOrMore(z.enum(FACT_NAMES)).optional(),
  weight: z.number().positive().max(20).optional(),
}
export const FrameSourceSchema = z.union([
  text.transform((value) => ({ text: value })),
  z.strictObject({ text, ...conditions }),
])
export type FrameSource = { text: string } & z.infer<z.ZodObject<typeof conditions>>

const AssistantSectionSchema = z.strictObject({
  technique: z.enum(TURN_TECHNIQUES),
  hears: oneOrMore(FactOrActSchema).optional(),
  asks: FactOrActSchema.optional(),
  ...conditions,
  frames: z.array(FrameSourceSchema).min(1),
})
export type AssistantSection = z.infer<typeof AssistantSectionSchema>

const ClientSectionSchema = z.strictObject({
  gives: FactOrActSchema,
  ...conditions,
  frames: z.array(FrameSourceSchema).min(1),
})
export type ClientSection = z.infer<typeof ClientSectionSchema>

export const FramesFileSchema = z.discriminatedUnion('speaker', [
  z.strictObject({ speaker: z.literal('assistant'), sections: z.array(AssistantSectionSchema).min(1) }),
  z.strictObject({ speaker: z.literal('client'), sections: z.array(ClientSectionSchema).min(1) }),
])

export const PRACTICE_TECHNIQUES = [
  'grounding',
  'breathing',
  'body_scan',
  'mindfulness',
  'compassion_focused',
  'behavioral_experiment',
] as const

export const PracticeFileSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  technique: z.enum(PRACTICE_TECHNIQUES),
  minutes: z.number().int().min(1).max(15),
  suits: oneOrMore(text).optional(),
  lists: z.record(z.string().regex(/^[a-z_][a-z_0-9]*$/), z.array(text).min(5)).default({}),
  offers: z.array(text).min(1),
  rationale: z.array(text).min(1),
  steps: z
    .array(
      z.strictObject({ says: z.array(text).min(1), client: z.array(text).min(1), acknowledges: z.array(text).min(1) }),
    )
    .min(2)
    .max(6),
  /** Steps (1-based) of a session that has time for two only; the first and the last when left out. */
  short: z.tuple([z.number().int().min(1), z.number().int().min(1)]).optional(),
  helped: z.array(text).min(1),
  not_helped: z.array(text).min(1),
  adapts: z.array(text).min(1),
  adapt_client: z.array(text).min(1),
  takeaways: z.array(text).min(1),
})
export type PracticeSource = z.infer<typeof PracticeFileSchema>
