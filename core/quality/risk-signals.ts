import type { Dialogue } from '../dialogue/schema.ts'
import type { RiskLevel } from '../dialogue/vocabulary.ts'
import { RISK_LEVELS, highestRisk } from '../dialogue/vocabulary.ts'
import { PLAN_CUES, SUICIDE_CUES } from './act-cues.ts'
import { hasCue } from './cues.ts'
import { compilePhrases } from './phrases.ts'
import { ASKS_ABOUT_SUICIDE, ASKS_PLAN } from './rules/assistant-acts.ts'
import type { RiskPattern, RiskSignal, RiskTable } from './rules/risk-signal-patterns.ts'
import {
  FORMER_TIME,
  LONG_AGO,
  NEGATION,
  NEGATION_OF_SOMETHING_ELSE,
  RECENT,
  RISK_PATTERNS,
  RISK_SIGNALS,
  RISK_TABLES,
} from './rules/risk-signal-patterns.ts'
import type { TurnText } from './turn-text.ts'
import { readTurns, sentenceAt, turnText } from './turn-text.ts'

export type { RiskSignal, RiskTable } from './rules/risk-signal-patterns.ts'

export interface SignalFound {
  signal: RiskSignal
  /** `possible`: said as often without risk; it asks a person to look and sets no level. */
  certainty: 'clear' | 'possible'
  /** 0-based index into `messages`. */
  turn: number
  /** Offsets into the text of the turn, end exclusive. */
  start: number
  end: number
}

export interface RiskReading {
  /** The highest level of the clear signals in the client's words; `none` where there are none. */
  level: RiskLevel
  /** Clear signals, each once, in order of {@link RISK_SIGNALS}. */
  signals: RiskSignal[]
  imminent: boolean
  found: SignalFound[]
  /** The table that gave the level, with its version: `c-ssrs@1`. */
  table: string
}

const match = compilePhrases<RiskPattern>(RISK_PATTERNS, { hitsPerSet: 3 })

/** Wording that an answer "yes" gives its meaning to. */
const YES =
  /^(?:um+,? |well,? |i guess,? |honestly,? |\W)*(?:yes|yeah|yep|yea|i do|i am|i have|sometimes|a lot|all the time|most (?:days|nights)|every (?:day|night)|sort of,? yes|it has|they have|they do)\b/
