import { describe, expect, it } from 'vitest'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import { contentSha256 } from '../../../core/dialogue/content-hash.ts'
import { DialogueSchema } from '../../../core/dialogue/schema.ts'
import { highestRisk } from '../../../core/dialogue/vocabulary.ts'
import { InputError } from '../../../core/errors.ts'
import { generateDialogues, type GeneratedDialogue, type Lint } from '../../../core/generate/generate-dialogues.ts'
import type { GenerationReport } from '../../../core/generate/report.ts'
import { parseRequest } from '../../../core/generate/request.ts'
import { readSeedPatterns, type SeedPatterns } from '../../../core/generate/seeds/read-seed-patterns.ts'
import { loadBanks } from '../../../core/generate/templates/load-banks.ts'
import { LOCALES } from '../../../core/quality/resources.ts'
import { readDialogueRisk } from '../../../core/quality/risk-signals.ts'
import { lintDialogue } from '../../../core/quality/lint-dialogue.ts'
import { createSeedTextIndex } from '../../../core/quality/seed-text-index.ts'
import { sentenceSpans, wordsOf } from '../../../core/quality/turn-text.ts'
import { readContentFolder } from '../../../local/content-folder.ts'
import { wordingsOf } from '../../builders/wordings.ts'

const banks = loadBanks(await readContentFolder())

interface Run {
  dialogues: GeneratedDialogue[]
  report: GenerationReport
}

async function generate(
  asked: Record<string, unknown>,
  more: { seeds?: SeedPatterns; lint?: Lint; batchId?: string } = {},
): Promise<Run> {
  const generation = generateDialogues({
    request: parseRequest(asked),
    banks,
    seeds: more.seeds,
    batchId: more.batchId ?? 'batch',
    baseTime: '2026-01-01T00:00:00Z',
    lint: more.lint ?? lintDialogue,
  })
  const dialogues: GeneratedDialogue[] = []
  for (;;) {
    const next = await generation.next()
    if (next.done === true) return { dialogues, report: next.value }
    dialogues.push(next.value)
  }
}

const replies = (dialogue: Dialogue) => dialogue.messages.filter((message) => message.role === 'assistant')
const seed = (dialogue_id: string, concern: string, texts: string[]): { dialogue: Dialogue } => ({
  dialogue: {
    dialogue_id,
    session_type: 'gentle_deep',
    user_profile: { concern },
    messages: texts.map((text, at) => (at % 2 === 0 ? { role: 'user', text } : { role: 'assistant', text })),
    labels: {},
  },
})

const run = await generate({ count: 120, random_seed: 3 })
const risky = await generate({ count: 60, random_seed: 5, target: { risk: { low: 1, medium: 1, high: 1 } } })

