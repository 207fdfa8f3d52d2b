import { basename } from 'node:path'
import { createStatisticsCounter } from '../core/datasets/statistics.ts'
import type { Statistics } from '../core/datasets/statistics.ts'
import { writeDatasetJson, writeJsonLines } from '../core/datasets/write-dialogues.ts'
import type { GeneratedDialogue } from '../core/generate/generate-dialogues.ts'
import { shareOf } from '../core/generate/openai/model-share.ts'
import type { SourcesReport } from '../core/generate/openai/sources-report.ts'
import { GENERATOR_VERSION } from '../core/generate/random.ts'
import type { GenerationReport } from '../core/generate/report.ts'
import type { NumberedRequest } from './generation-request.ts'

/** What has been written so far, and in the end what came of it. */
export interface Written {
  dialogues: number
  /** While the model is at it. */
  sources?: SourcesReport
  report?: GenerationReport
  statistics?: Statistics
}

export function headerOf(
  request: NumberedRequest,
  about: { batch_id: string; generated_at: string; seed: string | undefined },
): Record<string, unknown> {
  return {
    version: '1.0',
    description: 'Synthetic dialogues, not yet reviewed by a clinician.',
    generated_at: about.generated_at,
    metadata: {
      generation_method: request.method,
      generator_version: GENERATOR_VERSION,
      batch_id: about.batch_id,
      random_seed: request.random_seed,
      seed_file: about.seed === undefined ? undefined : basename(about.seed),
      ...(request.method === 'template' ? {} : { model: request.model, openai_share: shareOf(request) }),
    },
  }
}

/** What a dataset says of its sources; nothing that depends on how often a run was interrupted. */
function sourcesOf({ sources }: GenerationReport): Record<string, unknown> {
  if (sources === undefined) return {}
  const { model, prompts_sha256, by_method, share, fallbacks, spent } = sources
  return { sources: { model, prompts_sha256, by_method, share, fallbacks, spent } }
}

/** The file as the dialogues come; `so` keeps the account. */
export function datasetBytes(
  generation: AsyncGenerator<GeneratedDialogue, GenerationReport>,
  file: { header: Record<string, unknown>; lines: boolean; so: Written },
): AsyncIterable<Uint8Array> {
  const { header, lines, so } = file
  const counter = createStatisticsCounter()
  const records = async function* () {
    for (;;) {
      const next = await generation.next()
      if (next.done === true) {
        so.report = next.value
        so.statistics = counter.statistics()
        return
      }
      counter.add(next.value.dialogue)
      yield JSON.stringify(next.value.dialogue)
      so.dialogues += 1
    }
  }
  return lines
    ? writeJsonLines(records())
    : writeDatasetJson(header, records(), () => ({
        total_dialogues: so.dialogues,
        ...(so.report === undefined ? {} : sourcesOf(so.report)),
        statistics: so.statistics,
      }))
}
