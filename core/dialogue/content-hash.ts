import { hash } from 'node:crypto'
import type { Dialogue } from './schema.ts'

/**
 * Labels that say what became of a dialogue, not what it is. They are written after the verdict, so they cannot be
 * part of what the verdict was given for.
 */
export const CONTENT_STAMPS: ReadonlySet<string> = new Set([
  'synthetic',
  'generated_at',
  'clinician_reviewed',
  'clinician_approved',
  'review_status',
  'reviewed_at',
  'reviewer',
  'content_sha256',
])

/** What every canonical content begins with: the name and version of its form. */
const CONTENT_FORM = 'synthetic-dialogues/content/1'
export const CONTENT_OPENING = `["${CONTENT_FORM}",`

/**
 * SHA-256 (64 hex digits) of what a clinician judges: role, text and labels of every message, session type, concern
 * and the labels of the dialogue. A change of any of them changes the hash and so voids a verdict given for it.
 *
 * Canonical form, version 1: the UTF-8 JSON text, without white space, of
 * `["synthetic-dialogues/content/1", session_type, concern, messages, labels]` where a message is
 * `[role, text, intent, sentiment, risk_level, stage, techniques]` with `null` for what is absent, and `labels` is the
 * array of `[name, value]` sorted by name (UTF-16 order), stamps left out, keys of nested objects sorted likewise.
 */
export function contentSha256(
  dialogue: Pick<Dialogue, 'session_type' | 'user_profile' | 'messages' | 'labels'>,
): string {
  return hash('sha256', canonicalContent(dialogue))
}

export function canonicalContent(
  dialogue: Pick<Dialogue, 'session_type' | 'user_profile' | 'messages' | 'labels'>,
): string {
  const messages = dialogue.messages.map((message) => [
    message.role,
    message.text,
    message['intent'] ?? null,
    message['sentiment'] ?? null,
    message['risk_level'] ?? null,
    message['stage'] ?? null,
    message['techniques'] ?? null,
  ])
  const labels = Object.keys(dialogue.labels)
    .filter((name) => !CONTENT_STAMPS.has(name) && dialogue.labels[name] !== undefined)
    .sort()
    .map((name) => [name, sorted(dialogue.labels[name])])
  return JSON.stringify([CONTENT_FORM, dialogue.session_type, dialogue.user_profile.concern, messages, labels])
}

/** The value with the keys of its objects in UTF-16 order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
