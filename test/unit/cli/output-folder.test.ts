import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openInput } from '../../../cli/input.ts'
import { openOutputFolder } from '../../../cli/output-folder.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-'))
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

const NAMES = ['a.json', 'b.json']
const place = (name: string) => join(root, name)
const open = (name = 'set') => openOutputFolder(place(name), NAMES, [])
async function* bytes(text: string) {
  yield Buffer.from(text)
}

describe('an output folder', () => {
  it('appears whole with the commit, and not before', async () => {
    const folder = await open()
    await folder.write('a.json', bytes('1'))
    expect(await readdir(root)).not.toContain('set')

    await folder.commit()

    expect(await readdir(root)).toEqual(['set'])
    expect(await readFile(place('set/a.json'), 'utf8')).toBe('1')
  })

  it('replaces an earlier one altogether', async () => {
    await mkdir(place('set'))
    await writeFile(place('set/b.json'), 'old')
    const folder = await open('set/')

    await folder.write('a.json', bytes('new'))
    await folder.commit()

    expect(await readdir(root)).toEqual(['set'])
    expect(await readdir(place('set'))).toEqual(['a.json'])
  })

  it('takes the last writing of a file', async () => {
    const folder = await open()

    await folder.write('a.json', bytes('first'))
    await folder.write('a.json', bytes('second'))
    await folder.commit()

    expect(await readFile(place('set/a.json'), 'utf8')).toBe('second')
  })

  it('leaves what was there when it is abandoned', async () => {
    await mkdir(place('set'))
    await writeFile(place('set/a.json'), 'old')
    const folder = await open()
    await folder.write('a.json', bytes('new'))

    await folder.abandon()

    expect(await readdir(root)).toEqual(['set'])
    expect(await readFile(place('set/a.json'), 'utf8')).toBe('old')
  })

  it('refuses a folder that holds other files, a file, a missing parent, and a folder with an input in it', async () => {
    await mkdir(place('set'))
    await writeFile(place('set/diary.txt'), 'mine')
    await expect(open()).rejects.toThrow('holds diary.txt, which is no part of a training set')
    await expect(open('set/diary.txt')).rejects.toThrow('is a file')
    await expect(open('no/set')).rejects.toThrow('Make it first: mkdir -p')
    await mkdir(place('own'))
    await writeFile(place('own/a.json'), '[]')
    await expect(openOutputFolder(place('own'), NAMES, [await openInput(place('own/a.json'))])).rejects.toThrow(
      'an input is never overwritten',
    )
    expect((await readdir(root)).sort()).toEqual(['own', 'set'])
  })

  it('clears away what a killed run left, and brings back what it had moved aside', async () => {
    await mkdir(place('.set.999999999.partial'))
    await mkdir(place('.set.999999999.before'))
    await writeFile(place('.set.999999999.before/a.json'), 'old')

    const folder = await open()

    expect(await readFile(place('set/a.json'), 'utf8')).toBe('old')
    await folder.abandon()
    expect(await readdir(root)).toEqual(['set'])
  })
})
