import { createHash } from 'node:crypto'
import type { Dialogue } from '../dialogue/schema.ts'
import type { RiskLevel } from '../dialogue/vocabulary.ts'
import { highestRisk } from '../dialogue/vocabulary.ts'
import { checkLabels } from './checks/labels.ts'
import { checkPersonalData } from './checks/personal-data.ts'
import { checkProtocol } from './checks/protocol.ts'
import type { Report } from './checks/report-finding.ts'
import { findingOf } from './checks/report-finding.ts'
import { checkStructure } from './checks/structure.ts'
import { checkTextFaults } from './checks/text-faults.ts'
import type { Checked, Finding } from './finding.ts'
import type { Phrase } from './phrases.ts'
import { compilePhrases } from './phrases.ts'
import type { Locale } from './resources.ts'
import type { RiskReading, RiskTable } from './risk-signals.ts'
import { levelOfSignals, readRisk } from './risk-signals.ts'
import * as acts from './rules/assistant-acts.ts'
import { CHECKED_RULES } from './rules/checks.ts'
import { FORBIDDEN } from './rules/forbidden.ts'
import { LANGUAGE } from './rules/language.ts'
import type { ProtocolLevel } from './rules/protocol.ts'
import { PROTOCOL } from './rules/protocol.ts'
import { RISK_PATTERNS, RISK_TABLES } from './rules/risk-signal-patterns.ts'
import type { PhraseRule, Rule, Severity } from './rules/rule.ts'
import type { SeedTextIndex } from './seed-text-index.ts'
import type { TurnText } from './turn-text.ts'
import { readTurns, wordsOfLower } from './turn-text.ts'

export interface LintOptions {
  /** Whose crisis resources hold; without it those of any country do. */
  locale?: Locale
  /** Rules switched off or weighed otherwise, by id. */
  rules?: { off?: readonly string[]; severity?: Readonly<Record<string, Severity>> }
  /** Runs of 8 or more words of these seeds are errors. */
  seedIndex?: SeedTextIndex
  /** Which published cut turns signals into levels. @default 'c-ssrs' */
  riskTable?: RiskTable
  /** Also the findings of severity `info`. @default true */
  info?: boolean
}

const PHRASE_RULES: readonly PhraseRule[] = [...FORBIDDEN, ...LANGUAGE]
const ofAssistant = PHRASE_RULES.filter((rule) => rule.said_by !== 'client')
const ofClient = PHRASE_RULES.filter((rule) => rule.said_by !== 'assistant')
const matchAssistant = compilePhrases(ofAssistant)
const matchClient = compilePhrases(ofClient)

/** Every rule there is, for reference pages and for counting findings by code. */
export const RULES: readonly Pick<Rule, 'id' | 'version' | 'message' | 'source'>[] = [
  ...PHRASE_RULES,
  ...PROTOCOL,
  ...Object.values(CHECKED_RULES),
]

/**
 * `1.<hash>`: the hash is over every rule's id, version and phrases, over what replies are read for and over the risk tables, so no change of a rule
 * leaves the version as it was.
 */
export const RULES_VERSION: string = rulesVersion()

/**
 * Safety lint: holds a dialogue against the protocol by level of risk, forbidden content, false crisis talk, labels,
 * structure, language, personal data and memorised seed text. Pure and synchronous; findings in order of their turn,
 * whole-dialogue findings last.
 *
 * The level that the protocol is held to is the highest of the label and of what the client's words signal; a label of
 * `low` with no signal in the text or in `risk.signals` (plain distress) calls for no crisis rules.
 */
