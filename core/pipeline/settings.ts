import type { GenerationRequest } from '../generate/request.ts'
import type { Banks } from '../generate/templates/banks.ts'
import type { OverlapPolicy } from '../review/store.ts'

/** What an environment decides about its stages; one record for each home and environment. */
export interface PipelineSettings {
  /** A larger upload is refused by its size alone, before a byte of it is read. */
  mostUploadBytes: number
  /** A longer dialogue is left out of a batch: a DynamoDB item holds 400 KB, findings and reviews included. */
  mostDialogueBytes: number
  /** What a seed file that is uploaded alone asks for. */
  defaultRequest: Partial<GenerationRequest> & Pick<GenerationRequest, 'count'>
  /** When no request says otherwise. */
  reviewsPerDialogue: number
  overlap: OverlapPolicy
  guidelinesVersion: string
  /** RFC 3339. All times inside generated files start here, so that they are the same bytes in both homes. */
  baseTime: string
  /** Read and compiled when a stage first needs them. */
  banks: () => Promise<Banks>
}

/** 256 MiB is 100,000 dialogues, which no team reviews as one batch. */
export const MOST_UPLOAD_BYTES = 256 * 1024 * 1024
export const MOST_DIALOGUE_BYTES = 256 * 1024

/** The default of {@link PipelineSettings.baseTime}, and of the command line. */
export const BASE_TIME = '2026-01-01T00:00:00Z'
