import type { Verdict } from '../dialogue/vocabulary.ts'

/** What apply writes into a dialogue: the labels as the present tools write them, and ours. */
export interface Stamps {
  labels: {
    clinician_reviewed: true
    clinician_approved: boolean
    review_status: Verdict
    /** As in the reviews file: RFC 3339, or what the present tools wrote. */
    reviewed_at: string | undefined
    reviewer: string | undefined
    /** Of what was judged; the same as the dialogue's own unless the reviewer corrected labels. */
    content_sha256: string
  }
  /** Of the dialogue as it is written. */
  content_sha256: string
}