export function lintDialogue(dialogue: Dialogue, options: LintOptions = {}): Checked {
  const turns = readTurns(dialogue)
  const reading = readRisk(turns, options.riskTable)
  const findings: Finding[] = []
  const off = options.rules?.off
  const reweighed = options.rules?.severity
  const report: Report = (rule, where = {}, fill = {}) => {
    if (off?.includes(rule.id) === true) return
    const severity = reweighed?.[rule.id]
    const finding = findingOf(rule, severity === undefined ? where : { ...where, severity }, fill)
    if (finding.severity === 'info' && options.info === false) return
    findings.push(finding)
  }

  const level = protocolLevel(dialogue, reading, options.riskTable)
  const disclosure = reading.found.find((one) => one.certainty === 'clear')?.turn
  checkStructure(dialogue, turns, reading, report)
  checkPhrases(turns, level, disclosure, report)
  checkProtocol({ turns, reading, level, disclosure, locale: options.locale }, report)
  checkLabels(dialogue, turns, reading, level !== 'none' && level !== 'distress', report)
  checkTextFaults(turns, report)
  checkPersonalData(turns, report)
  if (options.seedIndex !== undefined) checkMemorised(turns, options.seedIndex, report)

  findings.sort((a, b) => (a.turn ?? Infinity) - (b.turn ?? Infinity) || 0)
  return { findings, rules_version: RULES_VERSION }
}

/**
 * Which column of the table by level holds; `distress` where the label is low and no signal is voiced, which calls for
 * no crisis rules and forbids none.
 */
export function protocolLevel(dialogue: Dialogue, reading: RiskReading, table?: RiskTable): ProtocolLevel | 'distress' {
  const declared = dialogue.risk?.signals ?? []
  if (reading.imminent || dialogue.risk?.imminent === true) return 'imminent'
  const signalled = declared.length > 0 ? highestRisk([reading.level, levelOfSignals(declared, table)]) : reading.level
  const label: RiskLevel = dialogue.labels.max_risk_level ?? 'none'
  if (label === 'low' && signalled === 'none') return 'distress'
  return highestRisk([label, signalled])
}

function checkPhrases(
  turns: readonly TurnText[],
  level: ProtocolLevel | 'distress',
  disclosure: number | undefined,
  report: Report,
): void {
  const atRisk = level !== 'none' && level !== 'distress'
  for (const turn of turns) {
    const hits = turn.role === 'assistant' ? matchAssistant(turn) : matchClient(turn)
    for (const { set: rule, start, end } of hits) {
      const afterDisclosure = atRisk && turn.index > (disclosure ?? -1)
      if (rule.after_disclosure === true && !afterDisclosure) continue
      const where = { turn, start, end }
      if (rule.id === 'language.jargon' && afterDisclosure) report(CHECKED_RULES.jargon_at_risk, where)
      else report(rule, where)
    }
  }
}

function checkMemorised(turns: readonly TurnText[], index: SeedTextIndex, report: Report): void {
  for (const turn of turns) {
    const run = index.mayHoldRun(turn.lower) ? index.longestRun(wordsOfLower(turn.lower)) : undefined
    if (run === undefined) continue
    const { start, end } = wordSpan(turn, run.at, run.words)
    report(CHECKED_RULES.memorised, { turn, start, end }, { words: run.words, seed: run.seed_dialogue_id })
  }
}

/** Offsets of a run of words in the text of the turn. */
function wordSpan(turn: TurnText, first: number, count: number): { start: number; end: number } {
  let from = 0
  let start = 0
  for (const [at, word] of wordsOfLower(turn.lower)
    .slice(0, first + count)
    .entries()) {
    const found = turn.lower.indexOf(word, from)
    if (at === first) start = found
    from = found + word.length
  }
  return { start, end: from }
}

function rulesVersion(): string {
  const hash = createHash('sha256')
  const phrases = (list: readonly Phrase[]): string[] =>
    list.map((one) =>
      one instanceof RegExp
        ? one.source
        : `${one.match.source} unless ${one.unless?.source ?? ''} at ${one.cues?.join() ?? ''}`,
    )
  hash.update(
    JSON.stringify([
      RULES.map(({ id, version }) => [id, version]),
      PHRASE_RULES.map((rule) => [
        rule.id,
        rule.cues,
        phrases(rule.phrases),
        (rule.unless ?? []).map((one) => one.source),
      ]),
      RISK_PATTERNS.map((one) => [
        one.signal,
        one.certainty,
        one.cues,
        phrases(one.phrases),
        (one.unless ?? []).map((u) => u.source),
      ]),
      PROTOCOL.map(({ id, duty }) => [id, duty]),
      Object.entries(acts).map(([name, expression]) => [name, expression.source]),
      RISK_TABLES,
    ]),
  )
  return `1.${hash.digest('hex').slice(0, 8)}`
}
