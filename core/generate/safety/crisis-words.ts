import { InputError } from '../../errors.ts'
import { LOCALES, RESOURCES, type CrisisResource, type Locale } from '../../quality/resources.ts'

/** `en-US`, `en_GB`, `UK`, `nz` … to a locale that resources are kept for. */
export function localeOf(name: string): Locale {
  const region = name.toUpperCase().replace(/^EN[-_]?/, '')
  const wanted = region === 'GB' ? 'UK' : region
  const found = LOCALES.find((locale) => locale.toUpperCase() === wanted)
  if (found === undefined)
    throw new InputError(`there are no crisis resources for the locale "${name}"`, {
      where: 'locale',
      expected: `one of ${LOCALES.join(', ')}`,
      fix: 'Take "generic", or add the country to core/quality/resources.ts.',
    })
  return found
}

/** How a reply names help in this country: slots of the safety lines. */
export function crisisWords(locale: Locale): Record<string, string> {
  const { crisis, emergency } = RESOURCES[locale]
  const first = crisis[0]
  if (first === undefined || first.call === undefined)
    return {
      crisis_name: 'a crisis line in your country',
      crisis_reach: 'find a helpline that is open on findahelpline.com and call or text it',
      crisis_text: 'text a helpline that you find on findahelpline.com',
      emergency: 'the emergency number of your country',
    }
  const texts = first.text ?? crisis.find(({ text }) => text !== undefined)?.text
  const sameNumber = first.text !== undefined && first.text.number === first.call
  return {
    crisis_name: spokenName(first),
    crisis_reach: sameNumber ? `call or text ${first.call}` : `call ${first.call}`,
    crisis_text:
      texts === undefined
        ? `call ${first.call}`
        : `text ${texts.word === undefined ? '' : `${texts.word} to `}${texts.number}`,
    emergency: emergency[0] ?? 'the emergency number',
  }
}

function spokenName({ name, in_a_sentence }: CrisisResource): string {
  return in_a_sentence ?? (/^[A-Z][a-z]+$/.test(name) ? name : `the ${name}`)
}
