import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Banks } from '../../core/generate/templates/banks.ts'

const BankValuesSchema = z.array(z.object({ path: z.string(), value: z.unknown() }))

/**
 * The template banks, put beside the bundle as JSON when it was made: read in 5 ms, where their YAML took 200. They are
 * compiled on the first call; a warm function has them.
 */
export function contentBanks(file = join(import.meta.dirname, 'banks.json')): () => Promise<Banks> {
  let banks: Promise<Banks> | undefined
  return () => (banks ??= readBanks(file))
}

async function readBanks(file: string): Promise<Banks> {
  const [text, { compileBanks }] = await Promise.all([
    readFile(file, 'utf8'),
    import('../../core/generate/templates/compile-banks.ts'),
  ])
  return compileBanks(BankValuesSchema.parse(JSON.parse(text)))
}
