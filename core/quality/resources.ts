/**
 * Crisis resources per locale, as data. Free to the caller, confidential and open at all hours unless a note says
 * otherwise. Numbers change: each entry names the service's own page and when it was last compared with it; a team that
 * trains an assistant for one country should have a clinician of that country confirm its entry.
 */
export const LOCALES = ['US', 'CA', 'UK', 'IE', 'AU', 'NZ', 'generic'] as const
export type Locale = (typeof LOCALES)[number]

export interface CrisisResource {
  name: string
  /** How it may also be called in a reply, in lower case. */
  also_known_as: readonly string[]
  /** As it stands in the middle of a sentence, where that is neither the name nor *the* before it. */
  in_a_sentence?: string
  /** As one says it aloud: `988`, `116 123`. */
  call?: string
  /** Number to send a text to, with the word to send where the service asks for one. */
  text?: { number: string; word?: string }
  url: string
  free: boolean
  confidential: boolean
  hours: '24/7' | 'see note'
  note?: string
}

/**
 * Every number was compared in November 2026 with public pages, the service's own or ones that name it, of which some are
 * years old: confirm each locale with the services' own sites before a release that names them. (Pages differ in the word to
 * send to 50808; any word opens the conversation.)
 */
export interface LocaleResources {
  locale: Locale
  country: string
  /** The emergency number first named is the one to say. */
  emergency: readonly string[]
  /** The first is the one to name first. */
  crisis: readonly CrisisResource[]
}

const line = (
  resource: Omit<CrisisResource, 'free' | 'confidential' | 'hours' | 'also_known_as'> & Partial<CrisisResource>,
): CrisisResource => ({ free: true, confidential: true, hours: '24/7', also_known_as: [], ...resource })

const SAMARITANS = {
  name: 'Samaritans',
  also_known_as: ['the samaritans'],
  call: '116 123',
}

