import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, copyFile, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { openFolderObjectStore } from '../../../local/folder-object-store.ts'
import type { FolderObjectStore } from '../../../local/folder-object-store.ts'
import { all, textOf } from '../../builders/byte-source.ts'

let folder: string
let store: FolderObjectStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-object-store-'))
  store = openFolderObjectStore(folder)
})
afterEach(async () => {
  store.close()
  await rm(folder, { recursive: true })
})

const always = { condition: { if: 'always' } } as const
const bytes = (text: string) => [Buffer.from(text)]
const keys = async (prefix = '') => (await all(store.list(prefix))).map((head) => head.key)

async function drop(key: string, content: string): Promise<string> {
  const path = join(folder, key)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
  return path
}

it('takes a file that a person dropped for an object, with the etag that a put of the same bytes would have', async () => {
  await drop('seeds/by hand.json', 'the same')
  await store.put('seeds/put.json', bytes('the same'), always)

  expect(await keys('seeds/')).toEqual(['seeds/by hand.json', 'seeds/put.json'])
  const dropped = await store.head('seeds/by hand.json')
  expect(dropped).toMatchObject({ size: 8, metadata: {} })
  expect(dropped?.etag).toBe((await store.head('seeds/put.json'))?.etag)
})

it('gives a dropped file that was edited another etag, also when size and second stay the same', async () => {
  const path = await drop('seeds/a.json', 'one')
  const before = await store.head('seeds/a.json')
  await writeFile(path, 'two')

  expect((await store.head('seeds/a.json'))?.etag).not.toBe(before?.etag)
})

it('hashes a file once, not at every look', async () => {
  const path = await drop('seeds/a.json', 'one')
  const longAgo = new Date('2026-01-01T00:00:00Z')
  await utimes(path, longAgo, longAgo)
  const first = await store.head('seeds/a.json')
  // The bytes change under an unchanged size and time, which only a look at the content could tell.
  await writeFile(path, 'two')
  await utimes(path, longAgo, longAgo)

  expect((await store.head('seeds/a.json'))?.etag).toBe(first?.etag)
})

it('keeps etag and metadata over a restart, and over a copy of the folder', async () => {
  await store.put('seeds/a.json', bytes('one'), { ...always, metadata: { count: '7' } })
  const before = await store.head('seeds/a.json')
  store.close()
  // A restored backup: the same bytes in another file.
  await copyFile(join(folder, 'seeds/a.json'), join(folder, 'seeds/copy'))
  await rm(join(folder, 'seeds/a.json'))
  await copyFile(join(folder, 'seeds/copy'), join(folder, 'seeds/a.json'))
  store = openFolderObjectStore(folder)

  const after = await store.head('seeds/a.json')
  expect(after).toMatchObject({ etag: before?.etag, metadata: { count: '7' } })
})

it('forgets the metadata of a file that a person replaced', async () => {
  await store.put('seeds/a.json', bytes('one'), { ...always, metadata: { count: '7' } })
  await drop('seeds/a.json', 'another')

  expect((await store.head('seeds/a.json'))?.metadata).toEqual({})
})

it('refuses to go on reading a file that was replaced, instead of mixing two', async () => {
  await store.put('seeds/a.json', bytes('one'), always)
  const found = await store.get('seeds/a.json')
  await store.put('seeds/a.json', bytes('two'), always)

  await expect(textOf(found?.body ?? [])).rejects.toThrow(/replaced/)
})

it('reads a file to its end although it was replaced after the reading began', async () => {
  await store.put('seeds/a.json', bytes('1'.repeat(1_000_000)), always)
  let length = 0
  for await (const piece of (await store.get('seeds/a.json'))?.body ?? []) {
    if (length === 0) await store.put('seeds/a.json', bytes('two'), always)
    length += piece.length
  }

  expect(length).toBe(1_000_000)
})

