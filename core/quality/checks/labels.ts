import type { AssistantMessage, Dialogue } from '../../dialogue/schema.ts'
import type { RiskLevel } from '../../dialogue/vocabulary.ts'
import { concernGroup, highestRisk, riskRank } from '../../dialogue/vocabulary.ts'
import { SUICIDE_CUES } from '../act-cues.ts'
import { hasCue, registerCues } from '../cues.ts'
import { resourceMentions } from '../resources.ts'
import type { RiskReading } from '../risk-signals.ts'
import { levelOfSignals } from '../risk-signals.ts'
import * as acts from '../rules/assistant-acts.ts'
import { CHECKED_RULES as RULES } from '../rules/checks.ts'
import { FEELING_WORDS, sentimentWords } from '../rules/sentiment-words.ts'
import type { TurnText } from '../turn-text.ts'
import { wordsOfLower } from '../turn-text.ts'
import type { Report } from './report-finding.ts'

interface LabelledTurn {
  turn: TurnText
  message: AssistantMessage
}

/** Labels against the text and against one another. What is not labelled is not checked. */
export function checkLabels(
  dialogue: Dialogue,
  turns: readonly TurnText[],
  reading: RiskReading,
  /** Whether the protocol for risk holds ({@link protocolLevel}). */
  atRisk: boolean,
  report: Report,
): void {
  const replies: LabelledTurn[] = []
  for (const turn of turns) {
    const message = dialogue.messages[turn.index]
    if (message?.role === 'assistant') replies.push({ turn, message })
  }
  checkRiskLabels(dialogue, turns, replies, reading, report)
  checkIntents(dialogue, replies, atRisk, report)
  checkSentiment(dialogue, turns, replies, report)
  checkTechniques(dialogue, replies, atRisk, report)
  const { known } = concernGroup(dialogue.user_profile.concern)
  if (!known) report(RULES.unknown_concern, {}, { label: dialogue.user_profile.concern })
}

function checkRiskLabels(
  dialogue: Dialogue,
  turns: readonly TurnText[],
  replies: readonly LabelledTurn[],
  reading: RiskReading,
  report: Report,
): void {
  const label = dialogue.labels.max_risk_level
  const levels = replies.map(({ message }) => message.risk_level).filter((level) => level !== undefined)
  const highest = highestRisk(levels)
  if (label !== undefined && levels.length > 0 && highest !== label) {
    report(RULES.max_risk_mismatch, {}, { label, turns: highest })
  }
  const declared = label ?? (levels.length > 0 ? highest : undefined)
  if (declared !== undefined) checkRiskAgainstText(turns, declared, reading, report)
  checkRiskField(dialogue, declared, reading, report)

  const first = reading.found.find((one) => one.certainty === 'clear')
  if (first !== undefined && declared !== undefined && declared !== 'none') {
    const answer = replies.find(({ turn }) => turn.index > first.turn)
    if (answer?.message.risk_level === 'none') report(RULES.risk_reply_label, { turn: answer.turn })
  }
  const intents = replies.map(({ message }) => message.intent)
  const hasIntents = intents.some((intent) => intent !== undefined)
  if (hasIntents && (declared === 'high' || reading.level === 'high')) {
    if (!intents.some((intent) => intent === 'emergency' || intent === 'safety_check')) report(RULES.high_needs_safety)
  }
}

function checkRiskAgainstText(
  turns: readonly TurnText[],
  label: RiskLevel,
  reading: RiskReading,
  report: Report,
): void {
  const clear = reading.found.filter((one) => one.certainty === 'clear')
  const worst = clear.find((one) => levelOfSignals([one.signal]) === reading.level) ?? clear[0]
  if (worst !== undefined && riskRank(reading.level) > riskRank(label)) {
    const turn = turns[worst.turn]
    if (turn === undefined) return
    const where = { turn, start: worst.start, end: worst.end }
    if (label === 'none') report(RULES.risk_label_none, where, { signal: inWords(worst.signal) })
    else report(RULES.risk_understated, where, { signal: inWords(worst.signal), level: reading.level, label })
    return
  }
  if (label === 'none') {
    for (const one of reading.found) {
      const turn = turns[one.turn]
      if (turn === undefined) continue
      report(RULES.risk_possible, { turn, start: one.start, end: one.end }, { signal: inWords(one.signal) })
    }
    return
  }
  // Low carries distress without a signal in real seed files; medium and high do not.
  if (label !== 'low' && reading.found.length === 0) report(RULES.risk_without_signal, {}, { label })
}

