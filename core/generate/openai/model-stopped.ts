import type { FallbackReason } from './asking.ts'

/** The model cannot be used any more and nobody wants templates instead. What was paid for is kept. */
export class ModelStopped extends Error {
  readonly why: FallbackReason
  constructor(why: FallbackReason, message: string) {
    super(message)
    this.name = 'ModelStopped'
    this.why = why
  }
}