it('tells a watcher size and time without reading the file', async () => {
  const path = await drop('seeds/growing.json', 'x')
  await chmod(path, 0o000)

  expect(await all(store.peek('seeds/'))).toMatchObject([{ key: 'seeds/growing.json', size: 1 }])
  await chmod(path, 0o600)
  await appendFile(path, 'yz')
  expect(await all(store.peek('seeds/'))).toMatchObject([{ size: 3 }])
})

it('shows nothing of what it keeps for itself, and gives no key into it', async () => {
  await store.put('a.json', bytes('x'), always)

  expect(await keys()).toEqual(['a.json'])
  expect((await all(store.peek(''))).map((one) => one.key)).toEqual(['a.json'])
  for (const key of ['.store/objects.db', '.STORE/x', '.store'])
    await expect(store.get(key)).rejects.toThrow(InputError)
})

it('follows a link that a person made to a file elsewhere', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'elsewhere-'))
  await writeFile(join(elsewhere, 'large.json'), 'large')
  await symlink(join(elsewhere, 'large.json'), join(folder, 'large.json'))
  await symlink(join(elsewhere, 'gone.json'), join(folder, 'dangling.json'))

  expect(await keys()).toEqual(['large.json'])
  await rm(elsewhere, { recursive: true })
  expect(await store.head('large.json')).toBeUndefined()
})

it('says so when a folder stands where a file should, and the other way round', async () => {
  await store.put('a/b.json', bytes('x'), always)

  await expect(store.put('a', bytes('x'), always)).rejects.toThrow(/folder of that name/)
  await expect(store.put('a', bytes('x'), { condition: { if: 'absent' } })).rejects.toThrow(/folder of that name/)
  await expect(store.put('a/b.json/c', bytes('x'), always)).rejects.toThrow(/a file where a folder is needed/)
  expect(await keys()).toEqual(['a/b.json'])
})

it('refuses names that no file system holds', async () => {
  await expect(store.put('x'.repeat(300), bytes('x'), always)).rejects.toThrow(/longer than 255 bytes/)
  await expect(store.put('ü'.repeat(128), bytes('x'), always)).rejects.toThrow(/longer than 255 bytes/)
  await expect(store.put('x/'.repeat(600) + 'x', bytes('x'), always)).rejects.toThrow(/longer than 1024 bytes/)
})

it('removes what a killed process left half written, once nobody can be writing it any more', async () => {
  const writing = join(folder, '.store', 'writing')
  await writeFile(join(writing, 'left'), 'half')
  await writeFile(join(writing, 'busy'), 'half')
  const lastWeek = new Date(Date.now() - 7 * 24 * 60 * 60 * 1000)
  await utimes(join(writing, 'left'), lastWeek, lastWeek)
  store.close()
  store = openFolderObjectStore(folder)

  expect(await readdir(writing)).toEqual(['busy'])
})

it('leaves no trace of an object whose writer is killed in the middle', async () => {
  await store.put('a.json', bytes('before'), always)
  const writer = spawn(process.execPath, ['--input-type=module', '--eval', HALF_WRITER], {
    env: {
      ...process.env,
      FOLDER: folder,
      STORE: new URL('../../../local/folder-object-store.ts', import.meta.url).href,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(writer.stdout, 'data')
  writer.kill('SIGKILL')
  await once(writer, 'exit')

  expect(await keys()).toEqual(['a.json'])
  expect(await textOf((await store.get('a.json'))?.body ?? [])).toBe('before')
  expect(await store.put('a.json', bytes('after'), always)).toMatchObject({ outcome: 'written' })
})

const HALF_WRITER = `
  const { openFolderObjectStore } = await import(process.env.STORE)
  async function* endless() {
    for (let count = 0; ; count++) {
      yield Buffer.alloc(1024 * 1024)
      if (count === 3) console.log('writing')
    }
  }
  await openFolderObjectStore(process.env.FOLDER).put('a.json', endless(), { condition: { if: 'always' } })
`
