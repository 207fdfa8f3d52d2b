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
  user: string
  assistant: string
  closing: string
}

const WORDS: Readonly<Record<ChatFormat, Words>> = {
  chat: {
    opening: '"messages":[',
    system: '{"role":"system","content":',
    user: '{"role":"user","content":',
    assistant: '{"role":"assistant","content":',
    closing: ']}\n',
  },
  sharegpt: {
    opening: '"conversations":[',
    system: '{"from":"system","value":',
    user: '{"from":"human","value":',
    assistant: '{"from":"gpt","value":',
    closing: ']}\n',
  },
}

export interface ChatExporter {
  add(dialogue: Pick<Dialogue, 'dialogue_id' | 'messages'>, out: PieceWriter): void
  /** The same for a record that the walker accepted: its texts are JSON literals already. */
  addWalked(walker: RecordWalker, bytes: Buffer, out: PieceWriter): void
}

/** `systemPrompt` null: none. */
export function createChatExporter(format: ChatFormat, systemPrompt: string | null): ChatExporter {
  const words = WORDS[format]
  const opening =
    words.opening +
    (systemPrompt === null || systemPrompt === '' ? '' : `${words.system}${JSON.stringify(systemPrompt)}},`)
  const roles = [Buffer.from(words.user), Buffer.from(words.assistant)] as const
  return {
    add(dialogue, out) {
      const last = dialogue.messages.findLastIndex((message) => message.role === 'assistant')
      const messages = dialogue.messages
        .slice(0, last + 1)
        .map((message) => `${message.role === 'user' ? words.user : words.assistant}${JSON.stringify(message.text)}}`)
      const id = format === 'sharegpt' ? `"id":${JSON.stringify(dialogue.dialogue_id)},` : ''
      out.text(`{${id}${opening}${messages.join(',')}${words.closing}`)
    },
    addWalked(walker, bytes, out) {
      const { spans, codes } = walker
      let last = walker.messages - 1
      while (last >= 0 && codes[messageSlot(last) + MESSAGE_SLOT.role] !== 1) last -= 1
      out.text('{')
      if (format === 'sharegpt') {
        out.text('"id":')
        out.bytes(bytes, spans[SLOT.dialogue_id * 2] ?? 0, spans[SLOT.dialogue_id * 2 + 1] ?? 0)
        out.text(',')
      }
      out.text(opening)
      for (let message = 0; message <= last; message++) {
        const slot = messageSlot(message)
        if (message > 0) out.text(',')
        const role = codes[slot + MESSAGE_SLOT.role] === 0 ? roles[0] : roles[1]
        out.bytes(role, 0, role.length)
        out.bytes(bytes, spans[(slot + MESSAGE_SLOT.text) * 2] ?? 0, spans[(slot + MESSAGE_SLOT.text) * 2 + 1] ?? 0)
        out.text('}')
      }
      out.text(words.closing)
    },
  }
}
