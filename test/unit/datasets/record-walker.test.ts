import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRecordWalker, messageSlot, PADDING, TEXT, characterCount } from '../../../core/datasets/record-walker.ts'
import { MESSAGE_SLOT, METHODS, ROLES, SLOT } from '../../../core/datasets/record-shape.ts'
import { KERNEL_SOURCE_SHA256 } from '../../../core/datasets/walker-kernel/kernel-binary.ts'
import { acquireWalker } from '../../../core/datasets/walker-kernel/kernel-walker.ts'
import { createTextKeys } from '../../../core/merge/text-key.ts'
import { createContentHasher } from '../../../core/datasets/walked-content.ts'
import { canonicalContent, contentSha256 } from '../../../core/dialogue/content-hash.ts'
import { DialogueSchema, type Dialogue } from '../../../core/dialogue/schema.ts'
import { INTENTS, RISK_LEVELS, SENTIMENTS, SESSION_TYPES, STAGES } from '../../../core/dialogue/vocabulary.ts'
import { aDialogue, aUserMessage, anAssistantMessage } from '../../builders/a-dialogue.ts'
import { anyDialogue, anyJsonStyle } from '../../builders/arbitrary-dialogue.ts'

const walker = createRecordWalker()
const twin = acquireWalker()
const hasher = createContentHasher()
const textKeys = createTextKeys()

/** In the middle of other bytes, as in a slab. */
function inSlab(json: string): { bytes: Buffer; start: number; end: number } {
  const record = Buffer.from(json)
  const bytes = Buffer.concat([
    Buffer.from('[{"dialogue_id":"x"},'),
    record,
    Buffer.from(',{"a":"'),
    Buffer.alloc(PADDING),
  ])
  return { bytes, start: 21, end: 21 + record.length }
}

/** Also holds the twin in WebAssembly to the same answer, bit for bit. */
function walk(json: string): Buffer | undefined {
  const { bytes, start, end } = inSlab(json)
  const accepted = walker.walk(bytes, start, end)
  const { slab } = twin
  if (slab === undefined) return expect.fail('this engine has no WebAssembly')
  slab.set(bytes)
  expect(twin.walk(slab, start, end)).toBe(accepted)
  if (!accepted) return undefined
  const slots = messageSlot(walker.messages)
  expect([twin.messages, twin.labelCount]).toEqual([walker.messages, walker.labelCount])
  expect(twin.spans.slice(0, slots * 2 + 16)).toEqual(walker.spans.slice(0, slots * 2 + 16))
  expect(twin.codes.slice(0, slots + 8)).toEqual(walker.codes.slice(0, slots + 8))
  for (const [notes, length] of [
    ['textFlags', walker.messages],
    ['textCharacters', walker.messages],
    ['labels', walker.labelCount * 4],
    ['labelIsStamp', walker.labelCount],
  ] as const)
    expect(twin[notes].slice(0, length)).toEqual(walker[notes].slice(0, length))
  return bytes
}

function value(bytes: Buffer, slot: number): unknown {
  const start = walker.spans[slot * 2] ?? -1
  return start === -1 ? undefined : JSON.parse(bytes.toString('utf8', start, walker.spans[slot * 2 + 1]))
}

let quick = 0

