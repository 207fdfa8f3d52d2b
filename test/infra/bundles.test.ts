import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { BUNDLING, REPOSITORY_ROOT } from '../../lib/constructs/bundled-function.ts'

/** Minified KB, at most: every cold start reads and compiles all of it while somebody waits. */
const BUDGETS = { 'review-api': 700, apply: 600, merge: 600, 'open-review': 700, generate: 850 } as const

describe('The bundle', () => {
  it.each(Object.entries(BUDGETS))('of %s has at most %i KB', async (name, most) => {
    const { outputFiles } = await build({
      entryPoints: [join(REPOSITORY_ROOT, 'lambdas', name, 'handler.ts')],
      bundle: true,
      minify: true,
      write: false,
      platform: 'node',
      format: 'esm',
      charset: 'utf8',
      legalComments: 'none',
      target: BUNDLING.target,
      mainFields: BUNDLING.mainFields,
      alias: BUNDLING.alias,
      banner: { js: BUNDLING.banner },
    })
    const kilobytes = (outputFiles[0]?.contents.length ?? 0) / 1000
    console.log(`${name}: ${Math.round(kilobytes)} KB`)
    expect(kilobytes).toBeGreaterThan(100) // an empty bundle has no budget trouble either
    expect(kilobytes).toBeLessThanOrEqual(most)
  })
})