export const RESOURCES: Readonly<Record<Locale, LocaleResources>> = {
  US: {
    locale: 'US',
    country: 'United States',
    emergency: ['911'],
    crisis: [
      line({
        name: '988 Suicide & Crisis Lifeline',
        also_known_as: [
          '988 lifeline',
          '988 suicide and crisis lifeline',
          'suicide and crisis lifeline',
          'the lifeline',
        ],
        call: '988',
        text: { number: '988' },
        url: 'https://988lifeline.org',
      }),
      line({
        name: 'Crisis Text Line',
        text: { number: '741741', word: 'HOME' },
        url: 'https://www.crisistextline.org',
      }),
    ],
  },
  CA: {
    locale: 'CA',
    country: 'Canada',
    emergency: ['911'],
    crisis: [
      line({
        name: '9-8-8: Suicide Crisis Helpline',
        in_a_sentence: 'the 988 Suicide Crisis Helpline',
        also_known_as: ['988 suicide crisis helpline', 'suicide crisis helpline'],
        call: '988',
        text: { number: '988' },
        url: 'https://988.ca',
        note: 'English and French',
      }),
      line({
        name: 'Kids Help Phone',
        call: '1-800-668-6868',
        text: { number: '686868', word: 'CONNECT' },
        url: 'https://kidshelpphone.ca',
        note: 'for young people; adults may text as well',
      }),
    ],
  },
  UK: {
    locale: 'UK',
    country: 'United Kingdom',
    emergency: ['999', '112'],
    crisis: [
      line({ ...SAMARITANS, url: 'https://www.samaritans.org' }),
      line({ name: 'Shout', text: { number: '85258', word: 'SHOUT' }, url: 'https://giveusashout.org' }),
      line({
        name: 'NHS 111',
        also_known_as: ['111, option 2', '111 and choose the mental health option', 'nhs 111 mental health option'],
        call: '111',
        url: 'https://www.nhs.uk',
        note: 'choose the mental health option; in Northern Ireland call Lifeline, 0808 808 8000',
      }),
    ],
  },
  IE: {
    locale: 'IE',
    country: 'Ireland',
    emergency: ['112', '999'],
    crisis: [
      line({ ...SAMARITANS, url: 'https://www.samaritans.org/ireland' }),
      line({
        name: 'Text About It',
        also_known_as: ['50808'],
        text: { number: '50808', word: 'HELLO' },
        url: 'https://www.textaboutit.ie',
      }),
      line({
        name: 'Pieta',
        also_known_as: ['pieta house'],
        call: '1800 247 247',
        text: { number: '51444', word: 'HELP' },
        url: 'https://www.pieta.ie',
      }),
    ],
  },
  AU: {
    locale: 'AU',
    country: 'Australia',
    emergency: ['000'],
    crisis: [
      line({
        name: 'Lifeline',
        also_known_as: ['lifeline australia'],
        call: '13 11 14',
        text: { number: '0477 13 11 14' },
        url: 'https://www.lifeline.org.au',
      }),
      line({
        name: 'Suicide Call Back Service',
        call: '1300 659 467',
        url: 'https://www.suicidecallbackservice.org.au',
      }),
      line({ name: 'Beyond Blue', call: '1300 22 4636', url: 'https://www.beyondblue.org.au' }),
    ],
  },
  NZ: {
    locale: 'NZ',
    country: 'Aotearoa New Zealand',
    emergency: ['111'],
    crisis: [
      line({
        name: '1737',
        in_a_sentence: 'the 1737 helpline',
        also_known_as: ['need to talk? 1737', 'need to talk'],
        call: '1737',
        text: { number: '1737' },
        url: 'https://1737.org.nz',
      }),
      line({
        name: 'Suicide Crisis Helpline',
        also_known_as: ['tautoko'],
        call: '0508 828 865',
        url: 'https://www.lifeline.org.nz',
      }),
      line({
        name: 'Lifeline Aotearoa',
        call: '0800 543 354',
        text: { number: '4357' },
        url: 'https://www.lifeline.org.nz',
      }),
    ],
  },
  generic: {
    locale: 'generic',
    country: 'anywhere',
    emergency: ['112'],
    crisis: [
      line({
        name: 'a crisis line in your country',
        also_known_as: ['find a helpline', 'findahelpline.com', 'a local crisis line', 'your local crisis line'],
        url: 'https://findahelpline.com',
        note: 'lists free, confidential services by country; opening hours are those of each service',
        hours: 'see note',
      }),
    ],
  },
}

/** Words for a crisis service that name none in particular; they hold in every locale. */
const UNNAMED =
  /\b(?:crisis|suicide|mental health) (?:text |chat )?(?:help|hot)?-?(?:line|lifeline|service|team|counsell?ors?|centre|center)s?\b|\b(?:crisis|suicide) (?:and crisis )?(?:helpline|hotline|lifeline)s?\b|(?<!\b(?:tax|it|hr|staff|customer|support|advice|debt) )\b(?:help|hot)lines?\b/

const EMERGENCY_UNNAMED =
  /\bemergency (?:services?|number|room|department|line)\b|\b(?:nearest|local|closest) (?:hospital|emergency)|\ba&e\b|\bambulance\b/

export interface ResourceMentions {
  /** Locales in which every named service found is at home; `generic` for one that is named nowhere. */
  crisis: boolean
  emergency: boolean
  /** Some service of the locale asked for, or an unnamed one. */
  fits: boolean
  /** A service or emergency number that does not exist in the locale asked for, as it stands in the text. */
  foreign: string | undefined
}

interface NamedMention {
  pattern: RegExp
  locales: ReadonlySet<Locale>
  kind: 'crisis' | 'emergency'
  /** Its pattern needs a digit. */
  number: boolean
}

const NAMED: readonly NamedMention[] = namedMentions()
/** One look for all names before each is looked for alone. */
const ANY_NAME = new RegExp(
  NAMED.filter(({ number }) => !number)
    .map(({ pattern }) => pattern.source)
    .join('|'),
)

/**
 * Which crisis resources a reply names.
 *
 * @param lower lower-cased text of a turn or a sentence
 * @param locale when given, services of other countries are `foreign`
 */
