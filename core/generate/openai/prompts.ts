import { createHash } from 'node:crypto'
import { SESSION_TYPES, STAGES } from '../../dialogue/vocabulary.ts'
import { InputError } from '../../errors.ts'
import { PROTOCOL } from '../../quality/rules/protocol.ts'
import { ANSWER_LINES, REPLY_LINES } from '../safety/safety-bank.ts'
import { ACTS, ARCS, FACT_NAMES, VOICES } from '../templates/facts.ts'

/** A file of content/prompts, with its path below that folder. */
export interface PromptFile {
  path: string
  text: string
}

/** The texts that prompts are made of. */
export interface Prompts {
  /** SHA-256 over all of them: stands in the provenance of every dialogue that came of them. */
  sha256: string
  system: string
  /** Templates with `{slots}`. */
  dialogue: string
  again: string
  /** Short wordings by name, e.g. `voice.plain`. */
  wordings: ReadonlyMap<string, string>
}

type PromptName = 'system.md' | 'dialogue.md' | 'again.md' | 'wordings.md'

const SLOTS: Readonly<Record<'dialogue.md' | 'again.md', readonly string[]>> = {
  'dialogue.md': [
    'number',
    'session_type',
    'session_meaning',
    'exchanges',
    'concern',
    'sub_concern',
    'age',
    'voice',
    'mood',
    'arc',
    'facts',
    'path',
    'safety',
    'opening',
    'first_reply',
    'worn',
    'examples',
  ],
  'again.md': ['findings'],
}

const FACTS_TOLD = FACT_NAMES.filter((name) => name !== 'detail' && name !== 'tangent')

/** Every wording that a prompt may look up. */
const NEEDED: readonly string[] = [
  ...SESSION_TYPES.map((name) => `session.${name}`),
  ...VOICES.map((name) => `voice.${name}`),
  ...ARCS.map((name) => `arc.${name}`),
  ...STAGES.map((name) => `stage.${name}`),
  ...FACT_NAMES.map((name) => `asks.${name}`),
  ...ACTS.map((name) => `asks.${name}`),
  ...FACTS_TOLD.map((name) => `fact.${name}`),
  ...PROTOCOL.flatMap(({ act }) => (act === 'no_crisis_talk' ? [] : [`safety.${act}`])),
  ...['safety.always', 'safety.none', 'safety.disclosure', 'opening.1', 'first_reply.1'],
  ...REPLY_LINES.map((name) => `reply.${name}`),
  ...ANSWER_LINES.map((name) => `answer.${name}`),
]

/** Throws InputError for a file, a slot or a wording that is missing or not known. */
export function loadPrompts(files: readonly PromptFile[]): Prompts {
  const texts = new Map(files.map(({ path, text }) => [path, text.replaceAll('\r\n', '\n').trim()]))
  const hash = createHash('sha256')
  const textOf = (path: PromptName): string => {
    const text = texts.get(path)
    if (text === undefined || text === '')
      throw new InputError('the file is missing or empty', {
        where: `content/prompts/${path}`,
        fix: 'Take it from the release again; docs/guides/openai.md says what each file is for.',
      })
    hash.update(JSON.stringify([path, text]))
    return text
  }
  const [system, dialogue, again, wordingsText] = [
    textOf('system.md'),
    textOf('dialogue.md'),
    textOf('again.md'),
    textOf('wordings.md'),
  ]
  checkSlots('dialogue.md', dialogue)
  checkSlots('again.md', again)
  const wordings = new Map<string, string>()
  for (const line of wordingsText.split('\n')) {
    const [, name, text] = /^([a-z][\w.-]*): (\S.*)$/.exec(line) ?? []
    if (name !== undefined && text !== undefined) wordings.set(name, text.trim())
  }
  const missing = NEEDED.filter((name) => !wordings.has(name))
  if (missing.length > 0)
    throw new InputError(`no wording for ${missing.join(', ')}`, {
      where: 'content/prompts/wordings.md',
      expected: 'one line "name: text" for each',
    })
  return { sha256: hash.digest('hex'), system, dialogue, again, wordings }
}

function checkSlots(path: 'dialogue.md' | 'again.md', text: string): void {
  const found = new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''))
  const known = SLOTS[path]
  const wrong = [...found].filter((name) => !known.includes(name))
  const missing = known.filter((name) => !found.has(name))
  if (wrong.length + missing.length > 0)
    throw new InputError(
      [
        ...(wrong.length > 0 ? [`{${wrong.join('}, {')}} is no slot`] : []),
        ...(missing.length > 0 ? [`{${missing.join('}, {')}} is missing`] : []),
      ].join('; '),
      { where: `content/prompts/${path}`, expected: `each of {${known.join('}, {')}}` },
    )
}

/** Puts values into `{slots}`; a value is text and never read for slots itself. */
export function fillSlots(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}
