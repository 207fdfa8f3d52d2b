import { RISK_LEVELS, SESSION_TYPES } from '../../dialogue/vocabulary.ts'
import type { Plan } from '../plan.ts'
import { rngFrom } from '../random.ts'
import type { GenerationRequest } from '../request.ts'

/** Two thirds of a set may come cheaply; the rest lends it a voice of its own (docs/guides/file-formats.md). */
export const DEFAULT_OPENAI_SHARE = 0.3

/** The part of a batch that the request wants from the model: 0 to 1. */
export function shareOf({ method, openai_share }: Pick<GenerationRequest, 'method' | 'openai_share'>): number {
  if (method === 'template') return 0
  return method === 'openai' ? 1 : (openai_share ?? DEFAULT_OPENAI_SHARE)
}

/** Which dialogues of a plan a model writes. */
export interface ModelShare {
  /** Share × planned dialogues, to less than one. */
  count: number
  /** Indices of the plan, rising; the place in it is a dialogue's ordinal. */
  indices: Uint32Array
  /** How many of the same concern come before it, by ordinal: what bundles are dealt out by. */
  nth_of_concern: Uint32Array
}

/**
 * Spreads the share evenly over the plan sorted by risk, session type and concern, so that each source gets its part of
 * each of them, to less than one dialogue for every level of risk. A function of plan and share alone.
 */
export function modelShare(plan: Plan, share: number): ModelShare {
  const count = Math.round(plan.count * share)
  const indices = count === plan.count ? Uint32Array.from({ length: count }, (_, at) => at) : spread(plan, count)
  const seen = new Map<string, number>()
  const nth_of_concern = indices.map((index) => {
    const { concern } = plan.at(index)
    const nth = seen.get(concern) ?? 0
    seen.set(concern, nth + 1)
    return nth
  })
  return { count, indices, nth_of_concern }
}

function spread(plan: Plan, count: number): Uint32Array {
  if (count === 0) return new Uint32Array(0)
  const concerns = new Map<string, number>()
  const keyed = new Float64Array(plan.count)
  for (let index = 0; index < plan.count; index++) {
    const { risk, imminent, session_type, concern } = plan.at(index)
    const number = concerns.get(concern) ?? concerns.size
    concerns.set(concern, number)
    const stratum =
      ((RISK_LEVELS.indexOf(risk) * 2 + (imminent ? 1 : 0)) * SESSION_TYPES.length +
        SESSION_TYPES.indexOf(session_type)) *
        4096 +
      number
    keyed[index] = stratum * 2 ** 24 + index
  }
  keyed.sort()
  // Where the even steps begin is drawn, so that the rare ones do not fall to the same source in every batch.
  const phase = rngFrom(plan.random_seed, 'model share')()
  const chosen = new Uint32Array(count)
  let taken = 0
  for (let at = 0; at < plan.count; at++) {
    const before = Math.floor((at * count) / plan.count + phase)
    const after = Math.floor(((at + 1) * count) / plan.count + phase)
    if (after > before) chosen[taken++] = (keyed[at] ?? 0) % 2 ** 24
  }
  return chosen.sort()
}
