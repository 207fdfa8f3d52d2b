import type { Dialogue } from '../../dialogue/schema.ts'
import { hasCue, registerCues } from '../cues.ts'
import type { RiskReading } from '../risk-signals.ts'
import * as acts from '../rules/assistant-acts.ts'
import { CHECKED_RULES as RULES } from '../rules/checks.ts'
import type { TurnText } from '../turn-text.ts'
import { insideQuotation, wordsOfLower } from '../turn-text.ts'
import type { Report } from './report-finding.ts'

/** Turns before which nothing can have been explored. */
const ADVICE_INTENTS: ReadonlySet<string> = new Set(['suggest_experiment', 'offer_mindfulness', 'reframe'])

/** Shape of the conversation: roles, lengths, consent before depth, exploration before advice. */
export function checkStructure(
  dialogue: Dialogue,
  turns: readonly TurnText[],
  reading: RiskReading,
  report: Report,
): void {
  checkRoles(turns, reading, report)
  checkReplyLengths(dialogue, turns, report)
  checkConsent(dialogue, turns, report)
  checkAdvice(dialogue, turns, reading, report)
  checkRepeatedSentences(turns, report)
  // After a disclosure safety goes before the practice.
  if (dialogue.session_type === 'micro_practice' && reading.level === 'none') {
    const practises = turns.some((turn) => turn.role === 'assistant' && acts.PRACTICE.test(turn.lower))
    if (!practises) report(RULES.practice_missing)
  }
}

function checkRoles(turns: readonly TurnText[], reading: RiskReading, report: Report): void {
  const first = turns[0]
  if (first?.role === 'assistant') report(RULES.starts_with_client, { turn: first })
  if (!turns.some((turn) => turn.role === 'assistant')) report(RULES.no_reply)
  for (const [at, turn] of turns.entries()) {
    if (at > 0 && turns[at - 1]?.role === turn.role) {
      report(RULES.roles_alternate, { turn }, { role: turn.role === 'user' ? 'client' : 'assistant' })
    }
  }
  const last = turns[turns.length - 1]
  if (last?.role !== 'user') return
  const signal = reading.found.find((one) => one.turn === last.index && one.certainty === 'clear')
  if (signal === undefined) report(RULES.ends_on_client, { turn: last })
  else report(RULES.unanswered_disclosure, { turn: last, start: signal.start, end: signal.end })
}

function checkReplyLengths(dialogue: Dialogue, turns: readonly TurnText[], report: Report): void {
  for (const turn of turns) {
    if (turn.role !== 'assistant') continue
    const sentences = turn.sentences.length
    // One step of a practice may be one sentence: the client's breath is the other.
    const oneIsEnough = dialogue.session_type === 'micro_practice' || stageOf(dialogue, turn) === 'practice'
    if (sentences > 4 || (sentences < 2 && !oneIsEnough)) report(RULES.reply_length, { turn }, { sentences })
  }
}

function stageOf(dialogue: Dialogue, turn: TurnText): unknown {
  return dialogue.messages[turn.index]?.['stage']
}

function intentOf(dialogue: Dialogue, turn: TurnText): string | undefined {
  const message = dialogue.messages[turn.index]
  return message?.role === 'assistant' ? message.intent : undefined
}

/** `probe_root` needs a question that the client could decline, in the same reply or an earlier one. */
function checkConsent(dialogue: Dialogue, turns: readonly TurnText[], report: Report): void {
  const deep = turns.find((turn) => intentOf(dialogue, turn) === 'probe_root')
  if (deep === undefined) return
  for (const turn of turns) {
    if (turn.role === 'assistant' && acts.ASKS_CONSENT.test(turn.lower)) return
    if (turn === deep) break
  }
  report(dialogue.session_type === 'gentle_deep' ? RULES.consent_before_depth : RULES.consent_missing, { turn: deep })
}

function checkAdvice(dialogue: Dialogue, turns: readonly TurnText[], reading: RiskReading, report: Report): void {
  const practice = dialogue.session_type === 'micro_practice'
  let explored = false
  let experiments = 0
  for (const turn of turns) {
    if (turn.role !== 'assistant') continue
    const intent = intentOf(dialogue, turn)
    const directive = directiveIn(turn)
    const advises =
      directive !== undefined || (intent !== undefined && ADVICE_INTENTS.has(intent) && intent !== 'reframe')
    if (!explored && !practice && advises && reading.level === 'none') {
      // An offer that asks first is no advice, even in the first reply.
      const offered = directive === undefined && acts.ASKS_CONSENT.test(turn.lower)
      if (!offered) report(RULES.advice_before_exploring, { turn, ...directive })
    }
    // Where danger is near, plain directions are what is owed.
    if (directive !== undefined && reading.level !== 'high') report(RULES.directive_advice, { turn, ...directive })
    if (intent === 'suggest_experiment') experiments++
    if (turn.sentences.some((sentence) => sentence.question) || /\btell me\b/.test(turn.lower)) explored = true
  }
  if (experiments > 3) report(RULES.many_experiments)
}

const ADVICE_CUES = registerCues([
  ...['should', 'ought', 'must', 'better', 'advise', 'recommend', 'suggest', 'urge', 'advice', 'solution'],
  ...[
    'need to',
    'have to',
    "why don't",
    'why dont',
    'have you',
    'make sure',
    'best thing',
    'try to',
    'all you',
    'you need',
  ],
])

function directiveIn(turn: TurnText): { start: number; end: number } | undefined {
  if (!hasCue(turn.cues, ADVICE_CUES)) return undefined
  for (const span of turn.sentences) {
    const sentence = turn.lower.slice(span.start, span.end)
    const found = acts.DIRECTIVE_ADVICE.exec(sentence)
    if (found === null || acts.NOT_ADVICE.test(sentence)) continue
    if (span.question && !/\b(?:why don'?t you|have you tried)\b/.test(sentence)) continue
    // What the client thinks, or would say to a friend, is said back and is nobody's advice.
    if (insideQuotation(turn.lower, span.start + found.index)) continue
    return { start: span.start + found.index, end: span.start + found.index + found[0].length }
  }
  return undefined
}

/** A sentence of 6 or more words that the same side says twice. */
function checkRepeatedSentences(turns: readonly TurnText[], report: Report): void {
  // By side and length first: only sentences of equal length are ever compared.
  const said = new Map<number, string[]>()
  for (const turn of turns) {
    for (const { start, end } of turn.sentences) {
      if (end - start < 24) continue
      const key = (end - start) * 2 + (turn.role === 'user' ? 1 : 0)
      const sentence = turn.lower.slice(start, end)
      const known = said.get(key)
      if (known === undefined) said.set(key, [sentence])
      else if (!known.includes(sentence)) known.push(sentence)
      else if (wordsOfLower(sentence).length >= 6) report(RULES.repeated_sentence, { turn, start, end })
    }
  }
}
