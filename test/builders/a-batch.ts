import type { Clock, Log } from '../../core/ports.ts'
import { NO_OVERLAP } from '../../core/review/overlap.ts'
import { newItem } from '../../core/review/new-item.ts'
import type { DialogueRecord } from '../../core/review/new-item.ts'
import type { NewBatch } from '../../core/review/service.ts'
import type { BatchRecord, ItemRecord, NewItem } from '../../core/review/store.ts'
import { aDialogue } from './a-dialogue.ts'

/** A batch that is open and asks for one review of each dialogue. */
export function aBatch(overrides: Partial<BatchRecord> = {}): BatchRecord {
  return {
    ...aNewBatch(overrides),
    revision: 1,
    status: 'open',
    opened_at: '2026-02-03T09:00:00.000Z',
    counters: {},
    ...overrides,
  }
}

export function aNewBatch(overrides: Partial<NewBatch> = {}): NewBatch {
  return {
    batch_id: 'batch-1',
    title: 'February',
    source: { key: 'seeds/february.json', etag: 'e1', location: '/inbox/seeds/february.json' },
    dataset: { store: 'datasets', key: 'synthetic/batch-1.jsonl' },
    reviews_per_dialogue: 1,
    overlap: NO_OVERLAP,
    guidelines_version: 'g1',
    ...overrides,
  }
}

/** The dialogue number `index` of a dataset, as the reader and the lint hand it over. */
export function aRecord(index: number, overrides: Partial<DialogueRecord> = {}): DialogueRecord {
  const dialogue = overrides.dialogue ?? aDialogue({ dialogue_id: `d${String(index).padStart(3, '0')}` })
  return { index, json: JSON.stringify(dialogue), findings: [], rules_version: 'r1', ...overrides, dialogue }
}

export function someRecords(count: number): DialogueRecord[] {
  return Array.from({ length: count }, (_, index) => aRecord(index))
}

export function aNewItem(index: number, overrides: Partial<ItemRecord> = {}): NewItem {
  const { item, body } = newItem(
    aBatch(overrides.batch_id === undefined ? {} : { batch_id: overrides.batch_id }),
    aRecord(index),
  )
  return { item: { ...item, ...overrides }, body }
}

export function anItem(overrides: Partial<ItemRecord> = {}): ItemRecord {
  return aNewItem(0, overrides).item
}

/** A clock that stands until it is moved. */
export function aClock(start = Date.parse('2026-02-03T09:00:00Z')): Clock & { pass(ms: number): void } {
  let now = start
  return {
    now: () => now,
    pass(ms) {
      now += ms
    },
  }
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
