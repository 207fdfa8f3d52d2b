import { frameOf, type Generation } from '../generate-dialogues.ts'
import { planDialogues } from '../plan.ts'
import { localeOf } from '../safety/crisis-words.ts'
import { askFor } from './asking.ts'
import { askingFor, type ModelSide } from './model-dialogues.ts'
import { modelShare, shareOf } from './model-share.ts'
import { NOTHING_WORN } from './worn-phrases.ts'

/**
 * A batch by many hands. Workers ask, one finishes:
 *
 * 1. {@link modelDialogues} says how many dialogues of the plan are the model's; their ordinals, 0 to that number, are
 *    cut into parts `[from, to)` in any way.
 * 2. Each worker calls {@link askForPart} with answers that make every record durable where the finisher finds it:
 *    `createAnswers({ calls, costOf, kept, keep, keepFailures: true })`, `kept` being the records that an earlier
 *    attempt at the same part has left. Asking again for a part that is complete costs nothing and changes nothing.
 * 3. The finisher calls `generateDialogues` with `createAnswers({ calls: undefined, costOf, kept: <records of all parts> })`.
 *    Templates, the answers, duplicate checks over the whole batch and the quotas come together there, in the order of
 *    the plan; what has no answer, or one too close to another, falls back to a template with its reason.
 *
 * All three are functions of request, seeds, banks and prompts: parts hold nothing but answers, and any worker may take
 * any part. What a single machine does besides, and parts cannot, is to ask again for answers that are too close to
 * another part's.
 */
export interface Part {
  /** Ordinals within the model's share; `to` is the first that is not in it. */
  from: number
  to: number
}

/** What became of a part; the records hold the answers themselves. */
export interface PartOutcome {
  /** Dialogues with an answer that passes every check that needs no other dialogue. */
  good: number
  /** Dialogues without, by reason; `aborted` is to be asked for again. */
  without: Record<string, number>
  /** Of this call and of earlier ones whose records were kept. */
  cost_usd: number
}

/** How many dialogues of the plan the model writes. */
export function modelDialogues({ request, seeds, banks }: Pick<Generation, 'request' | 'seeds' | 'banks'>): number {
  return modelShare(planDialogues(request, seeds, banks), shareOf(request)).count
}

/**
 * Asks for every dialogue of the part, each with its second attempt where the first answer is at fault. Resolves when all
 * are settled; calls start as `answers` lets them. Aborting the model's signal ends it early with what there is.
 */
export async function askForPart(generation: Generation & { model: ModelSide }, part: Part): Promise<PartOutcome> {
  const { request, seeds, banks, lint, model } = generation
  const plan = planDialogues(request, seeds, banks)
  const share = modelShare(plan, shareOf(request))
  const frame = frameOf(generation, plan)
  const locale = localeOf(request.locale)
  const { briefOf, context } = askingFor({ plan, banks, seeds, lint, locale, frame, model }, share)
  const outcome: PartOutcome = { good: 0, without: {}, cost_usd: 0 }
  const ordinals = Array.from(
    { length: Math.max(0, Math.min(part.to, share.count) - part.from) },
    (_, at) => part.from + at,
  )
  await Promise.all(
    ordinals.map(async (ordinal) => {
      const { result, answers } = await askFor(briefOf(ordinal), NOTHING_WORN, context)
      for (const { cost_usd } of answers) outcome.cost_usd += cost_usd
      if (result.dialogue === undefined) outcome.without[result.reason] = (outcome.without[result.reason] ?? 0) + 1
      else outcome.good++
    }),
  )
  return outcome
}
