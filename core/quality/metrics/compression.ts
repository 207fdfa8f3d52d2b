import { Buffer } from 'node:buffer'
import { deflateSync } from 'node:zlib'
import type { CorpusDialogue } from './corpus.ts'

/**
 * Bytes of all texts (UTF-8, a line each turn, an empty line between dialogues) over their bytes under zlib at level 9:
 * 1 for noise, the higher the more is repeated within the 32 KB that zlib remembers. 0 for a set without text.
 */
export function compressionRatio(dialogues: readonly CorpusDialogue[]): number {
  const text = dialogues.map(({ turns }) => turns.map((turn) => turn.text).join('\n')).join('\n\n')
  const raw = Buffer.from(text, 'utf8')
  return raw.length === 0 ? 0 : raw.length / deflateSync(raw, { level: 9 }).length
}
