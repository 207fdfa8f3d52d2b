import type { Stage } from '../../dialogue/vocabulary.ts'
import { integer } from '../random.ts'
import type { FactOrAct } from './bank-schema.ts'
import { factBit, type ClientFrame } from './banks.ts'
import { expandUnsaid, tellable, tidy, type Conversation } from './conversation.ts'
import { draw } from './deck.ts'
import { FACTS, isFactName, type Voice } from './facts.ts'
import type { FramePools } from './frame-pool.ts'
import type { Usage } from './usage.ts'
import { MANNERS, typed, type Hand } from './voice.ts'

export interface ClientTurn {
  text: string
  template_ids: string[]
  /** Bits of the facts told in this turn. */
  says: number
  /** What the assistant has heard, by name; `withheld` when the question was not answered. */
  gave: FactOrAct
}

export interface ClientTurnContext {
  pools: FramePools
  usage: Usage
  hand: Hand
}

export interface ClientPrompt {
  gives: FactOrAct
  /** Stage of the assistant turn that asked; undefined for the first turn. */
  stage: Stage | undefined
  /** Bits of facts that will be asked for later and are not given away now. */
  later: number
  /** Bits of facts that the turn must tell, where there are frames that do. */
  must: number
  /** The assistant's last turn held a reflection that was written for this life. */
  reflected: boolean
  /** Something heavy follows: no colour, no asides. */
  plainly: boolean
}

/** One client turn that gives what was asked, in the client's voice; tells the conversation what has been told. */
export function clientTurn(
  conversation: Conversation,
  prompt: ClientPrompt,
  context: ClientTurnContext,
): ClientTurn | undefined {
  const manner = prompt.plainly ? NO_COLOUR : MANNERS[conversation.voice]
  const { rng } = conversation
  const ids: string[] = []
  let says = 0
  const say = (frame: ClientFrame): string => {
    const available = tellable(conversation) & ~prompt.later
    const expansion = expandUnsaid(frame, conversation, { speaker: 'client', available }, context.usage)
    says |= expansion.says
    ids.push(frame.id)
    return expansion.text
  }

  const withheld = withholds(conversation, prompt.gives)
  const gives = withheld ? 'withheld' : prompt.gives
  const main = mainFrame(conversation, { ...prompt, gives }, context)
  let words: string
  if (main === undefined || (!withheld && isBare(conversation, gives))) {
    const bare = isFactName(gives) ? conversation.facts.get(gives)?.client : undefined
    if (bare === undefined && main === undefined) return undefined
    if (bare === undefined && main !== undefined) words = say(main)
    else {
      words = tidy(`${bare}.`)
      says |= factBit(gives)
    }
  } else words = say(main)

  const first = prompt.stage === undefined
  const parts = [words]
  // Details belong to the story: they need it told, now or before.
  const story = ((conversation.told | says) & factBit('trigger')) !== 0
  if (story && DETAILED.has(gives) && rng() < manner.detail) addOwn(conversation, 'detail', parts, context.usage)
  if (
    !withheld &&
    !first &&
    isFactName(gives) &&
    rng() < manner.tangent &&
    addOwn(conversation, 'tangent', parts, context.usage)
  ) {
    const drift = sideFrame(conversation, 'drift', prompt, context)
    if (drift !== undefined) parts.push(say(drift))
  }
  let text = parts.join(' ')
  if (ASIDES_FIT.has(gives) && !BEGINS_LOOSELY.test(text) && rng() < manner.aside) {
    const aside = sideFrame(conversation, 'aside', prompt, context)
    if (aside !== undefined) text = wrapped(text, say(aside), conversation)
  }
  if (prompt.reflected && REACTIONS_FIT.has(gives) && !BEGINS_LOOSELY.test(text) && rng() < manner.reaction) {
    const reaction = sideFrame(conversation, 'reaction', prompt, context)
    if (reaction !== undefined) text = `${say(reaction)} ${text}`
  }
  conversation.told |= says
  conversation.heard = says
  return { text: typed(rng, text, context.hand), template_ids: ids, says, gave: gives }
}

const NO_COLOUR = { detail: 0, tangent: 0, aside: 0, reaction: 0 } as const

/** What a detail of the story can stand beside. */
const DETAILED: ReadonlySet<FactOrAct> = new Set(['trigger', 'focus', 'opening', 'checkin_opening', 'since', 'time'])

/** What "I suppose" and "sorry, long story" can stand beside; a plan or a number needs no hedge. */
const ASIDES_FIT: ReadonlySet<FactOrAct> = new Set([
  'opening', 'trigger', 'since', 'body', 'feelings', 'thought', 'meaning', 'origin', 'impact', 'coping', 'evidence_for', 'evidence_against',
  'exception', 'value', 'wish', 'strength',
]) // prettier-ignore

