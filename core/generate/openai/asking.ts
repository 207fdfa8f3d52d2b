import type { Dialogue } from '../../dialogue/schema.ts'
import type { Finding } from '../../quality/finding.ts'
import type { Rejection } from '../report.ts'
import type { Answers, Asked, NoAnswerReason, PaidAnswer } from './answers.ts'
import type { Brief } from './brief.ts'
import type { Unusable } from './dialogue-model.ts'
import { dialoguePrompt, type DialoguePrompt, type PromptSettings } from './dialogue-prompt.ts'
import { readAnswer, type AnswerContext, type AnswerFault } from './read-answer.ts'
import type { WornPhrases } from './worn-phrases.ts'

/** Why no answer became a dialogue. */
export type FallbackReason = AnswerFault | Unusable | NoAnswerReason | Rejection

/** What asking for one dialogue has come to so far. */
export interface Obtained {
  brief: Brief
  prompt: DialoguePrompt
  worn: WornPhrases
  /** Paid for, in order; at most two. */
  answers: readonly PaidAnswer[]
  /** How many of them had been paid for by an earlier run. */
  reused: number
  /** Answers that were turned away, by reason. */
  refused: readonly FallbackReason[]
  result: { dialogue: Dialogue } | { dialogue: undefined; reason: FallbackReason; message: string | undefined }
}

export interface AskingContext {
  answers: Answers
  settings: PromptSettings
  /** Of one dialogue; provenance is added to it. */
  contextOf: (brief: Brief) => Omit<AnswerContext, 'provenance'>
  generator_version: string
  random_seed: number
  signal: AbortSignal | undefined
}

/** Asks for one dialogue, and once more with the findings where the answer cannot be used as it is. */
export async function askFor(brief: Brief, worn: WornPhrases, context: AskingContext): Promise<Obtained> {
  const prompt = dialoguePrompt(brief, context.settings)
  const first = await context.answers.ask(
    { key: prompt.key, attempt: 1, index: brief.planned.index },
    () => prompt.call({ number: 1, worn }),
    context.signal,
  )
  const before: Obtained = {
    brief,
    prompt,
    worn,
    answers: [],
    reused: 0,
    refused: [],
    result: { dialogue: undefined, reason: 'not_asked', message: undefined },
  }
  const { obtained, findings } = taken(before, first, context)
  return findings === undefined ? obtained : askAgain(obtained, findings, context)
}

/** The second and last attempt: the same plan, the first answer, and what was wrong with it. */
export async function askAgain(
  before: Obtained,
  findings: readonly Finding[],
  context: AskingContext,
): Promise<Obtained> {
  const { prompt, worn, brief } = before
  const last = before.answers.at(-1)
  const previous = last?.outcome === 'answered' ? last.value : undefined
  const second = await context.answers.ask(
    { key: prompt.key, attempt: 2, index: brief.planned.index },
    () => prompt.call({ number: 2, worn, previous, findings }),
    context.signal,
  )
  return taken(before, second, context).obtained
}

/** `findings`: what a further attempt should be told; undefined when the answer is good, or asking is of no use. */
function taken(
  before: Obtained,
  asked: Asked,
  context: AskingContext,
): { obtained: Obtained; findings: readonly Finding[] | undefined } {
  if (asked.outcome === 'none') {
    // Without a second answer the first one's fault is what counts; a service that is gone counts for itself.
    const fault = asked.why === 'not_asked' ? before.refused.at(-1) : undefined
    const result = { dialogue: undefined, reason: fault ?? asked.why, message: asked.message }
    return { obtained: { ...before, result }, findings: undefined }
  }
  const { record, reused } = asked
  const answers = [...before.answers, record]
  const counted = { ...before, answers, reused: before.reused + (reused ? 1 : 0) }
  const refuse = (reason: FallbackReason, findings: readonly Finding[]) => ({
    obtained: {
      ...counted,
      refused: [...before.refused, reason],
      result: { dialogue: undefined, reason, message: undefined },
    },
    findings,
  })
  if (record.outcome === 'unusable') return refuse(record.why, [UNUSABLE[record.why]])
  const read = readAnswer(record.value, before.brief, {
    ...context.contextOf(before.brief),
    provenance: {
      method: 'openai',
      generator_version: context.generator_version,
      random_seed: context.random_seed,
      seed_dialogue_ids: before.prompt.seed_dialogue_ids,
      model: record.model,
      prompt_sha256: context.settings.prompts.sha256,
      ...spentOn(answers),
    },
  })
  if (read.dialogue === undefined) return refuse(read.reason, read.findings)
  return { obtained: { ...counted, result: { dialogue: read.dialogue } }, findings: undefined }
}

/** As provenance has it; over all attempts, since each was paid for. */
export function spentOn(answers: readonly PaidAnswer[]): {
  tokens: { prompt: number; completion: number }
  cost_usd: number
} {
  let [prompt, completion, cost] = [0, 0, 0]
  for (const { usage, cost_usd } of answers) {
    prompt += usage.input_tokens
    completion += usage.output_tokens
    cost += cost_usd
  }
  return { tokens: { prompt, completion }, cost_usd: Math.round(cost * 1e9) / 1e9 }
}

const unusable = (code: string, message: string): Finding => ({ code: `answer.${code}`, severity: 'error', message })

const UNUSABLE: Readonly<Record<Unusable, Finding>> = {
  refused: unusable(
    'refused',
    'The request was declined. It is for training data that clinicians review: a careful conversation without any description of methods. Where the plan has risk, what is wanted is how to answer it safely.',
  ),
  content_filter: unusable(
    'content-filter',
    'The text was held back by a content filter. Say it without any detail of death or injury.',
  ),
  length: unusable('length', 'The answer was cut off. Keep messages short and to the number of exchanges.'),
  not_json: unusable('not-json', 'The answer was no JSON. Return the JSON object and nothing around it.'),
  wrong_schema: unusable('wrong-schema', 'The answer was not of the schema. Return exactly its fields.'),
  empty: unusable('empty', 'The answer was empty.'),
}
