import { FACTS, SLOT_OF, MODIFIERS, type FactName, type FactType } from './facts.ts'
import { slotContexts, type Part } from './template.ts'

/** One thing wrong with a piece of text; `error` keeps the bank from loading. */
export interface TextFault {
  severity: 'error' | 'warning'
  message: string
  fix: string
}

/**
 * Words that stand for risk. Risk enters a dialogue only by the plan, through content/safety/; anywhere else it would
 * put a dialogue at level none before a crisis lint that is right to complain.
 */
const RISK_WORDS =
  /\b(suicid\w*|kill(s|ed|ing)?|hopeless\w*|burden\w*|trapped|no way out|better off without|can't go on|end it all|end it|want to die|self[- ]harm\w*|cutting myself|hurt myself|overdos\w*|not be here any ?more|wish I (was|were)n't here|disappear forever)\b/i

const DETERMINERS = ['the', 'a', 'an', 'your', 'my', 'his', 'her', 'their', 'this', 'that', 'these', 'those']
const MODALS = ['could', 'can', 'might', 'will', 'would', 'should', 'may', 'must', "you'll", "i'll", "you'd", "i'd"]
const PREPOSITIONS = [
  'of',
  'about',
  'with',
  'from',
  'by',
  'at',
  'into',
  'around',
  'over',
  'towards',
  'through',
  'for',
  'on',
  'in',
]

/** Words after which a slot of the type cannot stand. Deliberately short: what is listed is surely wrong. */
const NEVER_AFTER: Readonly<Record<FactType, readonly string[]>> = {
  // "Could {topic} …" asks, so modals may stand before a noun phrase.
  noun_phrase: DETERMINERS.filter((word) => word !== 'that'),
  gerund_phrase: [...DETERMINERS.filter((word) => !['that', 'this'].includes(word)), ...MODALS, 'i', 'you', 'to'],
  verb_phrase: [
    ...DETERMINERS.filter((word) => word !== 'that'),
    ...PREPOSITIONS,
    'is',
    'was',
    'are',
    'be',
    'been',
    'after',
    'before',
    'when',
    'keep',
    'feel',
  ],
  clause: ['the', 'a', 'an', 'your', 'my', 'his', 'her', 'their', ...PREPOSITIONS, ...MODALS, 'to'],
  adjective: [...DETERMINERS.filter((word) => !['that', 'this'].includes(word)), ...MODALS, 'of', 'with', 'to', 'by'],
  adverbial: [
    ...DETERMINERS.filter((word) => !['this', 'that'].includes(word)),
    'of',
    'about',
    'to',
    'with',
    'for',
    ...MODALS,
  ],
  speech: ['the', 'a', 'an', 'of', 'to'],
}

const TYPE_IN_WORDS: Readonly<Record<FactType, string>> = {
  noun_phrase: 'a noun phrase',
  gerund_phrase: 'a gerund phrase (…ing)',
  verb_phrase: 'a verb phrase (base form)',
  clause: 'a clause with its own subject',
  adjective: 'an adjective',
  adverbial: 'an adverbial (when, how long)',
  speech: 'words said to somebody',
}

/** Words in -s that are no verbs. */
const NO_VERB = new Set([
  'as',
  'this',
  'always',
  'perhaps',
  'sometimes',
  'besides',
  'towards',
  'across',
  'plus',
  'us',
  'its',
  'his',
  'hers',
  'yours',
  'nowadays',
  'these',
])

/** `{topic} is` goes wrong with "my exams": the verb must be written `<is/are>`. */
function checkAgreement(parts: readonly Part[]): TextFault[] {
  const faults: TextFault[] = []
  parts.forEach((part, at) => {
    if (part.kind === 'choice') for (const option of part.options) faults.push(...checkAgreement(option))
    const next = parts[at + 1]
    if (part.kind !== 'slot' || part.name !== 'topic' || next?.kind !== 'text') return
    const verb = /^ ([a-z]+s|isn't|doesn't|hasn't|wasn't)\b/.exec(next.text)?.[1]
    const before = parts[at - 1]
    const afterPreposition =
      before?.kind === 'text' && /\b(about|of|with|for|from|behind|around|by|to|in|on)\s*$/.test(before.text)
    if (verb === undefined || NO_VERB.has(verb) || afterPreposition) return
    faults.push({
      severity: 'error',
      message: `"{topic} ${verb}" goes wrong when the topic is plural`,
      fix: 'Write both forms: {topic} <is/are>, {topic} <keeps/keep>.',
    })
  })
  return faults
}

