import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { PromptFile } from '../core/generate/openai/prompts.ts'
import type { BankFile } from '../core/generate/templates/load-banks.ts'

/** The folder that ships with the project. */
export const CONTENT_FOLDER = join(import.meta.dirname, '..', 'content')

/** The texts that prompts to a language model are made of. */
export async function readPromptFiles(folder = join(CONTENT_FOLDER, 'prompts')): Promise<PromptFile[]> {
  const names = await readdir(folder)
  return Promise.all(
    names
      .filter((name) => name.endsWith('.md'))
      .map(async (path) => ({ path, text: await readFile(join(folder, path), 'utf8') })),
  )
}

/** Every .yaml file under the folder, with its path as the banks know it; loadBanks puts them in order. */
export async function readContentFolder(folder = CONTENT_FOLDER): Promise<BankFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
  return Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      return { path: relative(folder, path).split(sep).join('/'), text: await readFile(path, 'utf8') }
    }),
  )
}
