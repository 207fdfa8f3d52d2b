import type { Dialogue } from '../dialogue/schema.ts'
import { concernGroup, highestRisk } from '../dialogue/vocabulary.ts'
import type { Finding } from './finding.ts'
import { lintDialogue } from './lint-dialogue.ts'
import type { AxisCounts } from './metrics/quota-error.ts'
import type { Locale } from './resources.ts'
import type { SeedTextIndex } from './seed-text-index.ts'
import { wordsOf } from './turn-text.ts'

export interface FindingCount {
  code: string
  severity: Finding['severity']
  count: number
  /** How many dialogues have it. */
  dialogues: number
  message: string
  /** The first one met. */
  example: { dialogue_id: string; turn?: number; excerpt?: string }
}

export interface MemorisedRun {
  dialogue_id: string
  turn: number
  words: number
  seed_dialogue_id: string
  /** The words, lower-cased. */
  text: string
}

/** What is counted over every dialogue as it passes, in memory that does not grow with their number. */
export interface ReportTally {
  dialogues: number
  /** Dialogues without a finding of severity error or warning. */
  clean: number
  counts: AxisCounts
  severities: Record<Finding['severity'], number>
  by_code: Map<string, FindingCount>
  /** Turns that hold a run of seed text; the first of them in full. */
  memorised_turns: number
  memorised: MemorisedRun[]
  /** Number of messages to number of dialogues. */
  messages: Map<number, number>
}

/** Memorised runs shown in full. */
const RUNS_SHOWN = 20

export function createTally(
  seedIndex: SeedTextIndex | undefined,
  locale: Locale | undefined,
): { tally: ReportTally; add: (dialogue: Dialogue) => void } {
  const counts = {
    session_type: { 'check-in': 0, gentle_deep: 0, micro_practice: 0 },
    concern: { 'self-worth': 0, anxiety: 0, relationships: 0, stress: 0, grief: 0, other: 0 },
    risk: { none: 0, low: 0, medium: 0, high: 0 },
  }
  const tally: ReportTally = {
    dialogues: 0,
    clean: 0,
    counts,
    severities: { error: 0, warning: 0, info: 0 },
    by_code: new Map(),
    memorised_turns: 0,
    memorised: [],
    messages: new Map(),
  }
  const add = (dialogue: Dialogue): void => {
    tally.dialogues++
    counts.session_type[dialogue.session_type]++
    counts.concern[concernGroup(dialogue.user_profile.concern).group]++
    counts.risk[dialogue.labels.max_risk_level ?? highestOfTurns(dialogue)]++
    tally.messages.set(dialogue.messages.length, (tally.messages.get(dialogue.messages.length) ?? 0) + 1)
    addFindings(tally, dialogue, lintDialogue(dialogue, locale === undefined ? {} : { locale }).findings)
    if (seedIndex !== undefined) addMemorised(tally, dialogue, seedIndex)
  }
  return { tally, add }
}

function highestOfTurns({ messages }: Dialogue): ReturnType<typeof highestRisk> {
  return highestRisk(
    messages.flatMap((message) =>
      message.role === 'assistant' && message.risk_level !== undefined ? [message.risk_level] : [],
    ),
  )
}

function addFindings(tally: ReportTally, { dialogue_id }: Dialogue, findings: readonly Finding[]): void {
  const here = new Set<string>()
  let clean = true
  for (const { code, severity, message, turn, excerpt } of findings) {
    tally.severities[severity]++
    if (severity !== 'info') clean = false
    // The same rule may be a must at one level and a should at another.
    const key = `${severity} ${code}`
    const known = tally.by_code.get(key)
    const counted = known ?? {
      code,
      severity,
      count: 0,
      dialogues: 0,
      message,
      example: { dialogue_id, turn, excerpt },
    }
    if (known === undefined) tally.by_code.set(key, counted)
    counted.count++
    if (!here.has(key)) counted.dialogues++
    here.add(key)
  }
  if (clean) tally.clean++
}

function addMemorised(tally: ReportTally, { dialogue_id, messages }: Dialogue, index: SeedTextIndex): void {
  for (const [turn, { text }] of messages.entries()) {
    const words = wordsOf(text)
    const run = index.longestRun(words)
    if (run === undefined) continue
    tally.memorised_turns++
    if (tally.memorised.length >= RUNS_SHOWN) continue
    const { seed_dialogue_id, at } = run
    tally.memorised.push({
      dialogue_id,
      turn,
      words: run.words,
      seed_dialogue_id,
      text: words.slice(at, at + run.words).join(' '),
    })
  }
}
