import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelCall, ModelOutcome } from '../../../core/generate/openai/dialogue-model.ts'
import { rngFrom, shuffle } from '../../../core/generate/random.ts'
import { runAskModel } from '../../../core/pipeline/ask-model-stage.ts'
import { answersOfParts, askingProgress } from '../../../core/pipeline/asking.ts'
import { runGenerate } from '../../../core/pipeline/generate-stage.ts'
import type { GenerationManifest } from '../../../core/pipeline/generation-manifest.ts'
import type { PipelineModel, PipelineSettings } from '../../../core/pipeline/settings.ts'
import type { UploadEvent } from '../../../core/pipeline/stages.ts'
import type { Ports } from '../../../core/ports.ts'
import { someDialogues } from '../../builders/a-dialogue.ts'
import { all } from '../../builders/byte-source.ts'
import { aPipeline, dyingPorts, Killed, type Pipeline } from '../../builders/a-pipeline.ts'
import { aScriptedModel, answered, answerTo, prompts, type ScriptedModel } from '../../builders/a-scripted-model.ts'

const PART = { dialogues: 4, part_ms: 60_000 }
const DIALOGUES = 10
const SEEDS = JSON.stringify({ version: '1.0', dialogues: someDialogues(4) })
const REQUEST = JSON.stringify({ count: DIALOGUES, seed: 'ours.json', method: 'openai', random_seed: 5 })

let pipeline: Pipeline
let request: UploadEvent
beforeEach(async () => {
  pipeline = aPipeline()
  await pipeline.upload('inbox', 'seeds/ours.json', SEEDS)
  request = await pipeline.upload('inbox', 'requests/ten.json', REQUEST)
})
afterEach(() => pipeline.remove())

/** The two stages see the model differently: one hands out and puts together, the other asks. */
function settingsWith(model: ScriptedModel | undefined, over: Partial<PipelineModel> = {}): PipelineSettings {
  return {
    ...pipeline.settings,
    model: {
      name: 'test-model',
      maxCostUsd: 10,
      prompts: () => Promise.resolve(prompts),
      priceOf: () => ({ input: 1, cached_input: 1, output: 1 }),
      mayBeUnpriced: false,
      calls: () => model,
      openAnswers: async (batch_id) => ({
        kept: await answersOfParts(pipeline.ports.datasets, batch_id),
        keep: () => undefined,
        forget: () => undefined,
        close: () => undefined,
      }),
      parts: PART,
      ...over,
    },
  }
}
const generate = (event: UploadEvent) => runGenerate(event, pipeline.ports, settingsWith(undefined))
const askPart = (event: UploadEvent, model: ScriptedModel, ports: Ports = pipeline.ports) =>
  runAskModel(event, ports, settingsWith(model))

async function handedOut(): Promise<{ batch_id: string; parts: UploadEvent[] }> {
  const outcome = await generate(request)
  if (outcome.outcome !== 'asking') throw new Error(JSON.stringify(outcome))
  const keys = await pipeline.keys('datasets', `asking/${outcome.batch_id}/`)
  const parts = keys.filter((key) => key.endsWith('.part.json')).map((key) => pipeline.eventOf('datasets', key))
  return { batch_id: outcome.batch_id, parts: await Promise.all(parts) }
}
const completed = (batch_id: string) => pipeline.eventOf('datasets', `answers/${batch_id}/complete.json`)
const manifestOf = (batch_id: string) =>
  pipeline.json<
    GenerationManifest & { report: { sources: { by_method: unknown; fallbacks: Record<string, number> } } }
  >('datasets', `synthetic/${batch_id}.manifest.json`)
async function sizeOf(batch_id: string): Promise<number> {
  return (await pipeline.text('datasets', `synthetic/${batch_id}.jsonl`)).trimEnd().split('\n').length
}

