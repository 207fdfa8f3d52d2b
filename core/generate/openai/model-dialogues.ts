import { setImmediate } from 'node:timers/promises'
import type { Finding } from '../../quality/finding.ts'
import type { Locale } from '../../quality/resources.ts'
import { createSeedTextIndex } from '../../quality/seed-text-index.ts'
import {
  MODEL_LIMITS,
  refusedBy,
  type Acceptance,
  type Limits,
  type Lint,
  type Measured,
} from '../acceptance/acceptance.ts'
import type { GeneratedDialogue } from '../generate-dialogues.ts'
import type { Plan } from '../plan.ts'
import { GENERATOR_VERSION } from '../random.ts'
import { count, type GenerationReport, type Rejection } from '../report.ts'
import { crisisWords } from '../safety/crisis-words.ts'
import type { SeedPatterns } from '../seeds/read-seed-patterns.ts'
import type { SeedExample } from '../seeds/seed-examples.ts'
import type { RunFrame, TemplateWriter } from '../template-writer.ts'
import type { Banks } from '../templates/banks.ts'
import type { Answers } from './answers.ts'
import { askAgain, askFor, spentOn, type AskingContext, type FallbackReason, type Obtained } from './asking.ts'
import { createBriefs, type Brief } from './brief.ts'
import { FATAL_FAILURES } from './dialogue-model.ts'
import { modelShare, type ModelShare } from './model-share.ts'
import { ModelStopped } from './model-stopped.ts'
import type { Prompts } from './prompts.ts'
import { emptySources, type SourcesReport } from './sources-report.ts'
import { createWornPhrases, NOTHING_WORN } from './worn-phrases.ts'

/** What a run needs to have dialogues written by a model. */
export interface ModelSide {
  /** As it is asked for by name. */
  model: string
  /** The service's default when left out. */
  temperature?: number
  prompts: Prompts
  /** What prompts may show of the seeds; those of the seed file as they are when left out. */
  examples?: readonly SeedExample[]
  answers: Answers
  /** When the model cannot be used at all, or the money is used up: templates for the rest, or {@link ModelStopped}. */
  on_failure: 'fallback' | 'stop'
  signal?: AbortSignal
  /** After every dialogue of the model's share that is decided. */
  onDecided?: (so: SourcesReport) => void
  /** Once, when the first dialogue falls back because the model cannot be used any more. */
  onStopped?: (why: FallbackReason, message: string) => void
}

/** Reasons that hold for every call to come. */
const FINAL: ReadonlySet<FallbackReason> = new Set<FallbackReason>(['budget', 'stopped', ...FATAL_FAILURES])

/** Reasons that say the same as long as not one call was answered. */
const UNREACHABLE: ReadonlySet<FallbackReason> = new Set<FallbackReason>([
  'server',
  'timeout',
  'connection',
  'rate_limited',
])

/**
 * How far asking runs ahead of deciding, in dialogues of the model. What the last decided dialogues wore out can only be
 * told to prompts that are not on their way yet: so a small batch runs ahead by little, a large one by enough for any
 * number of calls at once.
 */
function aheadFor(total: number): number {
  return Math.max(16, Math.min(256, Math.ceil(total / 4)))
}

export interface WithModel {
  plan: Plan
  /** 0 to 1. */
  share: number
  banks: Banks
  seeds: SeedPatterns | undefined
  lint: Lint
  locale: Locale
  frame: RunFrame
  acceptance: Acceptance
  templates: TemplateWriter
  report: GenerationReport
  model: ModelSide
}

/**
 * The whole plan, its share by the model. Dialogues are decided in the order of the plan whatever order the answers come
 * in, and a prompt is made from what was decided a fixed number of dialogues before: so the outcome is a function of the
 * answers alone, and a run that goes on from kept answers comes to the same dialogues.
 *
 * An answer that is too close to others is asked for once more and decided a fixed number of dialogues later.
 */
