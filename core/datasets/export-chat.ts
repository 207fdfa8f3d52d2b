import type { Dialogue } from '../dialogue/schema.ts'
import { MESSAGE_SLOT, SLOT } from './record-shape.ts'
import { messageSlot, type RecordWalker } from './record-walker.ts'
import type { PieceWriter } from './piece-writer.ts'

/**
 * Lines for training tools. `chat` is OpenAI's fine-tuning format (`messages` with role and content), `sharegpt` that of
 * the ShareGPT family (`conversations` with from and value). What a client says last, without an answer, is left out:
 * there is nothing to learn from it, and the fine-tuning API wants an assistant's message at the end.
 */
export type ChatFormat = 'chat' | 'sharegpt'

/** Stands before each dialogue unless another, or none, is asked for. */
export const DEFAULT_SYSTEM_PROMPT =
  'You are a warm, careful companion for people who want to talk something through. Acknowledge what was said before ' +
  'you ask, ask one open question at a time, and ask leave before you go deeper. Keep to two to four sentences. You are ' +
  'no therapist: give no diagnosis, no medical and no legal advice. When somebody may be in danger, say so with care, ask ' +
  'about their safety and name where they find help at once.'

interface Words {
  opening: string
  system: string
  /** By role: user, assistant. */
  speaker: readonly [string, string]
  closing: string
}

const WORDS: Readonly<Record<ChatFormat, Words>> = {
  chat: {
    opening: '"messages":[',
    system: '{"role":"system","content":',
    speaker: ['{"role":"user","content":', '{"role":"assistant","content":'],
    closing: '}]}\n',
  },
  sharegpt: {
    opening: '"conversations":[',
    system: '{"from":"system","value":',
    speaker: ['{"from":"human","value":', '{"from":"gpt","value":'],
    closing: '}]}\n',
  },
}

export interface ChatExporter {
  add(dialogue: Pick<Dialogue, 'dialogue_id' | 'messages'>, out: PieceWriter): void
  /** The same for a record that the walker accepted: its texts are JSON literals already. */
  addWalked(walker: RecordWalker, bytes: Buffer, out: PieceWriter): void
}

/** `systemPrompt` null: none. */
export function createChatExporter(format: ChatFormat, systemPrompt: string | null): ChatExporter {
  const { opening, system, speaker, closing } = WORDS[format]
  const prompt = systemPrompt === null || systemPrompt === '' ? '' : `${system}${JSON.stringify(systemPrompt)}},`
  const withId = format === 'sharegpt'
  // What stands between two texts is one of a few strings; as bytes, each is one copy.
  const first = speaker.map((words) => Buffer.from(`${withId ? ',' : '{'}${opening}${prompt}${words}`))
  const later = speaker.map((words) => Buffer.from(`},${words}`))
  const empty = Buffer.from(`${withId ? ',' : '{'}${opening}${prompt.slice(0, -1)}]}\n`)
  const end = Buffer.from(closing)
  const idOpening = Buffer.from('{"id":')
  const put = (bytes: Buffer | undefined, out: PieceWriter): void => {
    if (bytes !== undefined) out.bytes(bytes, 0, bytes.length)
  }
  return {
    add(dialogue, out) {
      const last = dialogue.messages.findLastIndex((message) => message.role === 'assistant')
      if (withId) out.text(`{"id":${JSON.stringify(dialogue.dialogue_id)}`)
      for (const [index, message] of dialogue.messages.slice(0, last + 1).entries()) {
        put((index === 0 ? first : later)[message.role === 'user' ? 0 : 1], out)
        out.text(JSON.stringify(message.text))
      }
      put(last === -1 ? empty : end, out)
    },
    addWalked(walker, bytes, out) {
      const { spans, codes } = walker
      let last = walker.messages - 1
      while (last >= 0 && codes[messageSlot(last) + MESSAGE_SLOT.role] !== 1) last -= 1
      if (withId) {
        put(idOpening, out)
        out.bytes(bytes, spans[SLOT.dialogue_id * 2] ?? 0, spans[SLOT.dialogue_id * 2 + 1] ?? 0)
      }
      for (let message = 0; message <= last; message++) {
        const slot = messageSlot(message)
        put((message === 0 ? first : later)[codes[slot + MESSAGE_SLOT.role] ?? 0], out)
        out.bytes(bytes, spans[(slot + MESSAGE_SLOT.text) * 2] ?? 0, spans[(slot + MESSAGE_SLOT.text) * 2 + 1] ?? 0)
      }
      put(last === -1 ? empty : end, out)
    },
  }
}
