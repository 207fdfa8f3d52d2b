import type { ModelSide } from './model-dialogues.ts'

/** Who wrote what in a batch that a model had a share in, what it cost, and what became of the answers. */
export interface SourcesReport {
  model: string
  temperature: number | undefined
  prompts_sha256: string
  by_method: Record<'template' | 'openai', { planned: number; written: number }>
  /** Parts of the batch, 0 to 1. `reached` is set at the end. */
  share: { asked: number; planned: number; reached: number }
  /** Dialogues of the model's share that templates wrote, by reason. */
  fallbacks: Record<string, number>
  answers: {
    /** Calls that were paid for, of this run and of those that it went on from. */
    paid: number
    /** Of these, paid for by an earlier run. */
    reused: number
    /** Turned away, by reason; a dialogue may have two. */
    refused: Record<string, number>
    /** Dialogues whose first answer was turned away and whose second was good. */
    second_attempts_taken: number
  }
  spent: { input_tokens: number; cached_input_tokens: number; output_tokens: number; cost_usd: number }
  /** Why the model was given up before the end; the rest came from templates. */
  stopped?: { why: string; message: string }
}

export function emptySources(
  total: number,
  asked: number,
  planned: number,
  { model, temperature, prompts }: Pick<ModelSide, 'model' | 'temperature' | 'prompts'>,
): SourcesReport {
  return {
    model,
    temperature,
    prompts_sha256: prompts.sha256,
    by_method: { template: { planned: total - planned, written: 0 }, openai: { planned, written: 0 } },
    share: { asked, planned: total === 0 ? 0 : planned / total, reached: 0 },
    fallbacks: {},
    answers: { paid: 0, reused: 0, refused: {}, second_attempts_taken: 0 },
    spent: { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, cost_usd: 0 },
  }
}
