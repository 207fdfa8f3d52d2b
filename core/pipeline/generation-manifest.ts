import * as z from 'zod'

/**
 * `synthetic/<batch>.manifest.json`: what a generated dataset was made of, and what became of every dialogue planned.
 * It is there before its dataset can be seen. Nothing in it depends on the home or the hour.
 */
export const GenerationManifestSchema = z.looseObject({
  version: z.literal('1.0'),
  batch_id: z.string(),
  /** For people: the file that was uploaded. */
  title: z.string(),
  upload: z.object({ store: z.enum(['inbox', 'datasets']), key: z.string() }),
  /** As it was carried out: with the environment's defaults and the random seed. */
  request: z.looseObject({ count: z.number().int(), reviews_per_dialogue: z.number().int().optional() }),
  seeds: z
    .object({
      /** As uploaded. */
      file: z.string(),
      /** Of the file as uploaded. */
      sha256: z.string(),
      /** Where the good records are kept, in the datasets store. */
      key: z.string(),
      read: z.number().int(),
      kept: z.number().int(),
      failed: z.number().int(),
    })
    .optional(),
  dataset: z.object({
    key: z.string(),
    sha256: z.string(),
    bytes: z.number().int(),
    dialogues: z.number().int(),
  }),
  base_time: z.string(),
  report: z.unknown().optional(),
})
export type GenerationManifest = z.infer<typeof GenerationManifestSchema>

export const datasetKey = (batch_id: string) => `synthetic/${batch_id}.jsonl`
export const manifestKey = (batch_id: string) => `synthetic/${batch_id}.manifest.json`
export const seedsKey = (sha256: string) => `seeds/${sha256}.jsonl`
