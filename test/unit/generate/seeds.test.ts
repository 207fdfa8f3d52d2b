import { describe, expect, it } from 'vitest'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import { mineSentences } from '../../../core/generate/seeds/mine-sentences.ts'
import { readSeedPatterns } from '../../../core/generate/seeds/read-seed-patterns.ts'
import { seedFrames } from '../../../core/generate/seeds/seed-frames.ts'
import { MEMORISED_RUN } from '../../../core/quality/seed-text-index.ts'
import { wordsOf } from '../../../core/quality/turn-text.ts'

const aSeed = (dialogue_id: string, texts: string[], concern = 'anxiety'): Dialogue => ({
  dialogue_id,
  session_type: 'gentle_deep',
  user_profile: { concern },
  messages: texts.map((text, at) => (at % 2 === 0 ? { role: 'user', text } : { role: 'assistant', text })),
  labels: { therapeutic_technique: 'grounding' },
})
const texts = (seed: Dialogue) => mineSentences(seed).map(({ text }) => text)

describe('mining a seed', () => {
  it('masks what the seed is about and keeps the frame', () => {
    const seed = aSeed('s1', [
      "I've been feeling really nervous about my job interview with Mr Carter.",
      'That worry makes sense. When did you first notice this fear of Mr Carter?',
    ])
    expect(texts(seed)).toEqual([
      "I've been feeling really {feeling} about {topic}.",
      'That worry makes sense.',
      'When did you first notice this?',
    ])
  })

  it('writes I as English does', () => {
    expect(texts(aSeed('s5', ['Hello there.', 'Is that so?', 'Yes, I think so.']))).toEqual(['Yes, I think so.'])
  })

  it('keeps no name, number or place of a seed', () => {
    const seed = aSeed('s2', [
      'I feel like Dr Petrov at 12 Elm Street hates me.',
      "It sounds like there's a part of you that believes Dr Petrov hates you. What would you tell a friend who lives at 12 Elm Street?",
    ])
    expect(texts(seed).join(' ')).not.toMatch(/Petrov|Elm|12/)
    expect(texts(seed)).toContain("There's a part of you that believes {thought}.")
  })

  it('keeps no run of eight words or more', () => {
    const long =
      'Would you like to gently explore this together and then perhaps look at it again tomorrow with somebody else?'
    for (const { text } of mineSentences(aSeed('s3', ['Hello there.', long]))) {
      for (const part of text.split(/\{[^}]*\}/)) expect(wordsOf(part).length).toBeLessThan(MEMORISED_RUN)
    }
  })

  it('mines nothing from sentences that follow no rule', () => {
    expect(mineSentences(aSeed('s4', ['My flat in Leeds burned down in 2019.', 'Leeds must be far away.']))).toEqual([])
  })
})

describe('seed patterns', () => {
  it('count lengths and concerns and join the seeds of one frame', async () => {
    const patterns = await readSeedPatterns([
      { dialogue: aSeed('a', ['I keep thinking about the fire.', 'That fear makes sense.']) },
      { dialogue: aSeed('b', ['I keep thinking about the flood.', 'That fear makes sense.'], 'floods') },
    ])
    expect(patterns.dialogues).toBe(2)
    expect(patterns.concerns).toEqual(['anxiety', 'floods'])
    expect(patterns.lengths.get('gentle_deep')).toEqual([2, 2])
    expect(patterns.patterns.find(({ text }) => text === 'I keep thinking about {topic}.')?.seed_dialogue_ids).toEqual([
      'a',
      'b',
    ])
    const frames = seedFrames(patterns, 100)
    const opening = frames.client.find(({ gives }) => gives === 'opening')
    expect(frames.seedsOf(opening?.id ?? '')).toEqual(['a', 'b'])
    expect([...frames.assistant, ...frames.client].map(({ number }) => number).sort((a, b) => a - b)).toEqual([
      100, 101,
    ])
  })
})
