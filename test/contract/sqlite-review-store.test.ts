import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteReviewStore } from '../../local/sqlite-review-store.ts'
import { describeReviewModel } from './review-model.ts'
import { describeReviewService } from './review-service.ts'
import { describeReviewStore } from './review-store.ts'

async function make() {
  const folder = await mkdtemp(join(tmpdir(), 'review-store-'))
  const path = join(folder, 'reviews.db')
  const store = openSqliteReviewStore(path)
  const opened = [store]
  return {
    store,
    another() {
      const one = openSqliteReviewStore(path)
      opened.push(one)
      return one
    },
    async dispose() {
      for (const one of opened) one.close()
      await rm(folder, { recursive: true })
    },
  }
}

describeReviewStore('SQLite', make)
describeReviewService('SQLite', make)
describeReviewModel('SQLite', make, 60)
