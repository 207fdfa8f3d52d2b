import type { Dialogue } from '../dialogue/schema.ts'
import {
  CONCERN_GROUPS,
  INTENTS,
  RISK_LEVELS,
  SENTIMENTS,
  SESSION_TYPES,
  concernGroup,
  highestRisk,
} from '../dialogue/vocabulary.ts'
import { DEFAULT_TARGET, rescaleShares, type TargetDistribution } from '../generate/target.ts'
import { createBytesTable } from './bytes-table.ts'
import { MESSAGE_SLOT, METHODS, ROLES, SLOT } from './record-shape.ts'
import { characterCount, messageSlot, type RecordWalker } from './record-walker.ts'

/**
 * What a dataset holds, counted. The first six names are those of the present tools' `statistics`; ours follow.
 * Distributions leave out what does not occur, apart from those over a closed vocabulary of the target.
 */
export interface Statistics {
  total_dialogues: number
  session_types: Record<string, number>
  /** By assistant turn. */
  intent_distribution: Record<string, number>
  /** By dialogue: `labels.overall_sentiment`. */
  sentiment_distribution: Record<string, number>
  /** By dialogue: `labels.max_risk_level`, or the highest of its turns where that is missing. */
  risk_level_distribution: Record<string, number>
  /** By dialogue: `labels.therapeutic_technique`. */
  therapeutic_techniques: Record<string, number>
  concerns: Record<string, number>
  concern_groups: Record<string, number>
  /** Concerns that the table of groups does not know; they count as other. */
  unknown_concerns: string[]
  /** By assistant turn: `techniques`. */
  turn_techniques: Record<string, number>
  /** `provenance.method`, or seed and synthetic by `labels.synthetic` where there is none. */
  methods: Record<string, number>
  /** Messages in a dialogue, and characters (Unicode code points) in a message, by role. */
  turns: Spread
  user_characters: Spread
  assistant_characters: Spread
  against_target: TargetComparison[]
}

export interface Spread {
  total: number
  mean: number
  min: number
  /** Exact up to 4,095; what is longer counts as 4,095 in the percentiles. */
  p10: number
  p50: number
  p90: number
  max: number
}

export interface TargetComparison {
  axis: 'session_type' | 'concern' | 'risk'
  value: string
  count: number
  /** Shares 0..1. */
  share: number
  target: number
}

export interface StatisticsCounter {
  add(dialogue: Dialogue): void
  /** The same for a record that the walker has just accepted. */
  addWalked(walker: RecordWalker, bytes: Buffer): void
  statistics(): Statistics
}

/** Counts as the dialogues pass, in memory that does not grow with their number. */
export function createStatisticsCounter(target: TargetDistribution = DEFAULT_TARGET): StatisticsCounter {
  let total = 0
  const sessionTypes = new Uint32Array(SESSION_TYPES.length)
  const intents = new Uint32Array(INTENTS.length)
  const sentiments = new Uint32Array(SENTIMENTS.length)
  const risks = new Uint32Array(RISK_LEVELS.length)
  const methods = new Map<string, number>()
  const concerns = createTally()
  const techniques = createTally()
  const turnTechniques = createTally()
  const turns = createSpread()
  const characters = [createSpread(), createSpread()] as const

  const count = (counts: Uint32Array, index: number): void => {
    if (index >= 0) counts[index] = (counts[index] ?? 0) + 1
  }
  const countMethod = (name: string): void => {
    methods.set(name, (methods.get(name) ?? 0) + 1)
  }

  return {
    add(dialogue) {
      total += 1
      count(sessionTypes, SESSION_TYPES.indexOf(dialogue.session_type))
      count(sentiments, indexIn(SENTIMENTS, dialogue.labels.overall_sentiment))
      concerns.add(dialogue.user_profile.concern)
      const technique = dialogue.labels.therapeutic_technique
      if (technique !== undefined) techniques.add(technique)
      countMethod(dialogue.provenance?.method ?? (dialogue.labels.synthetic === true ? 'synthetic' : 'seed'))
      turns.add(dialogue.messages.length)
      for (const message of dialogue.messages) {
        characters[ROLES.indexOf(message.role)]?.add(characterCount(message.text))
        if (message.role === 'user') continue
        count(intents, indexIn(INTENTS, message.intent))
        if (message.techniques !== undefined) turnTechniques.add(message.techniques)
      }
      count(risks, RISK_LEVELS.indexOf(riskOf(dialogue)))
    },
    addWalked(walker, bytes) {
      const { spans, codes } = walker
      total += 1
      count(sessionTypes, codes[SLOT.session_type] ?? -1)
      count(sentiments, codes[SLOT.overall_sentiment] ?? -1)
      concerns.addLiteral(bytes, spans[SLOT.concern * 2] ?? 0, spans[SLOT.concern * 2 + 1] ?? 0)
      const technique = spans[SLOT.therapeutic_technique * 2] ?? -1
      if (technique !== -1) techniques.addLiteral(bytes, technique, spans[SLOT.therapeutic_technique * 2 + 1] ?? 0)
      countMethod(METHODS[codes[SLOT.method] ?? -1] ?? (codes[SLOT.synthetic] === 1 ? 'synthetic' : 'seed'))
      turns.add(walker.messages)
      let highest = 0
      for (let message = 0; message < walker.messages; message++) {
        const slot = messageSlot(message)
        const role = codes[slot + MESSAGE_SLOT.role] ?? 0
        characters[role === 0 ? 0 : 1].add(walker.textCharacters[message] ?? 0)
        if (role === 0) continue
        count(intents, codes[slot + MESSAGE_SLOT.intent] ?? -1)
        highest = Math.max(highest, codes[slot + MESSAGE_SLOT.risk_level] ?? 0)
        const start = spans[(slot + MESSAGE_SLOT.techniques) * 2] ?? -1
        if (start !== -1) turnTechniques.addLiteral(bytes, start, spans[(slot + MESSAGE_SLOT.techniques) * 2 + 1] ?? 0)
      }
      const risk = codes[SLOT.max_risk_level] ?? -1
      count(risks, risk === -1 ? highest : risk)
    },
    statistics() {
      const concernCounts = concerns.counts()
      const groups: Record<string, number> = Object.fromEntries(CONCERN_GROUPS.map((group) => [group, 0]))
      const unknown: string[] = []
      for (const [concern, number] of Object.entries(concernCounts)) {
        const { group, known } = concernGroup(concern)
        groups[group] = (groups[group] ?? 0) + number
        if (!known) unknown.push(concern)
      }
      const sessionCounts = byName(SESSION_TYPES, sessionTypes)
      const riskCounts = byName(RISK_LEVELS, risks)
      return {
        total_dialogues: total,
        session_types: sessionCounts,
        intent_distribution: occurring(byName(INTENTS, intents)),
        sentiment_distribution: occurring(byName(SENTIMENTS, sentiments)),
        risk_level_distribution: riskCounts,
        therapeutic_techniques: techniques.counts(),
        concerns: concernCounts,
        concern_groups: groups,
        unknown_concerns: unknown,
        turn_techniques: turnTechniques.counts(),
        methods: sortedByCount(methods),
        turns: turns.spread(),
        user_characters: characters[0].spread(),
        assistant_characters: characters[1].spread(),
        against_target: [
          ...compare('session_type', target.session_type, sessionCounts, total),
          ...compare('concern', target.concern, groups, total),
          ...compare('risk', target.risk, riskCounts, total),
        ],
      }
    },
  }
}

