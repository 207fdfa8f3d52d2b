import { hasCue, registerCues } from '../cues.ts'
import { CHECKED_RULES as RULES } from '../rules/checks.ts'
import type { TurnText } from '../turn-text.ts'
import type { Report } from './report-finding.ts'

const SLOT_MARK = /[{#<[$%]/
const SLOT_CUES = registerCues(['undefined', 'null', 'nan', 'todo', 'tbd', 'xxx'])
const SLOT =
  /\{\{?[^{}]{0,40}\}?\}|#[a-z][\w.]*#|<[a-z_ ]{2,30}>|\[(?:[A-Z_ ]{3,30}|name|person|place|date|feeling|situation|insert[^\]]*)\]|\b(?:undefined|null|NaN)\b|\$\{|%[sd]\b|\b(?:TODO|TBD|XXX)\b/
/** Words that English doubles, or that people repeat on purpose. */
const MAY_DOUBLE: ReadonlySet<string> = new Set(
  'that had so very really no yes never ha hey now much many again more blah la bye okay there well on in is you long far deep slow please just why he she her his it out up over down by ever'.split(
    ' ',
  ),
)
/** An article before a letter that may not suit it; the sound decides. */
const ARTICLE = /\b(a(?= [aeiouh])|an(?= [b-df-hj-np-tv-zuoe])) ([a-z]+)/g
const VOWEL_SOUND = /^(?:[aio]|e(?!u|w)|u(?!ni(?!m|n)|s(?:[aeiu])|til|biq|k|tensil|rin|to))|^(?:hour|honest|hono|heir)/
const CONSONANT_SOUND = /^(?:one|once|ouija|oneness|ones)/
const PUNCTUATION =
  /[,;:] ?[.!?](?!\.)|[.!?] ?[,;](?!\w)| [,;!?]| \.(?=\s|$)|,,|;;|\(\s*\)|\s{2,}\S|(?<!\.)\.\.(?!\.)|\?{3,}|!{3,}|^[,;.:!?]/

/** What a reader stumbles over: placeholders, doubled words, articles, punctuation. Template hygiene, for either side. */
export function checkTextFaults(turns: readonly TurnText[], report: Report): void {
  for (const turn of turns) {
    const { text, lower } = turn
    const slot = SLOT_MARK.test(text) || hasCue(turn.cues, SLOT_CUES) ? SLOT.exec(text) : null
    if (slot !== null) report(RULES.unfilled_slot, { turn, start: slot.index, end: slot.index + slot[0].length })
    const twice = turn.doubled.find((at) => !MAY_DOUBLE.has(wordAt(lower, at)))
    if (twice !== undefined)
      report(RULES.doubled_word, { turn, start: twice, end: twice + wordAt(lower, twice).length })
    // People type as they like; the assistant is held to its articles and marks.
    if (turn.role !== 'assistant') continue
    const article = wrongArticle(lower)
    if (article !== undefined) report(RULES.wrong_article, { turn, ...article })
    const mark = PUNCTUATION.exec(text)
    if (mark !== null) report(RULES.punctuation, { turn, start: mark.index, end: mark.index + mark[0].length })
  }
}

function wordAt(lower: string, at: number): string {
  return /[a-z0-9'À-῿]*/y.exec(lower.slice(at))?.[0] ?? ''
}

function wrongArticle(lower: string): { start: number; end: number } | undefined {
  ARTICLE.lastIndex = 0
  for (let found = ARTICLE.exec(lower); found !== null; found = ARTICLE.exec(lower)) {
    const article = found[1]
    const word = found[2] ?? ''
    // Letters said by name (an MRI) and the client's "a and b" are left alone.
    if (word.length < 3 || (article === 'a' && (word === 'and' || word === 'if'))) continue
    const vowel = VOWEL_SOUND.test(word) && !CONSONANT_SOUND.test(word)
    if (vowel === (article === 'an')) continue
    return { start: found.index, end: found.index + found[0].length }
  }
  return undefined
}
