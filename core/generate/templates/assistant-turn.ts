import { TURN_TECHNIQUES, type Stage, type TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { Rng } from '../../ports.ts'
import { weighted } from '../random.ts'
import type { FactOrAct } from './bank-schema.ts'
import { factBit, factsOf, type AssistantFrame, type OwnFrame } from './banks.ts'
import { echoable, expandUnsaid, type Conversation } from './conversation.ts'
import { actBit, bitsByName, draw, lookUp, type Deck } from './deck.ts'
import type { Echoes } from './echoes.ts'
import { isFactName } from './facts.ts'
import type { FramePools } from './frame-pool.ts'
import { MOST_OWN, ownQuestion, ownReflection, PREFERS_OWN } from './own-sentences.ts'
import { sized, SIZES, type Size } from './reply-size.ts'
import { sentencesIn } from './sentences.ts'
import type { Usage } from './usage.ts'

export interface AssistantTurn {
  text: string
  stage: Stage
  techniques: TurnTechnique[]
  template_ids: string[]
  asks: FactOrAct | undefined
  /** It holds a reflection that was written for this very life. */
  own: boolean
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
const FEWEST_SENTENCES = 2
const MOST_SENTENCES = 4

export interface Piece {
  text: string
  techniques: readonly TurnTechnique[]
  id: string
  /** Bits of the facts that stand in it. */
  says: number
  sentences: number
  /** Bit of the fact that it was written for, in this very bundle. */
  own?: number
  /** It stands before the others. */
  first?: boolean
  /** Another session of the run has said a sentence of it. */
  said?: boolean
}

/** Uses that a frame for anything is held back by where there are frames for just this. */
const UNSPECIFIC = 0.8

const TECHNIQUE_BITS = bitsByName(TURN_TECHNIQUES)
function bitOf(technique: TurnTechnique): number {
  return TECHNIQUE_BITS[technique] ?? 0
}
function bitsOf(techniques: Iterable<TurnTechnique>): number {
  let bits = 0
  for (const technique of techniques) bits |= bitOf(technique)
  return bits
}
const REFLECTION_BITS = bitsOf(REFLECTIONS)

/** One reply: what it heard first, then what it asks; undefined when the banks have nothing that fits. */
export function assistantTurn(
  conversation: Conversation,
  prompt: AssistantPrompt,
  context: AssistantTurnContext,
  echoes: Echoes,
): AssistantTurn | undefined {
  const size = weighted(conversation.rng, SIZES) ?? 'medium'
  const forward =
    prompt.closes === true
      ? closing(conversation, prompt, context, size)
      : question(conversation, prompt, context, echoes, size)
  if (forward === undefined) return undefined
  const pieces: Piece[] = []
  let { sentences } = forward
  let taken = forward.says | topicIn(forward.text, conversation)
  let techniques = 0
  let own = 0
  const add = (piece: Piece): void => {
    // A word about the number comes before anything else.
    if (piece.first === true) pieces.unshift(piece)
    else pieces.push(piece)
    sentences += piece.sentences
    taken |= piece.says | (piece.own ?? 0) | topicIn(piece.text, conversation)
    techniques |= bitsOf(piece.techniques)
    own |= piece.own ?? 0
  }
  const first = response(conversation, prompt, context, echoes, {
    ...{ taken, not: 0, own, size, specific: false },
    room: MOST_SENTENCES - sentences,
  })
  // "Did I get that right?" needs something to get right.
  if (first === undefined && prompt.asks === 'feedback') return undefined
  if (first !== undefined) add(first)
  // Before a goodbye one remark is enough: a row of them reads like a calendar.
  const more = prompt.closes === true ? 1 : MOST_RESPONSES[size] - (prompt.asks === 'feedback' ? 1 : 0)
  while (
    sentences < MOST_SENTENCES &&
    (sentences < FEWEST_SENTENCES ||
      pieces.length < more ||
      (size === 'medium' && prompt.closes !== true && pieces.length === 1 && (techniques & REFLECTION_BITS) === 0))
  ) {
    const next = response(conversation, prompt, context, echoes, {
      taken,
      not: techniquesDone(context, pieces, techniques),
      own,
      size,
      specific: pieces.length > 0 && sentences >= FEWEST_SENTENCES,
      room: MOST_SENTENCES - sentences,
    })
    if (next === undefined || sentences + next.sentences > MOST_SENTENCES) break
    add(next)
  }
  if (sentences < FEWEST_SENTENCES && prompt.stage !== 'close') {
    const more = anyResponse(conversation, prompt, context, taken, techniques)
    if (more !== undefined) add(more)
  }
  pieces.push(forward)
  techniques |= bitsOf(forward.techniques)
  for (const { says } of pieces) echoes.note(says)
  return {
    text: pieces.map(({ text }) => text).join(' '),
    stage: prompt.stage,
    techniques: [...new Set(pieces.flatMap((piece) => [...piece.techniques]))],
    template_ids: pieces.map(({ id }) => id),
    asks: prompt.asks,
    own: own !== 0,
  }
}

/** A text of the bundle's own may name the topic without a slot. */
function topicIn(text: string, { facts }: Conversation): number {
  const topic = facts.get('topic')
  return topic !== undefined && text.includes(topic.assistant) ? TOPIC : 0
}

/** Responses before the question; a short reply has one. */
const MOST_RESPONSES: Readonly<Record<Size, number>> = { short: 1, medium: 1, long: 3 }

/** Saying a thing back is said once a reply, in whichever way; a reflection written for the bundle says it best. */
const SAYS_BACK = bitsOf(['simple_reflection', 'restatement'])
const GREETING = bitOf('greeting')

/** A technique comes once a reply; where none of them reflects yet, the next one does. */
function techniquesDone({ respond }: AssistantTurnContext, pieces: readonly Piece[], techniques: number): number {
  let done = techniques
  if (pieces.length === 0) return done
  done |= GREETING
  if ((done & SAYS_BACK) !== 0 || pieces.some(({ own }) => own !== undefined)) done |= SAYS_BACK
  if ((techniques & REFLECTION_BITS) === 0)
    for (const [technique] of respond) if (!REFLECTIONS.has(technique)) done |= bitOf(technique)
  return done
}

const TOPIC = factBit('topic')

function spoken(conversation: Conversation, frame: AssistantFrame, usage: Usage): Piece {
  const options = { speaker: 'assistant', available: echoable(conversation) } as const
  const { text, says, said } = expandUnsaid(frame, conversation, options, usage)
  const first = frame.hears?.has('mood') === true || frame.hears?.has('rerate') === true
  return { text, techniques: [frame.technique], id: frame.id, says, sentences: sentencesIn(text), said, first }
}

/** A sentence that the bundle lends. */
function lent({ text, id }: OwnFrame, technique: TurnTechnique): Piece {
  return { text, techniques: [technique], id, says: 0, sentences: sentencesIn(text) }
}

export function question(
  conversation: Conversation,
  prompt: AssistantPrompt,
  { pools, usage }: AssistantTurnContext,
  echoes: Echoes,
  size: Size = 'medium',
  room = MOST_SENTENCES,
): Piece | undefined {
  const { asks } = prompt
  if (asks === undefined) return undefined
  const own = prompt.stage === 'safety' ? undefined : ownQuestion(conversation, asks, usage)
  if (own !== undefined) return lent(own, 'open_question')
  const deck = pools.ask(asks)
  const wanted = {
    available: echoable(conversation) & ~echoes.worn() & ~parroted(conversation),
    stage: prompt.stage,
    heardFacts: conversation.heard | (isFactName(prompt.heard) ? factBit(prompt.heard) : 0),
    heardActs: actBit(prompt.heard),
    room,
    ...sized(size),
  }
  return unsaid(deck, conversation, wanted, usage)
}

/** Draws until what comes out has not been said in this run, or twice in vain. */
function unsaid(
  deck: Deck<AssistantFrame>,
  conversation: Conversation,
  wanted: Parameters<typeof lookUp>[3],
  usage: Usage,
): Piece | undefined {
  let first: Piece | undefined
  for (let attempt = 0; attempt < DRAWS; attempt++) {
    const frame = draw(deck, usage, conversation, wanted)
    if (frame === undefined) break
    const piece = spoken(conversation, frame, usage)
    if (first !== undefined && piece.sentences > (wanted.room ?? MOST_SENTENCES)) break
    if (piece.said !== true) return piece
    first ??= piece
  }
  return first
}
const DRAWS = 3

export interface Responding {
  /** Bits of facts that stand in the reply already. */
  taken: number
  /** Bits of techniques that stand in the reply already. */
  not: number
  /** Bits of the facts for which a reflection of the bundle's own stands in it. */
  own: number
  size: Size
  /** Only frames for what was heard: a second remark in general would be filling. */
  specific: boolean
  /** Sentences that there is room for. */
  room: number
}

export function response(
  conversation: Conversation,
  prompt: AssistantPrompt,
  context: AssistantTurnContext,
  echoes: Echoes,
  { taken, not, own, size, specific, room }: Responding = {
    ...{ taken: 0, not: 0, own: 0, size: 'medium', specific: false },
    room: MOST_SENTENCES - 1,
  },
): Piece | undefined {
  const { rng } = conversation
  const { pools, usage } = context
  const heard = heardNames(conversation, prompt)
  // A summary may be long; any other echo of a long clause is parroting.
  const short = echoable(conversation) & ~echoes.worn() & ~taken
  const brief = short & ~conversation.lengthy & ~parroted(conversation)
  // What was written for this life knows nothing of a disclosure.
  const knowsEnough = prompt.stage !== 'close' || conversation.risk === 'none'
  const reflects =
    knowsEnough &&
    (own === 0 ? (not & COMPLEX) === 0 : size === 'long' && factsOf(own).length < MOST_OWN) &&
    context.respond.some(([technique]) => technique === 'complex_reflection')
  if (reflects && rng() < PREFERS_OWN[size]) {
    const found = ownReflection(conversation, heard, usage, { not: own, size, room })
    if (found !== undefined) return { ...lent(found.frame, 'complex_reflection'), own: factBit(found.name) }
  }
  const candidates: { technique: TurnTechnique; weight: number; deck: Deck<AssistantFrame>; size: number }[] = []
  for (const [technique, weight] of context.respond) {
    if ((not & bitOf(technique)) !== 0) continue
    const deck = deckFor(pools, technique, heard)
    // Praise in general is out of place where somebody has just said no.
    const size = specific || prompt.heard === 'withheld' ? deck.specific : deck.templates.length
    // A technique with few frames for this would say the same things over and over.
    if (size > 0) candidates.push({ technique, weight: weight * Math.sqrt(size), deck, size })
  }
  const words = sized(size)
  let worn: { piece: Piece; number: number } | undefined
  let draws = 0
  while (candidates.length > 0 && draws < DRAWS_OF_RESPONSES) {
    const candidate = takeWeighted(rng, candidates)
    if (candidate === undefined) break
    const { technique, deck, size } = candidate
    const frame = lookUp(deck, usage, conversation, {
      available: technique === 'summary' ? short : brief,
      stage: prompt.stage,
      ...words,
      room,
      first: size,
      unspecific: deck.specific > 0 ? UNSPECIFIC : 0,
    })
    if (frame === undefined) continue
    draws++
    const piece = spoken(conversation, frame, usage)
    if (piece.said === true || usage.isWorn(frame.number)) {
      worn ??= { piece, number: frame.number }
      continue
    }
    usage.use(frame.number)
    return piece
  }
  if (worn !== undefined) usage.use(worn.number)
  return worn?.piece
}
const COMPLEX = bitOf('complex_reflection')
const DRAWS_OF_RESPONSES = 4

/** What happened, told a moment ago, is not recited: a client who has just said it hears only that. */
function parroted({ heard }: Conversation): number {
  return heard & TRIGGER
}
const TRIGGER = factBit('trigger')

/** A few words of validation in general: a reply of one sentence is none. */
function anyResponse(
  conversation: Conversation,
  prompt: AssistantPrompt,
  { pools, usage }: AssistantTurnContext,
  taken: number,
  techniques: number,
): Piece | undefined {
  const available = echoable(conversation) & ~taken & ~conversation.lengthy
  for (const technique of LAST_RESORTS) {
    if ((techniques & bitOf(technique)) !== 0) continue
    const deck = deckFor(pools, technique, heardNames(conversation, prompt))
    const piece = unsaid(deck, conversation, { available, stage: prompt.stage }, usage)
    if (piece !== undefined) return piece
  }
  return undefined
}
const LAST_RESORTS = ['validation', 'simple_reflection', 'complex_reflection'] as const

/** Frames for the first of the things heard that the technique has any for. */
function deckFor(pools: FramePools, technique: TurnTechnique, heard: readonly FactOrAct[]): Deck<AssistantFrame> {
  let first: Deck<AssistantFrame> | undefined
  for (const name of heard) {
    const deck = pools.respond(technique, name)
    if (deck.specific > 0) return deck
    first ??= deck
  }
  return first ?? pools.any(technique)
}

/** One by weight, taken out of the list. */
function takeWeighted<T extends { weight: number }>(rng: Rng, list: T[]): T | undefined {
  let total = 0
  for (const { weight } of list) total += weight
  let at = rng() * total
  let index = list.findIndex(({ weight }) => (at -= weight) < 0)
  if (index < 0) index = list.length - 1
  return list.splice(index, 1)[0]
}

/** What was asked for and given first, then the other facts of the client's turn. */
function heardNames(conversation: Conversation, { heard }: AssistantPrompt): FactOrAct[] {
  if (heard === 'withheld') return ['withheld']
  return [heard, ...factsOf(conversation.heard).filter((name) => name !== heard)]
}

function closing(
  conversation: Conversation,
  prompt: AssistantPrompt,
  { pools, usage }: AssistantTurnContext,
  size: Size,
): Piece | undefined {
  const wanted = { available: echoable(conversation), stage: prompt.stage, ...sized(size) }
  const toStep = (conversation.told & STEP) !== 0 && conversation.rng() < NAMES_THE_STEP
  const first = toStep ? unsaid(pools.any('between_session_step'), conversation, wanted, usage) : undefined
  return first ?? unsaid(pools.any('closing'), conversation, wanted, usage)
}
const STEP = factBit('step')
/** How often a goodbye names the step that was found. */
const NAMES_THE_STEP = 0.8