function checkRiskField(dialogue: Dialogue, label: RiskLevel | undefined, reading: RiskReading, report: Report): void {
  const { risk } = dialogue
  if (risk === undefined || label === undefined) return
  if (risk.imminent && label !== 'high') report(RULES.imminent_level, {}, { label })
  if (risk.signals.length === 0) return
  const level = highestRisk([levelOfSignals(risk.signals), reading.level])
  if (level !== label) report(RULES.signals_level, {}, { level, label })
}

function inWords(signal: string): string {
  return signal.replaceAll('_', ' ')
}

function checkIntents(dialogue: Dialogue, replies: readonly LabelledTurn[], atRisk: boolean, report: Report): void {
  const primary = dialogue.labels.primary_intent
  const intents = replies.map(({ message }) => message.intent).filter((intent) => intent !== undefined)
  if (primary !== undefined && intents.length > 0 && !intents.includes(primary)) {
    report(RULES.primary_intent, {}, { label: primary })
  }
  const firstExperiment = replies.find(({ message }) => message.intent === 'suggest_experiment')?.turn
  for (const [at, { turn, message }] of replies.entries()) {
    // Later turns with this intent plan the step that the first one proposed.
    if (message.intent === 'suggest_experiment' && turn !== firstExperiment) continue
    if (message.intent !== undefined)
      checkIntent(
        turn,
        message.intent,
        { after: replies.length - 1 - at, atRisk, practiceSession: dialogue.session_type === 'micro_practice' },
        report,
      )
  }
}

function checkIntent(
  turn: TurnText,
  intent: NonNullable<AssistantMessage['intent']>,
  { after, atRisk, practiceSession }: { after: number; atRisk: boolean; practiceSession: boolean },
  report: Report,
): void {
  const { lower } = turn
  const asks = lower.includes('?') || INVITES.test(lower)
  const about = { label: intent }
  switch (intent) {
    case 'probe_story':
    case 'probe_root':
      if (!asks) report(RULES.intent_question, { turn }, about)
      break
    case 'offer_mindfulness':
      // A session that is a practice holds turns that only listen to how it goes.
      if (!practiceSession && !acts.PRACTICE.test(lower)) report(RULES.intent_practice, { turn })
      break
    case 'suggest_experiment':
      if (!acts.EXPERIMENT.test(lower)) report(RULES.intent_experiment, { turn })
      break
    case 'safety_check':
    case 'emergency':
      // Within a risk passage a turn may only listen, and still be a part of the check; an emergency turn may not.
      if (!(atRisk && intent === 'safety_check') && !speaksOfSafety(lower)) report(RULES.intent_safety, { turn }, about)
      break
    case 'validate':
      if (turn.sentences.length > 0 && turn.sentences.every((sentence) => sentence.question)) {
        report(RULES.intent_validate, { turn })
      }
      break
    case 'close':
      if (after > 1) report(RULES.close_early, { turn })
      break
    case 'reframe':
    case 'other':
      break
  }
  if (intent !== 'safety_check' && intent !== 'emergency' && asksAboutSuicide(turn)) {
    report(RULES.safety_unlabelled, { turn }, about)
  }
}

const INVITES =
  /\b(?:tell (?:me|it|us)|say more|i wonder|i'?m (?:curious|wondering)|walk me through|describe|share|take me|show me|help me (?:see|understand)|let me know|i(?:'?d like| would like| want) to (?:hear|know|understand)|name)\b/

function speaksOfSafety(lower: string): boolean {
  if (acts.ASKS_SAFETY.test(lower) || acts.ASKS_ABOUT_SUICIDE.test(lower) || acts.ASKS_INTENT.test(lower)) return true
  if (acts.MEANS_DISTANCE.test(lower) || acts.ASKS_PLAN.test(lower) || acts.URGES_COMPANY.test(lower)) return true
  if (/\b(?:safe|safer|safety|danger|act on|urge|plan for tonight|safety plan)\b/.test(lower)) return true
  if (acts.ASKS_MEANS.test(lower) || acts.ASKS_TIMEFRAME.test(lower)) return true
  // Leaning on people, lowering a barrier, a way through the night: parts of a safety check as much as its question.
  if (acts.ENCOURAGES_PROFESSIONAL.test(lower) || acts.COPING_OR_PLAN.test(lower)) return true
  if (acts.WILLINGNESS_OR_BARRIERS.test(lower) || acts.SAYS_IT_IS_AN_AI.test(lower)) return true
  const mentions = resourceMentions(lower)
  return mentions.crisis || mentions.emergency
}

function asksAboutSuicide(turn: TurnText): boolean {
  if (!hasCue(turn.cues, SUICIDE_CUES)) return false
  return turn.sentences.some(
    ({ start, end, question }) => question && acts.ASKS_ABOUT_SUICIDE.test(turn.lower.slice(start, end)),
  )
}

