import type { GenerationRequest } from '../generate/request.ts'
import type { AnswerRecord } from '../generate/openai/answers.ts'
import type { ModelCalls } from '../generate/openai/dialogue-model.ts'
import type { ModelPrice } from '../generate/openai/prices.ts'
import type { Prompts } from '../generate/openai/prompts.ts'
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
  /** Who writes where a request's method is openai or hybrid. A text says what is missing, and how to set it up. */
  model: PipelineModel | { missing: string }
}

/** The language model of a home: which, for how much, and where answers are kept until their batch is done. */
export interface PipelineModel {
  /** For requests that name none. */
  name: string
  /** US dollars for one request at the most, whatever it asks for. */
  maxCostUsd: number
  prompts: () => Promise<Prompts>
  /** Undefined for a model that the price list does not name. */
  priceOf: (model: string) => ModelPrice | undefined
  /** Whether a model without a price may be asked: a server of one's own costs nothing by the token. */
  mayBeUnpriced: boolean
  /** One for each batch, undefined where only kept answers count; `max_cost_usd` is what is left of its budget. */
  calls: (about: {
    model: string
    price: ModelPrice | undefined
    max_cost_usd: number | undefined
  }) => ModelCalls | undefined
  /** Answers of the batch that were paid for before. */
  openAnswers: (batch_id: string) => Promise<KeptAnswers>
  /**
   * Where the asking for one batch outlasts what one run may take: so many dialogues go to each worker, which asks for so
   * long at a time. Nobody else asks then: `calls` is undefined for the stage that generates.
   * @default one process asks for the whole batch
   */
  parts?: { dialogues: number; part_ms: number }
}

export interface KeptAnswers {
  kept: readonly AnswerRecord[]
  /** Durable when it resolves. */
  keep: (record: AnswerRecord) => void | Promise<void>
  /** The batch is written: nothing of it is needed any more. */
  forget: () => void | Promise<void>
  /** Ends the use of it; what is kept stays. */
  close: () => void | Promise<void>
}

/** 256 MiB is 100,000 dialogues, which no team reviews as one batch. */
export const MOST_UPLOAD_BYTES = 256 * 1024 * 1024
export const MOST_DIALOGUE_BYTES = 256 * 1024

/** The default of {@link PipelineSettings.baseTime}, and of the command line. */
export const BASE_TIME = '2026-01-01T00:00:00Z'
