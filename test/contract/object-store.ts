import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InputError } from '../../core/errors.ts'
import type { ObjectStore, PutResult } from '../../core/ports.ts'
import { all, textOf } from '../builders/byte-source.ts'

export interface ObjectStoreUnderTest {
  store: ObjectStore
  /** A second view of the same objects, as another process has it. */
  another(): ObjectStore
  dispose(): Promise<void>
}

/** What every object store must do, whichever home it is in. `make` gives an empty one. */
export function describeObjectStore(name: string, make: () => Promise<ObjectStoreUnderTest>): void {
  describe(`object store: ${name}`, () => {
    let under: ObjectStoreUnderTest
    let store: ObjectStore
    beforeEach(async () => {
      under = await make()
      store = under.store
    })
    afterEach(() => under.dispose())

    const put = (key: string, content: string, more: Partial<Parameters<ObjectStore['put']>[2]> = {}) =>
      store.put(key, [Buffer.from(content)], { condition: { if: 'always' }, ...more })
    const read = async (key: string, range?: { start: number; end: number }) => {
      const found = await store.get(key, range === undefined ? {} : { range })
      return found && (await textOf(found.body))
    }

    describe('an object', () => {
      it('comes back byte for byte, with its size, etag and time', async () => {
        const content = Buffer.from('{"text":"ça va?\u2028"}\n\0\xff', 'latin1')
        const result = await store.put('synthetic/a.jsonl', [content], { condition: { if: 'always' } })

        expect(result).toMatchObject({
          outcome: 'written',
          size: content.length,
          sha256: createHash('sha256').update(content).digest('hex'),
        })
        const found = await store.get('synthetic/a.jsonl')
        expect(Buffer.concat(await all(found?.body ?? []))).toEqual(content)
        expect(found?.head).toEqual(await store.head('synthetic/a.jsonl'))
        expect(found?.head).toMatchObject({
          key: 'synthetic/a.jsonl',
          size: content.length,
          etag: written(result).etag,
        })
        expect(Date.parse(found?.head.last_modified ?? '')).toBeGreaterThan(Date.now() - 60_000)
      })

      it('may be empty', async () => {
        await store.put('reviews/empty.json', [], { condition: { if: 'always' } })

        expect(await read('reviews/empty.json')).toBe('')
        expect((await store.head('reviews/empty.json'))?.size).toBe(0)
      })

      it('that is not there is undefined, and so is a folder of keys', async () => {
        await put('seeds/a.json', 'x')

        expect(await store.get('seeds/b.json')).toBeUndefined()
        expect(await store.head('seeds')).toBeUndefined()
        expect(await store.get('seeds/a.json/b')).toBeUndefined()
      })

      it('keeps its user metadata, names in lower case', async () => {
        await put('seeds/a.json', 'x', { metadata: { Count: '100', method: 'hybrid' } })

        expect((await store.head('seeds/a.json'))?.metadata).toEqual({ count: '100', method: 'hybrid' })
        expect((await store.get('seeds/a.json'))?.head.metadata).toEqual({ count: '100', method: 'hybrid' })
        await put('seeds/a.json', 'y')
        expect((await store.head('seeds/a.json'))?.metadata).toEqual({})
      })

      it('changes its etag with its content and with nothing else', async () => {
        const first = written(await put('seeds/a.json', 'one')).etag

        expect((await store.head('seeds/a.json'))?.etag).toBe(first)
        expect((await under.another().head('seeds/a.json'))?.etag).toBe(first)
        expect(first).not.toContain('"')
        expect(written(await put('seeds/a.json', 'two')).etag).not.toBe(first)
      })

      it('arrives whole however its bytes are cut, also beyond one part of an upload', async () => {
        const part = Buffer.alloc(1024 * 1024, 'abcdefghijklmnopqrstuvwxyz0123456789')
        async function* body() {
          for (let index = 0; index < 13; index++) {
            yield part.subarray(0, index)
            yield part
          }
        }
        const sent = createHash('sha256')
        for await (const piece of body()) sent.update(piece)
        const result = written(await store.put('synthetic/large.jsonl', body(), { condition: { if: 'absent' } }))

        expect(result.size).toBe(13 * part.length + 78)
        const got = createHash('sha256')
        for await (const piece of (await store.get('synthetic/large.jsonl'))?.body ?? []) got.update(piece)
        const digest = sent.digest('hex')
        expect(got.digest('hex')).toBe(digest)
        expect(result.sha256).toBe(digest)
      })

      it('can be left in the middle of the reading', async () => {
        await put('synthetic/a.jsonl', 'x'.repeat(2_000_000))

        for await (const piece of (await store.get('synthetic/a.jsonl'))?.body ?? []) {
          expect(piece.length).toBeGreaterThan(0)
          break
        }
        expect((await read('synthetic/a.jsonl'))?.length).toBe(2_000_000)
      })

      it('gives any range of its bytes, cut off at its end', async () => {
        await put('synthetic/a.jsonl', '0123456789')

        await fc.assert(
          fc.asyncProperty(fc.nat(9), fc.integer({ min: 1, max: 20 }), async (start, length) => {
            expect(await read('synthetic/a.jsonl', { start, end: start + length })).toBe(
              '0123456789'.slice(start, start + length),
            )
          }),
          { numRuns: 20 },
        )
        expect((await store.get('synthetic/a.jsonl', { range: { start: 2, end: 4 } }))?.head.size).toBe(10)
        expect(await read('synthetic/a.jsonl', { start: 10, end: 20 })).toBe('')
        expect(await read('synthetic/a.jsonl', { start: 4, end: 4 })).toBe('')
        expect(await read('synthetic/b.jsonl', { start: 0, end: 4 })).toBeUndefined()
      })
    })

    describe('a put', () => {
      it('if absent writes once, and then leaves what is there', async () => {
        expect(await put('synthetic/a.jsonl', 'one', { condition: { if: 'absent' } })).toMatchObject({
          outcome: 'written',
        })

        expect(await put('synthetic/a.jsonl', 'two', { condition: { if: 'absent' }, metadata: { by: 'me' } })).toEqual({
          outcome: 'precondition_failed',
        })
        expect(await read('synthetic/a.jsonl')).toBe('one')
        expect((await store.head('synthetic/a.jsonl'))?.metadata).toEqual({})
      })

      it('if unchanged replaces only what has that etag', async () => {
        const { etag } = written(await put('training/latest.json', 'one'))

        expect(await put('training/latest.json', 'two', { condition: { if: 'unchanged', etag } })).toMatchObject({
          outcome: 'written',
        })
        expect(await put('training/latest.json', 'three', { condition: { if: 'unchanged', etag } })).toEqual({
          outcome: 'precondition_failed',
        })
        expect(await put('training/other.json', 'four', { condition: { if: 'unchanged', etag } })).toEqual({
          outcome: 'precondition_failed',
        })
        expect(await read('training/latest.json')).toBe('two')
        expect(await store.head('training/other.json')).toBeUndefined()
      })

      it('shows nothing under the key before its last byte', async () => {
        await put('training/latest.json', 'before')
        async function* body() {
          yield Buffer.from('half')
          expect(await read('training/latest.json')).toBe('before')
          expect(await store.head('training/new.json')).toBeUndefined()
          expect((await all(store.list('training/'))).map((head) => head.key)).toEqual(['training/latest.json'])
          yield Buffer.from(' and half')
        }

        await store.put('training/latest.json', body(), { condition: { if: 'always' } })
        expect(await read('training/latest.json')).toBe('half and half')
        await expect(put('training/latest.json', 'after')).resolves.toMatchObject({ outcome: 'written' })
      })

      it('whose body throws leaves nothing, and throws what the body threw', async () => {
        await put('approved/a.jsonl', 'before')
        async function* body() {
          yield Buffer.alloc(6 * 1024 * 1024)
          throw new Error('the lamp went out')
        }

        for (const key of ['approved/a.jsonl', 'approved/b.jsonl'])
          await expect(store.put(key, body(), { condition: { if: 'always' } })).rejects.toThrow('the lamp went out')
        expect(await read('approved/a.jsonl')).toBe('before')
        expect((await all(store.list(''))).map((head) => head.key)).toEqual(['approved/a.jsonl'])
      })

      it.each([1, 9 * 1024 * 1024])(
        'if absent or unchanged, of %d bytes, loses to one that came meanwhile',
        async (size) => {
          const { etag } = written(await put('training/b', 'before'))
          async function* whileAnother(key: string) {
            yield Buffer.alloc(size)
            await under.another().put(key, [Buffer.from('rival')], { condition: { if: 'always' } })
          }

          for (const [key, condition] of [
            ['training/a', { if: 'absent' }],
            ['training/b', { if: 'unchanged', etag }],
          ] as const) {
            expect(await store.put(key, whileAnother(key), { condition })).toEqual({ outcome: 'precondition_failed' })
            expect(await read(key)).toBe('rival')
          }
        },
      )

      it('if absent, by twenty at once, is done by one', async () => {
        const stores = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? store : under.another()))
        const results = await Promise.all(
          stores.map((one, index) =>
            one.put('synthetic/a.jsonl', [Buffer.from(`by ${index}`)], { condition: { if: 'absent' } }),
          ),
        )

        const winners = results.flatMap((result, index) => (result.outcome === 'written' ? [index] : []))
        expect(winners).toHaveLength(1)
        expect(await read('synthetic/a.jsonl')).toBe(`by ${winners[0]}`)
      })

      it('if unchanged loses no update between twenty writers', async () => {
        await put('training/latest.json', '0')
        async function addOne(one: ObjectStore): Promise<void> {
          for (;;) {
            const found = await one.get('training/latest.json').catch(() => undefined)
            if (found === undefined) continue
            const value = await textOf(found.body).catch(() => undefined) // replaced while it was read: once more
            if (value === undefined) continue
            const condition = { if: 'unchanged', etag: found.head.etag } as const
            const body = [Buffer.from(String(Number(value) + 1))]
            if ((await one.put('training/latest.json', body, { condition })).outcome === 'written') return
          }
        }
        await Promise.all(Array.from({ length: 20 }, (_, index) => addOne(index % 2 === 0 ? store : under.another())))

        expect(await read('training/latest.json')).toBe('20')
      })
    })

    describe('a list', () => {
      it('holds the objects under the prefix in byte order of their keys, each with size, etag and time', async () => {
        const keys = [
          'b/1',
          'a/b/c.json',
          'a.json',
          'a/b.json',
          'a-b/1',
          'a/b/a',
          'a/ü.json',
          'a/z.json',
          'a/\u{1F600}',
          'a/\uFF5E',
        ]
        for (const key of keys) await put(key, key)
        const listed = async (prefix: string) => (await all(store.list(prefix))).map((head) => head.key)
        const inOrder = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))

        expect(await listed('')).toEqual(inOrder)
        expect(await listed('a/')).toEqual(inOrder.filter((key) => key.startsWith('a/')))
        expect(await listed('a/b')).toEqual(['a/b.json', 'a/b/a', 'a/b/c.json'])
        expect(await listed('a')).toEqual(inOrder.filter((key) => key.startsWith('a')))
        expect(await listed('c/')).toEqual([])
        for (const head of await all(store.list('a/'))) {
          const { key, size, etag, last_modified } = (await store.head(head.key))!
          expect(head).toMatchObject({ key, size, etag, metadata: {} })
          expect(head.last_modified.slice(0, 19)).toBe(last_modified.slice(0, 19)) // a service may give the second alone
        }
      })

      it('goes on beyond one page of the service', async () => {
        const keys = Array.from({ length: 1100 }, (_, index) => `approved/${String(index).padStart(5, '0')}.jsonl`)
        for (let start = 0; start < keys.length; start += 50)
          await Promise.all(keys.slice(start, start + 50).map((key) => put(key, key)))

        expect((await all(store.list('approved/'))).map((head) => head.key)).toEqual(keys)
      })
    })

    describe('a key', () => {
      it('may hold spaces, signs and letters of any language', async () => {
        for (const key of AWKWARD_KEYS) {
          await put(key, key)
          expect(await read(key)).toBe(key)
          expect((await store.head(key))?.key).toBe(key)
        }
        expect((await all(store.list('seeds/'))).map((head) => head.key).toSorted()).toEqual(AWKWARD_KEYS.toSorted())
      })

      it('of any well-formed text makes the round trip', async () => {
        const name = fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
          .filter(
            (text) => !/[\\/\p{Cc}]/u.test(text) && text !== '.' && text !== '..' && text.normalize('NFC') === text,
          )
        await fc.assert(
          fc.asyncProperty(name, fc.uint8Array({ maxLength: 64 }), async (text, content) => {
            const key = `seeds/${text}`
            await store.put(key, [content], { condition: { if: 'always' } })
            const found = await store.get(key)
            expect(found?.head.key).toBe(key)
            expect(Buffer.concat(await all(found?.body ?? []))).toEqual(Buffer.from(content))
          }),
          { numRuns: 40 },
        )
      })

      it.each([
        '',
        '/seeds/a',
        'seeds/../../a',
        '..',
        './a',
        'seeds//a',
        'seeds/',
        'a\0b',
        'a\nb',
        'a\\..\\..\\b',
        'a/\ud800',
      ])('that could leave the store is refused: %j', async (key) => {
        await expect(store.head(key)).rejects.toThrow(InputError)
        await expect(store.get(key)).rejects.toThrow(InputError)
        await expect(put(key, 'x')).rejects.toThrow(InputError)
      })

      it('can be shown to a person', () => {
        expect(store.locate('seeds/my seeds.json')).toMatch(/seeds\/my seeds\.json$/)
      })
    })
  })
}

const AWKWARD_KEYS = [
  'seeds/my seeds.json',
  'seeds/100% + more.json',
  'seeds/%2e%2e%2fa.json',
  'seeds/a+b c.json',
  'seeds/d\u00e9j\u00e0 vu.json',
  'seeds/\u79cd\u5b50 \u{1F331}.json',
  'seeds/it\'s "so" & <so>.json',
  'seeds/a?b#c=d;e:f@g!h$i(j)*.json',
  'seeds/..hidden',
  'seeds/.json',
]

function written(result: PutResult): Extract<PutResult, { outcome: 'written' }> {
  if (result.outcome !== 'written') throw new Error('expected it to be written')
  return result
}