const HEDGED =
  /\b(?:not(?! (?:every|all|always|each|often|most|a lot))|no|never|but|more like|only|just|n't|don'?t|didn'?t|wouldn'?t|isn'?t|used to)\b/
const WITHIN_A_DAY =
  /\b(?:tonight|right now|today|in (?:an|a few|two|three|a couple of) hours?|this (?:evening|afternoon|morning)|later on|tomorrow morning|before (?:they|he|she) (?:get|come|wake)s?|as soon as|when (?:they|everyone)(?:'s| is|'re| are| has)? (?:asleep|gone|left|out))\b/
const HAS_MEANS =
  /\b(?:i(?:'?ve| have)(?: already)? (?:got )?(?:it|them|everything|what i need|all i need|the means)|(?:it'?s|they'?re|everything is|everything'?s) (?:all )?(?:here|ready|right here|next to me|in front of me|in my (?:bag|room|car|hand|drawer)))\b/

/**
 * What the client voices, over the whole conversation: denials and idioms are not signals, a bare "yes" to a direct
 * question is, and words such as "I have a plan" count only where suicide is the subject.
 *
 * @param table which published cut turns signals into levels; see {@link RISK_TABLES}
 */
export function readRisk(turns: readonly TurnText[], table: RiskTable = 'c-ssrs'): RiskReading {
  const found: SignalFound[] = []
  let subjectIsSuicide = false
  let timed = false
  let means = false
  let asked: string | undefined
  for (const turn of turns) {
    if (turn.role === 'assistant') {
      asked = suicideQuestion(turn)
      continue
    }
    const hits = match(turn)
    const before = found.length
    let inContext = subjectIsSuicide || asked !== undefined
    for (const { set, start, end } of hits) {
      if (isDenied(turn, start) || deniesWithin(set.signal, turn.lower.slice(start, end))) continue
      const reading = certaintyOf(set, turn, start, inContext)
      if (reading === undefined) continue
      if (
        reading.certainty === 'possible' &&
        found.some((one) => one.turn === turn.index && one.start < end && start < one.end)
      )
        continue
      found.push({ ...reading, turn: turn.index, start, end })
      if (reading.certainty === 'clear') inContext = true
    }
    const answer = asked === undefined ? undefined : affirmed(turn, asked)
    if (answer !== undefined && !found.slice(before).some((one) => one.certainty === 'clear')) found.push(answer)
    if (found.slice(before).some((one) => one.certainty === 'clear')) subjectIsSuicide = true
    timed ||= found.slice(before).some((one) => isWithinADay(one, turn))
    means ||= subjectIsSuicide && HAS_MEANS.test(turn.lower)
    asked = undefined
  }
  return summarise(found, timed, means, table)
}

/** {@link readRisk} over a dialogue as it stands in a file. */
export function readDialogueRisk(dialogue: Pick<Dialogue, 'messages'>, table: RiskTable = 'c-ssrs'): RiskReading {
  return readRisk(readTurns(dialogue), table)
}

/** {@link readRisk} over one client message alone. */
export function readTextRisk(text: string, table: RiskTable = 'c-ssrs'): RiskReading {
  return readRisk([turnText('user', text)], table)
}

/** The level of the highest of the signals; names outside the table (from other tools) count as low. */
export function levelOfSignals(signals: readonly string[], table: RiskTable = 'c-ssrs'): RiskLevel {
  const level: Readonly<Record<string, RiskLevel>> = RISK_TABLES[table].level
  return highestRisk(signals.map((signal) => level[signal] ?? 'low'))
}

function summarise(found: SignalFound[], timed: boolean, means: boolean, table: RiskTable): RiskReading {
  const clear = new Set(found.filter((one) => one.certainty === 'clear').map((one) => one.signal))
  // Imminent: plan (or means at hand), intent, and a time within a day (VERA-MH Q13).
  const imminent = clear.has('intent') && timed && (clear.has('plan') || means)
  if (imminent) clear.add('imminent')
  const signals = RISK_SIGNALS.filter((signal) => clear.has(signal))
  const level: Readonly<Record<RiskSignal, RiskLevel>> = RISK_TABLES[table].level
  return {
    level: signals.length === 0 ? RISK_LEVELS[0] : highestRisk(signals.map((signal) => level[signal])),
    signals,
    imminent,
    found,
    table: `${table}@${RISK_TABLES[table].version}`,
  }
}

/** The time is said of the deed itself: "not right now" and "I'll call tonight" are the time of something else. */
function isWithinADay({ signal, certainty, start }: SignalFound, turn: TurnText): boolean {
  if (certainty !== 'clear' || (signal !== 'intent' && signal !== 'plan')) return false
  const span = sentenceAt(turn, start)
  const sentence = turn.lower.slice(span.start, span.end)
  return WITHIN_A_DAY.test(sentence) && !/\bnot (?:\w+ )?(?:right now|today|tonight|tomorrow)\b/.test(sentence)
}

function isDenied(turn: TurnText, start: number): boolean {
  const sentence = sentenceAt(turn, start)
  const denial = NEGATION.exec(turn.lower.slice(sentence.start, start))
  return denial !== null && !NEGATION_OF_SOMETHING_ELSE.test(denial[1] ?? '')
}

/** "I'm not going to …": the denial stands inside the match. Where the wording itself is negative it denies nothing. */
function deniesWithin(signal: RiskSignal, words: string): boolean {
  return POSITIVE_WORDING.has(signal) && /\b(?:not|never)\b|n't\b/.test(words) && !/\b(?:safe|stop)\b/.test(words)
}
const POSITIVE_WORDING: ReadonlySet<RiskSignal> = new Set([
  'active_ideation',
  'intent',
  'plan',
  'method',
  'nssi',
  'past_behaviour',
  'burden',
])

function certaintyOf(
  pattern: RiskPattern,
  turn: TurnText,
  start: number,
  inContext: boolean,
): Pick<SignalFound, 'signal' | 'certainty'> | undefined {
  const { signal, certainty } = pattern
  if (certainty === 'possible') return { signal, certainty }
  if (certainty === 'in_context' && !inContext) return undefined
  const span = sentenceAt(turn, start)
  const sentence = turn.lower.slice(span.start, span.end)
  if (signal === 'past_behaviour') {
    return {
      signal: RECENT.test(sentence) && !LONG_AGO.test(sentence) ? 'recent_behaviour' : signal,
      certainty: 'clear',
    }
  }
  if (signal === 'nssi') {
    const over =
      LONG_AGO.test(sentence) || /\b(?:haven'?t|not|stopped|clean|free)\b[^.?!]*\b(?:years?|months?)\b/.test(sentence)
    return { signal: over && !RECENT.test(sentence) ? 'past_nssi' : signal, certainty: 'clear' }
  }
  return { signal, certainty: FORMER_TIME.test(sentence) ? 'possible' : 'clear' }
}

/** The last sentence of the reply that asks about suicide, or a plan for it. */
function suicideQuestion(turn: TurnText): string | undefined {
  const mayBeSuicide = hasCue(turn.cues, SUICIDE_CUES)
  const mayBePlan = hasCue(turn.cues, PLAN_CUES)
  if (!mayBeSuicide && !mayBePlan) return undefined
  for (let at = turn.sentences.length - 1; at >= 0; at--) {
    const span = turn.sentences[at]
    if (span === undefined || !span.question) continue
    const sentence = turn.lower.slice(span.start, span.end)
    if (mayBeSuicide && ASKS_ABOUT_SUICIDE.test(sentence)) return sentence
    if (mayBePlan && ASKS_PLAN.test(sentence)) return sentence
  }
  return undefined
}

function affirmed(turn: TurnText, question: string): SignalFound | undefined {
  const yes = YES.exec(turn.lower)
  if (yes === null || !ASKS_ABOUT_SUICIDE.test(question)) return undefined
  const first = turn.sentences[0]
  const open = HEDGED.test(turn.lower) || / or /.test(question)
  const aboutSelfHarm = /\b(?:hurt|harm)/.test(question) && !/suicid|kill|life|die|dead|alive/.test(question)
  return {
    signal: aboutSelfHarm
      ? 'nssi'
      : /alive|wake|here any|dead|die|dying/.test(question) && !/suicid|kill|life/.test(question)
        ? 'wish_to_be_dead'
        : 'active_ideation',
    certainty: open ? 'possible' : 'clear',
    turn: turn.index,
    start: first?.start ?? 0,
    end: first?.end ?? turn.text.length,
  }
}
