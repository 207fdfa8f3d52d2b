import type { ReviewStore } from '../../core/review/store.ts'

/** A review store that is opened by the first call: a stage that only tells the reviewers of refused uploads starts without it. */
export function reviewStoreWhenNeeded(open: () => Promise<ReviewStore>): ReviewStore {
  let opened: Promise<ReviewStore> | undefined
  const store = () => (opened ??= open())
  return {
    createBatch: async (...given) => (await store()).createBatch(...given),
    batch: async (...given) => (await store()).batch(...given),
    batches: async (...given) => (await store()).batches(...given),
    commitBatch: async (...given) => (await store()).commitBatch(...given),
    addItems: async (...given) => (await store()).addItems(...given),
    item: async (...given) => (await store()).item(...given),
    items: async (...given) => (await store()).items(...given),
    body: async (...given) => (await store()).body(...given),
    list: async (...given) => (await store()).list(...given),
    pending: async (...given) => (await store()).pending(...given),
    reviewedBy: async (...given) => (await store()).reviewedBy(...given),
    commitItem: async (...given) => (await store()).commitItem(...given),
    history: async (...given) => (await store()).history(...given),
    saveDraft: async (...given) => (await store()).saveDraft(...given),
    draft: async (...given) => (await store()).draft(...given),
  }
}
