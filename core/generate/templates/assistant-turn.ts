import type { Stage, TurnTechnique } from '../../dialogue/vocabulary.ts'
import { integer, weighted } from '../random.ts'
import type { FactOrAct } from './bank-schema.ts'
import { factBit, factsOf, type AssistantFrame, type OwnFrame } from './banks.ts'
import { echoable, expand, type Conversation } from './conversation.ts'
import { FACT_NAMES, isFactName } from './facts.ts'
import { leastUsed, meets, type FramePools, type Usage } from './frame-pool.ts'

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
/** How often one fact is echoed in a dialogue before it wears out. */
const MOST_ECHOES = 2

export interface Piece {
  text: string
  techniques: TurnTechnique[]
  id: string
  says: number
}

/** One reply: what it heard first, then what it asks; undefined when the banks have nothing that fits. */
export function assistantTurn(
  conversation: Conversation,
  prompt: AssistantPrompt,
  context: AssistantTurnContext,
  echoes: Echoes,
): AssistantTurn | undefined {
  const pieces: Piece[] = []
  const forward =
    prompt.closes === true ? closing(conversation, prompt, context) : question(conversation, prompt, context, echoes)
  if (forward === undefined) return undefined
  const taken = forward.says
  const first = response(conversation, prompt, context, echoes, taken, new Set())
  if (first !== undefined) pieces.push(first)
  const sentences = (): number => sentencesIn([...pieces, forward].map(({ text }) => text).join(' '))
  if (first === undefined || sentences() < 2 || (sentences() <= MOST_SENTENCES - 1 && conversation.rng() < 0.3)) {
    const second = response(
      conversation,
      prompt,
      context,
      echoes,
      taken | (first?.says ?? 0),
      new Set(first?.techniques),
    )
    if (second !== undefined && sentences() + sentencesIn(second.text) <= MOST_SENTENCES) pieces.push(second)
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

/** How often each fact has come back from the assistant. */
export class Echoes {
  readonly #count = new Uint8Array(FACT_NAMES.length)
  #worn = 0

  note(bits: number): void {
    for (const name of factsOf(bits)) {
      const at = FACT_NAMES.indexOf(name)
      this.#count[at] = (this.#count[at] ?? 0) + 1
      if ((this.#count[at] ?? 0) >= MOST_ECHOES && name !== 'topic' && name !== 'feelings') this.#worn |= factBit(name)
    }
  }

  /** Bits of facts that have been echoed often enough. */
  worn(): number {
    return this.#worn
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
): Piece | undefined {
  const { asks } = prompt
  if (asks === undefined) return undefined
  const own = isFactName(asks) ? conversation.bundle.questions[asks] : undefined
  const mayUseOwn = (conversation.told & factBit('trigger')) !== 0 && conversation.rng() < 0.5
  const chosen = mayUseOwn && own !== undefined ? unspent(conversation, own) : undefined
  if (chosen !== undefined) return { text: chosen.text, techniques: ['open_question'], id: chosen.id, says: 0 }
  const available = echoable(conversation) & ~echoes.worn()
  const frame = leastUsed(
    pools.ask(asks),
    (one) =>
      (one.needs & ~available) === 0 && hears(one, prompt, conversation) && meets(one, conversation, prompt.stage),
    usage,
    conversation,
  )
  return frame === undefined ? undefined : spoken(conversation, frame)
}

function hears(frame: AssistantFrame, { heard }: AssistantPrompt, conversation: Conversation): boolean {
  if (frame.hears === undefined) return true
  if (frame.hears.has(heard)) return true
  for (const name of frame.hears) if (isFactName(name) && (conversation.heard & factBit(name)) !== 0) return true
  return false
}

export function response(
  conversation: Conversation,
  prompt: AssistantPrompt,
  context: AssistantTurnContext,
  echoes: Echoes,
  taken: number,
  not: ReadonlySet<TurnTechnique>,
): Piece | undefined {
  const { rng } = conversation
  const heard = heardNames(conversation, prompt)
  const left = new Map(context.respond.filter(([technique]) => !not.has(technique)))
  // A summary may be long; any other echo of a long clause is parroting.
  const short = echoable(conversation) & ~echoes.worn() & ~(taken & ~TOPIC & ~FEELINGS)
  const brief = short & ~conversation.lengthy
  while (left.size > 0) {
    const technique = weighted(rng, left)
    if (technique === undefined) return undefined
    left.delete(technique)
    const available = technique === 'summary' ? short : brief
    if (technique === 'complex_reflection') {
      const own = ownReflection(conversation, heard)
      if (own !== undefined) return { text: own.text, techniques: [technique], id: own.id, says: 0 }
    }
    // Frames for what was just heard come first; those for anything only now and then, or when there are none.
    const pools = heard.map((name) => context.pools.respond(technique, name)).filter((pool) => pool.length > 0)
    const anything = context.pools.respond(technique, 'any')
    const order = rng() < 0.8 ? [...pools, anything] : [anything, ...pools]
    for (const pool of order) {
      const frame = leastUsed(
        pool,
        (one) => (one.needs & ~available) === 0 && meets(one, conversation, prompt.stage),
        context.usage,
        conversation,
      )
      if (frame !== undefined) return spoken(conversation, frame)
    }
  }
  return undefined
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
): Piece | undefined {
  const available = echoable(conversation)
  const fits = (one: AssistantFrame): boolean =>
    (one.needs & ~available) === 0 && meets(one, conversation, prompt.stage)
  const pool =
    (conversation.told & factBit('step')) !== 0 && conversation.rng() < 0.6
      ? pools.respond('between_session_step', 'any')
      : []
  const frame =
    leastUsed(pool, fits, usage, conversation) ?? leastUsed(pools.respond('closing', 'any'), fits, usage, conversation)
  if (frame === undefined) return undefined
  const piece = spoken(conversation, frame)
  return piece
}
