import type { Stage } from '../../dialogue/vocabulary.ts'
import type { SafetyExchange } from '../safety/protocol.ts'
import type { Disclosure, SafetyBank } from '../safety/safety-bank.ts'
import type { FactOrAct } from './bank-schema.ts'
import type { Template } from './banks.ts'
import { createDeck, draw, type Deck } from './deck.ts'
import { intentOf } from './intents.ts'
import { NothingFits, type SessionPlan, type SessionWriter } from './session-writer.ts'

/** House rule, and no wall of text where risk is spoken of. */
const SENTENCES_AT_RISK = 4

export function drawDisclosure({ conversation, context }: SessionWriter, plan: SessionPlan): Disclosure {
  const drawn = draw(disclosureDeck(context.safety, plan), context.usage, conversation, { available: -1 })
  if (drawn === undefined) throw new NothingFits()
  return drawn
}

const disclosureDecks = new WeakMap<SafetyBank, Map<string, Deck<Disclosure>>>()

/** The deck lives as long as its bank. */
function disclosureDeck(safety: SafetyBank, { risk, imminent }: SessionPlan): Deck<Disclosure> {
  const ofBank = disclosureDecks.get(safety) ?? new Map<string, Deck<Disclosure>>()
  disclosureDecks.set(safety, ofBank)
  const key = `${risk} ${imminent}`
  const known = ofBank.get(key)
  if (known !== undefined) return known
  const deck = createDeck(safety.disclosures.filter((one) => one.level === risk && one.imminent === imminent))
  ofBank.set(key, deck)
  return deck
}

/** The wordings of each line of an exchange. */
export function linesOf(
  { context }: SessionWriter,
  exchange: Pick<SafetyExchange, 'says'> | undefined,
): (readonly Template[])[] {
  return (exchange?.says ?? []).map((line) => context.safety.replies.get(line) ?? [])
}

export function sayPassage(writer: SessionWriter, passage: readonly SafetyExchange[]): void {
  for (const exchange of passage) {
    const { intent, techniques, answers } = exchange
    writer.say('safety', intent, techniques, linesOf(writer, exchange), { keep: SENTENCES_AT_RISK })
    if (answers.length === 0) continue
    const lines = answers.map((answer) => writer.context.safety.answers.get(answer) ?? [])
    writer.clientLines(lines, { careful: true })
  }
}

/** The last exchange of a passage leads back into the session with a question, gently put. */
export function leadBack(
  writer: SessionWriter,
  exchange: SafetyExchange | undefined,
  to: { stage: Stage; asks: FactOrAct },
): void {
  writer.say('safety', intentOf(to.stage, to.asks, []), exchange?.techniques ?? [], linesOf(writer, exchange), {
    keep: SENTENCES_AT_RISK,
    asks: to.asks,
    labelledAs: to.stage,
  })
}

/** How a session at level low ends: it does not make light of what was said. */
export function closingAtRisk(writer: SessionWriter): readonly Template[] {
  return linesOf(writer, { says: ['close_low'] })[0] ?? []
}
