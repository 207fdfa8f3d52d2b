import { FACT_NAMES, type FactName } from './facts.ts'
import { createSaidSentences } from './sentences.ts'

/**
 * How often each template has been used in accepted dialogues of this run, and which the session at hand has used. Draws
 * go to the least used, which is a deck without replacement: nothing comes twice before everything that fits has come
 * once. Counting only what was accepted keeps rejected candidates from using up the deck.
 */
export interface Usage {
  beginSession(): void
  /** Numbers of what this session has used. */
  used(): readonly number[]
  of(template: number): number
  /** What {@link Usage.of} tells, by number: draws look at a hundred templates, and calls add up. */
  readonly counts: Readonly<Uint32Array>
  /** The session that used each template last, by number; see {@link Usage.session}. */
  readonly lastSession: Readonly<Uint32Array>
  /** Number of the session at hand. */
  session(): number
  use(template: number): void
  /** Whether the template comes far more often than templates do: then something else is worth a try. */
  isWorn(template: number): boolean
  /** Whether an accepted session, or the one at hand, has said one of the longer sentences of the text. */
  hasSaid(text: string): boolean
  /** The session at hand says this. */
  say(text: string): void
  /** How often accepted sessions have told each wording of each fact of the bundle: see {@link wordingAt}. */
  toldOf(bundle: number): Readonly<Uint16Array>
  /** A session was accepted: what it used moves back in its decks, what it said shall not be said again soon. */
  commit(session: AcceptedSession): void
}

export interface AcceptedSession {
  used: readonly number[]
  /** Hashes of its sentences. */
  sentences: readonly number[]
  bundle: number
  /** Places of the wordings that it told: see {@link wordingAt}. */
  told: readonly number[]
}

/** Wordings of one fact that are told apart; the guide asks for up to three. */
const WORDINGS = 4
/** The place of a wording among the counts of a bundle. */
export function wordingAt(fact: FactName, wording: number): number {
  return FACT_NAMES.indexOf(fact) * WORDINGS + Math.min(wording, WORDINGS - 1)
}

/** @param templates one more than the highest number */
export function createUsage(templates: number): Usage {
  const counts = new Uint32Array(templates)
  /** The session that used the template last. */
  const lastSession = new Uint32Array(templates)
  const said = createSaidSentences()
  const told = new Map<number, Uint16Array>()
  let session = 0
  let accepted = 0
  let used: number[] = []
  const of = (template: number): number => counts[template] ?? 0
  return {
    beginSession() {
      session++
      used = []
      said.forgetSession()
    },
    used: () => used,
    of,
    counts,
    lastSession,
    session: () => session,
    use(template) {
      lastSession[template] = session
      used.push(template)
    },
    isWorn: (template) => of(template) > 1 + accepted / SESSIONS_A_USE,
    hasSaid: (text) => said.holdsOneOf(text),
    say: (text) => said.noteOfSession(text),
    toldOf: (bundle) => told.get(bundle) ?? NOTHING_TOLD,
    commit(session) {
      accepted++
      for (const template of session.used) counts[template] = of(template) + 1
      said.note(session.sentences)
      const tellings = told.get(session.bundle) ?? new Uint16Array(NOTHING_TOLD.length)
      told.set(session.bundle, tellings)
      for (const at of session.told) tellings[at] = (tellings[at] ?? 0) + 1
    },
  }
}

const NOTHING_TOLD = new Uint16Array(FACT_NAMES.length * WORDINGS)

/** Sessions in which a template may come once more: some 25 frames a session out of 2,000 make it every 80th. */
const SESSIONS_A_USE = 80