/** "Well, okay, so …": one run-up an answer. */
const BEGINS_LOOSELY =
  /^["'…]*(?:well|so|anyway|okay|ok|right|honestly|hm+|oh|ha|look|yes|yeah|no|maybe|perhaps|probably|funny|let me|that's easy|to be honest|I (?:think|guess|suppose|mean|don't know))\b/i

/** What may follow a few words to the reflection before it; a plan, a name or a time does not. */
const REACTIONS_FIT: ReadonlySet<FactOrAct> = new Set([
  'trigger', 'since', 'body', 'feelings', 'thought', 'meaning', 'origin', 'impact', 'coping', 'evidence_for', 'evidence_against', 'friend', 'value', 'wish',
  'strength', 'new_view',
]) // prettier-ignore

/** Some clients cannot answer some questions; in a stuck session nobody draws a new view out of them. */
function withholds({ rng, voice, arc }: Conversation, gives: FactOrAct): boolean {
  if (!isFactName(gives)) return false
  if (gives === 'new_view') return arc === 'stuck' || rng() < MANNERS[voice].withholds
  if (gives === 'evidence_against' || gives === 'friend')
    return rng() < (arc === 'stuck' ? 0.6 : MANNERS[voice].withholds)
  if (gives === 'meaning' || gives === 'origin' || gives === 'value' || gives === 'feelings')
    return rng() < MANNERS[voice].withholds
  return false
}

function isBare({ rng, voice }: Conversation, gives: FactOrAct): boolean {
  // "Sort the pile." would be an order, and "we sing outside." no answer to "when is it easier?".
  const stands =
    isFactName(gives) && FACTS[gives].type !== 'verb_phrase' && gives !== 'feelings' && gives !== 'exception'
  return stands && rng() < MANNERS[voice].bare
}

function mainFrame(
  conversation: Conversation,
  prompt: ClientPrompt,
  { pools, usage }: ClientTurnContext,
): ClientFrame | undefined {
  const own = isFactName(prompt.gives) ? factBit(prompt.gives) : 0
  const deck = pools.give(prompt.gives)
  const wanted = {
    available: tellable(conversation) & ~(prompt.later & ~own),
    stage: prompt.stage,
    most: WORDS_LIKED[conversation.voice],
    off: TOO_LONG,
  }
  const telling = prompt.must === 0 ? undefined : draw(deck, usage, conversation, { ...wanted, must: prompt.must })
  return telling ?? draw(deck, usage, conversation, wanted)
}

/** Words of a frame beyond which it does not sound like this client. */
const WORDS_LIKED: Readonly<Record<Voice, number>> = {
  plain: 30,
  verbose: 60,
  tangent: 40,
  upset: 17,
  reserved: 12,
  pleasing: 40,
}
/** Uses that such a frame is held back by. */
const TOO_LONG = 3

function sideFrame(
  conversation: Conversation,
  act: 'reaction' | 'aside' | 'drift',
  { stage, later }: ClientPrompt,
  { pools, usage }: ClientTurnContext,
): ClientFrame | undefined {
  return draw(pools.give(act), usage, conversation, { available: tellable(conversation) & ~later, stage })
}

/** A sentence of the bundle's own, once a session, and once a run as long as there are others. */
function addOwn(conversation: Conversation, kind: 'detail' | 'tangent', parts: string[], usage: Usage): boolean {
  const own = (conversation.bundle.facts[kind] ?? []).filter(
    ({ client }) => !conversation.spent.has(client) && !usage.hasSaid(client),
  )
  const chosen = own[integer(conversation.rng, Math.max(1, own.length))]
  if (chosen === undefined) return false
  conversation.spent.add(chosen.client)
  parts.push(tidy(`${chosen.client}.`))
  return true
}

/** "I don't know, …" goes before, "… if that makes sense." after; anything else is a sentence that follows. */
function wrapped(text: string, aside: string, { facts }: Conversation): string {
  if (/(…|\.\.\.)$/.test(aside)) {
    const start = aside.replace(/\s*(…|\.\.\.)$/, '')
    const rest = keepsCapital(text, facts) ? text : text.charAt(0).toLowerCase() + text.slice(1)
    return `${start} ${rest}`
  }
  if (/^(…|\.\.\.)/.test(aside)) {
    const end = aside.replace(/^(…|\.\.\.)\s*/, '')
    const plain = /^I\b/.test(end) ? end : end.charAt(0).toLowerCase() + end.slice(1)
    return /[?!"]$/.test(text) ? text : `${text.replace(/\.$/, '')}${/^[,;]/.test(plain) ? '' : ', '}${plain}`
  }
  return `${text} ${aside}`
}

/** *I*, an abbreviation, or a name: a fact that is written with a capital begins with one. */
function keepsCapital(text: string, facts: Conversation['facts']): boolean {
  if (/^(I\b|[A-Z]{2})/.test(text)) return true
  const [word = ''] = text.split(/[^\p{L}]/u)
  return [...facts.values()].some(({ client }) => client.startsWith(word))
}
