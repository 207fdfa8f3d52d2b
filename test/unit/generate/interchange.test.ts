import { describe, expect, it } from 'vitest'
import { createInterchange } from '../../../core/generate/templates/interchange.ts'
import { parseTemplate, type Part } from '../../../core/generate/templates/template.ts'

/** All texts that the parts can come out as. */
function expansions(parts: readonly Part[]): string[] {
  return parts.reduce<string[]>(
    (texts, part) => {
      const ends =
        part.kind === 'text'
          ? [part.text]
          : part.kind === 'choice'
            ? part.options.flatMap((option) => expansions(option))
            : part.kind === 'slot'
              ? [`{${part.name}}`]
              : [part.singular]
      return texts.flatMap((text) => ends.map((end) => text + end))
    },
    [''],
  )
}

const interchange = createInterchange([
  ['somebody', 'someone'],
  { of: "you're", options: ["you're", 'you are'] },
  ['^part of you', 'some part of you'],
  ['a bit of', 'a little bit of'],
  ['a bit', 'a little'],
  { of: "don't", options: ["don't", 'do not'] },
])
const all = (text: string): string[] => expansions(interchange(parseTemplate(text))).sort()

describe('interchangeable words', () => {
  it('stand for one another wherever they stand as words', () => {
    expect(all('Tell somebody.')).toEqual(['Tell somebody.', 'Tell someone.'])
    expect(all('Somebodyelse')).toEqual(['Somebodyelse'])
  })

  it('go one way only where the group says so', () => {
    expect(all("you're here")).toEqual(['you are here', "you're here"])
    expect(all('how you are')).toEqual(['how you are'])
  })

  it('marked with ^ count at the start of a sentence only', () => {
    expect(all('Part of you waits.')).toHaveLength(2)
    expect(all('Yes. Part of you waits.')).toHaveLength(2)
    expect(all('The strictest part of you waits.')).toEqual(['The strictest part of you waits.'])
  })

  it('keep the capital of a sentence that begins behind a quotation', () => {
    expect(all('"Not again" Somebody waits.')).toEqual(['"Not again" Somebody waits.', '"Not again" Someone waits.'])
  })

  it('leave a contraction alone where its verb asks', () => {
    expect(all("What don't you say?")).toEqual(["What don't you say?"])
    expect(all("you don't say")).toEqual(['you do not say', "you don't say"])
  })

  it('are found by the longest match', () => {
    expect(all('a bit of air')).toEqual(['a bit of air', 'a little bit of air'])
    expect(all('a bit closer')).toEqual(['a bit closer', 'a little closer'])
  })

  it('leave slots, choices and what surrounds them in place', () => {
    expect(all('{topic}, [and|or] somebody')).toEqual([
      '{topic}, and somebody',
      '{topic}, and someone',
      '{topic}, or somebody',
      '{topic}, or someone',
    ])
  })
})
