import { hasCue, registerCues } from '../cues.ts'
import { CRISIS_NUMBERS } from '../resources.ts'
import { CHECKED_RULES as RULES } from '../rules/checks.ts'
import { FIRST_NAMES, NOT_A_SURNAME } from '../rules/names.ts'
import type { TurnText } from '../turn-text.ts'
import type { Report } from './report-finding.ts'

const EMAIL =
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[\w.+-]+ (?:at|\(at\)|\[at\]) [\w-]+ (?:dot|\(dot\)|\[dot\]) (?:com|net|org|co|uk|edu)\b/i
/** Seven or more digits with the marks people put between them. Groups of one digit (5-4-3-2-1, 4-7-8) are counts. */
const NUMBER_RUN = /(?<![\w.])\+?\(?\d[\d ().-]{5,}\d(?!\w)/g
const ADDRESS =
  /\b\d{1,5}[a-z]? (?:[A-Z][\w']+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Crescent|Close|Way|Terrace|Place|Pl|Square|Gardens|Grove|Parade|Highway)\b\.?|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b(?:P\.?O\.? Box) \d+/
const HANDLE =
  /(?<![\w@.])@[A-Za-z_][\w.]{2,}|\b(?:https?:\/\/|www\.)(?!(?:www\.)?(?:findahelpline|988lifeline|samaritans|crisistextline|lifeline|beyondblue|giveusashout|textaboutit|pieta|1737|kidshelpphone|988|nhs|suicidecallbackservice))\S+/i
const IDENTIFIER =
  /\b\d{3}-\d{2}-\d{4}\b|\b(?:\d{4}[ -]){3}\d{4}\b|\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}\b|\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b|\b(?:born on|date of birth|dob|d\.o\.b\.)[: ]+\d/i
const CAPITALISED_PAIR = /(?<![\w'’])([A-Z][a-z]+(?:[-'’][A-Z]?[a-z]+)?) ([A-Z][a-z]+(?:[-'’][A-Z]?[a-z]+)?)\b/g
const TITLED = /\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor)\.? [A-Z][a-z]+ [A-Z][a-z]+\b/
const SELF_NAMED = /\b(?:my name is|my full name is|i'?m called|call me|signed,?) ([A-Z][a-z]+ [A-Z][a-z]+)/i

const SPELLED_EMAIL_CUES = registerCues(['dot'])
const NAME_CUES = registerCues([
  ...FIRST_NAMES,
  ...['mr', 'mrs', 'ms', 'miss', 'dr', 'prof', 'professor', 'name is', 'called', 'call me', 'signed'],
])

/** Personal data that must not be trained on. Careful about names: a pair counts only after a known first name or a title. */
export function checkPersonalData(turns: readonly TurnText[], report: Report): void {
  for (const turn of turns) {
    const { text, cues } = turn
    const at = text.includes('@')
    if (at || hasCue(cues, SPELLED_EMAIL_CUES)) find(EMAIL, turn, (where) => report(RULES.email, where))
    if (at || text.includes('://') || text.includes('www.')) {
      const handle = HANDLE.exec(text)
      if (handle !== null && !EMAIL.test(text)) report(RULES.handle, span(turn, handle))
    }
    if (/\d/.test(text)) {
      const identified = find(IDENTIFIER, turn, (where) => report(RULES.identifier, where))
      if (!identified) {
        const phone = phoneIn(text)
        if (phone !== undefined) report(RULES.phone, { turn, ...phone })
      }
      find(ADDRESS, turn, (where) => report(RULES.address, where))
    }
    const name = hasCue(cues, NAME_CUES) ? fullName(text) : undefined
    if (name !== undefined) report(RULES.full_name, { turn, ...name })
  }
}

function find(
  expression: RegExp,
  turn: TurnText,
  report: (where: { turn: TurnText; start: number; end: number }) => void,
): boolean {
  const found = expression.exec(turn.text)
  if (found === null) return false
  report(span(turn, found))
  return true
}

function span(turn: TurnText, found: RegExpExecArray): { turn: TurnText; start: number; end: number } {
  return { turn, start: found.index, end: found.index + found[0].length }
}

function phoneIn(text: string): { start: number; end: number } | undefined {
  NUMBER_RUN.lastIndex = 0
  for (let found = NUMBER_RUN.exec(text); found !== null; found = NUMBER_RUN.exec(text)) {
    const run = found[0]
    const digits = run.replace(/\D/g, '')
    if (digits.length < 7 || digits.length > 15) continue
    if (isCrisisNumber(digits)) continue
    const groups = run.split(/\D+/).filter((group) => group !== '')
    // 5-4-3-2-1, "4 7 8 4 7 8", years in a row: counts, not numbers to call.
    if (groups.length > 2 && groups.every((group) => group.length <= 2) && !/\(/.test(run) && groups.length > 5)
      continue
    if (groups.every((group) => group.length === 1)) continue
    if (groups.every((group) => group.length === 4 && /^(?:19|20)/.test(group))) continue
    if (/^\d{4}-\d{2}-\d{2}$/.test(run)) continue
    return { start: found.index, end: found.index + run.length }
  }
  return undefined
}

/** Two crisis numbers said one after the other ("116 123 or 85258") may run together. */
function isCrisisNumber(digits: string): boolean {
  if (CRISIS_NUMBERS.has(digits) || (digits.startsWith('44') && CRISIS_NUMBERS.has(`0${digits.slice(2)}`))) return true
  for (const number of CRISIS_NUMBERS) {
    if (digits.startsWith(number) && CRISIS_NUMBERS.has(digits.slice(number.length))) return true
  }
  return false
}

function fullName(text: string): { start: number; end: number } | undefined {
  const titled = TITLED.exec(text)
  if (titled !== null) return { start: titled.index, end: titled.index + titled[0].length }
  const named = SELF_NAMED.exec(text)
  if (named?.[1] !== undefined && /^[A-Z][^ ]* [A-Z]/.test(named[1])) {
    return { start: named.index, end: named.index + named[0].length }
  }
  CAPITALISED_PAIR.lastIndex = 0
  for (let found = CAPITALISED_PAIR.exec(text); found !== null; found = CAPITALISED_PAIR.exec(text)) {
    const first = (found[1] ?? '').toLowerCase()
    const second = (found[2] ?? '').toLowerCase()
    if (FIRST_NAMES.has(first) && !NOT_A_SURNAME.has(second) && !FIRST_NAMES.has(second)) {
      return { start: found.index, end: found.index + found[0].length }
    }
    // The second word may begin the pair that counts: "Today Anna Kowalska".
    CAPITALISED_PAIR.lastIndex = found.index + (found[1] ?? '').length
  }
  return undefined
}