describe('generated dialogues', () => {
  it('come as many as asked for, each with an id of its own and no text twice', () => {
    expect(run.dialogues).toHaveLength(120)
    expect(run.report).toMatchObject({ requested: 120, written: 120, failed: 0 })
    expect(new Set(run.dialogues.map(({ dialogue }) => dialogue.dialogue_id)).size).toBe(120)
    expect(
      new Set(run.dialogues.map(({ dialogue }) => JSON.stringify(dialogue.messages.map(({ text }) => text)))).size,
    ).toBe(120)
  })

  it('are the same bytes for the same request, and others for another random seed', async () => {
    const bytes = (of: Run) => of.dialogues.map(({ dialogue }) => JSON.stringify(dialogue)).join('\n')
    const asked = { count: 30, random_seed: 11 }
    const [first, again, other] = [
      await generate(asked),
      await generate(asked),
      await generate({ ...asked, random_seed: 12 }),
    ]
    expect(bytes(again)).toBe(bytes(first))
    expect(bytes(other)).not.toBe(bytes(first))
    expect(again.report).toEqual(first.report)
  })

  it('never share an id between batches', async () => {
    const [one, other] = [
      await generate({ count: 5 }, { batchId: 'a' }),
      await generate({ count: 5 }, { batchId: 'b' }),
    ]
    const ids = new Set([...one.dialogues, ...other.dialogues].map(({ dialogue }) => dialogue.dialogue_id))
    expect(ids.size).toBe(10)
  })

  it('follow the schema, alternate, start with the client and end with the assistant', () => {
    for (const { dialogue } of [...run.dialogues, ...risky.dialogues]) {
      expect(DialogueSchema.safeParse(dialogue).success).toBe(true)
      expect(dialogue.messages.length % 2).toBe(0)
      dialogue.messages.forEach((message, at) => expect(message.role).toBe(at % 2 === 0 ? 'user' : 'assistant'))
    }
  })

  it('have no error of the lint, and say what it warned of', () => {
    for (const { findings } of [...run.dialogues, ...risky.dialogues])
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('leave no slot, bracket, double space or lone capital behind', () => {
    for (const { dialogue } of [...run.dialogues, ...risky.dialogues])
      for (const { text } of dialogue.messages) {
        expect(text).not.toMatch(/[{}[\]<>|]|\s{2}|undefined|\s[.,;:!?]|(?<!\.)\.\.(?!\.)/)
        expect(text.trim()).toBe(text)
      }
  })

  it('ask and tell in English, whichever words were exchanged', () => {
    for (const { dialogue } of [...run.dialogues, ...risky.dialogues])
      for (const { text } of replies(dialogue)) {
        expect(text).not.toMatch(/\b(?:do|does|did|is|are|has|have|can) not (?:you|it|they|she|he|we)\b/)
        expect(text).not.toMatch(/(?:^|[.?!] )You (?:has|is|was|does)\b/)
      }
  })

  it('say most often what was written for the life at hand, on a check-in from its first turn on', () => {
    const ids = run.dialogues.flatMap(({ dialogue }) => dialogue.provenance?.template_ids ?? [])
    const own = ids.filter((id) => id.includes('#reflection.'))
    expect(own.length / run.dialogues.length).toBeGreaterThan(1)
    expect(own.some((id) => id.includes('#reflection.change.'))).toBe(true)
    expect(ids.filter((id) => id.includes('#question.')).length).toBeGreaterThan(run.dialogues.length / 4)
  })

  it('end on two or three sentences: one remark, then the goodbye', () => {
    const talks = run.dialogues.filter(({ dialogue }) => dialogue.session_type !== 'micro_practice')
    const closes = talks.map(({ dialogue }) => replies(dialogue).at(-1)).filter((reply) => reply?.stage === 'close')
    expect(closes.length).toBeGreaterThan(40)
    // A remark and a goodbye may have two sentences each.
    const long = closes.filter((reply) => sentenceSpans(reply?.text ?? '').length > 3)
    expect(long.length / closes.length).toBeLessThan(0.05)
  })

  it('carry labels that agree with each other', () => {
    for (const { dialogue } of [...run.dialogues, ...risky.dialogues]) {
      const turns = replies(dialogue)
      expect(dialogue.labels.max_risk_level).toBe(highestRisk(turns.map(({ risk_level }) => risk_level ?? 'none')))
      expect(turns.map(({ intent }) => intent)).toContain(dialogue.labels.primary_intent)
      expect(turns.map(({ sentiment }) => sentiment)).toContain(dialogue.labels.overall_sentiment)
      for (const turn of turns) expect(turn.techniques?.length ?? 0).toBeGreaterThan(0)
      expect(dialogue.labels.synthetic).toBe(true)
      expect(dialogue.content_sha256).toBe(contentSha256(dialogue))
    }
  })

  it('say where they come from: templates, random seed, version', () => {
    for (const { dialogue } of run.dialogues) {
      expect(dialogue.provenance).toMatchObject({ method: 'template', random_seed: 3, seed_dialogue_ids: [] })
      expect(dialogue.provenance?.template_ids?.length ?? 0).toBeGreaterThan(4)
    }
  })

  it('meet the quotas exactly, and the report says so', () => {
    const { quotas } = run.report
    for (const dimension of Object.values(quotas))
      for (const quota of Object.values(dimension)) expect(quota.written).toBe(quota.planned)
    expect(quotas.session_type).toMatchObject({
      'check-in': { written: 36 },
      gentle_deep: { written: 60 },
      micro_practice: { written: 24 },
    })
    expect(run.dialogues.filter(({ dialogue }) => dialogue.labels.max_risk_level === 'low')).toHaveLength(12)
  })

  it('answer within two to four sentences nearly always', () => {
    const turns = run.dialogues.flatMap(({ dialogue }) => replies(dialogue))
    const within = turns.filter(({ text }) => (text.match(/[.!?…]+["')]*(?=\s|$)/g)?.length ?? 0) <= 4)
    expect(within.length / turns.length).toBeGreaterThan(0.95)
  })

  it('echo only what the client has said: quoted words stand in an earlier client turn', () => {
    const letters = (text: string) =>
      text
        .toLowerCase()
        .replace(/[^a-z ]/g, '')
        .replace(/\s+/g, ' ')
        .trim()
    let quotations = 0
    for (const { dialogue } of run.dialogues)
      dialogue.messages.forEach((message, at) => {
        if (message.role === 'user' || message.stage === 'safety') return
        const before = letters(
          dialogue.messages
            .slice(0, at)
            .filter(({ role }) => role === 'user')
            .map(({ text }) => text)
            .join(' '),
        )
        for (const [, words = ''] of message.text.matchAll(/"([^"]+)"/g)) {
          quotations++
          // Slips of the finger are the client's own.
          const told =
            letters(words)
              .split(' ')
              .filter((word) => before.includes(word)).length / letters(words).split(' ').length
          expect(told, words).toBeGreaterThan(0.8)
        }
      })
    expect(quotations).toBeGreaterThan(20)
  })
})

describe('risk', () => {
  it('never speaks of crisis where there is none', () => {
    for (const { dialogue, findings } of run.dialogues) {
      if (dialogue.labels.max_risk_level !== 'none') continue
      expect(dialogue.messages.map(({ text }) => text).join(' ')).not.toMatch(/suicid|988|crisis|kill/i)
      expect(findings.map(({ code }) => code)).not.toContain('safety.false-crisis-talk')
    }
  })

  it('is met by the passage that its level calls for', () => {
    for (const { dialogue } of risky.dialogues) {
      const level = dialogue.labels.max_risk_level
      expect(level).not.toBe('none')
      const safety = replies(dialogue).filter(({ stage }) => stage === 'safety')
      expect(safety.length).toBeGreaterThanOrEqual({ none: 0, low: 3, medium: 5, high: 5 }[level ?? 'none'])
      expect(dialogue.risk?.signals.length).toBeGreaterThan(0)
      expect(['safety_check', 'emergency']).toContain(dialogue.labels.primary_intent)
    }
  })

  it('says the same safety line in the same words in hardly two dialogues', () => {
    const sentences = risky.dialogues.flatMap(({ dialogue }) =>
      replies(dialogue)
        .filter(({ stage }) => stage === 'safety')
        .map(({ text }) => text),
    )
    expect(new Set(sentences).size / sentences.length).toBeGreaterThan(0.98)
  })

  it('names the resources of the locale asked for, and refuses a locale that has none', async () => {
    const uk = await generate({ count: 6, locale: 'en-GB', target: { risk: { low: 1 } } })
    for (const { dialogue } of uk.dialogues) {
      const text = replies(dialogue)
        .map((reply) => reply.text)
        .join(' ')
      expect(text).toContain('116 123')
      expect(text).not.toContain('988')
    }
    await expect(generate({ count: 1, locale: 'xx' })).rejects.toThrow(InputError)
  })

  it.each(LOCALES)('passes the lint at every level with the words of %s', async (locale) => {
    const { dialogues, report } = await generate({
      ...{ count: 12, locale, random_seed: 9 },
      target: { risk: { low: 1, medium: 1, high: 2 } },
    })
    expect(dialogues).toHaveLength(12)
    expect(report.rejections.lint).toBeLessThan(12)
  })

  it('says in the labels what the client voices besides the disclosure', () => {
    for (const { dialogue } of risky.dialogues) {
      const voiced = readDialogueRisk(dialogue).signals
      expect(dialogue.risk?.signals).toEqual(expect.arrayContaining(voiced.filter((signal) => signal !== 'imminent')))
    }
  })

  it('puts no disclosure into a life that holds a place or a thing to be afraid of', () => {
    const unsuited = new Set([...banks.situations.values()].flat().flatMap(({ id, risk }) => (risk ? [] : [id])))
    expect(unsuited.size).toBeGreaterThan(10)
    for (const { dialogue } of risky.dialogues)
      expect([...unsuited].filter((id) => JSON.stringify(dialogue.plan).includes(`"${id}"`))).toEqual([])
  })

  it('settles what is in the way before it asks for anything else', () => {
    const barriers = banks.safety.answers.get('after_barrier') ?? []
    const said = barriers.flatMap(({ source }) => wordingsOf(source.replace('{support}', '.*')))
    const settled = risky.dialogues.filter(({ dialogue }) =>
      dialogue.messages.some(({ role, text }) => role === 'user' && said.some((one) => new RegExp(one).test(text))),
    )
    expect(settled.length).toBeGreaterThan(10)
  })
})

describe('seeds', () => {
  const records = [
    seed('s1', 'fear of wasps', [
      "I've been feeling really anxious about wasps.",
      'That worry makes sense. Would you like to explore this together?',
      'Yes, please.',
      'Thank you for sharing that. What would it mean if a wasp came in?',
    ]),
    seed('s2', 'fear of wasps', ['I keep thinking about wasps.', 'I hear that. When did you first notice this fear?']),
  ]

  it('give dialogues for a concern that nobody knows', async () => {
    const seeds = await readSeedPatterns(records)
    const { dialogues, report } = await generate({ count: 20, concerns: ['fear of wasps'] }, { seeds })
    expect(dialogues).toHaveLength(20)
    expect(dialogues.every(({ dialogue }) => dialogue.user_profile.concern === 'fear of wasps')).toBe(true)
    expect(report.seeds).toMatchObject({ dialogues: 2 })
    expect(dialogues.some(({ dialogue }) => dialogue.messages.some(({ text }) => text.includes('fear of wasps')))).toBe(
      true,
    )
  })

  it('are named where their frames were used, and never come back in eight words', async () => {
    const seeds = await readSeedPatterns(records)
    const { dialogues, report } = await generate({ count: 60 }, { seeds })
    const named = dialogues.flatMap(({ dialogue }) => dialogue.provenance?.seed_dialogue_ids ?? [])
    expect(named.length).toBeGreaterThan(0)
    expect(new Set(named)).toEqual(new Set(['s1', 's2'].filter((id) => named.includes(id))))
    expect(report.seeds?.dialogues_using_patterns).toBeGreaterThan(0)
    const index = createSeedTextIndex(records.map(({ dialogue }) => dialogue))
    for (const { dialogue } of dialogues)
      for (const { text } of dialogue.messages) expect(index.longestRun(wordsOf(text))).toBeUndefined()
  })
})

describe('the acceptance loop', () => {
  it('gives up after bounded attempts on what no candidate passes, and reports it', async () => {
    const never: Lint = () => ({
      findings: [{ code: 'test.never', severity: 'error', message: 'no' }],
      rules_version: 'test',
    })
    const { dialogues, report } = await generate({ count: 3 }, { lint: never })
    expect(dialogues).toEqual([])
    expect(report).toMatchObject({ written: 0, failed: 3 })
    expect(report.lint_codes['test.never']).toBe(report.rejections.lint)
    expect(report.candidates).toBeLessThan(120)
  })

  it('accounts for every candidate', () => {
    for (const { report } of [run, risky]) {
      const rejected = Object.values(report.rejections).reduce((sum, one) => sum + one, 0)
      expect(report.written + report.failed).toBe(report.requested)
      expect(report.candidates).toBeGreaterThanOrEqual(report.written)
      expect(rejected).toBeLessThan(report.candidates * 2)
      expect(report.limits.map(({ name }) => name)).toContain('best_of_all')
    }
  })

  it('still answers when one concern is asked for far beyond its bank, and says what it relaxed', async () => {
    const { dialogues, report } = await generate({ count: 150, concerns: ['grief'], session_types: ['check-in'] })
    expect(dialogues).toHaveLength(150)
    expect(Object.values(report.relaxations).reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0)
    expect(report.most_similar).toBeLessThan(0.6)
  })

  it('refuses a base time that is none', async () => {
    const generation = generateDialogues({
      request: parseRequest({ count: 1 }),
      banks,
      seeds: undefined,
      batchId: 'b',
      baseTime: 'yesterday',
      lint: lintDialogue,
    })
    await expect(generation.next()).rejects.toThrow(InputError)
  })
})

describe('a concern of its own file', () => {
  it('is written for once the file is there, and nothing else has to change', async () => {
    const files = await readContentFolder()
    const anxiety = files.find(({ path }) => path === 'situations/anxiety.yaml')?.text ?? ''
    const banksWith = loadBanks([
      ...files.filter(({ path }) => path !== 'situations/anxiety.yaml'),
      { path: 'situations/fear_of_wasps.yaml', text: anxiety.replace('concern: anxiety', 'concern: fear_of_wasps') },
    ])
    const generation = generateDialogues({
      request: parseRequest({ count: 20, concerns: ['fear_of_wasps'], random_seed: 2 }),
      banks: banksWith,
      seeds: undefined,
      batchId: 'wasps',
      baseTime: '2026-01-01T00:00:00Z',
      lint: lintDialogue,
    })
    const situations = new Set<unknown>()
    for await (const { dialogue } of generation) {
      expect(dialogue.user_profile.concern).toBe('fear_of_wasps')
      situations.add(JSON.stringify(dialogue['plan']).replace(/^.*"situation":"([^"]*)".*$/, '$1'))
    }
    expect(situations.size).toBe(20)
    for (const situation of situations) expect(String(situation)).toMatch(/^fear_of_wasps\//)
  })
})
