import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import * as z from 'zod'
import { bundleFunctions, FUNCTION_NAMES } from './function-bundles.ts'

/**
 * Where in the sources a line of a function's stack trace is: functions are deployed minified and without source maps, and
 * bundling the same commit again gives the same bytes.
 *
 * `node scripts/source-of.ts review-api index.mjs:3:62434`, at the commit that was deployed.
 */
const PayloadSchema = z.object({
  version: z.number(),
  sources: z.array(z.string()),
  names: z.array(z.string()),
  mappings: z.string(),
  file: z.string().default(''),
  sourceRoot: z.string().default(''),
  sourcesContent: z.array(z.string()).default([]),
})

const [name = '', place = ''] = process.argv.slice(2)
const [, file, line, column] = /^([\w.-]+\.mjs):(\d+):(\d+)$/.exec(place.slice(place.lastIndexOf('/') + 1)) ?? []
if (!FUNCTION_NAMES.includes(name) || file === undefined) {
  console.error(`Usage: node scripts/source-of.ts ${FUNCTION_NAMES.join(' | ')}  FILE.mjs:LINE:COLUMN`)
  process.exit(2)
}

const folder = await mkdtemp(join(tmpdir(), 'source-of-'))
try {
  await bundleFunctions(folder, { names: [name], sourceMaps: true })
  const text = await readFile(join(folder, name, `${file}.map`), 'utf8').catch(() => undefined)
  if (text === undefined) {
    console.error(`This commit's bundle of ${name} has no ${file}: check out the commit that was deployed.`)
    process.exitCode = 1
  } else {
    // Stack traces count from 1, source maps from 0.
    const entry = new SourceMap(PayloadSchema.parse(JSON.parse(text))).findEntry(Number(line) - 1, Number(column) - 1)
    if ('originalSource' in entry) {
      const source = normalize(entry.originalSource).replace(/^(\.\.\/)+/, '')
      console.log(`${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`)
    } else {
      console.error(`Nothing of the sources is at ${place}.`)
      process.exitCode = 1
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
