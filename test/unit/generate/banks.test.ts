import { describe, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { ANSWER_LINES, BARRIERS, REPLY_LINES } from '../../../core/generate/safety/safety-bank.ts'
import { compile, factsOf } from '../../../core/generate/templates/banks.ts'
import { FACT_NAMES, FACTS } from '../../../core/generate/templates/facts.ts'
import { BUNDLES_WANTED, loadBanks, readBanks } from '../../../core/generate/templates/load-banks.ts'
import { parseTemplate, TemplateSyntaxError } from '../../../core/generate/templates/template.ts'
import * as acts from '../../../core/quality/rules/assistant-acts.ts'
import { lintDialogue } from '../../../core/quality/lint-dialogue.ts'
import { readTextRisk } from '../../../core/quality/risk-signals.ts'
import { readContentFolder } from '../../../local/content-folder.ts'
import { wordingsOf } from '../../builders/wordings.ts'
import { conversationAround } from '../quality/lint-case-files.ts'

/** What is said, not how long or when: those are a whole reply's and a whole session's. */
const OF_WORDS = /^(?:forbidden|language|safety|text|privacy)\.|^structure\.directive-advice$/

const content = await readContentFolder()
const banks = loadBanks(content)

const aBundle = (changes: Record<string, string | undefined> = {}): string => {
  const facts: Record<string, string | undefined> = {
    topic: 'the choir',
    trigger: 'I lost my place in the middle of the second verse',
    since: 'for a month',
    time: 'on rehearsal days',
    body: 'my throat goes dry',
    thought: 'they would be better with somebody else',
    meaning: 'I only get in the way',
    origin: 'my brother laughed at my voice',
    impact: 'I sing with my mouth half closed',
    coping: 'standing at the back',
    evidence_for: 'the alto next to me winced',
    evidence_against: 'the conductor asked me to stay for the tour',
    exception: 'we sing outside',
    friend: 'you lost a line, not your voice',
    support: 'my aunt',
    value: 'making music with others',
    wish: 'sing without listening to myself',
    strength: 'I found my way back in the third verse',
    new_view: 'a lost line is one line',
    step: 'stand in the second row once',
    when: 'on Thursday',
    obstacle: 'I will be too late for a good place',
    last_step: 'hum on my way to work',
    last_result: 'I hummed twice',
    change: 'we have a new song',
    tangent: 'the hall smells of floor polish',
    ...changes,
  }
  const lines = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`    ${name}: "${value}"`],
  )
  return [
    '  - id: lost-place',
    '    sub_concern: singing',
    '    ages: 20-60',
    '    feelings: ["embarrassed", "small"]',
    '    detail: ["it was a long verse", "the lamp flickered"]',
    ...lines,
  ].join('\n')
}
const faultsOf = (bundle: string) =>
  readBanks([{ path: 'situations/anxiety.yaml', text: `concern: anxiety\nbundles:\n${bundle}\n` }]).errors.filter(
    ({ where }) => where.startsWith('bundle'),
  )
const frameFaults = (speaker: 'assistant' | 'client', frame: string) => {
  const key = speaker === 'assistant' ? 'technique: validation' : 'gives: thought'
  const text = `speaker: ${speaker}\nsections:\n  - ${key}\n    frames:\n      - ${JSON.stringify(frame)}\n`
  return readBanks([{ path: 'frames/test.yaml', text }]).errors
}

