import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { loadBanks, type BankFile } from '../../core/generate/templates/load-banks.ts'
import type { Banks } from '../../core/generate/templates/banks.ts'

/** Put beside the bundle by the construct (`withContent`). */
const CONTENT_FOLDER = join(import.meta.dirname, 'content')

/** Reads and compiles the banks on the first call; a warm function has them. */
export function contentBanks(folder = CONTENT_FOLDER): () => Promise<Banks> {
  let banks: Promise<Banks> | undefined
  return () => (banks ??= readBankFiles(folder).then(loadBanks))
}

async function readBankFiles(folder: string): Promise<BankFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return { path: relative(folder, path).split(sep).join('/'), text: await readFile(path, 'utf8') }
      }),
  )
}