/** Whether the frame puts its slots where their types fit. Slots it does not know are for the caller to judge. */
export function checkFrame(parts: readonly Part[]): TextFault[] {
  const faults: TextFault[] = checkAgreement(parts)
  for (const { slot, before } of slotContexts(parts)) {
    const known = SLOT_OF[slot.name]
    if (known === undefined || known.type === 'number') continue
    if (slot.modifier !== undefined) {
      const allowed = MODIFIERS[slot.modifier]
      if (allowed === undefined) {
        faults.push({
          severity: 'error',
          message: `"{${slot.name}|${slot.modifier}}": there is no modifier "${slot.modifier}"`,
          fix: `Write one of ${Object.keys(MODIFIERS).join(', ')}.`,
        })
        continue
      }
      if (!allowed.includes(known.type)) {
        faults.push({
          severity: 'error',
          message: `"{${slot.name}|${slot.modifier}}": ${slot.name} is ${TYPE_IN_WORDS[known.type]}`,
          fix: `"${slot.modifier}" applies to ${allowed.map((type) => TYPE_IN_WORDS[type]).join(' or ')}.`,
        })
        continue
      }
    }
    if (slot.modifier === 'quoted') continue
    if (slot.name === 'trigger' && before.includes('when'))
      faults.push({
        severity: 'error',
        message: '"when {trigger}": a trigger may be in any tense',
        fix: 'Let the trigger be a sentence or follow "that", "because", "and", a colon.',
      })
    const type: FactType = slot.modifier === 'ing' ? 'gerund_phrase' : known.type
    for (const word of before)
      if (NEVER_AFTER[type].includes(word))
        faults.push({
          severity: 'error',
          message: `"${word} {${slot.name}${slot.modifier === undefined ? '' : `|${slot.modifier}`}}": ${slot.name} is ${TYPE_IN_WORDS[type]} and cannot stand after "${word}"`,
          fix: `It must read like: ${known.fact === undefined ? slot.name : FACTS[known.fact].fits}`,
        })
  }
  return faults
}

const CLAUSE_START_WRONG = /^(to|of|about|with) /i
const NOUNS_OF_FEELING = new Set([
  'anxiety',
  'shame',
  'guilt',
  'anger',
  'sadness',
  'loneliness',
  'fear',
  'grief',
  'stress',
  'panic',
  'worry',
  'pressure',
])

