import {
  CONCERN_GROUPS,
  concernGroup,
  RISK_LEVELS,
  SESSION_TYPES,
  type ConcernGroup,
  type RiskLevel,
  type SessionType,
} from '../dialogue/vocabulary.ts'
import { integer, rngFamily, rngFrom, weighted } from './random.ts'
import { checkConcerns, type GenerationRequest } from './request.ts'
import { largestRemainder, rescaleShares, targetWith } from './target.ts'
import { ARCS, VOICES, type Arc, type Voice } from './templates/facts.ts'
import { VOICE_SHARES } from './templates/voice.ts'

/** What one dialogue shall be, before a word of it is written. */
export interface PlannedDialogue {
  index: number
  session_type: SessionType
  concern: string
  group: ConcernGroup
  risk: RiskLevel
  imminent: boolean
  voice: Voice
  arc: Arc
  /** Messages wanted: even, each client turn is answered. */
  messages: number
}

export interface Plan {
  count: number
  random_seed: number
  at(index: number): PlannedDialogue
  /** Dialogues by value of each dimension, as the quotas ask for. */
  quotas: {
    session_type: ReadonlyMap<SessionType, number>
    concern: ReadonlyMap<string, number>
    group: ReadonlyMap<ConcernGroup, number>
    risk: ReadonlyMap<RiskLevel, number>
  }
}

/** What the plan takes from a seed file. */
export interface PlanSeeds {
  /** Concerns of the seeds, each once. */
  concerns: readonly string[]
  /** Numbers of messages by session type, one entry a seed. */
  lengths: ReadonlyMap<SessionType, readonly number[]>
}

/** What the plan takes from the banks. */
export interface PlanBanks {
  situations: ReadonlyMap<string, unknown>
  paths: ReadonlyMap<SessionType, { lengths: ReadonlyMap<number, number> }>
}

/** Fewer seeds of a session type than this say nothing about lengths: then those of the path are drawn (clinical guide 4.4). */
export const SEEDS_FOR_LENGTHS = 8

/**
 * Shares of arcs: 10-15 % partial or stuck. The literature cannot set it (its corpora were filtered for sessions that help); clinicians can.
 */
export const ARC_SHARES: ReadonlyMap<Arc, number> = new Map([
  ['improves', 87],
  ['partial', 8],
  ['stuck', 5],
])
/** Of the dialogues at level high. */
const IMMINENT_SHARE = 1 / 3

/** Used when a request names none; a request, seeds and a random seed name one set of bytes. */
export const DEFAULT_RANDOM_SEED = 1

/**
 * The whole plan, exact before anything is written: every share of session type, concern and risk is met to less than
 * one dialogue (largest remainder), and the three are spread over each other evenly. A few bytes a dialogue.
 * Throws InputError for a concern that nobody knows.
 */
export function planDialogues(request: GenerationRequest, seeds: PlanSeeds | undefined, banks: PlanBanks): Plan {
  const count = request.count
  const random_seed = request.random_seed ?? DEFAULT_RANDOM_SEED
  checkConcerns(request, [
    ...(seeds?.concerns ?? []),
    ...[...banks.situations.keys()].filter((concern) => concern !== 'any'),
  ])
  const target = targetWith(request.target ?? {})
  const sessionCounts = largestRemainder(rescaleShares(target.session_type, request.session_types), count)
  const riskCounts = largestRemainder(rescaleShares(target.risk, undefined), count)
  const { concerns, concernCounts, groupCounts } = planConcerns(request, seeds, banks, target.concern, count)

  // Sorted by session type, concerns spread evenly over that; sorted by both, risk spread evenly over that.
  const session = new Uint8Array(count)
  fillRuns(
    session,
    SESSION_TYPES.map((type) => sessionCounts.get(type) ?? 0),
  )
  const concern = new Uint16Array(count)
  fillSpread(
    concern,
    concerns.map((name) => concernCounts.get(name) ?? 0),
  )
  const order = sortedBy(count, (index) => (session[index] ?? 0) * concerns.length + (concern[index] ?? 0))
  const risk = spreadOver(
    order,
    RISK_LEVELS.map((level) => riskCounts.get(level) ?? 0),
  )
  const arcCounts = largestRemainder(ARC_SHARES, count)
  const voiceCounts = largestRemainder(VOICE_SHARES, count)
  const shuffled = permutation(count, random_seed, 'arcs')
  const arc = spreadOver(
    shuffled,
    ARCS.map((name) => arcCounts.get(name) ?? 0),
  )
  const voice = spreadOver(
    permutation(count, random_seed, 'voices'),
    VOICES.map((name) => voiceCounts.get(name) ?? 0),
  )
  const imminent = imminentOnes(shuffled, risk)
  const lengths = lengthsOf(random_seed, seeds, banks)
  const place = permutation(count, random_seed, 'order')

  return {
    count,
    random_seed,
    quotas: { session_type: sessionCounts, concern: concernCounts, group: groupCounts, risk: riskCounts },
    at(index) {
      const at = place[index] ?? 0
      const session_type = SESSION_TYPES[session[at] ?? 0] ?? 'gentle_deep'
      const name = concerns[concern[at] ?? 0] ?? 'other'
      return {
        index,
        session_type,
        concern: name,
        group: concernGroup(name).group,
        risk: RISK_LEVELS[risk[at] ?? 0] ?? 'none',
        imminent: imminent.has(at),
        voice: VOICES[voice[at] ?? 0] ?? 'plain',
        arc: ARCS[arc[at] ?? 0] ?? 'improves',
        messages: lengths(session_type, index),
      }
    },
  }
}

