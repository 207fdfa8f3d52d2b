import type { Intent, RiskLevel, SessionType, Stage, TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { RiskSignal } from '../../quality/rules/risk-signal-patterns.ts'
import { weighted } from '../random.ts'
import { safetyPassage, type SafetyExchange } from '../safety/protocol.ts'
import type { AnswerLine, Disclosure, ReplyLine, SafetyBank } from '../safety/safety-bank.ts'
import {
  assistantTurn,
  Echoes,
  question,
  response,
  sentencesIn,
  REFLECTIONS,
  type AssistantTurn,
  type Piece,
} from './assistant-turn.ts'
import type { FactOrAct } from './bank-schema.ts'
import { factBit, type Practice, type Template } from './banks.ts'
import { clientTurn, type ClientTurnContext } from './client-turn.ts'
import { echoable, expand, tellable, type Conversation } from './conversation.ts'
import { isFactName } from './facts.ts'
import { leastUsed, type FramePools, type Usage } from './frame-pool.ts'
import { intentOf } from './intents.ts'
import { drawBeats, type Beat, type Path } from './paths.ts'
import { typed, type Hand } from './voice.ts'

export interface DraftReply {
  role: 'assistant'
  text: string
  stage: Stage
  techniques: readonly TurnTechnique[]
  intent: Intent
  risk_level: RiskLevel
  asks: FactOrAct | undefined
}
export type DraftMessage = { role: 'user'; text: string } | DraftReply

/** A session as words, before labels, times and ids. */
export interface Draft {
  messages: DraftMessage[]
  template_ids: string[]
  practice: Practice | undefined
  disclosure: Disclosure | undefined
  signals: readonly RiskSignal[]
}

export interface SessionContext {
  path: Path
  pools: FramePools
  usage: Usage
  hand: Hand
  practices: readonly Practice[]
  /** Seeds by therapeutic technique: practices of these kinds come more often. */
  favoured: ReadonlyMap<string, number>
  safety: SafetyBank
  /** Crisis resources of the locale, by slot. */
  words: Readonly<Record<string, string>>
}

export interface SessionPlan {
  session_type: SessionType
  risk: RiskLevel
  imminent: boolean
  /** Messages wanted; a risk passage or a practice that did not help may take more. */
  messages: number
}

/** Thrown inside the writing of one session when the banks have nothing that fits; the attempt is given up. */
class NothingFits extends Error {}

/** Writes one session; undefined when the banks have nothing that fits somewhere. */
export function writeSession(
  conversation: Conversation,
  plan: SessionPlan,
  context: SessionContext,
): Draft | undefined {
  try {
    const writer = new SessionWriter(conversation, context)
    writer.client(context.path.begins, undefined, 0)
    if (plan.session_type === 'micro_practice') microPractice(writer, plan)
    else talk(writer, plan)
    return writer.draft
  } catch (error) {
    if (error instanceof NothingFits) return undefined
    throw error
  }
}

class SessionWriter {
  readonly draft: Draft = { messages: [], template_ids: [], practice: undefined, disclosure: undefined, signals: [] }
  readonly conversation: Conversation
  readonly context: SessionContext
  readonly #echoes = new Echoes()
  #heard: FactOrAct = 'opening'
  #reflected = false
  #level: RiskLevel = 'none'
  #summarised = false

  constructor(conversation: Conversation, context: SessionContext) {
    this.conversation = conversation
    this.context = context
  }

  /** The client gives what was asked; `disclosing` adds words of risk behind it. */
  client(gives: FactOrAct, stage: Stage | undefined, later: number, disclosing?: Disclosure): void {
    const turn = clientTurn(
      this.conversation,
      { gives, stage, later, reflected: this.#reflected },
      this.#clientContext(),
    )
    if (turn === undefined) throw new NothingFits()
    let { text } = turn
    this.draft.template_ids.push(...turn.template_ids)
    this.#heard = turn.gave
    if (disclosing !== undefined) {
      const { text: words } = expand(disclosing, this.conversation, {
        speaker: 'client',
        available: tellable(this.conversation),
      })
      text = `${/[.!?…"]$/.test(text) ? text : `${text}.`} ${typed(this.conversation.rng, words, { ...this.context.hand, slips: 0 })}`
      this.draft.template_ids.push(disclosing.id)
      this.draft.disclosure = disclosing
      this.draft.signals = disclosing.signals
      this.#level = disclosing.level
    }
    this.draft.messages.push({ role: 'user', text })
  }

  /** The client says one of these lines: answers in a risk passage, responses to the steps of a practice. */
  clientLine(
    pools: readonly (readonly Template[])[],
    lists: Readonly<Record<string, readonly string[]>> = {},
    after: FactOrAct[] = [],
    heard?: FactOrAct,
  ): void {
    const { conversation } = this
    const texts: string[] = []
    for (const pool of pools) {
      const template = this.#draw(pool, tellable(conversation))
      const { text, says } = expand(template, conversation, {
        speaker: 'client',
        available: tellable(conversation),
        lists,
      })
      conversation.told |= says
      texts.push(text)
    }
    for (const gives of after) {
      const frame = leastUsed(
        this.context.pools.give(gives),
        (one) => (one.needs & ~tellable(conversation)) === 0 && fitsClient(one, conversation),
        this.context.usage,
        conversation,
      )
      if (frame === undefined) throw new NothingFits()
      this.draft.template_ids.push(frame.id)
      const expansion = expand(frame, conversation, { speaker: 'client', available: tellable(conversation) })
      conversation.told |= expansion.says
      texts.push(expansion.text)
    }
    conversation.heard = 0
    this.draft.messages.push({ role: 'user', text: typed(conversation.rng, texts.join(' '), this.context.hand) })
    this.#heard = heard ?? after.at(-1) ?? 'thanks'
  }

  /** A reply by the path: responds to what was heard and asks what the beat says. */
  reply(beat: Pick<Beat, 'stage'> & { asks: FactOrAct | undefined; closes?: boolean }): AssistantTurn {
    const turn = assistantTurn(
      this.conversation,
      { stage: beat.stage, asks: beat.asks, heard: this.#heard, closes: beat.closes ?? false },
      {
        pools: this.context.pools,
        usage: this.context.usage,
        respond: this.context.path.respond.get(beat.stage) ?? [],
      },
      this.#echoes,
    )
    if (turn === undefined) throw new NothingFits()
    this.#push(
      turn.text,
      beat.stage,
      turn.techniques,
      intentOf(beat.stage, beat.asks, turn.techniques),
      beat.asks,
      turn.template_ids,
    )
    return turn
  }

  /** Pieces in a row: what is taken from safety lines and practices, with or without a response of the frames before it. */
  say(
    stage: Stage,
    intent: Intent,
    techniques: readonly TurnTechnique[],
    pools: readonly (readonly Template[])[],
    options: {
      lists?: Readonly<Record<string, readonly string[]>>
      responds?: boolean
      asks?: FactOrAct
      keep?: number
      /** How the turn is labelled where that is not where its frames come from. */
      labelledAs?: Stage
    } = {},
  ): void {
    const { conversation } = this
    const pieces: Piece[] = []
    if (options.responds === true) {
      const first = this.#respond(stage)
      if (first !== undefined) pieces.push(first)
    }
    for (const pool of pools) {
      const room =
        options.keep === undefined ? Infinity : options.keep - sentencesIn(pieces.map(({ text }) => text).join(' '))
      const template = this.#draw(pool, echoable(conversation), room)
      const { text, says } = expand(template, conversation, {
        speaker: 'assistant',
        available: echoable(conversation),
        lists: options.lists ?? {},
        words: this.context.words,
      })
      pieces.push({ text, id: template.id, techniques: [], says })
    }
    const asks =
      options.asks === undefined
        ? undefined
        : question(conversation, { stage, asks: options.asks, heard: this.#heard }, this.#frames(stage), this.#echoes)
    if (options.asks !== undefined && asks === undefined) throw new NothingFits()
    if (asks !== undefined) pieces.push(asks)
    for (const { says } of pieces) this.#echoes.note(says)
    const all = [...new Set([...pieces.flatMap((piece) => piece.techniques), ...techniques])]
    this.#push(
      pieces.map(({ text }) => text).join(' '),
      options.labelledAs ?? stage,
      all,
      intent,
      options.asks,
      pieces.filter(({ id }) => !this.draft.template_ids.includes(id)).map(({ id }) => id),
    )
  }

  #respond(stage: Stage): Piece | undefined {
    return response(
      this.conversation,
      { stage, asks: undefined, heard: this.#heard },
      this.#frames(stage),
      this.#echoes,
    )
  }

  #frames(stage: Stage): { pools: FramePools; usage: Usage; respond: readonly (readonly [TurnTechnique, number])[] } {
    const respond = this.context.path.respond.get(stage) ?? []
    return {
      pools: this.context.pools,
      usage: this.context.usage,
      respond: this.#summarised ? respond.filter(([technique]) => technique !== 'summary') : respond,
    }
  }

  #push(
    text: string,
    stage: Stage,
    techniques: readonly TurnTechnique[],
    intent: Intent,
    asks: FactOrAct | undefined,
    ids: readonly string[],
  ): void {
    this.draft.messages.push({ role: 'assistant', text, stage, techniques, intent, risk_level: this.#level, asks })
    this.draft.template_ids.push(...ids)
    this.#summarised ||= techniques.includes('summary')
    this.#reflected = techniques.some((technique) => REFLECTIONS.has(technique))
  }

  #draw(pool: readonly Template[], available: number, room = Infinity): Template {
    const fits = (one: Template): boolean => (one.needs & ~available) === 0
    const template =
      leastUsed(pool, (one) => fits(one) && sentencesIn(one.source) <= room, this.context.usage, this.conversation) ??
      leastUsed(pool, fits, this.context.usage, this.conversation)
    if (template === undefined) throw new NothingFits()
    return template
  }

  #clientContext(): ClientTurnContext {
    return { pools: this.context.pools, usage: this.context.usage, hand: this.context.hand }
  }
}

function fitsClient(
  frame: { voices: ReadonlySet<string> | undefined; arcs: ReadonlySet<string> | undefined },
  conversation: Conversation,
): boolean {
  return (
    (frame.voices === undefined || frame.voices.has(conversation.voice)) &&
    (frame.arcs === undefined || frame.arcs.has(conversation.arc))
  )
}

/** Bits of what later beats will ask for: not to be given away before. */
function laterBits(beats: readonly Beat[]): number {
  let bits = 0
  for (const { asks } of beats) if (isFactName(asks)) bits |= factBit(asks)
  return bits
}

/** check-in and gentle_deep: beat after beat, then the close; a disclosure turns the session into a risk passage. */
function talk(writer: SessionWriter, plan: SessionPlan): void {
  const { conversation, context } = writer
  const asks = plan.messages / 2 - 1
  if (plan.risk === 'none') {
    const beats = drawBeats(conversation.rng, context.path, asks, conversation.told)
    beats.forEach((beat, at) => {
      writer.reply(beat)
      writer.client(beat.asks, beat.stage, laterBits(beats.slice(at + 1)))
    })
    writer.reply({ stage: 'close', asks: undefined, closes: true })
    return
  }
  const before = Math.max(1, Math.min(plan.risk === 'low' ? 4 : 2, asks - 4))
  const beats = drawBeats(conversation.rng, context.path, before + 3, conversation.told)
    .filter(({ stage }) => !['step', 'summary', 'new_view', 'discover'].includes(stage))
    .slice(0, before)
  const disclosure = drawDisclosure(writer, plan)
  beats.forEach((beat, at) => {
    writer.reply(beat)
    writer.client(
      beat.asks,
      beat.stage,
      laterBits(beats.slice(at + 1)),
      at === beats.length - 1 ? disclosure : undefined,
    )
  })
  const passage = safetyPassage(conversation.rng, disclosure)
  if (plan.risk !== 'low') return riskPassage(writer, passage)
  const last = passage.at(-1)
  riskPassage(writer, passage.slice(0, -1))
  // The session may go on gently once the client is held: one small step, then the close.
  sayExchange(writer, last, { stage: 'step', asks: 'step' })
  writer.client('step', 'step', 0)
  writer.reply({ stage: 'close', asks: undefined, closes: true })
}

function drawDisclosure({ conversation, context }: SessionWriter, plan: SessionPlan): Disclosure {
  const drawn = leastUsed(
    context.safety.disclosures,
    (one) => one.level === plan.risk && one.imminent === plan.imminent,
    context.usage,
    conversation,
  )
  if (drawn === undefined) throw new NothingFits()
  return drawn
}

function riskPassage(writer: SessionWriter, passage: readonly SafetyExchange[]): void {
  for (const exchange of passage) {
    sayExchange(writer, exchange)
    if (exchange.answer === undefined) continue
    const lines: AnswerLine[] = [exchange.answer]
    writer.clientLine(lines.map((line) => writer.context.safety.answers.get(line) ?? []))
  }
}

/** House rule of four sentences, and no wall of text where risk is spoken of. */
const SENTENCES_AT_RISK = 4

function sayExchange(
  writer: SessionWriter,
  exchange: SafetyExchange | undefined,
  goesOn?: { stage: Stage; asks: FactOrAct },
): void {
  if (exchange === undefined) throw new NothingFits()
  const pool = (line: ReplyLine): readonly Template[] => writer.context.safety.replies.get(line) ?? []
  const intent = goesOn === undefined ? exchange.intent : intentOf(goesOn.stage, goesOn.asks, ['open_question'])
  writer.say('safety', intent, exchange.techniques, exchange.says.map(pool), {
    keep: SENTENCES_AT_RISK,
    ...(goesOn === undefined ? {} : { asks: goesOn.asks, labelledAs: goesOn.stage }),
  })
}

/** micro_practice: offer, steps with the client's responses, the number again, and what to do when it did not help. */
function microPractice(writer: SessionWriter, plan: SessionPlan): void {
  const { conversation } = writer
  let exchanges = plan.messages / 2
  let offering: readonly (readonly Template[])[] = []
  if (plan.risk !== 'none') {
    const disclosure = drawDisclosure(writer, plan)
    writer.reply({ stage: 'open', asks: (conversation.told & factBit('trigger')) === 0 ? 'trigger' : 'thought' })
    writer.client((conversation.told & factBit('trigger')) === 0 ? 'trigger' : 'thought', 'open', 0, disclosure)
    const passage = safetyPassage(conversation.rng, disclosure)
    if (plan.risk !== 'low') return riskPassage(writer, passage)
    riskPassage(writer, passage.slice(0, -1))
    offering = (passage.at(-1)?.says ?? []).map((line) => writer.context.safety.replies.get(line) ?? [])
    exchanges = 4
  }
  const practice = drawPractice(writer)
  writer.draft.practice = practice
  const technique: TurnTechnique = 'practice_step'
  const rated = (conversation.told & factBit('mood')) !== 0
  writer.say('consent', 'offer_mindfulness', ['consent'], [...offering, practice.offers], {
    responds: offering.length === 0,
    keep: 3,
    ...(rated ? {} : { asks: 'mood' as const }),
  })
  writer.clientLine([], {}, rated ? ['consent'] : ['consent', 'mood'])

  const turns = Math.max(1, Math.min(practice.steps.length, exchanges - 2))
  const steps = (
    turns >= practice.steps.length ? practice.steps.map((_, at) => at) : turns === 2 ? practice.short : [0]
  ).flatMap((at) => practice.steps[at] ?? [])
  const rerates = exchanges >= 4
  let acknowledges: readonly Template[] | undefined
  steps.forEach((step, at) => {
    const last = at === steps.length - 1
    if (exchanges === 2) {
      writer.say('practice', 'offer_mindfulness', [technique], [practice.rationale, step.says], {
        lists: practice.lists,
      })
      return
    }
    writer.say(
      at === 0 ? 'practice' : 'practice',
      'offer_mindfulness',
      [technique, ...(last && rerates ? (['closed_question'] as const) : [])],
      [acknowledges ?? practice.rationale, step.says],
      {
        lists: practice.lists,
        keep: 4,
        ...(last && rerates ? { asks: 'rerate' as const } : {}),
      },
    )
    acknowledges = step.acknowledges
    const outcome = conversation.arc === 'stuck' ? practice.not_helped : practice.helped
    if (last && rerates)
      writer.clientLine(conversation.arc === 'partial' ? [step.client] : [step.client, outcome], practice.lists, [
        'rerate',
      ])
    else writer.clientLine([step.client], practice.lists)
  })
  if (exchanges === 2) return
  if (conversation.arc === 'stuck' && rerates) {
    writer.say('adapt', 'offer_mindfulness', [technique, 'validation'], [practice.adapts], { lists: practice.lists })
    writer.clientLine([practice.adapt_client], practice.lists, [], 'rerate')
  }
  const closing = writer.context.pools.any('closing')
  writer.say(
    'close',
    'close',
    ['closing'],
    [practice.takeaways, closing.filter((frame) => meetsClose(frame, conversation))],
    {
      responds: true,
      lists: practice.lists,
      keep: 4,
    },
  )
}

function meetsClose(
  frame: { arcs: ReadonlySet<string> | undefined; needs: number },
  conversation: Conversation,
): boolean {
  return (frame.arcs === undefined || frame.arcs.has(conversation.arc)) && (frame.needs & ~echoable(conversation)) === 0
}

function drawPractice({ conversation, context }: SessionWriter): Practice {
  const suited = context.practices.filter(
    ({ suits }) => suits === undefined || conversation.concerns.some((name) => suits.has(name)),
  )
  const pool = suited.length > 0 ? suited : context.practices
  const drawn = weighted(
    conversation.rng,
    pool.map(
      (practice) =>
        [
          practice,
          (context.favoured.has(practice.technique) ? 2 : 1) / (1 + context.usage.of(practice.number)),
        ] as const,
    ),
  )
  if (drawn === undefined) throw new NothingFits()
  context.usage.use(drawn.number)
  return drawn
}
