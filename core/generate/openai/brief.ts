import type { Stage, TherapeuticTechnique } from '../../dialogue/vocabulary.ts'
import type { Rng } from '../../ports.ts'
import type { RiskSignal } from '../../quality/rules/risk-signal-patterns.ts'
import type { PlannedDialogue } from '../plan.ts'
import { integer, pick, rngFamily, rngFrom, shuffle } from '../random.ts'
import { safetyPassage, type SafetyExchange } from '../safety/protocol.ts'
import type { AnswerLine, Disclosure } from '../safety/safety-bank.ts'
import type { FactOrAct } from '../templates/bank-schema.ts'
import type { Banks, Bundle, Practice } from '../templates/banks.ts'
import { chooseFacts } from '../templates/conversation.ts'
import { FACT_NAMES, type FactName } from '../templates/facts.ts'
import { namesOfConcern } from '../templates/frame-pool.ts'
import { drawBeats } from '../templates/paths.ts'
import { drawAge, drawMood, renamed, suitedTo } from '../templates/session-source.ts'
import { isOpenEnded } from '../templates/talk.ts'
import type { ModelShare } from './model-share.ts'

/** What one exchange is for: what the client gives, then what the reply does. */
export interface PlannedExchange {
  /** The client's part, where it is not simply the answer to the reply before. */
  client?: { answers: readonly AnswerLine[] } | { discloses: true }
  stage: Stage
  asks?: FactOrAct
  /** Lines of the safety protocol that the reply says. */
  says?: SafetyExchange['says']
  /** Number of the practice's step, from 0. */
  practice_step?: number
}

/** A plan item with the life it is about: everything that a prompt is made of, and nothing that depends on other dialogues. */
export interface Brief {
  planned: PlannedDialogue
  bundle: Bundle
  /** In the client's words. */
  facts: ReadonlyMap<FactName, string>
  feelings: readonly string[]
  age: number
  age_range: string
  mood: number
  mood_after: number
  exchanges: readonly PlannedExchange[]
  practice: Practice | undefined
  disclosure: { words: string; signals: readonly RiskSignal[]; imminent: boolean } | undefined
  technique: TherapeuticTechnique
  /** Draws among the ways in which clients and first replies begin; 0-based, to be taken modulo their number. */
  opening: number
  first_reply: number
  /** Where the rotation of the examples stands. */
  turn: number
}

/**
 * Briefs by ordinal of the share. Stateless: the same ordinal gives the same brief whatever became of the others, so that
 * an answer paid for in an earlier run is recognised. Bundles of a concern are dealt out in turn, in an order of the run.
 */
export function createBriefs(
  banks: Pick<Banks, 'situations' | 'paths' | 'practices' | 'safety'>,
  share: ModelShare,
  random_seed: number,
): (planned: PlannedDialogue, ordinal: number) => Brief {
  const rngOf = rngFamily(random_seed, 'model brief')
  const orders = new Map<string, readonly Bundle[]>()
  const deals = cycle(random_seed, 'openings')

  const bundleOf = ({ concern, group, risk }: PlannedDialogue, nth: number): Bundle => {
    const bundles = suitedTo(
      risk,
      banks.situations.get(concern) ?? banks.situations.get('any') ?? banks.situations.get(group) ?? [],
    )
    const round = Math.floor(nth / Math.max(1, bundles.length))
    const key = `${round} ${concern} ${bundles.length}`
    const order = orders.get(key) ?? shuffle(rngFrom(random_seed, 'model bundles', concern, round), [...bundles])
    orders.set(key, order)
    const bundle = order[nth % order.length]
    if (bundle === undefined) throw new Error(`the banks hold no situation for "${concern}"`)
    return bundle.concern === 'any' ? renamed(bundle, concern) : bundle
  }

  return (planned, ordinal) => {
    const rng = rngOf(planned.index)
    const bundle = bundleOf(planned, share.nth_of_concern[ordinal] ?? ordinal)
    const { age, age_range } = drawAge(rng, bundle)
    const mood = drawMood(rng, planned)
    const eased = planned.arc === 'improves' ? 2 + integer(rng, 2) : planned.arc === 'partial' ? 1 : 0
    const facts = new Map<FactName, string>()
    const wordings = chooseFacts(rng, bundle)
    for (const name of FACT_NAMES) {
      const wording = wordings.get(name)
      if (wording !== undefined) facts.set(name, wording.client)
    }
    const disclosure = disclosureFor(rng, banks, planned)
    const practice = planned.session_type === 'micro_practice' ? practiceFor(rng, banks, planned) : undefined
    const exchanges = exchangesOf(rng, banks, planned, { disclosure, practice })
    return {
      planned,
      bundle,
      facts,
      feelings: shuffle(
        rng,
        (bundle.facts.feelings ?? []).map(({ client }) => client),
      ),
      age,
      age_range,
      mood,
      mood_after: Math.min(10, mood + eased),
      exchanges,
      practice,
      disclosure:
        disclosure === undefined
          ? undefined
          : { words: disclosure.source, signals: disclosure.signals, imminent: disclosure.imminent },
      technique: techniqueOf(planned, exchanges, practice),
      ...deals(ordinal),
      turn: ordinal,
    }
  }
}

