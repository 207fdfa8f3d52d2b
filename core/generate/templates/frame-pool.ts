import { concernGroup, type TurnTechnique } from '../../dialogue/vocabulary.ts'
import type { FactOrAct } from './bank-schema.ts'
import type { AssistantFrame, ClientFrame } from './banks.ts'
import { createDeck, type Deck } from './deck.ts'

/** The frames of a run by what a turn looks for. Mined patterns join the pools of the banks. */
export interface FramePools {
  /** Frames that respond in one way to one thing heard; those for anything stand behind those for just this. */
  respond(technique: TurnTechnique, heard: FactOrAct): Deck<AssistantFrame>
  /** Frames of a technique that respond to nothing in particular. */
  any(technique: TurnTechnique): Deck<AssistantFrame>
  ask(what: FactOrAct): Deck<AssistantFrame>
  give(what: FactOrAct): Deck<ClientFrame>
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

  const anyDecks = decksOf(general)
  const askDecks = decksOf(asking)
  const giveDecks = decksOf(giving)
  const responding = new Map<TurnTechnique, Map<FactOrAct, Deck<AssistantFrame>>>()
  return {
    respond(technique, heard) {
      let cache = responding.get(technique)
      if (cache === undefined) responding.set(technique, (cache = new Map<FactOrAct, Deck<AssistantFrame>>()))
      let found = cache.get(heard)
      if (found === undefined) {
        const own = specific.get(technique)?.get(heard) ?? []
        found = createDeck([...own, ...(general.get(technique) ?? [])], own.length)
        cache.set(heard, found)
      }
      return found
    },
    any: (technique) => anyDecks.get(technique) ?? NO_ASSISTANT,
    ask: (what) => askDecks.get(what) ?? NO_ASSISTANT,
    give: (what) => giveDecks.get(what) ?? NO_CLIENT,
  }
}

const NO_ASSISTANT = createDeck<AssistantFrame>([])
const NO_CLIENT = createDeck<ClientFrame>([])

function decksOf<K, T extends AssistantFrame | ClientFrame>(lists: ReadonlyMap<K, readonly T[]>): Map<K, Deck<T>> {
  return new Map([...lists].map(([key, list]) => [key, createDeck(list)]))
}

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
