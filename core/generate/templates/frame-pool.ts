import { COUNTED_WORDS } from '../acceptance/fingerprint.ts'
import { concernGroup, type Stage, type TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { FactOrAct } from './bank-schema.ts'
import type { AssistantFrame, ClientFrame, Conditions, Template } from './banks.ts'
import type { Conversation } from './conversation.ts'

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
  usedInSession(template: number): boolean
  use(template: number): void
  /** Whether the template comes far more often than templates do: then something else is worth a try. */
  isWorn(template: number): boolean
  /** A session was accepted: what it used moves back in its decks. */
  commit(used: readonly number[]): void
}

/** @param templates one more than the highest number */
export function createUsage(templates: number): Usage {
  const counts = new Uint32Array(templates)
  /** The session that used the template last. */
  const lastSession = new Uint32Array(templates)
  let session = 0
  let accepted = 0
  let used: number[] = []
  const of = (template: number): number => counts[template] ?? 0
  return {
    beginSession() {
      session++
      used = []
    },
    used: () => used,
    of,
    usedInSession: (template) => lastSession[template] === session,
    use(template) {
      lastSession[template] = session
      used.push(template)
    },
    isWorn: (template) => of(template) > 1 + accepted / SESSIONS_A_USE,
    commit(numbers) {
      accepted++
      for (const template of numbers) counts[template] = of(template) + 1
    },
  }
}

/** Sessions in which a template may come once more: some 25 frames a session out of 2,000 make it every 80th. */
const SESSIONS_A_USE = 80

/** How far chance may prefer a template to a less used one, in uses. */
const LEEWAY = 0.9

/** The least used of those that fit, chance among equals, taken out of its deck; undefined when none fits. */
export function leastUsed<T extends Template & Partial<Conditions>>(
  pool: readonly T[],
  fits: (frame: T) => boolean,
  usage: Usage,
  conversation: Conversation,
  handicap?: (frame: T) => number,
): T | undefined {
  const found = lookUpLeastUsed(pool, fits, usage, conversation, handicap)
  if (found !== undefined) usage.use(found.number)
  return found
}

/** Like {@link leastUsed}, but leaves it in the deck. */
export function lookUpLeastUsed<T extends Template & Partial<Conditions>>(
  pool: readonly T[],
  fits: (frame: T) => boolean,
  usage: Usage,
  { rng }: Conversation,
  /** Uses by which a frame is held back though it fits. */
  handicap: (frame: T) => number = () => 0,
): T | undefined {
  let best: T | undefined
  let lowest = Infinity
  for (const frame of pool) {
    if (usage.usedInSession(frame.number) || !fits(frame)) continue
    const uses = usage.of(frame.number) * (isFixed(frame) ? FIXED_COUNTS : 1)
    const score = uses / (frame.weight ?? 1) + rng() * LEEWAY + handicap(frame)
    if (score < lowest) {
      lowest = score
      best = frame
    }
  }
  return best
}

/** A sentence of some length that no fact changes: readers notice it the second time. */
function isFixed({ needs, words }: Template): boolean {
  return needs === 0 && words >= COUNTED_WORDS
}
/** One use of such a sentence wears it as much as so many uses of one with a slot. */
const FIXED_COUNTS = 2.5

/** Whether the frame is meant for this client, arc, concern and stage. */
export function meets(frame: Conditions, conversation: Conversation, stage: Stage | undefined): boolean {
  return (
    (frame.stages === undefined || (stage !== undefined && frame.stages.has(stage))) &&
    (frame.arcs === undefined || frame.arcs.has(conversation.arc)) &&
    (frame.voices === undefined || frame.voices.has(conversation.voice)) &&
    (frame.concerns === undefined || conversation.concerns.some((name) => frame.concerns?.has(name))) &&
    (frame.not_concerns === undefined || !conversation.concerns.some((name) => frame.not_concerns?.has(name)))
  )
}

/** Frames that respond in one way to one thing heard; those for anything stand behind those for just this. */
export interface RespondingFrames {
  frames: readonly AssistantFrame[]
  specific: number
}

/** The frames of a run by what a turn looks for. Mined patterns join the pools of the banks. */
export interface FramePools {
  respond(technique: TurnTechnique, heard: FactOrAct): RespondingFrames
  /** Frames of a technique that respond to nothing in particular. */
  any(technique: TurnTechnique): readonly AssistantFrame[]
  ask(what: FactOrAct): readonly AssistantFrame[]
  give(what: FactOrAct): readonly ClientFrame[]
}

export function poolFrames(assistant: readonly AssistantFrame[], client: readonly ClientFrame[]): FramePools {
  const general = new Map<TurnTechnique, AssistantFrame[]>()
  const specific = new Map<TurnTechnique, Map<FactOrAct, AssistantFrame[]>>()
  const asking = new Map<FactOrAct, AssistantFrame[]>()
  const giving = new Map<FactOrAct, ClientFrame[]>()
  for (const frame of assistant) {
    if (frame.asks !== undefined) add(asking, frame.asks, frame)
    else if (frame.hears === undefined) add(general, frame.technique, frame)
    else {
      const own = specific.get(frame.technique) ?? new Map<FactOrAct, AssistantFrame[]>()
      specific.set(frame.technique, own)
      for (const heard of frame.hears) add(own, heard, frame)
    }
  }
  for (const frame of client) add(giving, frame.gives, frame)
  const responding = new Map<TurnTechnique, Map<FactOrAct, RespondingFrames>>()
  return {
    respond(technique, heard) {
      const cache = responding.get(technique) ?? new Map<FactOrAct, RespondingFrames>()
      responding.set(technique, cache)
      let found = cache.get(heard)
      if (found === undefined) {
        const own = specific.get(technique)?.get(heard) ?? NONE
        found = { frames: [...own, ...(general.get(technique) ?? NONE)], specific: own.length }
        cache.set(heard, found)
      }
      return found
    },
    any: (technique) => general.get(technique) ?? NONE,
    ask: (what) => asking.get(what) ?? NONE,
    give: (what) => giving.get(what) ?? NONE,
  }
}
const NONE: never[] = []

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** Names under which conditions may speak of a concern. */
export function namesOfConcern(concern: string): string[] {
  const { group } = concernGroup(concern)
  return group === concern ? [concern] : [concern, group]
}
