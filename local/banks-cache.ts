import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { banksFromJson, banksToJson } from '../core/generate/templates/banks-json.ts'
import type { Banks } from '../core/generate/templates/banks.ts'
import { CONTENT_FOLDER, contentPaths, readContentFolder } from './content-folder.ts'

const ROOT = join(import.meta.dirname, '..')
const CACHE_FOLDER = join(ROOT, '.cache')
/** The code that makes banks of files: when it changes, what it made before is of no use. */
const MADE_BY = ['core/generate/templates', 'core/generate/safety', 'core/dialogue']

/**
 * The banks of the content folder. What was read, checked and compiled once is taken from `.cache/` as long as neither the
 * content nor the code has changed: a sixth of the time, and neither the YAML reader nor the checks are loaded. A cache that
 * cannot be read or written is no fault.
 */
export async function openBanks(content = CONTENT_FOLDER, cache = CACHE_FOLDER): Promise<Banks> {
  const sha256 = await sha256Of(content)
  const file = `banks-${sha256}.json`
  const kept = await readFile(join(cache, file), 'latin1').catch(() => undefined)
  if (kept !== undefined) {
    try {
      return banksFromJson(kept)
    } catch {
      // Cut off by a full disk, say: it is written anew.
    }
  }
  const { loadBanks } = await import('../core/generate/templates/load-banks.ts')
  const banks = loadBanks(await readContentFolder(content))
  // Unless somebody is at work on the content just now.
  if ((await sha256Of(content)) === sha256) await keep(cache, file, banksToJson(banks)).catch(() => undefined)
  return banks
}

async function sha256Of(content: string): Promise<string> {
  const hash = createHash('sha256').update(process.version)
  const sources = await Promise.all(
    MADE_BY.map(async (folder) => (await readdir(join(ROOT, folder))).map((name) => join(ROOT, folder, name))),
  )
  const banks = (await contentPaths(content)).sort()
  const files = [
    ...sources
      .flat()
      .filter((path) => path.endsWith('.ts'))
      .sort(),
    ...banks.map((path) => join(content, path)),
  ]
  hash.update(JSON.stringify(banks))
  // One after the other: together they are megabytes.
  for (const path of files) {
    const bytes = await readFile(path)
    hash.update(`${bytes.length} `).update(bytes)
  }
  return hash.digest('hex').slice(0, 32)
}

/** Written beside and renamed: nobody ever reads half a file. What older contents left behind goes. */
async function keep(cache: string, file: string, text: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const beside = join(cache, `${file}.${randomUUID()}.tmp`)
  try {
    await writeFile(beside, text)
    await rename(beside, join(cache, file))
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  for (const name of await readdir(cache))
    if (/^banks-\w+\.json$/.test(name) && name !== file) await rm(join(cache, name), { force: true })
}
