import { describe, expect, it } from 'vitest'
import { rngFrom } from '../../../core/generate/random.ts'
import { factBit, type AssistantFrame, type Bundle } from '../../../core/generate/templates/banks.ts'
import { tidy } from '../../../core/generate/templates/conversation.ts'
import { createDeck, lookUp, type Drawer } from '../../../core/generate/templates/deck.ts'
import { loadBanks, readBanks } from '../../../core/generate/templates/load-banks.ts'
import { suitedTo } from '../../../core/generate/templates/session-source.ts'
import { createUsage } from '../../../core/generate/templates/usage.ts'
import { readContentFolder } from '../../../local/content-folder.ts'

const banks = loadBanks(await readContentFolder())

describe('the text of a turn', () => {
  it.each([
    ["the form came back with 'date wrong!' on the slip", "The form came back with 'date wrong!' on the slip"],
    ['"what now?" she asks', '"What now?" she asks'],
    ['it was over. {x}'.replace('{x}', 'he left'), 'It was over. He left'],
    ['it hit me: "I can\'t do this." then I left', 'It hit me: "I can\'t do this." Then I left'],
  ])('%s', (text, expected) => {
    expect(tidy(text)).toBe(expected)
  })
})

describe('a frame that recalls', () => {
  const { assistant } = readFrames('You told me that {impact}. What do you think, when that happens?')
  const deck = createDeck(assistant)
  const usage = createUsage(10)
  usage.beginSession()
  const drawer: Drawer = {
    ...{ rng: rngFrom(1, 'test'), arc: 'partial', voice: 'plain' },
    ...{ concerns: ['anxiety'], told: factBit('impact'), parted: 0 },
  }
  const wanted = { available: factBit('impact'), stage: 'reflect' as const, heardActs: 0 }

  it('speaks of what was told some time ago', () => {
    expect(lookUp(deck, usage, drawer, { ...wanted, heardFacts: factBit('body') })).toBeDefined()
  })
  it('does not speak so of what was said a moment ago', () => {
    expect(lookUp(deck, usage, drawer, { ...wanted, heardFacts: factBit('impact') })).toBeUndefined()
  })

  function readFrames(frame: string): { assistant: readonly AssistantFrame[] } {
    const text = `speaker: assistant\nsections:\n  - technique: open_question\n    asks: thought\n    frames:\n      - ${JSON.stringify(frame)}\n`
    return readBanks([{ path: 'frames/test.yaml', text }]).banks
  }
})

describe('lives for a dialogue with risk', () => {
  const all: readonly Bundle[] = banks.situations.get('panic') ?? []

  it('are those that hold no place and no thing to be afraid of', () => {
    expect(suitedTo('none', all)).toHaveLength(all.length)
    expect(suitedTo('low', all).length).toBeLessThan(all.length)
    expect(suitedTo('high', all).every(({ risk }) => risk)).toBe(true)
  })
  it('are all of them where none is suited', () => {
    const unsuited = all.filter(({ risk }) => !risk)
    expect(suitedTo('high', unsuited)).toEqual(unsuited)
  })
})
