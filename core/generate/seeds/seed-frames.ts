import { createHash } from 'node:crypto'
import { STAGES } from '../../dialogue/vocabulary.ts'
import {
  compile,
  isPlain,
  wordsIn,
  type AssistantFrame,
  type ClientFrame,
  type Conditions,
} from '../templates/banks.ts'
import { checkFrame } from '../templates/check-text.ts'
import { parseTemplate } from '../templates/template.ts'
import type { SeedPatterns } from './read-seed-patterns.ts'

const UNCONDITIONAL: Conditions = {
  stages: undefined,
  arcs: undefined,
  voices: undefined,
  concerns: undefined,
  not_concerns: undefined,
  weight: 1,
}

export interface SeedFrames {
  assistant: AssistantFrame[]
  client: ClientFrame[]
  seedsOf: (template_id: string) => readonly string[]
}

/** Mined patterns as frames beside those of the banks, numbered on from them; a pattern that breaks the grammar is left out. */
export function seedFrames(patterns: SeedPatterns | undefined, firstNumber: number): SeedFrames {
  const assistant: AssistantFrame[] = []
  const client: ClientFrame[] = []
  const seeds = new Map<string, readonly string[]>()
  for (const pattern of patterns?.patterns ?? []) {
    const parts = parseTemplate(pattern.text)
    if (checkFrame(parts).some(({ severity }) => severity === 'error')) continue
    const id = `seed.${pattern.asks ?? pattern.gives ?? pattern.technique ?? 'frame'}.${createHash('sha256').update(pattern.text).digest('hex').slice(0, 6)}`
    if (seeds.has(id)) continue
    seeds.set(id, pattern.seed_dialogue_ids)
    const template = {
      id,
      number: firstNumber + assistant.length + client.length,
      source: pattern.text,
      plain: isPlain(parts),
      words: wordsIn(parts),
      ...compile(parts),
      ...UNCONDITIONAL,
    }
    if (pattern.speaker === 'client') {
      if (pattern.gives !== undefined) client.push({ ...template, gives: pattern.gives })
    } else if (pattern.technique !== undefined) {
      const stages = pattern.asks === 'step' ? new Set(STAGES.filter((stage) => stage === 'step')) : undefined
      assistant.push({
        ...template,
        stages,
        technique: pattern.technique,
        asks: pattern.asks,
        hears: pattern.hears === undefined ? undefined : new Set(pattern.hears),
      })
    }
  }
  return { assistant, client, seedsOf: (id) => seeds.get(id) ?? [] }
}
