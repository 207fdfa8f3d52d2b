import { parsePrecise } from '../datasets/precise-json.ts'
import type { Relabelling } from './relabel.ts'
import type { Stamps } from './stamps.ts'

/**
 * The same changes as {@link walkedLabels} and its kin make in the bytes, for a record that the walker left to the
 * strict way: parsed, changed and written anew on one line. Numbers keep their digits.
 */
export function relabelled(json: string, set: Relabelling['set']): string {
  return changed(json, (record) => {
    for (const { field, turn, value } of set) {
      if (turn !== undefined) {
        const messages: unknown = record['messages']
        const message: unknown = Array.isArray(messages) ? messages[turn] : undefined
        if (isRecord(message)) message[field] = value
      } else if (field === 'session_type') record[field] = value
      else {
        const parent = record[field === 'concern' ? 'user_profile' : 'labels']
        if (isRecord(parent)) parent[field] = value
      }
    }
  })
}

export function stamped(json: string, stamps: Stamps): string {
  return changed(json, (record) => {
    const { labels } = record
    if (isRecord(labels))
      for (const [name, value] of Object.entries(stamps.labels))
        if (value !== undefined) labels[name] = value
        else if (name in labels) labels[name] = null
    record['content_sha256'] = stamps.content_sha256
  })
}

function changed(json: string, change: (record: Record<string, unknown>) => void): string {
  const record = parsePrecise(json)
  if (isRecord(record)) change(record)
  return JSON.stringify(record)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