function expectSameAnswers(bytes: Buffer, dialogue: Dialogue): void {
  const { slab } = twin
  if (slab === undefined) return
  const quickContent = twin.quickContent?.()?.toString()
  if (quickContent !== undefined) {
    quick += 1
    expect(quickContent).toBe(canonicalContent(dialogue))
  }
  expect(hasher.sha256(twin, slab)).toBe(contentSha256(dialogue))
  expect([...textKeys.ofWalked(twin, slab)]).toEqual([...textKeys.ofDialogue(dialogue)])
  expect([...textKeys.ofWalked(walker, bytes)]).toEqual([...textKeys.ofDialogue(dialogue)])
  expect(hasher.canonical(walker, bytes)).toBe(canonicalContent(dialogue))
  expect(hasher.sha256(walker, bytes)).toBe(contentSha256(dialogue))
  expect(value(bytes, SLOT.dialogue_id)).toBe(dialogue.dialogue_id)
  expect(SESSION_TYPES[walker.codes[SLOT.session_type] ?? -1]).toBe(dialogue.session_type)
  expect(value(bytes, SLOT.concern)).toBe(dialogue.user_profile.concern)
  expect(RISK_LEVELS[walker.codes[SLOT.max_risk_level] ?? -1]).toBe(dialogue.labels.max_risk_level)
  expect(METHODS[walker.codes[SLOT.method] ?? -1]).toBe(dialogue.provenance?.method)
  expect(value(bytes, SLOT.review_status)).toEqual(dialogue.labels['review_status'])
  expect(walker.codes[SLOT.synthetic]).toBe(
    dialogue.labels.synthetic === undefined ? -1 : Number(dialogue.labels.synthetic),
  )
  expect(walker.messages).toBe(dialogue.messages.length)
  for (const [index, message] of dialogue.messages.entries()) {
    const slot = messageSlot(index)
    expect(ROLES[walker.codes[slot + MESSAGE_SLOT.role] ?? -1]).toBe(message.role)
    expect(value(bytes, slot + MESSAGE_SLOT.text)).toBe(message.text)
    expect(walker.textCharacters[index]).toBe(characterCount(message.text))
    expect(INTENTS[walker.codes[slot + MESSAGE_SLOT.intent] ?? -1]).toBe(message['intent'])
    expect(SENTIMENTS[walker.codes[slot + MESSAGE_SLOT.sentiment] ?? -1]).toBe(message['sentiment'])
    expect(STAGES[walker.codes[slot + MESSAGE_SLOT.stage] ?? -1]).toBe(message['stage'])
    expect(value(bytes, slot + MESSAGE_SLOT.techniques)).toEqual(message['techniques'])
    expect(value(bytes, slot + MESSAGE_SLOT.whole)).toEqual(message)
  }
}