/** Whether a fact's value is of its declared type, as far as spelling can tell. */
export function checkFact(name: FactName, value: string): TextFault[] {
  const faults: TextFault[] = []
  const { type, fits } = FACTS[name]
  const error = (message: string, fix = `It must fit: ${fits}`): void =>
    void faults.push({ severity: 'error', message, fix })
  const warning = (message: string, fix = `It must fit: ${fits}`): void =>
    void faults.push({ severity: 'warning', message, fix })
  const words = value.split(/\s+/)
  const first = words[0]?.toLowerCase() ?? ''

  if (value !== value.trim() || /\s{2,}/.test(value)) error('has spaces at an end or double spaces', 'Take them out.')
  if (/[.!]$/.test(value) && !/\.\.\.$|…$/.test(value))
    error('ends with a full stop', 'The frame ends the sentence; take it out.')
  if (/[{}[\]|]/.test(value)) error('holds one of { } [ ] |', 'A fact is plain words; put slots and choices in frames.')
  if (RISK_WORDS.test(value))
    error(
      `holds a word of risk ("${RISK_WORDS.exec(value)?.[0] ?? ''}")`,
      'Risk comes only from content/safety/; say it otherwise.',
    )
  if (words.length > 26) warning(`has ${words.length} words`, 'Facts of 4 to 16 words sound spoken.')
  if (type !== 'noun_phrase' && /^[A-Z]/.test(value) && !/^(I\b|I'|[A-Z][a-z]+('s)?\b(?= [a-z]))/.test(value))
    warning('starts with a capital', 'Start in lower case unless it is I or a name.')
  const unquoted = value.replace(/(^|[\s(])'.*?'(?=$|[\s.,;:!?)])/g, ' ')
  if (type !== 'speech' && /\b(?<!thank[- ])(you|your|yours|yourself)\b/i.test(unquoted))
    error(
      'says "you": in an echo nobody could tell who is meant',
      "Say it without, or put what somebody said in 'single quotes'.",
    )

  switch (type) {
    case 'noun_phrase':
      if (/^(i|he|she|they|we) /i.test(value) || /^to /i.test(value)) error('is no noun phrase')
      if (name === 'topic' && /^(what|how|whatever|whether|why)\b/i.test(value))
        error('is a clause, not a thing', 'Write a noun: my temper in the car, not what happens to me in the car.')
      if (name === 'value' && words.length < 2)
        error('is too short to be echoed', 'Write a phrase: being there for the two of them.')
      break
    case 'verb_phrase':
      if (/^(to|i|could|would|will|might|can|should) /i.test(value))
        error(`starts with "${first}"; a verb phrase starts with the bare verb`)
      if (/^\w{3,}ing$/.test(first) && !['bring', 'sing', 'ring', 'swing', 'string', 'cling', 'fling'].includes(first))
        error('is a gerund, not a bare verb')
      break
    case 'gerund_phrase':
      if (!words.slice(0, 2).some((word) => /ing\b/.test(word))) error('does not start with an …ing word')
      break
    case 'clause':
      if (CLAUSE_START_WRONG.test(value)) error('is no clause: it lacks a subject')
      if (words.length < 3) warning('is very short for a clause')
      if (value.endsWith('?')) error('is a question', `Make it a statement. It must fit: ${fits}`)
      break
    case 'adjective':
      if (words.length > 4)
        error('is longer than four words', 'Feelings are single adjectives or short set phrases (on edge).')
      if (NOUNS_OF_FEELING.has(value.toLowerCase())) error('is a noun', 'Write the adjective: ashamed, not shame.')
      break
    case 'adverbial':
      if (/^(i|he|she|they) /i.test(value)) error('is a clause, not a time')
      break
    case 'speech':
      break
  }
  return faults
}

/** Sentences of the assistant that a bundle brings along. */
export function checkAssistantSentence(kind: 'reflection' | 'question', text: string): TextFault[] {
  const faults: TextFault[] = []
  if (RISK_WORDS.test(text))
    faults.push({
      severity: 'error',
      message: `holds a word of risk ("${RISK_WORDS.exec(text)?.[0] ?? ''}")`,
      fix: 'Say it otherwise.',
    })
  if (
    /(^|[^'\w])(I|I'm|I've|my|me)\b/.test(text.replace(/'[^']*'(?=[\s.,?!]|$)/g, '')) &&
    !/\b(I wonder|I hear|I notice|tell me|let me|help me|I'm (curious|wondering|sorry|glad))\b/i.test(text)
  )
    faults.push({
      severity: 'warning',
      message: 'speaks of the assistant or in the first person',
      fix: 'Speak to the client: you, your.',
    })
  if (kind === 'reflection' && !/[.…]$/.test(text))
    faults.push({
      severity: 'error',
      message: 'does not end with a full stop',
      fix: 'A reflection is a whole sentence that states; end it with a full stop.',
    })
  if (kind === 'question' && !text.endsWith('?'))
    faults.push({ severity: 'error', message: 'does not end with a question mark', fix: 'End it with one.' })
  if (text.split(/\s+/).length > 32)
    faults.push({
      severity: 'warning',
      message: `has ${text.split(/\s+/).length} words`,
      fix: 'Keep it at 25 or fewer.',
    })
  return faults
}
