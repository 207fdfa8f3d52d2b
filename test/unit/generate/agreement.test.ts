import { describe, expect, it } from 'vitest'
import { gerund, indefinite, isPlural, secondPerson } from '../../../core/generate/templates/agreement.ts'

describe('the second person of what a client says', () => {
  it.each([
    ['I froze', 'you froze'],
    ['my chest goes tight', 'your chest goes tight'],
    ['I was tired', 'you were tired'],
    ["I wasn't asked", "you weren't asked"],
    ['I am the odd one out', 'you are the odd one out'],
    ["I'm not good enough", "you're not good enough"],
    ["I've let myself go", "you've let yourself go"],
    ["I'd rather hide", "you'd rather hide"],
    ["I'll never be ready", "you'll never be ready"],
    ['the choice was mine', 'the choice was yours'],
    ['he gave it to me', 'he gave it to you'],
    ['my boss was angry', 'your boss was angry'],
    ['I was so tired that my boss was worried', 'you were so tired that your boss was worried'],
    ['I froze and was shaking', 'you froze and were shaking'],
    ['I smiled but was really scared', 'you smiled but were really scared'],
    ['I told my sister and she was kind', 'you told your sister and she was kind'],
    ['I went home and my flat was cold', 'you went home and your flat was cold'],
    ['I really was trying', 'you really were trying'],
    ['I was sure my boss saw that I was late', 'you were sure your boss saw that you were late'],
    ['what I was dreading was the silence', 'what you were dreading was the silence'],
    ['there was nothing I could do', 'there was nothing you could do'],
    ['my sister and I were arguing', 'your sister and you were arguing'],
    ['we were late and our train had gone', 'you were late and your train had gone'],
    ['she told us so', 'she told you so'],
    ["he said 'I was right' and hung up on me", "he said 'I was right' and hung up on you"],
    ["she wrote 'my dear' and I cried", "she wrote 'my dear' and you cried"],
    ["I didn't stay at my parents' house", "you didn't stay at your parents' house"],
    ['it takes me hours, and I am slow', 'it takes you hours, and you are slow'],
    ['nobody noticed that I was gone', 'nobody noticed that you were gone'],
    ['everyone was kind to me', 'everyone was kind to you'],
    ['Mine was the last name', 'Yours was the last name'],
    ['it rained on Monday', 'it rained on Monday'],
    ['I hate that I am like this', 'you hate that you are like this'],
    ['the doctor was sure, I was not', 'the doctor was sure, you were not'],
    ['I shut the door and that was that', 'you shut the door and that was that'],
    ['I cried about something and was told to stop', 'you cried about something and were told to stop'],
    ['I saw it and was scared', 'you saw it and were scared'],
    ['I was so tired it was funny', 'you were so tired it was funny'],
    ["everybody's looks easy and mine's a mess", "everybody's looks easy and yours is a mess"],
  ])('%s -> %s', (said, echoed) => {
    expect(secondPerson(said)).toBe(echoed)
  })

  it('leaves nothing of the first person outside quotations', () => {
    const echoed = secondPerson("I think I'm the one who let my team down, myself and all, and I've told me so")
    expect(echoed).not.toMatch(/\b(I|me|my|myself|I'm|I've)\b/)
  })
})

describe('the gerund of a verb phrase', () => {
  it.each([
    ['send the letter', 'sending the letter'],
    ['write one line', 'writing one line'],
    ['sit down and write one line', 'sitting down and writing one line'],
    ['be there', 'being there'],
    ['see my sister', 'seeing my sister'],
    ['lie down for ten minutes', 'lying down for ten minutes'],
    ['not answer at once', 'not answering at once'],
    ['sort the pile', 'sorting the pile'],
    ['put it away', 'putting it away'],
    ['plan one evening', 'planning one evening'],
    ["say 'let me check and get back' once", "saying 'let me check and get back' once"],
    ['reply to her', 'replying to her'],
    ['brush my teeth and not check', 'brushing my teeth and not checking'],
    ['fly one leg', 'flying one leg'],
    ['swap one shift', 'swapping one shift'],
    ['wake up and hum one song', 'waking up and humming one song'],
  ])('%s -> %s', (base, expected) => {
    expect(gerund(base)).toBe(expected)
  })
})

describe('a or an', () => {
  it.each([
    ['a honest answer', 'an honest answer'],
    ['an ewe', 'a ewe'],
    ['an university', 'a university'],
    ['a hour', 'an hour'],
    ['a unhappy week', 'an unhappy week'],
    ['an 4', 'a 4'],
    ['a 8', 'an 8'],
    ['an one-off', 'a one-off'],
    ['a evening', 'an evening'],
    ['an useful thing', 'a useful thing'],
  ])('%s -> %s', (given, expected) => {
    expect(indefinite(given)).toBe(expected)
  })
})

describe('number of a noun phrase', () => {
  it.each([
    'my exams',
    'the people at work',
    'my parents',
    'the nights when I am alone',
    'those two hours',
    'Mum and me',
    'the stairs up to the office',
    'the catch-up calls',
  ])('%s is plural', (phrase) => {
    expect(isPlural(phrase)).toBe(true)
  })
  it.each([
    'the Monday meeting',
    'ringing up customers',
    'the bus',
    'my driving test',
    'the news',
    'a drawer of old letters',
    'the pile of bills',
    'my boss',
    'what they think of me',
    'the flat upstairs',
  ])('%s is singular', (phrase) => {
    expect(isPlural(phrase)).toBe(false)
  })
})