export async function* writeWithModel(options: WithModel): AsyncGenerator<GeneratedDialogue, void, undefined> {
  const { plan, acceptance, templates, report, model } = options
  const share = modelShare(plan, options.share)
  const ahead = aheadFor(share.count)
  const sources = emptySources(plan.count, options.share, share.count, model)
  report.sources = sources
  const { briefOf, context } = askingFor(options, share)
  const worn = createWornPhrases()
  const asked = new Map<number, Promise<Obtained>>()
  const deferred: { due: number; at: number; obtained: Promise<Obtained> }[] = []
  const ready = createReadyQueue()
  let stopped = false

  const ask = (ordinal: number): void => {
    const index = share.indices[ordinal]
    if (index === undefined) return
    const obtained = askFor(briefOf(ordinal), ordinal < ahead ? NOTHING_WORN : worn.worn(), context)
    obtained.catch(() => undefined) // awaited when its turn comes; until then it must not end the process
    asked.set(ordinal, obtained)
  }

  const template = (at: number, instead?: { obtained: Obtained; reason: string }): void => {
    const { obtained, reason } = instead ?? {}
    const more =
      obtained === undefined
        ? undefined
        : {
            fallback_reason: reason,
            ...(obtained.answers.length === 0 ? {} : spentOn(obtained.answers)),
          }
    const generated = templates.write(plan.at(at), more)
    if (generated === undefined) report.failed++
    else {
      worn.add(generated.dialogue)
      sources.by_method.template.written++
    }
    ready.put(at, generated)
  }

  /** Templates take over, unless nobody wants them. */
  const fallBack = (at: number, obtained: Obtained): void => {
    const { result } = obtained
    const reason = result.dialogue === undefined ? result.reason : 'lint'
    if (reason === 'aborted') throw new ModelStopped('aborted', 'The run was interrupted.')
    if (FINAL.has(reason) || (UNREACHABLE.has(reason) && model.answers.received === 0)) {
      const message = (result.dialogue === undefined ? result.message : undefined) ?? reason
      if (model.on_failure === 'stop') throw new ModelStopped(reason, message)
      if (!stopped) model.onStopped?.(reason, message)
      stopped = true
      sources.stopped ??= { why: reason, message }
    }
    // Those that were not even asked for were not for the reason that stopped it all.
    const named = reason === 'stopped' ? (sources.stopped?.why ?? reason) : reason
    count(sources.fallbacks, named)
    settle(obtained)
    template(at, { obtained, reason: named })
  }

  /** Counted once for each dialogue, when nothing more will be paid for it. */
  const settle = ({ answers, reused, refused }: Obtained): void => {
    sources.answers.paid += answers.length
    sources.answers.reused += reused
    for (const reason of refused) count(sources.answers.refused, reason)
    for (const { usage, cost_usd } of answers) {
      sources.spent.input_tokens += usage.input_tokens
      sources.spent.cached_input_tokens += usage.cached_input_tokens
      sources.spent.output_tokens += usage.output_tokens
      sources.spent.cost_usd = Math.round((sources.spent.cost_usd + cost_usd) * 1e9) / 1e9
    }
  }

  /** Takes the answer, falls back, or has it asked for once more; `last` where that is not possible. */
  const decide = (at: number, obtained: Obtained, limits: Limits, ordinal: number | undefined): void => {
    const { dialogue } = obtained.result
    if (dialogue === undefined) return fallBack(at, obtained)
    const planned = plan.at(at)
    const measured = acceptance.measure(dialogue.messages)
    const rejection = measured === 'exact_duplicate' ? measured : refusedBy(limits, measured)
    if (rejection === undefined && measured !== 'exact_duplicate') {
      const checked = acceptance.check(dialogue)
      if (checked.rejection === undefined) {
        acceptance.accept(planned, measured, checked)
        templates.used([obtained.brief.bundle.number])
        worn.add(dialogue)
        settle(obtained)
        if (obtained.answers.length > 1) sources.answers.second_attempts_taken++
        sources.by_method.openai.written++
        ready.put(at, { dialogue: checked.dialogue, findings: checked.findings })
        return
      }
      return fallBack(at, refusedFor(obtained, checked.rejection))
    }
    const turnedAway = refusedFor(obtained, rejection ?? 'exact_duplicate')
    if (obtained.answers.length > 1 || ordinal === undefined) return fallBack(at, turnedAway)
    const findings = [tooClose(rejection ?? 'exact_duplicate', measured)]
    const second = askAgain({ ...turnedAway, worn: worn.worn() }, findings, context)
    second.catch(() => undefined)
    deferred.push({ due: ordinal + Math.ceil(ahead / 2), at, obtained: second })
  }

  const decideDeferred = async (before: number): Promise<void> => {
    for (let first = deferred[0]; first !== undefined && first.due <= before; first = deferred[0]) {
      deferred.shift()
      decide(first.at, await first.obtained, MODEL_LIMITS.second, undefined)
      model.onDecided?.(sources)
    }
  }

  for (let ordinal = 0; ordinal < ahead; ordinal++) ask(ordinal)
  try {
    let ordinal = 0
    for (let at = 0; at < plan.count; at++) {
      if (share.indices[ordinal] !== at) {
        template(at)
      } else {
        await decideDeferred(ordinal)
        const obtained = await (asked.get(ordinal) ?? Promise.reject(new Error(`dialogue ${at} was never asked for`)))
        asked.delete(ordinal)
        // The second attempt is held to less: what was asked for again, nobody pays for a third time.
        decide(at, obtained, obtained.answers.length > 1 ? MODEL_LIMITS.second : MODEL_LIMITS.first, ordinal)
        ask(ordinal + ahead)
        ordinal++
        model.onDecided?.(sources)
      }
      yield* ready.take()
      // Answers come over the network, which a loop that only writes templates would never let in.
      if (at % 4 === 0) await setImmediate()
    }
    await decideDeferred(Infinity)
    yield* ready.take()
  } catch (error) {
    // What is on its way is paid for: it is kept before anybody says what was spent.
    if (error instanceof ModelStopped && error.why !== 'aborted')
      await Promise.allSettled([...asked.values(), ...deferred.map(({ obtained }) => obtained)])
    throw error
  }
  sources.share.reached = plan.count === 0 ? 0 : sources.by_method.openai.written / plan.count
}

