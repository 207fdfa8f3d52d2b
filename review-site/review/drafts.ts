import type { Api, DraftBody, SendOptions } from '../api/client.ts'
import { isObject, parseObject, type KeyValue } from '../app/storage.ts'
import type { KeptDraft } from './form-state.ts'

/**
 * Drafts: what was filled in and not given yet. Saved half a second after the last change, to the server (so that
 * another machine has it) and to the browser (so that a dead network does not matter), by dialogue, reviewer and
 * version. When the tab hides, the same request is sent once more with `keepalive`.
 */
export interface Drafts {
  changed(dialogue: string, draft: DraftBody): void
  /** Sends what has not been sent, now. */
  flush(options?: SendOptions): void
  /** The review was given, or the draft taken back. */
  forget(dialogue: string, version: number): void
  kept(dialogue: string, version: number): KeptDraft | undefined
}

const SAVE_AFTER_MS = 500

interface DraftSettings {
  api: Pick<Api, 'saveDraft'>
  storage: KeyValue
  reviewer: string
  batch: string
  now: () => Date
}

export function createDrafts({ api, storage, reviewer, batch, now }: DraftSettings): Drafts {
  const keyOf = (dialogue: string, version: number) => `draft:${reviewer}:${batch}:${dialogue}:${version}`
  const unsent = new Map<string, { draft: DraftBody; timer: ReturnType<typeof setTimeout> }>()

  function send(dialogue: string, options?: SendOptions): void {
    const entry = unsent.get(dialogue)
    if (entry === undefined) return
    clearTimeout(entry.timer)
    unsent.delete(dialogue)
    const kept: KeptDraft = { ...entry.draft, saved_at: now().toISOString() }
    storage.write(keyOf(dialogue, entry.draft.version), JSON.stringify(kept))
    // A draft that the server did not get is still in the browser, and the next change sends it whole.
    api.saveDraft(batch, dialogue, entry.draft, options).catch(() => undefined)
  }

  return {
    changed(dialogue, draft) {
      clearTimeout(unsent.get(dialogue)?.timer)
      unsent.set(dialogue, { draft, timer: setTimeout(() => send(dialogue), SAVE_AFTER_MS) })
    },
    flush(options) {
      for (const dialogue of [...unsent.keys()]) send(dialogue, options)
    },
    forget(dialogue, version) {
      clearTimeout(unsent.get(dialogue)?.timer)
      unsent.delete(dialogue)
      storage.remove(keyOf(dialogue, version))
    },
    kept(dialogue, version) {
      const draft = parseObject(storage.read(keyOf(dialogue, version)))
      return isKept(draft) ? draft : undefined
    },
  }
}

function isKept(draft: unknown): draft is KeptDraft {
  return (
    isObject(draft) &&
    typeof draft['saved_at'] === 'string' &&
    typeof draft['base_revision'] === 'number' &&
    typeof draft['version'] === 'number' &&
    isObject(draft['form'])
  )
}