/** Counts all dialogues of a stream. */
export async function collectStatistics(
  dialogues: AsyncIterable<{ dialogue: Dialogue }> | Iterable<{ dialogue: Dialogue }>,
  target: TargetDistribution = DEFAULT_TARGET,
): Promise<Statistics> {
  const counter = createStatisticsCounter(target)
  for await (const { dialogue } of dialogues) counter.add(dialogue)
  return counter.statistics()
}

function riskOf(dialogue: Dialogue): (typeof RISK_LEVELS)[number] {
  return (
    dialogue.labels.max_risk_level ??
    highestRisk(
      dialogue.messages.flatMap((message) =>
        message.role === 'assistant' && message.risk_level !== undefined ? [message.risk_level] : [],
      ),
    )
  )
}

function indexIn<T>(values: readonly T[], value: T | undefined): number {
  return value === undefined ? -1 : values.indexOf(value)
}

function compare<K extends string>(
  axis: TargetComparison['axis'],
  shares: Readonly<Record<K, number>>,
  counts: Readonly<Record<string, number>>,
  total: number,
): TargetComparison[] {
  const scaled = rescaleShares(shares, undefined)
  const names: string[] = Object.keys(shares)
  return names.map((value) => {
    const count = counts[value] ?? 0
    const target = [...scaled].find(([name]) => name === value)?.[1] ?? 0
    return { axis, value, count, share: total === 0 ? 0 : rounded(count / total, 4), target: rounded(target, 4) }
  })
}

function byName(names: readonly string[], counts: Uint32Array): Record<string, number> {
  return Object.fromEntries(names.map((name, index) => [name, counts[index] ?? 0]))
}

function occurring(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

/** Most frequent first, equal ones by name: a report must not change with the order of the file. */
function sortedByCount(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}

/**
 * Counts JSON values (a string, or an array of strings) by their text. Bytes are only compared; what they mean is
 * worked out once for each distinct text, at the end.
 */
function createTally() {
  const table = createBytesTable(64)
  let counts = new Uint32Array(64)
  const increment = (index: number): void => {
    if (index >= counts.length) {
      const larger = new Uint32Array(counts.length * 2)
      larger.set(counts)
      counts = larger
    }
    counts[index] = (counts[index] ?? 0) + 1
  }
  return {
    addLiteral(bytes: Buffer, start: number, end: number): void {
      increment(table.intern(bytes, start, end))
    },
    add(value: string | readonly string[]): void {
      const literal = Buffer.from(JSON.stringify(value))
      increment(table.intern(literal, 0, literal.length))
    },
    counts(): Record<string, number> {
      const merged = new Map<string, number>()
      for (let index = 0; index < table.size; index++) {
        const value: unknown = JSON.parse(table.text(index))
        for (const name of Array.isArray(value) ? value : [value])
          if (typeof name === 'string') merged.set(name, (merged.get(name) ?? 0) + (counts[index] ?? 0))
      }
      return sortedByCount(merged)
    },
  }
}

const LONGEST = 4095

function createSpread() {
  const histogram = new Uint32Array(LONGEST + 1)
  let count = 0
  let total = 0
  let min = 0
  let max = 0
  const percentile = (share: number): number => {
    let below = 0
    for (let value = 0; value <= LONGEST; value++) {
      below += histogram[value] ?? 0
      // The nearest-rank percentile: the least value that at least this share of the values does not exceed.
      if (below > 0 && below >= share * count) return value
    }
    return 0
  }
  return {
    add(value: number): void {
      min = count === 0 ? value : Math.min(min, value)
      max = Math.max(max, value)
      count += 1
      total += value
      const bucket = Math.min(value, LONGEST)
      histogram[bucket] = (histogram[bucket] ?? 0) + 1
    },
    spread: (): Spread => ({
      total,
      mean: count === 0 ? 0 : rounded(total / count, 2),
      min,
      p10: percentile(0.1),
      p50: percentile(0.5),
      p90: percentile(0.9),
      max,
    }),
  }
}