/**
 * Named concerns share what their groups have among those named. When none is named, every group has its share, and within
 * a group the concerns of the seeds stand for it; a group without seeds is filled by the concerns that have a bank.
 */
function planConcerns(
  request: GenerationRequest,
  seeds: PlanSeeds | undefined,
  banks: PlanBanks,
  shares: Readonly<Record<ConcernGroup, number>>,
  count: number,
): { concerns: string[]; concernCounts: Map<string, number>; groupCounts: Map<ConcernGroup, number> } {
  const byGroup = new Map<ConcernGroup, string[]>()
  const add = (concern: string): void => {
    const { group } = concernGroup(concern)
    const list = byGroup.get(group) ?? []
    if (!list.includes(concern)) byGroup.set(group, [...list, concern])
  }
  if (request.concerns !== undefined) for (const concern of request.concerns) add(concern)
  else {
    for (const concern of seeds?.concerns ?? []) add(concern)
    for (const group of CONCERN_GROUPS) {
      if (byGroup.has(group)) continue
      const banked = [...banks.situations.keys()].filter(
        (concern) => concern !== 'any' && concernGroup(concern).group === group,
      )
      for (const concern of banked.length > 0 ? banked.sort() : [group]) add(concern)
    }
  }
  const groups = CONCERN_GROUPS.filter((group) => byGroup.has(group))
  const groupShares = rescaleShares(shares, request.concerns === undefined ? undefined : groups)
  const groupCounts = largestRemainder(groupShares, count)
  const concernCounts = new Map<string, number>()
  for (const [group, total] of groupCounts) {
    const within = byGroup.get(group) ?? [group]
    for (const [concern, number] of largestRemainder(new Map(within.map((name) => [name, 1])), total))
      concernCounts.set(concern, number)
  }
  return { concerns: [...concernCounts.keys()], concernCounts, groupCounts }
}

function lengthsOf(
  random_seed: number,
  seeds: PlanSeeds | undefined,
  banks: PlanBanks,
): (session: SessionType, index: number) => number {
  const drawn = new Map<SessionType, readonly (readonly [number, number])[]>()
  for (const session of SESSION_TYPES) {
    const seen = seeds?.lengths.get(session) ?? []
    const own =
      seen.length >= SEEDS_FOR_LENGTHS
        ? countsOf(seen.map((length) => Math.max(4, length + (length % 2))))
        : banks.paths.get(session)?.lengths
    drawn.set(
      session,
      [...(own ?? new Map([[8, 1]]))].sort(([a], [b]) => a - b),
    )
  }
  const rngOf = rngFamily(random_seed, 'length')
  return (session, index) => weighted(rngOf(index), drawn.get(session) ?? []) ?? 8
}

function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function fillRuns(into: Uint8Array, counts: readonly number[]): void {
  let at = 0
  counts.forEach((count, value) => {
    into.fill(value, at, at + count)
    at += count
  })
}

/**
 * Values in the given numbers, each spread as evenly as it can be (smooth weighted round robin): every stretch of the
 * result holds each value in nearly its share, which is what makes the shares of two dimensions independent.
 */
function fillSpread(into: Uint8Array | Uint16Array, counts: readonly number[]): void {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const credit = new Float64Array(counts.length)
  const left = [...counts]
  for (let at = 0; at < into.length; at++) {
    let best = -1
    for (let value = 0; value < counts.length; value++) {
      if ((left[value] ?? 0) === 0) continue
      credit[value] = (credit[value] ?? 0) + (counts[value] ?? 0)
      if (best < 0 || (credit[value] ?? 0) > (credit[best] ?? 0)) best = value
    }
    if (best < 0) return
    credit[best] = (credit[best] ?? 0) - total
    left[best] = (left[best] ?? 0) - 1
    into[at] = best
  }
}

function spreadOver(order: Uint32Array, counts: readonly number[]): Uint8Array {
  const spread = new Uint8Array(order.length)
  fillSpread(spread, counts)
  const placed = new Uint8Array(order.length)
  order.forEach((at, step) => {
    placed[at] = spread[step] ?? 0
  })
  return placed
}

function sortedBy(count: number, key: (index: number) => number): Uint32Array {
  const keyed = new Float64Array(count)
  for (let index = 0; index < count; index++) keyed[index] = key(index) * 2 ** 24 + index
  keyed.sort()
  return Uint32Array.from(keyed, (value) => value % 2 ** 24)
}

function permutation(count: number, random_seed: number, name: string): Uint32Array {
  const rng = rngFrom(random_seed, 'plan', name)
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = integer(rng, last + 1)
    const kept = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = kept
  }
  return order
}

function imminentOnes(order: Uint32Array, risk: Uint8Array): Set<number> {
  const high = [...order].filter((at) => RISK_LEVELS[risk[at] ?? 0] === 'high')
  return new Set(high.slice(0, Math.round(high.length * IMMINENT_SHARE)))
}
