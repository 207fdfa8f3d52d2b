import { BASE_TIME, MOST_DIALOGUE_BYTES, MOST_UPLOAD_BYTES, type PipelineSettings } from '../core/pipeline/settings.ts'
import type { Log, Ports } from '../core/ports.ts'
import { NO_OVERLAP } from '../core/review/overlap.ts'
import { openFolderObjectStore, type FolderObjectStore } from './folder-object-store.ts'
import { openSqliteReviewStore } from './sqlite-review-store.ts'
import { systemClock } from './system-clock.ts'

/** The stores of a workspace, as API and stages see them. Each thread opens its own. */
export interface StageWorld {
  ports: Ports
  stores: { inbox: FolderObjectStore; datasets: FolderObjectStore }
  close(): void
}

export interface WorldPaths {
  inbox: string
  datasets: string
  reviews: string
}

/** @throws InputError when one of them cannot be used */
export function openWorld(paths: WorldPaths, log: Log): StageWorld {
  const inbox = openFolderObjectStore(paths.inbox)
  const datasets = openFolderObjectStore(paths.datasets)
  const reviews = openSqliteReviewStore(paths.reviews)
  return {
    ports: { inbox, datasets, reviews, clock: systemClock, log },
    stores: { inbox, datasets },
    close() {
      inbox.close()
      datasets.close()
      reviews.close()
    },
  }
}

const FIRST_BATCH = 50 // what a clinician can review in one sitting

/** What the one-machine home decides about its stages. */
export function stageSettings(guidelinesVersion: string): PipelineSettings {
  return {
    mostUploadBytes: MOST_UPLOAD_BYTES,
    mostDialogueBytes: MOST_DIALOGUE_BYTES,
    defaultRequest: { count: FIRST_BATCH },
    reviewsPerDialogue: 1,
    // A team on one machine is often one clinician, whose batch would wait for ever for a second pair of eyes.
    overlap: NO_OVERLAP,
    guidelinesVersion,
    baseTime: BASE_TIME,
    banks: onceOnly(async () => (await import('./banks-cache.ts')).openBanks()),
    model: { missing: 'Only the stage that generates asks a model.' },
  }
}

function onceOnly<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined
  return () => (made ??= make())
}