/** Two rotations whose lengths share no factor: a pair comes back only after all pairs have been. */
function cycle(random_seed: number, name: string): (ordinal: number) => { opening: number; first_reply: number } {
  const start = integer(rngFrom(random_seed, 'model', name), 1000)
  return (ordinal) => ({ opening: start + ordinal, first_reply: start + ordinal + Math.floor(ordinal / 60) })
}

function disclosureFor(
  rng: Rng,
  { safety }: Pick<Banks, 'safety'>,
  { risk, imminent }: PlannedDialogue,
): Disclosure | undefined {
  if (risk === 'none') return undefined
  // Slots are the grammar's; a prompt wants plain words.
  const fitting = safety.disclosures.filter(
    (one) => one.level === risk && one.imminent === imminent && !/[{[<|]/.test(one.source),
  )
  if (fitting.length === 0) throw new Error(`content/safety/disclosures.yaml holds nothing for level ${risk}`)
  return pick(rng, fitting)
}

function practiceFor(rng: Rng, { practices }: Pick<Banks, 'practices'>, { concern }: PlannedDialogue): Practice {
  const concerns = namesOfConcern(concern)
  const suited = practices.filter(({ suits }) => suits === undefined || concerns.some((name) => suits.has(name)))
  return pick(rng, suited.length > 0 ? suited : practices)
}

/** Exchanges of a practice after a risk passage: short, as one way of coping among others. */
const EXCHANGES_AT_RISK = { low: 4, medium: 2, high: 2 } as const

function exchangesOf(
  rng: Rng,
  banks: Pick<Banks, 'paths'>,
  planned: PlannedDialogue,
  { disclosure, practice }: { disclosure: Disclosure | undefined; practice: Practice | undefined },
): PlannedExchange[] {
  const path = banks.paths.get(planned.session_type)
  if (path === undefined) throw new Error(`content/paths has no path for ${planned.session_type}`)
  const total = Math.max(2, planned.messages / 2)
  if (disclosure === undefined) {
    if (practice !== undefined) return practiceExchanges(practice, total, planned)
    const beats = drawBeats(rng, path, isOpenEnded(path, planned.messages) ? total : total - 1, 0)
    const asking = beats.map(({ stage, asks }): PlannedExchange => ({ stage, asks }))
    return asking.length < total ? [...asking, { stage: 'close' }] : asking
  }
  const most = EXCHANGES_AT_RISK[disclosure.level]
  const before = practice !== undefined ? 1 : Math.max(1, Math.min(most, total - 5))
  const beats: Pick<PlannedExchange, 'stage' | 'asks'>[] =
    practice !== undefined
      ? [{ stage: 'open', asks: 'trigger' }]
      : drawBeats(rng, path, before + 3, 0)
          .filter(({ stage }) => !['step', 'summary', 'new_view', 'discover', 'close'].includes(stage))
          .slice(0, before)
  const exchanges: PlannedExchange[] = beats.map(({ stage, asks }) => ({
    stage,
    ...(asks === undefined ? {} : { asks }),
  }))
  const passage = safetyPassage(rng, disclosure)
  passage.forEach(({ says }, at) => {
    const answers = passage[at - 1]?.answers ?? []
    exchanges.push({
      client: at === 0 ? { discloses: true } : { answers },
      stage: 'safety',
      says,
    })
  })
  if (disclosure.level !== 'low') return exchanges
  const last = exchanges.at(-1)
  if (last !== undefined) last.asks = 'step'
  return [...exchanges, { stage: 'close', says: ['close_low'] }]
}

function practiceExchanges(practice: Practice, total: number, { arc }: PlannedDialogue): PlannedExchange[] {
  const count = Math.max(1, Math.min(practice.steps.length, total - 2))
  const steps =
    count >= practice.steps.length
      ? practice.steps.map((_, at) => at)
      : [...Array.from({ length: count - 1 }, (_, at) => at), practice.steps.length - 1]
  const rerates = total >= 4
  const exchanges: PlannedExchange[] = [{ stage: 'consent', asks: 'mood' }]
  steps.forEach((step, at) =>
    exchanges.push({
      stage: 'practice',
      practice_step: step,
      ...(rerates && at === steps.length - 1 ? { asks: 'rerate' as const } : {}),
    }),
  )
  if (rerates && arc === 'stuck') exchanges.push({ stage: 'adapt' })
  return [...exchanges, { stage: 'close' }]
}

/** What the session is going to be labelled with: the furthest that its path goes. */
function techniqueOf(
  { risk }: PlannedDialogue,
  exchanges: readonly PlannedExchange[],
  practice: Practice | undefined,
): TherapeuticTechnique {
  if (risk === 'medium' || risk === 'high') return 'safety_planning'
  if (practice !== undefined && risk === 'none') return practice.technique
  const asked = new Set(exchanges.map(({ asks }) => asks))
  if (asked.has('friend')) return 'compassion_focused'
  if (asked.has('evidence_against') || asked.has('evidence_for') || asked.has('new_view')) return 'cognitive_reframing'
  if (asked.has('meaning') || asked.has('origin')) return 'socratic_questioning'
  if (asked.has('step')) return 'behavioral_experiment'
  return asked.has('thought') ? 'exploration' : 'validation'
}
