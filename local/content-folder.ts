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
  const paths = await contentPaths(folder)
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(folder, path), 'utf8') })))
}

/** The paths of these files, relative to the folder, with `/`. */
export async function contentPaths(folder = CONTENT_FOLDER): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}
