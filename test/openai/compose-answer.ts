import { BASE_TIME } from '../../core/pipeline/settings.ts'
import { RISK_LEVELS, SESSION_TYPES, type RiskLevel, type SessionType } from '../../core/dialogue/vocabulary.ts'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import { generateDialogues } from '../../core/generate/generate-dialogues.ts'
import { AnswerSchema, type Answer } from '../../core/generate/openai/answer-schema.ts'
import { parseRequest } from '../../core/generate/request.ts'
import type { Banks } from '../../core/generate/templates/banks.ts'
import { loadBanks } from '../../core/generate/templates/load-banks.ts'
import { lintDialogue } from '../../core/quality/lint-dialogue.ts'
import { readContentFolder } from '../../local/content-folder.ts'

/** What a prompt asks for, read back from its text. */
export interface AskedDialogue {
  number: number
  session_type: SessionType
  concern: string
  exchanges: number
  risk: RiskLevel
  imminent: boolean
}

export type Compose = (asked: AskedDialogue) => Promise<Answer>

/** Read from `# Plan of dialogue …` of content/prompts/dialogue.md; undefined for a prompt of another kind. */
export function readPlan(prompt: string, banks: Pick<Banks, 'situations'>): AskedDialogue | undefined {
  const number = /^# Plan of dialogue (\d+)/m.exec(prompt)?.[1]
  const session = /^Session: ([\w-]+)\./m.exec(prompt)?.[1]
  const exchanges = /^Length: (\d+)/m.exec(prompt)?.[1]
  const concern = /^Concern: ([^;\n]+)/m.exec(prompt)?.[1]
  const level = /^## Safety: risk (\w+)/m.exec(prompt)?.[1]
  const session_type = SESSION_TYPES.find((one) => one === session)
  if (number === undefined || session_type === undefined || exchanges === undefined || concern === undefined)
    return undefined
  return {
    number: Number(number),
    session_type,
    exchanges: Number(exchanges),
    concern: nameOf(concern, banks),
    risk: level === 'imminent' ? 'high' : (RISK_LEVELS.find((one) => one === level) ?? 'none'),
    imminent: level === 'imminent',
  }
}

/** Prompts write concerns in plain words. */
function nameOf(words: string, { situations }: Pick<Banks, 'situations'>): string {
  const plain = (name: string) => name.replaceAll(/[_-]+/g, ' ').trim()
  return [...situations.keys()].find((name) => plain(name) === plain(words)) ?? plain(words).replaceAll(' ', '_')
}

/** Sessions ahead among which the one of the length asked for is looked for. */
const AHEAD = 6

/**
 * Dialogues by this project's own template engine, so that acceptance has something to judge: they keep to session type,
 * concern, risk and about the length that is asked for, and no two are alike. One run of the engine for each kind of
 * dialogue, begun when it is first asked for.
 */
export async function createComposer(seed = 1): Promise<{ compose: Compose; banks: Banks }> {
  const banks = loadBanks(await readContentFolder())
  const runs = new Map<string, { next: () => Promise<Dialogue>; ahead: Dialogue[] }>()

  const runFor = ({ session_type, concern, risk }: AskedDialogue) => {
    const key = JSON.stringify([session_type, concern, risk])
    const known = runs.get(key)
    if (known !== undefined) return known
    let part = 0
    let run = dialogues(banks, { session_type, concern, risk }, seed * 1_000 + runs.size)
    const next = async (): Promise<Dialogue> => {
      const { value, done } = await run.next()
      if (done !== true && value !== undefined) return value
      part += 1
      if (part > 100) throw new Error(`the engine writes nothing for ${key}`)
      run = dialogues(banks, { session_type, concern, risk }, seed * 1_000 + runs.size + part * 7_919)
      return next()
    }
    const made = { next, ahead: [] }
    runs.set(key, made)
    return made
  }

  let turn: Promise<unknown> = Promise.resolve()
  const compose = async (asked: AskedDialogue): Promise<Answer> => {
    const run = runFor(asked)
    while (run.ahead.length < AHEAD) run.ahead.push(await run.next())
    const off = (dialogue: Dialogue) =>
      Math.abs(dialogue.messages.length / 2 - asked.exchanges) + (dialogue.risk?.imminent === asked.imminent ? 0 : 100)
    const best = run.ahead.reduce((one, other) => (off(other) < off(one) ? other : one))
    run.ahead.splice(run.ahead.indexOf(best), 1)
    return answerOf(best)
  }
  return {
    banks,
    compose(asked) {
      const answer = turn.then(() => compose(asked)) // one after the other: the runs are shared
      turn = answer.catch(() => undefined)
      return answer
    },
  }
}

async function* dialogues(
  banks: Banks,
  { session_type, concern, risk }: Pick<AskedDialogue, 'session_type' | 'concern' | 'risk'>,
  random_seed: number,
): AsyncGenerator<Dialogue, undefined> {
  const request = parseRequest({
    count: 300,
    concerns: [concern],
    session_types: [session_type],
    random_seed,
    target: { risk: Object.fromEntries(RISK_LEVELS.map((level) => [level, level === risk ? 1 : 0])) },
  })
  const about = { request, banks, seeds: undefined, batchId: 'fake', baseTime: BASE_TIME, lint: lintDialogue }
  const generation = generateDialogues(about)
  for (;;) {
    const { value, done } = await generation.next()
    if (done === true) return undefined
    yield value.dialogue
  }
}

function answerOf({ messages }: Dialogue): Answer {
  const exchanges = messages.flatMap((reply, at) => {
    const client = messages[at - 1]
    if (reply.role !== 'assistant' || client === undefined) return []
    const { stage, intent, sentiment, techniques } = reply
    return [{ client: client.text, reply: reply.text, stage, intent, sentiment, techniques }]
  })
  return AnswerSchema.parse({ exchanges })
}
