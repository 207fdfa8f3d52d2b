import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ReviewItem, Saved, SaveReview } from '../../../review-api/contract.ts'
import { ApiFailure } from '../../../review-site/api/client.ts'
import type { KeyValue } from '../../../review-site/app/storage.ts'
import { createActivityClock } from '../../../review-site/review/activity-clock.ts'
import { emptyForm } from '../../../review-site/review/form-state.ts'
import { createOutbox, type Outbox } from '../../../review-site/review/outbox.ts'
import { aReview } from '../../builders/a-review.ts'

let storage: KeyValue
let sent: SaveReview[]
let answers: (() => Promise<Saved>)[]
let outbox: Outbox

const saved = (revision: number): Saved => ({ review: aReview({ revision }), batch: {} as Saved['batch'] })
const answer = (revision: number) => () => Promise.resolve(saved(revision))
const fail = (status: number, current?: ReviewItem) => () =>
  Promise.reject(new ApiFailure(status, 'x', `failed with ${status}`, current))
const review = (feedback: string, base_revision = 0): SaveReview => ({
  ...{ base_revision, version: 1, content_sha256: 'f'.repeat(64) },
  form: { ...emptyForm(), status: 'approved', feedback },
})
const add = (what: SaveReview) =>
  outbox.add({ kind: 'review', batch: 'b', dialogue: 'd', title: 'Dialogue 1', review: what })

function memory(): KeyValue {
  const kept = new Map<string, string>()
  return {
    read: (key) => kept.get(key),
    write: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
    keys: (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
  }
}

function open(): Outbox {
  return createOutbox({
    storage,
    reviewer: 'amara',
    api: {
      saveReview: async (_batch, _dialogue, body) => {
        sent.push(body)
        return (answers.shift() ?? answer(body.base_revision + 1))()
      },
      skip: () => Promise.resolve(),
    },
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  storage = memory()
  sent = []
  answers = []
  outbox = open()
})
afterEach(() => {
  outbox.stop()
  vi.useRealTimers()
})

const waiting = () => outbox.store.get().waiting

describe('The outbox', () => {
  it('is empty again once a review is saved, and says so', async () => {
    const heard: unknown[] = []
    outbox.onSaved((batch, dialogue, delivered) => heard.push([batch, dialogue, delivered?.review.revision]))
    add(review('one'))
    await vi.runAllTimersAsync()
    expect(waiting()).toEqual([])
    expect(heard).toEqual([['b', 'd', 1]])
    expect(storage.keys('')).toEqual([])
  })

  it('tries what may pass again and again, further and further apart', async () => {
    answers = [fail(0), fail(500), fail(503), fail(429), fail(401), fail(502)]
    add(review('one'))
    const times: number[] = []
    for (let second = 0; second <= 70; second++) {
      if (sent.length > times.length) times.push(second)
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(times.map((time, index) => time - (times[index - 1] ?? 0))).toEqual([0, 1, 2, 4, 8, 15, 30])
    expect(waiting()).toEqual([])
  })

  it('does not try what is refused for good', async () => {
    answers = [fail(400)]
    add(review('one'))
    await vi.advanceTimersByTimeAsync(100_000)
    expect(sent).toHaveLength(1)
    expect(waiting()).toMatchObject([{ refused: true, late: true, problem: 'failed with 400' }])
  })

  it('keeps over a reload what was not sent', async () => {
    answers = [fail(500)]
    add(review('one'))
    await vi.advanceTimersByTimeAsync(10)
    outbox.stop()
    outbox = open()
    expect(waiting()).toMatchObject([{ dialogue: 'd', review: { form: { feedback: 'one' } } }])
    outbox.retryNow()
    await vi.runAllTimersAsync()
    expect(waiting()).toEqual([])
  })

  it('throws away what an older page or another program left behind', () => {
    outbox.stop()
    storage.write('outbox:amara:b:x', '{"kind":"review"}')
    storage.write('outbox:amara:b:y', 'not json')
    outbox = open()
    expect(waiting()).toEqual([])
    expect(storage.keys('outbox:')).toEqual([])
  })

  it('builds a change made while its forerunner is under way on what was saved', async () => {
    let arrive: (value: Saved) => void = () => undefined
    answers = [() => new Promise<Saved>((resolve) => (arrive = resolve))]
    add(review('one'))
    await vi.advanceTimersByTimeAsync(10)
    add(review('two'))
    await vi.advanceTimersByTimeAsync(10)
    expect(sent).toHaveLength(1)
    arrive(saved(1))
    await vi.runAllTimersAsync()
    expect(sent.map(({ base_revision, form }) => [base_revision, form.feedback])).toEqual([
      [0, 'one'],
      [1, 'two'],
    ])
    expect(waiting()).toEqual([])
  })

  it('sends only the last of several changes made meanwhile', async () => {
    answers = [fail(500)]
    add(review('one'))
    add(review('two'))
    add(review('three'))
    await vi.runAllTimersAsync()
    expect(sent.map(({ form }) => form.feedback)).toEqual(['one', 'three'])
  })

  it('takes back what waits, but not what is under way', async () => {
    answers = [fail(500)]
    add(review('one'))
    expect(outbox.cancel('b', 'd')).toBe('sending')
    await outbox.settled('b', 'd')
    expect(outbox.cancel('b', 'd')).toBe('cancelled')
    expect(outbox.cancel('b', 'd')).toBe('none')
    await vi.runAllTimersAsync()
    expect(sent).toHaveLength(1)
  })

  it('holds a conflict until somebody decides, and lets go of one that is none', async () => {
    const standing = (feedback: string) =>
      ({ review: aReview({ ...review(feedback).form, revision: 3 }) }) as ReviewItem
    answers = [fail(409, standing('theirs'))]
    add(review('mine'))
    await vi.advanceTimersByTimeAsync(100_000)
    expect(sent).toHaveLength(1)
    expect(waiting()).toMatchObject([{ conflict: { review: { feedback: 'theirs' } } }])

    outbox.discard('b', 'd')
    const heard: unknown[] = []
    outbox.onSaved((_batch, _dialogue, delivered) => heard.push(delivered?.review.revision))
    answers = [fail(409, standing('mine'))]
    add(review('mine'))
    await vi.runAllTimersAsync()
    expect(waiting()).toEqual([])
    expect(heard).toEqual([3])
  })

  it('calls late what takes longer than four seconds', async () => {
    answers = [() => new Promise(() => undefined)]
    add(review('one'))
    await vi.advanceTimersByTimeAsync(3900)
    expect(waiting()[0]?.late).toBe(false)
    await vi.advanceTimersByTimeAsync(200)
    expect(waiting()[0]?.late).toBe(true)
  })
})

describe('The time spent on a dialogue', () => {
  it('counts reading, and half a minute of each longer absence', () => {
    let now = 0
    const clock = createActivityClock(() => now)
    clock.begin()
    now += 20_000
    clock.touch()
    now += 600_000 // a telephone call
    clock.touch()
    now += 1_000
    expect(clock.take()).toBe(51_000)
    now += 2_000
    expect(clock.take()).toBe(2_000)
  })

  it('stands still while the tab is hidden', () => {
    let now = 0
    const clock = createActivityClock(() => now)
    clock.begin()
    now += 5_000
    clock.pause()
    now += 10_000
    clock.begin()
    now += 1_000
    expect(clock.take()).toBe(6_000)
  })
})
