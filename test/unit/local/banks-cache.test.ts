import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Banks } from '../../../core/generate/templates/banks.ts'
import { banksFromJson, banksToJson } from '../../../core/generate/templates/banks-json.ts'
import { loadBanks } from '../../../core/generate/templates/load-banks.ts'
import { openBanks } from '../../../local/banks-cache.ts'
import { CONTENT_FOLDER, readContentFolder } from '../../../local/content-folder.ts'

let folder: string
let content: string
let banks: Banks
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banks-cache-'))
  content = join(folder, 'content')
  await cp(CONTENT_FOLDER, content, { recursive: true })
  banks = loadBanks(await readContentFolder(content))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('banks kept as JSON', () => {
  test('come back as they were, sets, maps and what is undefined included', () => {
    expect(banksFromJson(banksToJson(banks))).toStrictEqual(banks)
  })
})

describe('openBanks', () => {
  test('keeps what it has made, and takes it the next time', async () => {
    const cache = join(folder, 'kept')
    expect((await openBanks(content, cache)).sha256).toBe(banks.sha256)
    const [name = ''] = await readdir(cache)
    // Only what is read from there can say so.
    await writeFile(join(cache, name), banksToJson({ ...banks, sha256: 'from the cache' }))
    expect((await openBanks(content, cache)).sha256).toBe('from the cache')
  })

  test('writes a file that was cut off anew', async () => {
    const cache = join(folder, 'cut')
    await openBanks(content, cache)
    const [name = ''] = await readdir(cache)
    const whole = await readFile(join(cache, name), 'utf8')
    await writeFile(join(cache, name), whole.slice(0, 1000))
    expect((await openBanks(content, cache)).sha256).toBe(banks.sha256)
    expect(await readFile(join(cache, name), 'utf8')).toBe(whole)
  })

  test('reads changed content, and leaves one file', async () => {
    const cache = join(folder, 'changed')
    const changed = join(folder, 'changed-content')
    await cp(content, changed, { recursive: true })
    await openBanks(changed, cache)
    const path = join(changed, 'situations', 'anxiety.yaml')
    await writeFile(path, `${await readFile(path, 'utf8')}# a comment\n`)
    expect((await openBanks(changed, cache)).sha256).toBe(banks.sha256)
    expect(await readdir(cache)).toHaveLength(1)
  })

  test('does without a cache that cannot be written', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    expect((await openBanks(content, file)).sha256).toBe(banks.sha256)
  })
})
