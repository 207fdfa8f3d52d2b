import * as z from 'zod'
import {
  SESSION_TYPES,
  STAGES,
  TURN_TECHNIQUES,
  type SessionType,
  type Stage,
  type TurnTechnique,
} from '../../dialogue/vocabulary.ts'
import type { Rng } from '../../ports.ts'
import { shuffle, weighted } from '../random.ts'
import { ACTS, FACT_NAMES, isFactName, type Act, type FactName } from './facts.ts'
import { factBit } from './banks.ts'

const Weights = z.record(z.string(), z.number().positive())

const BeatSchema = z.strictObject({
  stage: z.enum(STAGES),
  asks: z.enum([...FACT_NAMES, ...ACTS]),
  keep: z.number().int().positive().optional(),
  share: z.number().min(0).max(1).default(1),
  weight: z.number().positive().default(1),
  block: z.string().optional(),
  after: z.array(z.enum(FACT_NAMES)).optional(),
})
export type Beat = z.infer<typeof BeatSchema>

export const PathFileSchema = z
  .strictObject({
    session_type: z.enum(SESSION_TYPES),
    begins: z.enum(['opening', 'checkin_opening', 'need']),
    lengths: Weights,
    beats: z.array(BeatSchema),
    respond: z.partialRecord(z.enum(STAGES), z.partialRecord(z.enum(TURN_TECHNIQUES), z.number().positive())),
  })
  .transform(({ lengths, respond, ...rest }) => ({
    ...rest,
    /** Messages to weight; even numbers, since each client turn is answered. */
    lengths: new Map(Object.entries(lengths).map(([length, weight]) => [Number(length), weight] as const)),
    respond: new Map(
      STAGES.flatMap((stage) => {
        const weights = respond[stage]
        if (weights === undefined) return []
        const entries = TURN_TECHNIQUES.flatMap((technique) => {
          const weight = weights[technique]
          return weight === undefined ? [] : [[technique, weight] as const]
        })
        return [[stage, entries] as const]
      }),
    ),
  }))
export interface Path {
  session_type: SessionType
  begins: 'opening' | 'checkin_opening' | 'need'
  lengths: ReadonlyMap<number, number>
  beats: readonly Beat[]
  respond: ReadonlyMap<Stage, readonly (readonly [TurnTechnique, number])[]>
}

/** What else the beats of a session depend on. */
export interface Preferences {
  /** How often other sessions have told a fact in these words: what is new comes first. */
  tellingsOf?: (fact: FactName) => number
  /** Whether the bundle has a question of its own that asks for the fact. */
  hasQuestion?: (fact: FactName) => boolean
}

/**
 * The beats of one session: those that must be there first, then a weighted draw of the others, in the order of the path.
 * @param asks how many assistant turns ask something: half the messages, less the closing turn
 * @param told bits of the facts that the client's first turn has told already ({@link factBit})
 */
export function drawBeats(
  rng: Rng,
  path: Path,
  asks: number,
  told: number,
  { tellingsOf = () => 0, hasQuestion = () => false }: Preferences = {},
): Beat[] {
  const open = path.beats.filter(({ asks: what }) => !isTold(what, told))
  const must: Beat[] = []
  const may: Beat[] = []
  const wears = new Map<Beat, number>()
  const wear = (beat: Beat): number => {
    const known = wears.get(beat)
    if (known !== undefined) return known
    const { asks: what } = beat
    const worn = isFactName(what) && !ESSENTIAL.has(what) ? 1 / (1 + TELLING_COUNTS * tellingsOf(what)) : 1
    const liked = isFactName(what) && hasQuestion(what) ? worn * OWN_QUESTION_COUNTS : worn
    wears.set(beat, liked)
    return liked
  }
  for (const beat of open)
    (beat.keep !== undefined && (beat.share === 1 || rng() < beat.share * wear(beat)) ? must : may).push(beat)
  must.sort((a, b) => (a.keep ?? 0) - (b.keep ?? 0))
  const chosen = new Set<Beat>()
  const pool = new Set(may)
  const follows = ({ after }: Beat): boolean => after === undefined || after.some((fact) => hasFact(chosen, told, fact))
  for (const beat of must) {
    if (chosen.size >= asks) break
    if (follows(beat)) chosen.add(beat)
    else pool.add(beat)
  }
  while (chosen.size < asks && pool.size > 0) {
    const possible = [...pool].filter(follows)
    if (possible.length === 0) break
    const beat = weighted(
      rng,
      possible.map((one) => [one, one.weight * wear(one)] as const),
    )
    if (beat === undefined) break
    pool.delete(beat)
    chosen.add(beat)
  }
  return shuffleBlocks(
    rng,
    path.beats.filter((beat) => chosen.has(beat)),
  )
}

/** Without these there is no session, however often they have been told. */
const ESSENTIAL: ReadonlySet<FactName | Act> = new Set(['trigger', 'step'])
/** A question that was written for this very life is worth asking. */
const OWN_QUESTION_COUNTS = 2
/** A fact that one session has told is asked for a third as often in the next one about the same life. */
const TELLING_COUNTS = 2

function isTold(what: FactName | Act, told: number): boolean {
  if (what === 'mood') return (told & factBit('mood')) !== 0
  if (what === 'last') return (told & factBit('last_result')) !== 0
  if (what === 'focus') return (told & (factBit('trigger') | factBit('topic'))) !== 0
  return isFactName(what) && (told & factBit(what)) !== 0
}

function hasFact(chosen: ReadonlySet<Beat>, told: number, fact: FactName): boolean {
  if ((told & factBit(fact)) !== 0) return true
  for (const beat of chosen) if (beat.asks === fact) return true
  return false
}

function shuffleBlocks(rng: Rng, beats: Beat[]): Beat[] {
  const out: Beat[] = []
  for (let at = 0; at < beats.length;) {
    const block = beats[at]?.block
    let end = at + 1
    while (block !== undefined && end < beats.length && beats[end]?.block === block) end++
    out.push(...shuffle(rng, beats.slice(at, end)))
    at = end
  }
  return out
}
