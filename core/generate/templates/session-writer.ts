import type { Intent, RiskLevel, SessionType, Stage, TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { Disclosure, SafetyBank } from '../safety/safety-bank.ts'
import { assistantTurn, question, response, type AssistantTurnContext, type Piece } from './assistant-turn.ts'
import type { FactOrAct } from './bank-schema.ts'
import type { Practice, Template } from './banks.ts'
import { clientTurn } from './client-turn.ts'
import { echoable, expandUnsaid, tellable, type Conversation } from './conversation.ts'
import { deckOf, draw, type Deck } from './deck.ts'
import { createEchoes } from './echoes.ts'
import type { FramePools } from './frame-pool.ts'
import { intentOf } from './intents.ts'
import type { Path } from './paths.ts'
import { sentencesIn } from './sentences.ts'
import type { Usage } from './usage.ts'
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

/** Thrown while one session is written, when the banks have nothing that fits; the attempt is given up. */
export class NothingFits extends Error {}

type Lists = Readonly<Record<string, readonly string[]>>
type Lines = readonly (readonly Template[] | Deck)[]

export interface SayOptions {
  lists?: Lists
  /** A response of the frames stands before the lines. */
  responds?: boolean
  asks?: FactOrAct
  /** Sentences of the turn at the most, where the lines allow it. */
  keep?: number
  /** How the turn is labelled where that is not where its frames come from. */
  labelledAs?: Stage
}

export interface ClientLinesOptions {
  lists?: Lists
  /** What the client gives behind the lines. */
  after?: readonly FactOrAct[]
  /** What the assistant makes of it. */
  heard?: FactOrAct
  /** Typed without slips and pauses: nobody should have to guess what an answer about risk means. */
  careful?: boolean
}

/** Writes one session turn by turn; each turn moves the conversation on. All throw {@link NothingFits}. */
export interface SessionWriter {
  draft: Draft
  conversation: Conversation
  context: SessionContext
  /** The client gives what was asked and tells the facts of `must`; `disclosing` adds words of risk behind it. */
  client(gives: FactOrAct, stage: Stage | undefined, later: number, disclosing?: Disclosure, must?: number): void
  /** The client says one of each of these lines, then gives what `after` names. */
  clientLines(lines: Lines, options?: ClientLinesOptions): void
  /** A reply by the path: responds to what was heard and asks what the beat says, or closes. */
  reply(beat: { stage: Stage; asks: FactOrAct | undefined; closes?: boolean }): void
  /** A reply of given lines, from safety or a practice. */
  say(stage: Stage, intent: Intent, techniques: readonly TurnTechnique[], lines: Lines, options?: SayOptions): void
}

const CAREFULLY = { slips: 0, ellipses: false } as const

export function createSessionWriter(conversation: Conversation, context: SessionContext): SessionWriter {
  const draft: Draft = { messages: [], template_ids: [], practice: undefined, disclosure: undefined }
  const { pools, usage, hand } = context
  const echoes = createEchoes()
  let heard: FactOrAct = 'opening'
  let reflected = false
  let summarised = false
  let level: RiskLevel = 'none'

  const turnContext = (stage: Stage): AssistantTurnContext => {
    const respond = context.path.respond.get(stage) ?? []
    // A summary of the path would leave out what was disclosed.
    const sumsUp = !summarised && level === 'none'
    return { pools, usage, respond: sumsUp ? respond : respond.filter(([technique]) => technique !== 'summary') }
  }

  const pushReply = (reply: Omit<DraftReply, 'role' | 'risk_level'>, ids: readonly string[]): void => {
    draft.messages.push({ role: 'assistant', ...reply, risk_level: level })
    usage.say(reply.text)
    draft.template_ids.push(...ids)
    summarised ||= reply.techniques.includes('summary')
    reflected = false
  }

  const drawLine = (line: Lines[number], available: number, room = Infinity): Template => {
    const deck = 'templates' in line ? line : deckOf(line)
    const template = draw(deck, usage, conversation, { available, stage: 'close', room })
    if (template === undefined) throw new NothingFits()
    return template
  }

  const tell = (template: Template, lists: Lists): string => {
    const options = { speaker: 'client', available: tellable(conversation), lists } as const
    const { text, says } = expandUnsaid(template, conversation, options, usage)
    draft.template_ids.push(template.id)
    conversation.told |= says
    return text
  }

  return {
    draft,
    conversation,
    context,

    client(gives, stage, later, disclosing, must = 0) {
      const prompt = { gives, stage, later, must, reflected, plainly: disclosing !== undefined }
      const turn = clientTurn(conversation, prompt, { pools, usage, hand })
      if (turn === undefined) throw new NothingFits()
      let { text } = turn
      draft.template_ids.push(...turn.template_ids)
      heard = turn.gave
      if (disclosing !== undefined) {
        const words = tell(disclosing, {})
        // Nobody mistypes this: the lint must be able to read it as the reader does.
        text = `${/[.!?…"]$/.test(text) ? text : `${text}.`} ${typed(conversation.rng, words, { ...hand, ...CAREFULLY })}`
        draft.disclosure = disclosing
        level = disclosing.level
      }
      draft.messages.push({ role: 'user', text })
    },

    clientLines(lines, { lists = {}, after = [], heard: understood, careful = false } = {}) {
      const texts = lines.map((line) => tell(drawLine(line, tellable(conversation)), lists))
      for (const gives of after) {
        const frame = draw(pools.give(gives), usage, conversation, {
          available: tellable(conversation),
          stage: 'practice',
        })
        if (frame === undefined) throw new NothingFits()
        texts.push(tell(frame, lists))
      }
      conversation.heard = 0
      const typing = careful ? { ...hand, ...CAREFULLY } : hand
      draft.messages.push({ role: 'user', text: typed(conversation.rng, texts.join(' '), typing) })
      heard = understood ?? after.at(-1) ?? 'thanks'
    },

    reply({ stage, asks, closes = false }) {
      const turn = assistantTurn(conversation, { stage, asks, heard, closes }, turnContext(stage), echoes)
      if (turn === undefined) throw new NothingFits()
      const { text, techniques, template_ids, own } = turn
      pushReply({ text, stage, techniques, intent: intentOf(stage, asks, techniques), asks }, template_ids)
      // "That hits home" needs something that could.
      reflected = own
    },

    say(stage, intent, techniques, lines, { lists = {}, responds = false, asks, keep, labelledAs } = {}) {
      const pieces: Piece[] = []
      const frames = turnContext(stage)
      const first = responds ? response(conversation, { stage, asks: undefined, heard }, frames, echoes) : undefined
      if (first !== undefined) pieces.push(first)
      lines.forEach((line, at) => {
        const said = pieces.reduce((sum, { sentences }) => sum + sentences, 0)
        // Each line behind it, and a question, need a sentence at least.
        const behind = lines.length - at - 1 + (asks === undefined ? 0 : 1)
        const available = echoable(conversation)
        const template = drawLine(line, available, keep === undefined ? Infinity : Math.max(1, keep - said - behind))
        const options = { speaker: 'assistant', available, lists, words: context.words } as const
        const { text, says } = expandUnsaid(template, conversation, options, usage)
        pieces.push({ text, id: template.id, techniques: [], says, sentences: sentencesIn(text) })
      })
      if (asks !== undefined) {
        const room = keep === undefined ? undefined : keep - pieces.reduce((sum, { sentences }) => sum + sentences, 0)
        const asking = question(conversation, { stage, asks, heard }, frames, echoes, 'medium', room)
        if (asking === undefined) throw new NothingFits()
        pieces.push(asking)
      }
      for (const { says } of pieces) echoes.note(says)
      pushReply(
        {
          text: pieces.map(({ text }) => text).join(' '),
          stage: labelledAs ?? stage,
          techniques: [...new Set([...pieces.flatMap((piece) => piece.techniques), ...techniques])],
          intent,
          asks,
        },
        pieces.map(({ id }) => id),
      )
    },
  }
}