const FEELING_CUES = registerCues(FEELING_WORDS)

function checkSentiment(
  dialogue: Dialogue,
  turns: readonly TurnText[],
  replies: readonly LabelledTurn[],
  report: Report,
): void {
  const overall = dialogue.labels.overall_sentiment
  const risk = dialogue.labels.max_risk_level
  const perTurn = replies.map(({ message }) => message.sentiment).filter((sentiment) => sentiment !== undefined)
  if (overall === undefined) return
  if (perTurn.length > 0 && !perTurn.includes(overall)) report(RULES.overall_sentiment, {}, { label: overall })
  if (overall === 'positive' && (risk === 'medium' || risk === 'high')) {
    report(RULES.sentiment_risk, {}, { level: risk })
    return
  }
  if (overall === 'neutral') return
  let positive = 0
  let negative = 0
  for (const turn of turns) {
    if (turn.role !== 'user') continue
    if (!hasCue(turn.cues, FEELING_CUES)) continue
    const counted = sentimentWords(wordsOfLower(turn.lower))
    positive += counted.positive
    negative += counted.negative
  }
  // Few words decide nothing: people name a good thing on a bad day.
  const otherwise = overall === 'positive' ? negative >= 4 && positive === 0 : positive >= 5 && negative === 0
  if (otherwise) report(RULES.sentiment_text, {}, { label: overall })
}

/** What a reply shows when the technique was used; techniques without an entry cannot be seen in words. */
const TECHNIQUE_SHOWN: Readonly<Record<string, RegExp>> = {
  breathing: /\b(?:breath\w*|inhale|exhale|lungs|belly)\b/,
  body_scan:
    /\b(?:body|arms?|elbows?|wrists?|fingers?|face|toes|feet|shoulders?|jaw|head|legs|belly|muscles?|scan|hands?|chest|stomach|tension)\b/,
  grounding: /\b(?:ground\w*|see|hear|touch|feel|feet|floor|five|5|four|senses?|notice|name|hold|around you|room)\b/,
  mindfulness:
    /\b(?:look\w*|eyes|colou?r\w*|paper|fold\w*|listen\w*|hear|sounds?|picture|imagin\w+|place in your|inner place|notic\w+|mindful\w*|breath\w*|present|attention|moment|aware\w*|pause|slow\w*|sens\w+|observ\w+|watch\w*|let it)\b/,
  behavioral_experiment:
    /\b(?:experiment|tried|small|begin|(?:could|might|would) you (?:do|put|ask|imagine)|you(?:'re| are) going to|room for|which day|try|test|step|see what happens|find out|practi[cs]e|this week|next time|tomorrow|once)\b/,
  safety_planning: /\b(?:safe\w*|plan|signs?|crisis|who|reach|call|text|get through)\b/,
}

/** The same for `techniques` of one turn. */
const TURN_TECHNIQUE_SHOWN: Readonly<Record<string, (turn: TurnText) => boolean>> = {
  open_question: (turn) => turn.lower.includes('?') || INVITES.test(turn.lower),
  closed_question: (turn) => turn.lower.includes('?') || INVITES.test(turn.lower),
  consent: (turn) => turn.lower.includes('?') || acts.ASKS_CONSENT.test(turn.lower),
  safety_inquiry: (turn) => speaksOfSafety(turn.lower),
  means_safety: (turn) => acts.MEANS_DISTANCE.test(turn.lower) || acts.ASKS_MEANS.test(turn.lower),
  resource_provision: (turn) => {
    const { crisis, emergency } = resourceMentions(turn.lower)
    return crisis || emergency || acts.ENCOURAGES_PROFESSIONAL.test(turn.lower)
  },
  ai_disclosure: (turn) => acts.SAYS_IT_IS_AN_AI.test(turn.lower),
}

function checkTechniques(dialogue: Dialogue, replies: readonly LabelledTurn[], atRisk: boolean, report: Report): void {
  const technique = dialogue.labels.therapeutic_technique
  const shown = technique === undefined ? undefined : TECHNIQUE_SHOWN[technique]
  // Where a disclosure came between, safety goes before the technique that was meant.
  if (
    !atRisk &&
    technique !== undefined &&
    shown !== undefined &&
    !replies.some(({ turn }) => shown.test(turn.lower))
  ) {
    report(RULES.technique_text, {}, { label: technique })
  }
  for (const { turn, message } of replies) {
    for (const name of message.techniques ?? []) {
      const visible = TURN_TECHNIQUE_SHOWN[name]
      if (visible !== undefined && !visible(turn)) report(RULES.turn_technique, { turn }, { label: name })
    }
  }
}
