import type { Stage, TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { Rng } from '../../ports.ts'
import { integer, weighted } from '../random.ts'
import type { FactOrAct } from './bank-schema.ts'
import { factBit, factsOf, type AssistantFrame, type OwnFrame } from './banks.ts'
import { echoable, expand, type Conversation } from './conversation.ts'
import { FACT_NAMES, isFactName, type FactName } from './facts.ts'
import { leastUsed, lookUpLeastUsed, meets, type FramePools, type RespondingFrames, type Usage } from './frame-pool.ts'

export interface AssistantTurn {
  text: string
  stage: Stage
  techniques: TurnTechnique[]
  template_ids: string[]
  asks: FactOrAct | undefined
  reflected: boolean
}

export interface AssistantTurnContext {
  pools: FramePools
  usage: Usage
  respond: readonly (readonly [TurnTechnique, number])[]
}

export interface AssistantPrompt {
  stage: Stage
  asks: FactOrAct | undefined
  /** What the client's last turn gave. */
  heard: FactOrAct
  /** The technique that ends the session, for the last turn. */
  closes?: boolean
}

export const REFLECTIONS: ReadonlySet<TurnTechnique> = new Set([
  'simple_reflection',
  'complex_reflection',
  'reflection_of_feelings',
  'restatement',
  'summary',
])

/** House rule: two to four sentences a reply. */
const MOST_SENTENCES = 4
/** How often one fact is echoed in a dialogue before it wears out; what it is all about may come up more often. */
const MOST_ECHOES: Readonly<Partial<Record<FactName, number>>> = { topic: 6, feelings: 4 }
const MOST_ECHOES_OTHERWISE = 2

export interface Piece {
  text: string
  techniques: TurnTechnique[]
  id: string
  says: number
  /** Written for this very bundle. */
  own?: boolean
}

/**
 * How much a reply says. Supervisors' replies differ in length far more than a program's left to itself (standard deviation
 * 17-18 words against 9-10, clinical guide 5.2); within two to four sentences this is the way to differ.
 */
type Size = 'short' | 'medium' | 'long'
const SIZES: readonly (readonly [Size, number])[] = [
  ['short', 36],
  ['medium', 24],
  ['long', 40],
]
/** Words of a piece that a reply of this size would rather not go beyond, or stay under. */
const WORDS_OF_A_PIECE: Readonly<Record<Size, { from: number; to: number }>> = {
  short: { from: 0, to: 8 },
  medium: { from: 0, to: 40 },
  long: { from: 15, to: 60 },
}
/** How often a reflection written for this very bundle goes before a frame: nothing fits better, and nobody else gets it. */
const PREFERS_OWN: Readonly<Record<Size, number>> = { short: 0.45, medium: 0.9, long: 0.95 }
const PREFERS_OWN_QUESTION = 0.8

/** Uses that a piece of the wrong size is held back by. */
const WRONG_SIZE = 2.5
/** Uses that a frame for anything is held back by where there are frames for just this. */
const UNSPECIFIC = 0.8

function sizeHandicap(size: Size): (frame: AssistantFrame) => number {
  const { from, to } = WORDS_OF_A_PIECE[size]
  return ({ words }) => (words < from || words > to ? WRONG_SIZE : 0)
}

/** One reply: what it heard first, then what it asks; undefined when the banks have nothing that fits. */
export function assistantTurn(
  conversation: Conversation,
  prompt: AssistantPrompt,
  context: AssistantTurnContext,
  echoes: Echoes,
): AssistantTurn | undefined {
  const pieces: Piece[] = []
  const size = weighted(conversation.rng, SIZES) ?? 'medium'
  const forward =
    prompt.closes === true
      ? closing(conversation, prompt, context, size)
      : question(conversation, prompt, context, echoes, size)
  if (forward === undefined) return undefined
  const taken = forward.says
  const first = response(conversation, prompt, context, echoes, { taken, not: new Set(), size, specific: false })
  // "Did I get that right?" needs something to get right.
  if (first === undefined && prompt.asks === 'feedback') return undefined
  if (first !== undefined) pieces.push(first)
  const sentences = (): number => sentencesIn([...pieces, forward].map(({ text }) => text).join(' '))
  const more = MOST_RESPONSES[size] - (prompt.asks === 'feedback' ? 1 : 0)
  while (
    sentences() < MOST_SENTENCES &&
    (sentences() < 2 ||
      pieces.length < more ||
      (size === 'medium' && pieces.length === 1 && !pieces.some(isReflection)))
  ) {
    const next = response(conversation, prompt, context, echoes, {
      taken: pieces.reduce((bits, { says }) => bits | says, taken),
      not: techniquesDone(context, pieces),
      size,
      specific: pieces.length > 0,
    })
    if (next === undefined || sentences() + sentencesIn(next.text) > MOST_SENTENCES) break
    pieces.push(next)
  }
  pieces.push(forward)
  for (const { says } of pieces) echoes.note(says)
  return {
    text: pieces.map(({ text }) => text).join(' '),
    stage: prompt.stage,
    techniques: [...new Set(pieces.flatMap(({ techniques }) => techniques))],
    template_ids: pieces.map(({ id }) => id),
    asks: prompt.asks,
    reflected: pieces.some(({ techniques }) => techniques.some((technique) => REFLECTIONS.has(technique))),
  }
}

/** Responses before the question; a short reply has one. */
const MOST_RESPONSES: Readonly<Record<Size, number>> = { short: 1, medium: 1, long: 3 }

/** Saying a thing back is said once a reply, in whichever way; a reflection written for the bundle says it best. */
const SAYS_BACK: readonly TurnTechnique[] = ['simple_reflection', 'restatement']

/** A technique comes once a reply; where none of them reflects yet, the next one does. */
function techniquesDone({ respond }: AssistantTurnContext, pieces: readonly Piece[]): ReadonlySet<TurnTechnique> {
  const done = new Set(pieces.flatMap(({ techniques }) => techniques))
  if (pieces.length === 0) return done
  done.add('greeting')
  if (pieces.some(({ own }) => own === true) || SAYS_BACK.some((technique) => done.has(technique)))
    for (const technique of SAYS_BACK) done.add(technique)
  if (!pieces.some(isReflection))
    for (const [technique] of respond) if (!REFLECTIONS.has(technique)) done.add(technique)
  return done
}

function isReflection({ techniques }: Piece): boolean {
  return techniques.some((technique) => REFLECTIONS.has(technique))
}

/** How often each fact has come back from the assistant. */
export interface Echoes {
  note(bits: number): void
  /** Bits of facts that have been echoed often enough. */
  worn(): number
}

export function createEchoes(): Echoes {
  const count = new Uint8Array(FACT_NAMES.length)
  let worn = 0
  return {
    note(bits) {
      for (const name of factsOf(bits)) {
        const at = FACT_NAMES.indexOf(name)
        count[at] = (count[at] ?? 0) + 1
        if ((count[at] ?? 0) >= (MOST_ECHOES[name] ?? MOST_ECHOES_OTHERWISE)) worn |= factBit(name)
      }
    },
    worn: () => worn,
  }
}
const TOPIC = factBit('topic')
const FEELINGS = factBit('feelings')

export function sentencesIn(text: string): number {
  return text.match(/[.!?…]+["')]*(?=\s|$)/g)?.length ?? (text === '' ? 0 : 1)
}

function spoken(conversation: Conversation, frame: AssistantFrame): Piece {
  const { text, says } = expand(frame, conversation, { speaker: 'assistant', available: echoable(conversation) })
  return { text, techniques: [frame.technique], id: frame.id, says }
}

export function question(
  conversation: Conversation,
  prompt: AssistantPrompt,
  { pools, usage }: AssistantTurnContext,
  echoes: Echoes,
  size: Size = 'medium',
): Piece | undefined {
  const { asks } = prompt
  if (asks === undefined) return undefined
  const own = isFactName(asks) ? conversation.bundle.questions[asks] : undefined
  const mayUseOwn = (conversation.told & factBit('trigger')) !== 0 && conversation.rng() < PREFERS_OWN_QUESTION
  const chosen = mayUseOwn && own !== undefined ? unspent(conversation, own) : undefined
  if (chosen !== undefined) return { text: chosen.text, techniques: ['open_question'], id: chosen.id, says: 0 }
  const available = echoable(conversation) & ~echoes.worn()
  const frame = leastUsed(
    pools.ask(asks),
    (one) =>
      (one.needs & ~available) === 0 && hears(one, prompt, conversation) && meets(one, conversation, prompt.stage),
    usage,
    conversation,
    sizeHandicap(size),
  )
  return frame === undefined ? undefined : spoken(conversation, frame)
}

function hears(frame: AssistantFrame, { heard }: AssistantPrompt, conversation: Conversation): boolean {
  if (frame.hears === undefined) return true
  if (frame.hears.has(heard)) return true
  for (const name of frame.hears) if (isFactName(name) && (conversation.heard & factBit(name)) !== 0) return true
  return false
}

export interface Responding {
  /** Bits of facts that stand in the reply already. */
  taken: number
  /** Techniques that stand in the reply already. */
  not: ReadonlySet<TurnTechnique>
  size: Size
  /** Only frames for what was heard: a second remark in general would be filling. */
  specific: boolean
}

export function response(
  conversation: Conversation,
  prompt: AssistantPrompt,
  context: AssistantTurnContext,
  echoes: Echoes,
  { taken, not, size, specific }: Responding = { taken: 0, not: new Set(), size: 'medium', specific: false },
): Piece | undefined {
  const heard = heardNames(conversation, prompt)
  // A summary may be long; any other echo of a long clause is parroting.
  const short = echoable(conversation) & ~echoes.worn() & ~(taken & ~TOPIC & ~FEELINGS)
  const brief = short & ~conversation.lengthy
  const reflects =
    !not.has('complex_reflection') && context.respond.some(([technique]) => technique === 'complex_reflection')
  if (reflects && conversation.rng() < PREFERS_OWN[size]) {
    const own = ownReflection(conversation, heard)
    if (own !== undefined) return { text: own.text, techniques: ['complex_reflection'], id: own.id, says: 0, own: true }
  }
  const candidates: { technique: TurnTechnique; weight: number; pool: RespondingFrames }[] = []
  for (const [technique, weight] of context.respond) {
    if (not.has(technique)) continue
    const found = poolFor(context.pools, technique, heard)
    const pool = specific ? { frames: found.frames.slice(0, found.specific), specific: found.specific } : found
    // A technique with few frames for this would say the same things over and over.
    if (pool.frames.length > 0) candidates.push({ technique, weight: weight * Math.sqrt(pool.frames.length), pool })
  }
  const bySize = sizeHandicap(size)
  let worn: AssistantFrame | undefined
  while (candidates.length > 0) {
    const candidate = takeWeighted(conversation.rng, candidates)
    if (candidate === undefined) break
    const { technique, pool } = candidate
    const available = technique === 'summary' ? short : brief
    const frame = lookUpLeastUsed(
      pool.frames,
      (one) => (one.needs & ~available) === 0 && meets(one, conversation, prompt.stage),
      context.usage,
      conversation,
      (one) => bySize(one) + (one.hears === undefined && pool.specific > 0 ? UNSPECIFIC : 0),
    )
    if (frame === undefined) continue
    worn ??= frame
    if (context.usage.isWorn(frame.number)) continue
    worn = frame
    break
  }
  if (worn === undefined) return undefined
  context.usage.use(worn.number)
  return spoken(conversation, worn)
}

/** Frames for the first of the things heard that the technique has any for. */
function poolFor(pools: FramePools, technique: TurnTechnique, heard: readonly FactOrAct[]): RespondingFrames {
  let first: RespondingFrames | undefined
  for (const name of heard) {
    const pool = pools.respond(technique, name)
    if (pool.specific > 0) return pool
    first ??= pool
  }
  return first ?? { frames: pools.any(technique), specific: 0 }
}

/** One by weight, taken out of the list. */
function takeWeighted<T extends { weight: number }>(rng: Rng, list: T[]): T | undefined {
  let at = rng() * list.reduce((sum, { weight }) => sum + weight, 0)
  let index = list.findIndex(({ weight }) => (at -= weight) < 0)
  if (index < 0) index = list.length - 1
  return list.splice(index, 1)[0]
}

/** What was asked for and given first, then the other facts of the client's turn. */
function heardNames(conversation: Conversation, { heard }: AssistantPrompt): FactOrAct[] {
  if (heard === 'withheld') return ['withheld']
  return [heard, ...factsOf(conversation.heard).filter((name) => name !== heard)]
}

/** A reflection written for this very bundle; it may presuppose the trigger, so the trigger must have been told. */
function ownReflection(conversation: Conversation, heard: readonly FactOrAct[]): OwnFrame | undefined {
  if ((conversation.told & factBit('trigger')) === 0) return undefined
  for (const name of heard) {
    if (!isFactName(name)) continue
    const chosen = unspent(conversation, conversation.bundle.reflections[name] ?? [])
    if (chosen !== undefined) return chosen
  }
  return undefined
}

function unspent(conversation: Conversation, own: readonly OwnFrame[]): OwnFrame | undefined {
  const left = own.filter(({ id }) => !conversation.spent.has(id))
  const chosen = left[integer(conversation.rng, Math.max(1, left.length))]
  if (chosen !== undefined) conversation.spent.add(chosen.id)
  return chosen
}

function closing(
  conversation: Conversation,
  prompt: AssistantPrompt,
  { pools, usage }: AssistantTurnContext,
  size: Size,
): Piece | undefined {
  const available = echoable(conversation)
  const fits = (one: AssistantFrame): boolean =>
    (one.needs & ~available) === 0 && meets(one, conversation, prompt.stage)
  const toStep = (conversation.told & factBit('step')) !== 0 && conversation.rng() < 0.6
  const pool = toStep ? pools.any('between_session_step') : []
  const bySize = sizeHandicap(size)
  const frame =
    leastUsed(pool, fits, usage, conversation, bySize) ??
    leastUsed(pools.any('closing'), fits, usage, conversation, bySize)
  return frame === undefined ? undefined : spoken(conversation, frame)
}