describe('the content that ships', () => {
  it('loads without an error', () => {
    expect(readBanks(content).errors).toEqual([])
  })

  it('has a path for each session type, and a practice for each kind', () => {
    expect([...banks.paths.keys()].sort()).toEqual(['check-in', 'gentle_deep', 'micro_practice'])
    expect(new Set(banks.practices.map(({ technique }) => technique)).size).toBeGreaterThanOrEqual(5)
  })

  it('can ask for everything that a path asks for, and give it in every voice', () => {
    for (const path of banks.paths.values())
      for (const { asks, stage } of path.beats) {
        const asking = banks.assistant.filter((frame) => frame.asks === asks && (frame.stages?.has(stage) ?? true))
        expect(asking.length, `asks ${asks} at ${stage}`).toBeGreaterThanOrEqual(6)
        for (const voice of ['plain', 'verbose', 'tangent', 'upset', 'reserved', 'pleasing'] as const) {
          const giving = banks.client.filter((frame) => frame.gives === asks && (frame.voices?.has(voice) ?? true))
          expect(giving.length, `${voice} gives ${asks}`).toBeGreaterThanOrEqual(4)
        }
      }
  })

  it('has 20 wordings or more for each safety line, barriers and their replies together', () => {
    for (const line of REPLY_LINES) {
      if (line.startsWith('barrier_reply.') || line === 'support_reply') continue
      expect(banks.safety.replies.get(line)?.length ?? 0, line).toBeGreaterThanOrEqual(20)
    }
    const barriers = BARRIERS.reduce(
      (sum, barrier) => sum + (banks.safety.replies.get(`barrier_reply.${barrier}`)?.length ?? 0),
      0,
    )
    expect(barriers).toBeGreaterThanOrEqual(40)
    for (const line of ANSWER_LINES) expect(banks.safety.answers.get(line)?.length ?? 0, line).toBeGreaterThanOrEqual(6)
  })

  it('holds in every wording of a safety line the act that the lint looks for', () => {
    const duties: [(typeof REPLY_LINES)[number], RegExp[]][] = [
      ['acknowledge', [acts.ACKNOWLEDGES]],
      ['ai', [acts.SAYS_IT_IS_AN_AI]],
      ['direct_question', [acts.ASKS_ABOUT_SUICIDE]],
      ['clarify', [acts.ASKS_ABOUT_SUICIDE]],
      ['plan_intent', [acts.ASKS_PLAN, acts.ASKS_INTENT]],
      ['plan_intent_known', [acts.ASKS_PLAN, acts.ASKS_INTENT]],
      ['means_timeframe', [acts.ASKS_MEANS, acts.ASKS_TIMEFRAME]],
      ['both', [acts.ENCOURAGES_PROFESSIONAL, acts.ENCOURAGES_TRUSTED_PERSON]],
      ['willingness', [acts.WILLINGNESS_OR_BARRIERS]],
      ['coping_question', [acts.COPING_OR_PLAN]],
      ['means_distance', [acts.MEANS_DISTANCE]],
      ['company', [acts.URGES_COMPANY]],
      ['troubleshoot', [acts.WILLINGNESS_OR_BARRIERS]],
    ]
    for (const [line, expressions] of duties)
      for (const { source } of banks.safety.replies.get(line) ?? [])
        for (const wording of wordingsOf(source))
          for (const expression of expressions) expect(wording.toLowerCase(), line).toMatch(expression)
  })

  it('discloses at the level that it says', () => {
    for (const { source, level } of banks.safety.disclosures)
      for (const wording of wordingsOf(source))
        expect(`${readTextRisk(wording).level} ${wording}`).toBe(`${level} ${wording}`)
  })

  it('says nothing in a sentence of a bundle that the lint would turn away or warn of', () => {
    const found: string[] = []
    for (const bundle of [...banks.situations.values()].flat())
      for (const { id, text } of [...Object.values(bundle.reflections), ...Object.values(bundle.questions)].flat()) {
        const { findings } = lintDialogue(conversationAround('reply', `${text} What is it like?`))
        for (const { code } of findings) if (OF_WORDS.test(code)) found.push(`${id} ${code}: ${text}`)
      }
    expect(found).toEqual([])
  })

  it('speaks of no risk outside of safety', () => {
    for (const bundles of banks.situations.values())
      for (const bundle of bundles)
        for (const wordings of Object.values(bundle.facts))
          for (const { client } of wordings) expect(`${readTextRisk(client).level} ${client}`).toBe(`none ${client}`)
  })
})

