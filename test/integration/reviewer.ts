import type { BatchDetail, BatchSummary, ReviewItem, Saved } from '../../review-api/contract.ts'
import type { ReviewForm } from '../../core/review/review.ts'
import { aReviewForm } from '../builders/a-review.ts'

/** A person at the API, as the page speaks for them. */
export interface Reviewer {
  ask(path: string, init?: { method?: string; body?: unknown }): Promise<Response>
  batches(): Promise<BatchSummary[]>
  batch(batch_id: string): Promise<BatchDetail>
  claim(batch_id: string, count: number): Promise<ReviewItem[]>
  save(batch_id: string, item: ReviewItem, form?: Partial<ReviewForm>): Promise<Saved>
  /** Reviews until nothing is left; `verdict` says how each is judged. */
  reviewAll(batch_id: string, verdict?: (item: ReviewItem) => Partial<ReviewForm>): Promise<number>
}

/** How requests are sent: Node's own fetch does not find `*.localhost`. */
export type Send = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<Response>

export function aReviewer(origin: string, token: string, send: Send = fetch): Reviewer {
  const ask: Reviewer['ask'] = (path, { method = 'GET', body } = {}) =>
    send(`${origin}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const good = async <Answer>(answer: Response): Promise<Answer> => {
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  const reviewer: Reviewer = {
    ask,
    batches: async () => (await good<{ batches: BatchSummary[] }>(await ask('/batches'))).batches,
    batch: async (batch_id) => good(await ask(`/batches/${batch_id}`)),
    claim: async (batch_id, count) =>
      (
        await good<{ items: ReviewItem[] }>(
          await ask(`/batches/${batch_id}/claims`, { method: 'POST', body: { count } }),
        )
      ).items,
    save: async (batch_id, { row, version, content_sha256, review }, form = {}) =>
      good(
        await ask(`/batches/${batch_id}/dialogues/${encodeURIComponent(row.dialogue_id)}/review`, {
          method: 'PUT',
          body: { base_revision: review?.revision ?? 0, version, content_sha256, form: aReviewForm(form) },
        }),
      ),
    async reviewAll(batch_id, verdict = () => ({})) {
      for (let count = 0; ; count++) {
        const [item] = await reviewer.claim(batch_id, 1)
        if (item === undefined) return count
        await reviewer.save(batch_id, item, verdict(item))
      }
    },
  }
  return reviewer
}