describe('a batch that many workers ask a model for', () => {
  it('is handed out in parts, asked for in any order, and written when the last part is there', async () => {
    const { batch_id, parts } = await handedOut()
    expect(parts).toHaveLength(3)
    const model = aScriptedModel({})
    for (const part of shuffle(rngFrom('order'), [...parts])) {
      expect(await pipeline.keys('datasets', 'synthetic/')).toEqual([])
      expect(await askPart(part, model)).toMatchObject({ outcome: 'done', batch_id })
    }
    expect(await generate(await completed(batch_id))).toMatchObject({ outcome: 'done', batch_id })
    expect(await sizeOf(batch_id)).toBe(DIALOGUES)
    const { by_method, fallbacks } = (await manifestOf(batch_id)).report.sources
    const fallen = Object.values(fallbacks).reduce((sum, count) => sum + count, 0)
    expect(by_method).toMatchObject({ openai: { planned: DIALOGUES, written: DIALOGUES - fallen } })

    const [progress] = await all(askingProgress(pipeline.ports.datasets))
    expect(progress).toMatchObject({ batch_id, title: 'ten.json', dialogues: DIALOGUES, parts: { all: 3, done: 3 } })
    expect((progress?.accepted ?? 0) + (progress?.failed ?? 0)).toBe(DIALOGUES)
    expect(progress?.cost_usd).toBeCloseTo(0.0015 * model.asked.length, 9)
  })

  it('asks nothing twice, however often and in whatever order its messages come', async () => {
    const { batch_id, parts } = await handedOut()
    const model = aScriptedModel({})
    const messages = shuffle(rngFrom('more'), [...parts, ...parts, ...parts])
    for (const part of messages) await askPart(part, model)
    expect(new Set(model.asked).size).toBe(model.asked.length)
    for (let more = 0; more < 3; more++) expect((await generate(request)).outcome).not.toBe('asking')
    const once = await pipeline.snapshot()
    for (const part of parts) await askPart(part, model)
    expect((await generate(await completed(batch_id))).outcome).toBe('already_done')
    expect(await pipeline.snapshot()).toEqual(once)
    expect(await sizeOf(batch_id)).toBe(DIALOGUES)
  })

  it('leaves a part to the worker that has it', async () => {
    const { parts } = await handedOut()
    const part = parts[0]
    if (part === undefined) return
    let second: Promise<unknown> | undefined
    const other = aScriptedModel({})
    const model = aScriptedModel({
      outcome: async () => {
        second ??= expect(askPart(part, other)).rejects.toThrow(/is being asked for by another worker/)
        await second
        return undefined
      },
    })
    await askPart(part, model)
    expect(other.asked).toEqual([])
  })

  it('pays for an answer once, wherever a worker is killed', async () => {
    const paid = new Set<string>()
    const { batch_id, parts } = await handedOut()
    let killed = 0
    let calls = 0
    for (const part of parts)
      for (let at = 0; ; at++) {
        const ports = dyingPorts(pipeline.ports, at, at % 2 === 0)
        // Whoever is killed leaves a claim; by the next message its time is up.
        const clock = { now: () => (killed + 1) * 100_000 }
        const model = aScriptedModel({
          outcome: async (call: ModelCall): Promise<ModelOutcome> => {
            calls += 1
            const outcome = answered(await answerTo(call))
            paid.add(call.id)
            return outcome
          },
        })
        try {
          await askPart(part, model, { ...ports, clock })
          break
        } catch (error) {
          if (!(error instanceof Killed)) throw error
          killed += 1
        }
      }
    expect(killed).toBeGreaterThan(5)
    // What was in flight with the one whose keeping died: at most the calls of one part at a time.
    expect(calls - paid.size).toBeLessThanOrEqual(killed * PART.dialogues)
    await generate(await completed(batch_id))
    expect(await sizeOf(batch_id)).toBe(DIALOGUES)
  })

  it('is written by templates when the key is refused, after one worker has found out', async () => {
    const { batch_id, parts } = await handedOut()
    const failed: ModelOutcome = {
      outcome: 'failed',
      why: 'authentication',
      message: 'The key was refused.',
      latency_ms: 1,
    }
    const refused = aScriptedModel({ outcome: () => failed })
    const idle = aScriptedModel({})
    const [first, ...others] = parts
    if (first !== undefined) await askPart(first, refused)
    for (const part of others) await askPart(part, idle)
    expect(idle.asked).toEqual([])
    expect(await generate(await completed(batch_id))).toMatchObject({ outcome: 'done' })
    expect(await sizeOf(batch_id)).toBe(DIALOGUES)
    const { by_method } = (await manifestOf(batch_id)).report.sources
    expect(by_method).toMatchObject({ openai: { written: 0 } })
  })

  it('gives each part its share of the budget', async () => {
    const budgets: (number | undefined)[] = []
    const { parts } = await handedOut()
    const model = aScriptedModel({})
    const calls: PipelineModel['calls'] = ({ max_cost_usd }) => {
      budgets.push(max_cost_usd)
      return model
    }
    for (const part of parts) await runAskModel(part, pipeline.ports, settingsWith(model, { calls }))
    expect(budgets.map((budget) => Number(budget?.toFixed(6)))).toEqual([4, 4, 2])
  })

  it('is asked for no further than its time, and gone on with where that ended', async () => {
    const { parts } = await handedOut()
    const part = parts[0]
    if (part === undefined) return
    const first = aScriptedModel({
      outcome: ({ id }) =>
        id.startsWith('1.') || id.startsWith('2.')
          ? { outcome: 'not_started', why: 'aborted', message: 'out of time' }
          : undefined,
    })
    const outcome = await askPart(part, first).then(
      () => 'done',
      (error: unknown) => String(error),
    )
    const second = aScriptedModel({})
    if (outcome !== 'done') {
      expect(outcome).toMatch(/was not finished in its time/)
      await askPart(part, second)
    }
    const twice = second.asked.filter((id) => first.asked.includes(id) && !/^[12]\./.test(id))
    expect(twice).toEqual([])
  })

  it('is refused before anything is asked when its seeds hold personal data', async () => {
    const [one, ...others] = someDialogues(4)
    const telling = {
      ...one,
      messages: one?.messages.map((message, at) =>
        at === 0 ? { ...message, text: 'Write to me at jane.miller@example.org when you can.' } : message,
      ),
    }
    await pipeline.upload(
      'inbox',
      'seeds/ours.json',
      JSON.stringify({ version: '1.0', dialogues: [telling, ...others] }),
    )
    const outcome = await generate(request)
    expect(outcome).toMatchObject({ outcome: 'failed' })
    expect(await pipeline.keys('datasets', 'asking/')).toEqual([])
  })
})
