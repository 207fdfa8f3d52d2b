import type { StageName, UploadEvent } from '../core/pipeline/stages.ts'
import type { StageOutcome } from '../core/pipeline/upload.ts'
import type { WorldPaths } from './stage-world.ts'

/** What the main thread and the stage thread say to each other. */

export interface ThreadSettings {
  paths: WorldPaths
  guidelinesVersion: string
}

/** One at a time: the next is sent when this one was answered. */
export interface RunMessage {
  stage: StageName
  event: UploadEvent
}

export type ThreadMessage =
  | { kind: 'log'; level: 'info' | 'warn' | 'error'; event: string; data: Readonly<Record<string, unknown>> }
  | { kind: 'ended'; outcome: StageOutcome }
  /** An InputError: its message is fit to show. */
  | { kind: 'refused'; message: string }
  /** Anything else: its message may quote what it choked on, so it stays behind. */
  | { kind: 'faulted'; name: string; at: string | undefined }
