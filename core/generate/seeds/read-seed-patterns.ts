import type { ReadDialogue } from '../../datasets/read-dialogues.ts'
import type { SessionType } from '../../dialogue/vocabulary.ts'
import { createSeedTextIndex, type SeedTextIndex } from '../../quality/seed-text-index.ts'
import { fingerprint } from '../acceptance/fingerprint.ts'
import { shinglesOf } from '../acceptance/near-duplicates.ts'
import { mineSentences, type MinedPattern } from './mine-sentences.ts'
import { createExampleShelf, type SeedExample } from './seed-examples.ts'

/** What generation learns from a seed file; never a seed's sentence of eight words or more. */
export interface SeedPatterns {
  dialogues: number
  /** Concerns as the seeds write them, each once, sorted. */
  concerns: readonly string[]
  /** Numbers of messages by session type, one entry a seed. */
  lengths: ReadonlyMap<SessionType, readonly number[]>
  /** How often each therapeutic technique labels a seed. */
  techniques: ReadonlyMap<string, number>
  /** Masked frames, in the words of the seeds, each with the seeds it comes from. */
  patterns: readonly MinedPattern[]
  /** For the memorisation gate. */
  textIndex: SeedTextIndex
  /** Shingles of the seeds: generated dialogues keep their distance from these, too. */
  shingles: readonly Uint32Array[]
  /** What prompts may show of the seeds, word for word. */
  examples: readonly SeedExample[]
}

/** Beyond this many seeds nothing new is learnt about lengths and frames; the memorisation gate knows all of them. */
const SEEDS_TO_MINE = 2000

export async function readSeedPatterns(
  records: AsyncIterable<Pick<ReadDialogue, 'dialogue'>> | Iterable<Pick<ReadDialogue, 'dialogue'>>,
): Promise<SeedPatterns> {
  const lengths = new Map<SessionType, number[]>()
  const techniques = new Map<string, number>()
  const concerns = new Set<string>()
  const textIndex = createSeedTextIndex()
  const shingles: Uint32Array[] = []
  const patterns = new Map<string, MinedPattern>()
  const shelf = createExampleShelf()
  let dialogues = 0
  for await (const { dialogue } of records) {
    dialogues++
    textIndex.add(dialogue)
    concerns.add(dialogue.user_profile.concern)
    shelf.add(dialogue)
    if (dialogues > SEEDS_TO_MINE) continue
    shingles.push(shinglesOf(fingerprint(dialogue.messages).words))
    lengths.set(dialogue.session_type, [...(lengths.get(dialogue.session_type) ?? []), dialogue.messages.length])
    const technique = dialogue.labels.therapeutic_technique
    if (technique !== undefined) techniques.set(technique, (techniques.get(technique) ?? 0) + 1)
    for (const mined of mineSentences(dialogue)) {
      const key = `${mined.speaker} ${mined.text.toLowerCase()}`
      const known = patterns.get(key)
      if (known === undefined) patterns.set(key, mined)
      else if (!known.seed_dialogue_ids.includes(dialogue.dialogue_id))
        known.seed_dialogue_ids.push(dialogue.dialogue_id)
    }
  }
  return {
    dialogues,
    concerns: [...concerns].sort(),
    lengths,
    techniques,
    patterns: [...patterns.values()],
    textIndex,
    shingles,
    examples: shelf.examples,
  }
}