/** Briefs by ordinal, and what asking needs. Shared with {@link askForPart} of model-parts.ts. */
export function askingFor(
  { plan, banks, seeds, lint, locale, frame, model }: Omit<WithModel, 'acceptance' | 'templates' | 'report' | 'share'>,
  share: ModelShare,
): { briefOf: (ordinal: number) => Brief; context: AskingContext } {
  const briefs = createBriefs(banks, share, plan.random_seed)
  const { prompts, temperature } = model
  const promptIndex = createSeedTextIndex([
    { dialogue_id: 'prompt', messages: prompts.system.split('\n').map((text) => ({ role: 'user' as const, text })) },
  ])
  return {
    briefOf: (ordinal) => briefs(plan.at(share.indices[ordinal] ?? 0), ordinal),
    context: {
      answers: model.answers,
      settings: {
        prompts,
        model: model.model,
        temperature,
        words: crisisWords(locale),
        examples: model.examples ?? seeds?.examples ?? [],
      },
      contextOf: ({ planned }) => ({
        dialogue_id: frame.idOf(planned.index),
        startsAt: frame.startOf(planned.index),
        generated_at: frame.generated_at,
        lint,
        locale,
        seedIndex: seeds?.textIndex,
        promptIndex,
      }),
      generator_version: GENERATOR_VERSION,
      random_seed: frame.random_seed,
      signal: model.signal,
    },
  }
}

function refusedFor(obtained: Obtained, rejection: Rejection): Obtained {
  return {
    ...obtained,
    refused: [...obtained.refused, rejection],
    result: { dialogue: undefined, reason: rejection, message: undefined },
  }
}

function tooClose(rejection: Rejection, measured: Measured | 'exact_duplicate'): Finding {
  const percent = (share: number) => `${Math.round(share * 100)} %`
  const message =
    measured === 'exact_duplicate' || rejection === 'exact_duplicate'
      ? 'The dialogue stands word for word in the collection already. Write another one.'
      : rejection === 'near_duplicate'
        ? 'The dialogue is too close to another one of the collection. Take other words, other details and another order of thoughts.'
        : rejection === 'sentence_reuse'
          ? `${percent(measured.reuse)} of the sentences stand in other dialogues already. Say each of them in a way that fits only this client.`
          : 'The replies begin as too many others do. Begin each in a way of its own.'
  return { code: `collection.${rejection.replaceAll('_', '-')}`, severity: 'error', message }
}

/** Gives dialogues out in the order of the plan; one that is still open holds back those behind it. */
function createReadyQueue(): {
  put(at: number, generated: GeneratedDialogue | undefined): void
  take(): Generator<GeneratedDialogue, void, undefined>
} {
  const waiting = new Map<number, GeneratedDialogue | undefined>()
  let next = 0
  return {
    put: (at, generated) => void waiting.set(at, generated),
    *take() {
      while (waiting.has(next)) {
        const generated = waiting.get(next)
        waiting.delete(next++)
        if (generated !== undefined) yield generated
      }
    },
  }
}
