import type { Dialogue } from '../dialogue/schema.ts'
import { chooseBest, type Acceptance } from './acceptance/acceptance.ts'
import { labelled } from './labels.ts'
import type { PlannedDialogue } from './plan.ts'
import { rngFamily } from './random.ts'
import type { GenerationReport } from './report.ts'
import { crisisWords } from './safety/crisis-words.ts'
import type { Locale } from '../quality/resources.ts'
import type { SeedPatterns } from './seeds/read-seed-patterns.ts'
import type { SeedFrames } from './seeds/seed-frames.ts'
import type { Banks } from './templates/banks.ts'
import { createSessionSource, type WrittenSession } from './templates/session-source.ts'
import type { GeneratedDialogue } from './generate-dialogues.ts'

/** Where and when the dialogues of a run stand. */
export interface RunFrame {
  idOf(index: number): string
  /** Milliseconds since the epoch at which the session starts. */
  startOf(index: number): number
  /** RFC 3339. */
  generated_at: string
  random_seed: number
  /** Of the plan. */
  count: number
}

/** Writes dialogues from the banks, and takes those that pass. */
export interface TemplateWriter {
  /** Undefined when not one of all attempts passes. `more` goes into the provenance. */
  write(planned: PlannedDialogue, more?: Partial<NonNullable<Dialogue['provenance']>>): GeneratedDialogue | undefined
  /** Somebody else used these (numbers of the banks): their turn comes later. */
  used(numbers: readonly number[]): void
}

/** Passing candidates of which the one furthest from all others is taken; more would cost speed and gain little. */
function candidatesWanted(total: number): number {
  return total <= 2000 ? 2 : 1
}

export function createTemplateWriter(options: {
  banks: Banks
  seeds: SeedPatterns | undefined
  mined: SeedFrames
  locale: Locale
  frame: RunFrame
  acceptance: Acceptance
  report: GenerationReport
}): TemplateWriter {
  const { banks, seeds, mined, locale, frame, acceptance, report } = options
  const source = createSessionSource({
    banks,
    mined,
    techniques: seeds?.techniques ?? new Map(),
    words: crisisWords(locale),
    ...(seeds === undefined ? {} : { unlike: seeds.textIndex }),
  })
  const wanted = candidatesWanted(frame.count)
  const rngOf = rngFamily(frame.random_seed, 'dialogue')

  return {
    write(planned, more) {
      const chosen = chooseBest<WrittenSession>(
        {
          write: (attempt) => source.write(planned, rngOf(planned.index, attempt)),
          messages: ({ draft }) => draft.messages,
          refused: ({ used }) => source.used(used),
          finished: (session) =>
            labelled(session.draft, planned, session.conversation, {
              dialogue_id: frame.idOf(planned.index),
              random_seed: frame.random_seed,
              startsAt: frame.startOf(planned.index),
              generated_at: frame.generated_at,
              age_range: session.age_range,
              seedsOf: mined.seedsOf,
            }),
        },
        acceptance,
        wanted,
        report,
      )
      if (chosen === undefined) return undefined
      const { dialogue, findings } = chosen
      acceptance.accept(planned, chosen.measured, chosen)
      source.accept(chosen.words)
      return more === undefined || dialogue.provenance === undefined
        ? { dialogue, findings }
        : { dialogue: { ...dialogue, provenance: { ...dialogue.provenance, ...more } }, findings }
    },
    used: (numbers) => source.used(numbers),
  }
}
