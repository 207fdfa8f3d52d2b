import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleFunctions, FUNCTION_NAMES, type FunctionBundle } from '../../scripts/function-bundles.ts'

/**
 * Minified KB, at most. `start` is what every cold start reads and compiles while somebody waits; `all` has in it what is
 * loaded when an event needs it (the writer of dialogues, the checks, S3 for closing a batch).
 */
const BUDGETS: Readonly<Record<string, { start: number; all: number }>> = {
  'review-api': { start: 550, all: 700 },
  apply: { start: 520, all: 600 },
  merge: { start: 520, all: 600 },
  'open-review': { start: 600, all: 700 },
  generate: { start: 520, all: 850 },
  // The client of the model's service is 400 KB, and loaded by the first call.
  'ask-model': { start: 700, all: 1300 },
}

let folder: string
const bundles = new Map<string, FunctionBundle>()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundles-'))
  for (const bundle of await bundleFunctions(folder)) bundles.set(bundle.name, bundle)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(FUNCTION_NAMES)('The bundle of %s', (name) => {
  it('keeps within its budget', () => {
    const { start, later } = bundles.get(name) as FunctionBundle
    console.log(`${name}: ${Math.round(start / 1000)} KB at the start, ${Math.round(later / 1000)} KB when needed`)
    expect(start).toBeGreaterThan(100_000) // an empty bundle has no budget trouble either
    expect(start / 1000).toBeLessThanOrEqual(BUDGETS[name]?.start ?? 600)
    expect((start + later) / 1000).toBeLessThanOrEqual(BUDGETS[name]?.all ?? 600)
  })

  it('is the same wherever it is made, with source maps or without', async () => {
    const again = await mkdtemp(join(tmpdir(), 'bundles-'))
    await bundleFunctions(again, { names: [name], sourceMaps: true })
    expect(await hashesOfCode(join(again, name))).toEqual(await hashesOfCode(join(folder, name)))
    await rm(again, { recursive: true, force: true })
  })
})

describe('The client library of the model', () => {
  it('is in the one bundle that calls it', async () => {
    const holders: string[] = []
    for (const name of FUNCTION_NAMES)
      for (const file of await readdir(join(folder, name)))
        if (file.endsWith('.mjs') && (await readFile(join(folder, name, file), 'utf8')).includes('/chat/completions'))
          holders.push(name)
    expect(holders).toEqual(['ask-model'])
  })
})

async function hashesOfCode(bundle: string): Promise<Record<string, string>> {
  const files = (await readdir(bundle)).filter((name) => name.endsWith('.mjs')).sort()
  const hashes = files.map(async (name) => {
    const code = await readFile(join(bundle, name))
    return [name, createHash('sha256').update(code).digest('hex')] as const
  })
  return Object.fromEntries(await Promise.all(hashes))
}

describe('The banks beside the function', () => {
  it('are the banks of the YAML files', async () => {
    const { contentBanks } = await import('../../lambdas/shared/content-banks.ts')
    const { loadBanks } = await import('../../core/generate/templates/load-banks.ts')
    const { readContentFolder } = await import('../../local/content-folder.ts')
    const compiled = await contentBanks(join(folder, 'generate', 'banks.json'))()
    const loaded = loadBanks(await readContentFolder())
    expect(compiled.sha256).toBe(loaded.sha256)
    expect(compiled.numbered).toBe(loaded.numbered)
    expect(JSON.stringify([...compiled.situations])).toBe(JSON.stringify([...loaded.situations]))
    expect(compiled.assistant.map(({ id }) => id)).toEqual(loaded.assistant.map(({ id }) => id))
  })
})
