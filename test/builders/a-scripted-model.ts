import { setImmediate } from 'node:timers/promises'
import { generateDialogues, type GeneratedDialogue } from '../../core/generate/generate-dialogues.ts'
import type { Answer } from '../../core/generate/openai/answer-schema.ts'
import { createAnswers, type AnswerRecord } from '../../core/generate/openai/answers.ts'
import type { ModelCall, ModelCalls, ModelOutcome, NotStarted } from '../../core/generate/openai/dialogue-model.ts'
import type { ModelSide } from '../../core/generate/openai/model-dialogues.ts'
import { loadPrompts } from '../../core/generate/openai/prompts.ts'
import type { GenerationReport } from '../../core/generate/report.ts'
import { parseRequest } from '../../core/generate/request.ts'
import { readSeedPatterns, type SeedPatterns } from '../../core/generate/seeds/read-seed-patterns.ts'
import { lintDialogue } from '../../core/quality/lint-dialogue.ts'
import type { Rng } from '../../core/ports.ts'
import { readPromptFiles } from '../../local/content-folder.ts'
import { createComposer, readPlan } from '../openai/compose-answer.ts'

export const { compose, banks } = await createComposer(3)
export const prompts = loadPrompts(await readPromptFiles())

/** The same call gets the same answer in every run: what a model gave, and the journal kept. */
const memory = new Map<string, Answer>()
export async function answerTo({ id, messages }: ModelCall, salt = ''): Promise<Answer> {
  const text = messages[1]?.content ?? ''
  const asked = readPlan(text, banks)
  if (asked === undefined) throw new Error('this is no prompt for a dialogue')
  const key = `${salt} ${id} ${JSON.stringify(asked)}`
  const known = memory.get(key)
  if (known !== undefined) return known
  const made = await compose(asked)
  memory.set(key, made)
  return made
}

export const USAGE = { input_tokens: 1000, cached_input_tokens: 100, output_tokens: 500 }

export function answered(value: unknown): ModelOutcome {
  return { outcome: 'answered', value, usage: USAGE, model: 'test-model', latency_ms: 1 }
}

export interface ScriptedModel extends ModelCalls {
  /** Ids of the calls, in the order they came. */
  readonly asked: readonly string[]
  readonly calls: readonly ModelCall[]
}

/** Answers in an order of chance; `outcome` may say otherwise for a call. */
export function aScriptedModel(options: {
  rng?: Rng
  salt?: string
  outcome?: (call: ModelCall) => ModelOutcome | NotStarted | undefined | Promise<ModelOutcome | NotStarted | undefined>
}): ScriptedModel {
  const { rng, salt, outcome } = options
  const calls: ModelCall[] = []
  return {
    get asked() {
      return calls.map(({ id }) => id)
    },
    calls,
    async run(call) {
      calls.push(call)
      for (let turns = Math.floor((rng?.() ?? 0) * 20); turns > 0; turns--) await setImmediate()
      return (await outcome?.(call)) ?? answered(await answerTo(call, salt))
    },
    spent: { ...USAGE, calls: 0, by_outcome: {}, cost_usd: 0, reserved_usd: 0, unconfirmed_usd: 0 },
    calibration: { input: 1, output: 1, cached_share: 0 },
    load: { in_flight: 0, waiting: 0, window: 1 },
  }
}

export const COST_OF_AN_ANSWER = 0.001

export interface ModelledRun {
  dialogues: GeneratedDialogue[]
  report: GenerationReport
  /** What was kept, in the order it was. */
  records: AnswerRecord[]
}

export interface ModelledRunOptions {
  asked: Record<string, unknown>
  model?: ModelCalls | undefined
  seeds?: SeedPatterns
  kept?: readonly AnswerRecord[]
  on_failure?: ModelSide['on_failure']
  keep?: (record: AnswerRecord) => void
  side?: Partial<ModelSide>
}

export async function generateWithModel(options: ModelledRunOptions): Promise<ModelledRun> {
  const { asked, model, seeds, kept = [], on_failure = 'fallback', keep, side } = options
  const records: AnswerRecord[] = []
  const generation = generateDialogues({
    request: parseRequest(asked),
    banks,
    seeds,
    batchId: 'batch',
    baseTime: '2026-01-01T00:00:00Z',
    lint: lintDialogue,
    model: {
      model: 'test-model',
      prompts,
      on_failure,
      answers: createAnswers({
        calls: model,
        costOf: () => COST_OF_AN_ANSWER,
        kept,
        keep: (record) => {
          keep?.(record)
          records.push(record)
        },
      }),
      ...side,
    },
  })
  const dialogues: GeneratedDialogue[] = []
  for (;;) {
    const next = await generation.next()
    if (next.done === true) return { dialogues, report: next.value, records }
    dialogues.push(next.value)
  }
}

export function aSeedExample(dialogue_id: string, texts: readonly string[], more: Record<string, unknown> = {}) {
  return {
    dialogue_id,
    session_type: 'gentle_deep' as const,
    user_profile: { concern: 'anxiety' },
    messages: texts.map((text, at) => ({ role: at % 2 === 0 ? ('user' as const) : ('assistant' as const), text })),
    labels: {},
    ...more,
  }
}

export function seedsOf(...dialogues: ReturnType<typeof aSeedExample>[]): Promise<SeedPatterns> {
  return readSeedPatterns(dialogues.map((dialogue) => ({ dialogue })))
}