describe('the loader', () => {
  it('takes a sound bundle', () => {
    expect(faultsOf(aBundle())).toEqual([])
  })

  it.each(FACT_NAMES.filter((name) => FACTS[name].required && !['feelings', 'detail'].includes(name)))(
    'says that the fact %s is missing',
    (name) => {
      const [fault] = faultsOf(aBundle({ [name]: undefined }))
      expect(fault?.where).toContain(name)
      expect(fault?.message).toContain('is missing')
    },
  )

  it.each([
    ['thought', 'you are no good', 'says "you"'],
    ['thought', 'I am a burden to them', 'word of risk'],
    ['step', 'to write a line', 'bare verb'],
    ['step', 'writing a line', 'gerund'],
    ['coping', 'stand at the back', '…ing'],
    ['when', 'I have time', 'is a clause'],
    ['impact', 'I sing very little.', 'full stop'],
    ['origin', 'my brother laughed [a lot]', '{ } [ ]'],
    ['wish', 'I would sing', 'bare verb'],
  ])('refuses %s: "%s"', (name, value, complaint) => {
    const faults = faultsOf(aBundle({ [name]: value }))
    expect(faults.map(({ message }) => message).join('; ')).toContain(complaint)
    expect(faults[0]?.line).toBeGreaterThan(2)
    expect(faults[0]?.fix).not.toBe('')
  })

  it('refuses a fact that nobody knows, and a repeated id', () => {
    expect(faultsOf(aBundle({ moood: 'low' }))[0]?.message).toContain('no fact "moood"')
    expect(faultsOf(`${aBundle()}\n${aBundle()}`).some(({ message }) => message.includes('there twice'))).toBe(true)
  })

  it.each([
    ['assistant', 'You could {coping}.', 'gerund phrase'],
    ['assistant', 'It is about {trigger}.', 'clause'],
    ['assistant', 'You keep {step}.', 'verb phrase'],
    ['assistant', 'the {feeling} thing', 'adjective'],
    ['assistant', 'And {topic} is there.', 'plural'],
    ['assistant', '{thougth} again.', 'no slot {thougth}'],
    ['assistant', '{step|past}', 'no modifier'],
    ['assistant', '{coping|ing}', 'gerund phrase'],
    ['assistant', 'You [feel|are it.', 'never closed'],
    ['assistant', 'You {thought it.', 'never closed'],
    ['assistant', 'You [feel] it.', 'only one option'],
    ['client', 'It began when {trigger}.', 'any tense'],
    ['client', 'It is {topic:2}.', 'no list'],
  ] as const)('refuses the %s frame "%s"', (speaker, frame, complaint) => {
    const [fault] = frameFaults(speaker, frame)
    expect(fault?.message).toContain(complaint)
    expect(fault?.line).toBe(5)
  })

  it('names file and line of broken YAML, a wrong folder and a misnamed file', () => {
    const faults = readBanks([
      { path: 'frames/broken.yaml', text: 'speaker: assistant\nsections: [\n' },
      { path: 'stray/file.yaml', text: 'a: 1' },
      { path: 'situations/other-name.yaml', text: `concern: anxiety\nbundles:\n${aBundle()}\n` },
    ]).errors
    expect(faults.find(({ file }) => file === 'frames/broken.yaml')?.line).toBeGreaterThan(0)
    expect(faults.find(({ file }) => file === 'stray/file.yaml')?.message).toContain('nothing reads')
    expect(faults.find(({ file }) => file === 'situations/other-name.yaml')?.fix).toContain('situations/anxiety.yaml')
  })

  it('throws one error that lists what is wrong', () => {
    const broken = [...content, { path: 'frames/zz.yaml', text: 'speaker: nobody' }]
    expect(() => loadBanks(broken)).toThrow(InputError)
    expect(() => loadBanks(broken)).toThrow(/frames\/zz\.yaml/)
  })

  it('warns of concerns with few bundles', () => {
    const { banks: few } = readBanks([
      { path: 'situations/anxiety.yaml', text: `concern: anxiety\nbundles:\n${aBundle()}\n` },
    ])
    expect(BUNDLES_WANTED).toBe(25)
    expect(few.situations.get('anxiety')).toHaveLength(1)
  })
})

describe('a compiled frame', () => {
  const within = (source: string): string[] => factsOf(compile(parseTemplate(source)).within)

  it('knows the facts that its sentence goes on behind: a comma in one of them would part it', () => {
    expect(within('Maybe {step|ing} is enough.')).toEqual(['step'])
    expect(within('Maybe it is enough: {step|ing}.')).toEqual([])
    expect(within('With {topic}, what helps?')).toEqual([])
    expect(within('You {wish}[ now| and then|].')).toEqual(['wish'])
    expect(within('You {wish}[, perhaps|].')).toEqual([])
    expect(within('{topic} <is/are> there.')).toEqual(['topic'])
    expect(within('{thought|quoted} has a loud voice.')).toEqual([])
  })
})

describe('the language of frames', () => {
  it('nests choices and keeps empty options', () => {
    const parts = parseTemplate('[|Well, ]{topic} [is [quite |]hard|hurts].')
    expect(parts).toHaveLength(5)
  })

  it.each(['{', ']', 'a | b', '[a', '[a|b', '{Topic}', '<is>', '{a b}'])('refuses "%s"', (source) => {
    expect(() => parseTemplate(source)).toThrow(TemplateSyntaxError)
  })
})