describe('the record walker', () => {
  it('takes the plain road for ordinary dialogues', () => {
    for (const indent of [0, 2]) {
      expect(walk(JSON.stringify(aDialogue(), null, indent))).toBeDefined()
      const rich = aDialogue({
        messages: [
          aUserMessage({ text: '“I cannot” — she said "no"\n' }),
          anAssistantMessage({ stage: 'open', techniques: ['validation'] }),
        ],
        risk: { signals: ['hopelessness'], imminent: false },
        provenance: {
          method: 'template',
          generator_version: '1',
          random_seed: 7,
          cost_usd: 0.01,
          tokens: { prompt: 1, completion: 2 },
        },
      })
      expect(walk(JSON.stringify(rich, null, indent))).toBeDefined()
    }
  })

  it('gives the answers of JSON.parse, the schema and the content hash for whatever it accepts', () => {
    let accepted = 0
    fc.assert(
      fc.property(anyDialogue, anyJsonStyle, (dialogue, style) => {
        const json = style(dialogue)
        const bytes = walk(json)
        if (bytes === undefined) return
        accepted += 1
        const parsed = DialogueSchema.parse(JSON.parse(json))
        expectSameAnswers(bytes, parsed)
      }),
      { numRuns: 2000 },
    )
    expect(accepted).toBeGreaterThan(200)
    expect(quick).toBeGreaterThan(20)
  })

  it('accepts nothing that JSON.parse or the schema refuses, whatever byte is changed, lost or doubled', () => {
    let accepted = 0
    let refused = 0
    fc.assert(
      fc.property(
        anyDialogue,
        anyJsonStyle,
        fc.nat(),
        fc.constantFrom('change', 'drop', 'double'),
        fc.oneof(
          fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '\n', ' ', '0', 'e', '-', '\u0000', 'u'),
          fc.string({ minLength: 1, maxLength: 1 }),
        ),
        (dialogue, style, place, how, character) => {
          const json = style(dialogue)
          const at = place % json.length
          const mutated =
            json.slice(0, at) +
            (how === 'change' ? character : how === 'double' ? `${json[at]}${json[at]}` : '') +
            json.slice(at + 1)
          if (!mutated.isWellFormed()) return
          const bytes = walk(mutated)
          if (bytes === undefined) {
            refused += 1
            return
          }
          accepted += 1
          expectSameAnswers(bytes, DialogueSchema.parse(JSON.parse(mutated)))
        },
      ),
      { numRuns: 4000 },
    )
    expect(accepted).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(100)
  })

  const odd: Record<string, string> = {
    'a key given twice': JSON.stringify(aDialogue()).replace('{', '{"dialogue_id":"first",'),
    'a label given twice': JSON.stringify(aDialogue()).replace('"labels":{', '"labels":{"x":1,"x":2,'),
    'a mood of 11': JSON.stringify(aDialogue({ user_profile: { concern: 'x', mood_score: 11 } })),
    'a fractional mood': JSON.stringify(aDialogue()).replace('"mood_score":4', '"mood_score":4.5'),
    'a random seed that JavaScript cannot hold': JSON.stringify(
      aDialogue({ provenance: { method: 'template', generator_version: '1', random_seed: 12345 } }),
    ).replace('12345', '12345678901234567890'),
    'a blank text': JSON.stringify(aDialogue({ messages: [aUserMessage({ text: '\u2003' }), anAssistantMessage()] })),
    'an unknown intent': JSON.stringify(aDialogue()).replace('"probe_story"', '"probe_stories"'),
    'one message': JSON.stringify(aDialogue({ messages: [aUserMessage()] })),
    'a trailing comma': JSON.stringify(aDialogue()).replace(/\}$/, ',}'),
    'a leading zero': JSON.stringify(aDialogue()).replace('{', '{"n":01,'),
    'more after it': `${JSON.stringify(aDialogue())} {}`,
  }
  for (const [name, json] of Object.entries(odd))
    it(`leaves ${name} to the strict way`, () => {
      expect(walk(json)).toBeUndefined()
    })

  it('counts characters and spaces of a text the same, wherever in it they stand', () => {
    const part = fc.constantFrom(
      'word',
      ' ',
      '  ',
      '\n',
      ' \t',
      'é',
      '—',
      '😀',
      '"',
      '\\',
      '/',
      '\u0001',
      'x'.repeat(15),
      'y'.repeat(16),
    )
    let accepted = 0
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 30 }), anyJsonStyle, (parts, style) => {
        const text = parts.join('')
        const dialogue = aDialogue({ messages: [aUserMessage({ text: `a${text}` }), anAssistantMessage()] })
        if (walk(style(dialogue)) === undefined) return
        accepted += 1
        expect(walker.textCharacters[0]).toBe([...text].length + 1)
        expect(((walker.textFlags[0] ?? 0) & TEXT.doubleSpace) !== 0).toBe(text.includes('  '))
        expect(twin.slab && [...textKeys.ofWalked(twin, twin.slab)]).toEqual([...textKeys.ofDialogue(dialogue)])
      }),
      { numRuns: 500 },
    )
    expect(accepted).toBeGreaterThan(400)
  })
})

describe('the walker in WebAssembly', () => {
  it('is compiled from the source beside it', () => {
    const source = readFileSync(new URL('../../../core/datasets/walker-kernel/kernel.as', import.meta.url))
    expect(createHash('sha256').update(source).digest('hex')).toBe(KERNEL_SOURCE_SHA256)
  })

  it('takes records of other buffers too, in the plain way, and forgets the record before', () => {
    const [short, long] = [aDialogue(), aDialogue({ messages: Array.from({ length: 40 }, () => anAssistantMessage()) })]
    for (const dialogue of [long, short, long, short]) {
      const bytes = Buffer.concat([Buffer.from(JSON.stringify(dialogue)), Buffer.alloc(PADDING)])
      expect(twin.walk(bytes, 0, bytes.length - PADDING)).toBe(true)
      expect(twin.messages).toBe(dialogue.messages.length)
      expect(twin.codes[messageSlot(dialogue.messages.length) + MESSAGE_SLOT.role]).toBe(-1)
      twin.slab?.set(bytes)
      expect(twin.slab !== undefined && twin.walk(twin.slab, 0, bytes.length - PADDING)).toBe(true)
      expect(twin.codes[messageSlot(dialogue.messages.length) + MESSAGE_SLOT.role]).toBe(-1)
    }
  })

  it('lends its memory to one at a time', () => {
    const first = acquireWalker()
    const second = acquireWalker()
    expect(first.slab).not.toBe(second.slab)
    const { slab } = first
    first.release()
    expect(acquireWalker().slab).toBe(slab)
  })
})