export function resourceMentions(lower: string, locale?: Locale): ResourceMentions {
  const mentions: ResourceMentions = { crisis: false, emergency: false, fits: false, foreign: undefined }
  if (UNNAMED.test(lower)) {
    mentions.crisis = true
    mentions.fits = true
  }
  if (EMERGENCY_UNNAMED.test(lower)) mentions.emergency = true
  const own = new Set<string>()
  const others: string[] = []
  const numbersToo = /\d/.test(lower)
  const namesToo = ANY_NAME.test(lower)
  if (!numbersToo && !namesToo) return mentions
  for (const { pattern, locales, kind, number } of NAMED) {
    if (number ? !numbersToo : !namesToo) continue
    const found = pattern.exec(lower)?.[0]
    if (found === undefined) continue
    if (kind === 'crisis') mentions.crisis = true
    else mentions.emergency = true
    if (locale === undefined || locale === 'generic' || locales.has(locale)) {
      own.add(found)
      if (kind === 'crisis') mentions.fits = true
    } else others.push(found)
  }
  if (others.length === 0) return mentions
  // Canada's line has New Zealand's name within its own, in whichever way it is called.
  const aliases = locale === undefined ? [] : RESOURCES[locale].crisis.flatMap(({ also_known_as }) => also_known_as)
  for (const alias of aliases) if (lower.includes(alias)) own.add(alias)
  mentions.foreign = others.find((found) => ![...own].some((name) => name.includes(found)))
  return mentions
}

/** Every crisis and emergency number in digits alone: these are no one's telephone number. */
export const CRISIS_NUMBERS: ReadonlySet<string> = new Set(
  Object.values(RESOURCES).flatMap(({ emergency, crisis }) => [
    ...emergency,
    ...crisis.flatMap(({ call, text }) => [call, text?.number].filter((number) => number !== undefined).map(digits)),
    // The note of the UK entry names Northern Ireland's own line.
    '08088088000',
  ]),
)

function digits(number: string): string {
  return number.replace(/\D/g, '')
}

function namedMentions(): NamedMention[] {
  const found = new Map<string, { source: string; locales: Set<Locale>; kind: 'crisis' | 'emergency' }>()
  const add = (source: string, locale: Locale, kind: 'crisis' | 'emergency'): void => {
    const known = found.get(`${kind} ${source}`) ?? { source, locales: new Set<Locale>(), kind }
    known.locales.add(locale)
    found.set(`${kind} ${source}`, known)
  }
  for (const { locale, emergency, crisis } of Object.values(RESOURCES)) {
    for (const number of emergency) add(numberPattern(number), locale, 'emergency')
    for (const { name, also_known_as, call, text } of crisis) {
      if (locale === 'generic') {
        for (const alias of also_known_as) add(namePattern(alias), locale, 'crisis')
        continue
      }
      if (call !== undefined) add(numberPattern(call), locale, 'crisis')
      if (text !== undefined) add(numberPattern(text.number), locale, 'crisis')
      // Names that are plain words as well (Lifeline, Shout) count only beside their number.
      if (name.includes(' ') || name === 'Samaritans') add(namePattern(name.toLowerCase()), locale, 'crisis')
    }
  }
  const all = Object.values(LOCALES)
  return [...found.values()].map(({ source, locales, kind }) => ({
    pattern: new RegExp(source),
    number: source.includes('[ -]?'),
    locales: locales.has('generic') ? new Set(all) : locales,
    kind,
  }))
}

/**
 * `116 123` is found as `116 123`, `116-123` and `116123`; never as a part of a longer number. Three digits are a count as
 * often as a number to call (112 people), 988 apart: they need a verb before them.
 */
function numberPattern(number: string): string {
  const bare = digits(number)
  const verb =
    bare.length === 3 && bare !== '988' ? '(?:call|dial|ring|phone|text|contact|nhs)(?:ing)? (?:[a-z]+ ){0,4}' : ''
  return `${verb}(?<![\\d.,:/-])${digits(number).split('').join('[ -]?')}(?![\\d/:]|[-.,]\\d)`
}

function namePattern(name: string): string {
  return `\\b${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ & /g, ' (?:&|and) ')}\\b`
}
